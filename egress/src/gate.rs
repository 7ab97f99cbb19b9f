//! The gate itself: which targets may be reached.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use url::{Host, Url};

use crate::{
    EgressError, EgressSettings, Refusal,
    address::{Standing, classify, unmapped},
    resolver::Names,
    trust::Trust,
};

/// The one gate to the network. Clones share it.
#[derive(Clone)]
pub struct Egress(Arc<Inner>);

struct Inner {
    allowed: Vec<IpNet>,
    names: Names,
    trust: Trust,
}

impl Egress {
    /// A gate as `settings` have it. Logs each network that the operator permits, once.
    ///
    /// # Errors
    /// If a file of certificate authorities cannot be read, or name resolution cannot be set up.
    pub fn new(settings: &EgressSettings) -> Result<Self, EgressError> {
        for network in &settings.allow_networks {
            tracing::warn!(%network, "egress to this network is permitted by egress.allow_networks");
        }
        Ok(Self(Arc::new(Inner {
            allowed: settings.allow_networks.clone(),
            names: Names::new(settings)?,
            trust: Trust::load(settings.ca_files.iter().map(AsRef::as_ref))?,
        })))
    }

    /// What `address` is for, with the operator's permissions: [`Standing::Special`] ones are refused.
    pub fn classify(&self, address: IpAddr) -> Standing {
        let address = unmapped(address);
        let permitted = self
            .0
            .allowed
            .iter()
            .any(|network| network.contains(&address));
        if permitted {
            Standing::Public
        } else {
            classify(address)
        }
    }

    /// Checks what can be told of a URL without asking anybody: its scheme, a literal address in any spelling, and
    /// that it carries no credentials. Names are checked when they are resolved.
    ///
    /// # Errors
    /// The reason for which the URL may not be fetched.
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme {
                scheme: url.scheme().to_owned(),
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        match url.host() {
            None | Some(Host::Domain("")) => Err(Refusal::NoHost),
            Some(Host::Domain(_)) => Ok(()),
            Some(Host::Ipv4(address)) => self.check_address(&address.to_string(), address.into()),
            Some(Host::Ipv6(address)) => self.check_address(&address.to_string(), address.into()),
        }
    }

    /// The addresses of `host` (a name or a literal address) that may be connected to; at least one.
    ///
    /// # Errors
    /// [`Refusal::Dns`] where there is no address, [`Refusal::Address`] where none of them is permitted.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        let mut refused = None;
        let mut permitted = Vec::new();
        for address in self.0.names.addresses(host).await? {
            match self.check_address(host, address) {
                Ok(()) => permitted.push(SocketAddr::new(address, port)),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        match refused {
            Some(refusal) if permitted.is_empty() => Err(refusal),
            _ => Ok(permitted),
        }
    }

    pub(crate) fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Refusal> {
        match self.classify(address) {
            Standing::Public => Ok(()),
            Standing::Special(range) => Err(Refusal::Address {
                host: host.to_owned(),
                address,
                range,
            }),
        }
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("allowed", &self.0.allowed)
            .finish_non_exhaustive()
    }
}
