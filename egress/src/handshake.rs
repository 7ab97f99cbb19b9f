//! What a server shows of itself in a TLS handshake: the protocol's version, and until when its certificate holds.

use std::{io, sync::Arc, time::Duration};

use rustls::{AlertDescription, CertificateError, ProtocolVersion, pki_types::ServerName};
use sightline_model::Timestamp;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::Egress;

const SEQUENCE: u8 = 0x30;
const EXPLICIT: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;

/// What a server showed, once its certificate was found to prove its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handshake {
    /// The protocol, in words: `TLS 1.3`.
    pub version: &'static str,
    /// Until when its certificate holds; none where that can't be read.
    pub expires_at: Option<Timestamp>,
}

impl Egress {
    /// Shakes hands with a server that speaks TLS from the first byte, and hangs up.
    ///
    /// # Errors
    /// If the gate refuses its addresses, or it can't be reached, or can't prove its name.
    pub async fn handshake(
        &self,
        host: &str,
        port: u16,
        limit: Duration,
    ) -> Result<Handshake, Unproven> {
        match timeout(limit, self.shake(host, port)).await {
            Ok(shown) => shown,
            Err(_) => Err(Unproven::Unreachable(format!(
                "{host} did not answer within {} seconds",
                limit.as_secs()
            ))),
        }
    }

    async fn shake(&self, host: &str, port: u16) -> Result<Handshake, Unproven> {
        let addresses = self.resolve(host, port).await;
        let addresses = addresses.map_err(|refusal| Unproven::Unreachable(refusal.to_string()))?;
        let stream = TcpStream::connect(&addresses[..]).await;
        let stream = stream.map_err(|error| Unproven::Unreachable(error.to_string()))?;
        let config = self.trust().for_http();
        let config = config.map_err(|error| Unproven::Other(error.to_string()))?;
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| Unproven::Other(error.to_string()))?;
        let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let connected = connected.await.map_err(Unproven::by)?;
        let (_, session) = connected.get_ref();
        let shown = session.peer_certificates().and_then(|all| all.first());
        Ok(Handshake {
            version: match session.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
                Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "an unknown version of TLS",
            },
            expires_at: shown.and_then(|certificate| expiry(certificate)),
        })
    }
}

/// Why a server did not prove who it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// It was not spoken to: what happened.
    #[error("it can't be reached: {0}")]
    Unreachable(String),
    /// Its certificate held once.
    #[error("its certificate has ended")]
    Ended,
    /// Its certificate will hold.
    #[error("its certificate is not valid yet")]
    NotYet,
    /// Its certificate proves other names: these.
    #[error("its certificate is for another name: {0}")]
    OtherName(String),
    /// Nobody who is trusted here vouches for it.
    #[error("no authority that is trusted here vouches for its certificate")]
    UnknownAuthority,
    /// It speaks what is not safe any more.
    #[error("it does not speak TLS 1.2 or newer as we do")]
    OldProtocol,
    /// What it says is nothing that TLS has.
    #[error("it does not speak TLS there")]
    NoTls,
    /// Something else, in the words of the library.
    #[error("TLS fails: {0}")]
    Other(String),
}

impl Unproven {
    /// What a failed handshake means.
    fn by(error: io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        inner.map_or_else(|| Self::Other(error.to_string()), Self::of)
    }

    /// The same of what the library of TLS met.
    pub(crate) fn of(error: &rustls::Error) -> Self {
        use CertificateError::*;
        match error {
            rustls::Error::InvalidCertificate(why) => match why {
                Expired | ExpiredContext { .. } => Self::Ended,
                NotValidYet | NotValidYetContext { .. } => Self::NotYet,
                NotValidForNameContext { presented, .. } => Self::OtherName(presented.join(", ")),
                NotValidForName => Self::OtherName("none that is named".to_owned()),
                // One that bears the name of an authority that is trusted, and another key, is as unknown.
                UnknownIssuer
                | BadSignature
                | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Self::UnknownAuthority,
                why => Self::Other(format!("its certificate is refused: {why}")),
            },
            rustls::Error::PeerIncompatible(_)
            | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => Self::OldProtocol,
            rustls::Error::InvalidMessage(_) => Self::NoTls,
            error => Self::Other(error.to_string()),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "look whether it runs, and whether its name and port are right",
            Self::Ended => "have it renewed",
            Self::NotYet => "compare this machine's clock with the server's",
            Self::OtherName(_) => {
                "write the name that it has, or have a certificate made for this one"
            }
            Self::UnknownAuthority => {
                "if the authority is your own, name its file in egress.ca_files"
            }
            Self::OldProtocol => "have it updated",
            Self::NoTls => {
                "look whether its port is right, and for mail whether `encryption` is what it speaks there"
            }
            Self::Other(_) => "ask whoever runs it",
        }
    }
}

/// Until when a certificate (X.509, RFC 5280) holds.
pub fn expiry(certificate: &[u8]) -> Option<Timestamp> {
    let mut all = certificate;
    let mut certificate = of(SEQUENCE, any(&mut all)?)?;
    let mut signed = of(SEQUENCE, any(&mut certificate)?)?;
    // The version is there in all but the oldest.
    if signed.first() == Some(&EXPLICIT) {
        any(&mut signed)?;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        any(&mut signed)?;
    }
    let mut validity = of(SEQUENCE, any(&mut signed)?)?;
    any(&mut validity)?;
    let (tag, text) = any(&mut validity)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let text = match tag {
        // Two digits of the year are of 1950 to 2049.
        UTC_TIME if text.get(..2)? >= "50" => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    Timestamp::parse(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
    .ok()
}

fn of(tag: u8, (found, value): (u8, &[u8])) -> Option<&[u8]> {
    (tag == found).then_some(value)
}

/// The next element's tag and value; `from` goes on behind it.
fn any<'a>(from: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&[tag, first], mut rest) = from.split_first_chunk::<2>()?;
    let length = match first {
        short @ 0..0x80 => usize::from(short),
        long => {
            let (digits, behind) = rest.split_at_checked(usize::from(long & 0x7f))?;
            rest = behind;
            let digits = digits.iter().take(5);
            digits.fold(0, |length, digit| length << 8 | usize::from(*digit))
        }
    };
    let (value, behind) = rest.split_at_checked(length)?;
    *from = behind;
    Some((tag, value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `openssl req -x509 -newkey ed25519 -days 1000 -subj /CN=mail.example`.
    const CERTIFICATE: &[u8] = include_bytes!("../tests/certificates/mail.der");

    #[test]
    fn a_certificate_says_until_when_it_holds() {
        let at = expiry(CERTIFICATE).unwrap();
        assert_eq!(at.to_string(), "2029-08-24T15:13:56Z");
        for cut in 0..CERTIFICATE.len() {
            let _ = expiry(&CERTIFICATE[..cut]);
        }
    }

    proptest! {
        #[test]
        fn whatever_it_says_it_is_read_or_not(bytes: Vec<u8>) {
            let _ = expiry(&bytes);
        }
    }
}
