//! Whom we believe to be who they say: the cryptography, and the certificate authorities.

use std::{path::Path, sync::Arc};

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{EgressError, read_bytes};

/// Makes ring the process's cryptography, for libraries that look for a default. Call it once, first thing;
/// further calls change nothing.
pub fn install_crypto() {
    // An error only says that one is installed already.
    let _ = ring::default_provider().install_default();
}

/// The certificate authorities that are trusted: the system's (or Mozilla's, as built in, on a machine that has
/// none) and the operator's.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    roots: Arc<RootCertStore>,
    /// The same authorities as certificates, for mail, whose library takes no store; without the built-in ones.
    certificates: Arc<[CertificateDer<'static>]>,
    built_in: bool,
}

impl Trust {
    /// The system's authorities and those in `files` (PEM).
    pub(crate) fn load<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Self, EgressError> {
        let mut roots = RootCertStore::empty();
        let mut trusted = Vec::new();
        for certificate in rustls_native_certs::load_native_certs().certs {
            // A system's collection may hold relics that rustls cannot read; the others still count.
            if roots.add(certificate.clone()).is_ok() {
                trusted.push(certificate);
            }
        }
        let built_in = roots.is_empty();
        if built_in {
            tracing::warn!(
                "no certificate authorities on this system; using the built-in ones (install ca-certificates)"
            );
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for file in files {
            for certificate in certificates(file).map_err(|why| authorities(file, why))? {
                roots
                    .add(certificate.clone())
                    .map_err(|error| authorities(file, error))?;
                trusted.push(certificate);
            }
        }
        Ok(Self {
            roots: Arc::new(roots),
            certificates: trusted.into(),
            built_in,
        })
    }

    /// TLS 1.2 and 1.3 for HTTP: HTTP/2 where the server has it, else HTTP/1.1.
    pub(crate) fn for_http(&self) -> Result<ClientConfig, EgressError> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| EgressError::Client(error.to_string()))?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// TLS for mail, verified against `name`, whatever address the connection goes to.
    pub(crate) fn for_mail(
        &self,
        name: &str,
    ) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let store = if self.built_in {
            CertificateStore::WebpkiRoots
        } else {
            CertificateStore::None
        };
        let mut parameters = TlsParameters::builder(name.to_owned()).certificate_store(store);
        for certificate in self.certificates.iter() {
            parameters = parameters
                .add_root_certificate(Certificate::from_der(certificate.as_ref().to_vec())?);
        }
        parameters.build_rustls()
    }
}

/// The certificates of a PEM file; at least one.
pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read_bytes(file).map_err(|error| error.to_string())?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("there is no certificate in it".to_owned());
    }
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|error| error.to_string())?;
    }
    Ok(certificates)
}

fn authorities(file: &Path, why: impl ToString) -> EgressError {
    EgressError::Authorities {
        file: file.display().to_string(),
        why: why.to_string(),
    }
}
