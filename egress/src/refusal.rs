//! Why the gate stayed shut.

use std::net::IpAddr;

use sightline_model::Outcome;

/// Why a target was not connected to.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// Neither http nor https.
    #[error("the scheme '{scheme}' is refused; only http and https are fetched")]
    Scheme {
        /// As written.
        scheme: String,
    },
    /// A URL without a host.
    #[error("the URL names no host")]
    NoHost,
    /// A user name or password inside the URL: a way to make a link look like another site.
    #[error("the URL carries a user name or password; leave them out of it")]
    Credentials,
    /// An address, or every address of a name, lies in a range that is not public.
    #[error(
        "{host} is at {address} ({range}), which is refused; if that is meant, add its network to egress.allow_networks"
    )]
    Address {
        /// The host as asked for.
        host: String,
        /// Its address; the first, where it has several.
        address: IpAddr,
        /// What the address is for, in words.
        range: &'static str,
    },
    /// The name has no address, or no name server answered.
    #[error("{host} does not resolve: {why}")]
    Dns {
        /// The host as asked for.
        host: String,
        /// What the resolver said.
        why: String,
    },
}

impl Refusal {
    /// The outcome of a visit that met it.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Dns { .. } => Outcome::DnsFailed,
            _ => Outcome::EgressRefused,
        }
    }
}

/// Why a gate, or a client behind it, could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// A file of certificate authorities could not be read.
    #[error(
        "cannot read the certificate authorities in {file}: {why}; give a file of PEM certificates"
    )]
    Authorities {
        /// The file.
        file: String,
        /// What went wrong.
        why: String,
    },
    /// The resolver could not be set up.
    #[error("cannot set up name resolution: {0}; check egress.name_servers and /etc/resolv.conf")]
    Resolver(String),
    /// The HTTP client could not be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
    /// The proxy cannot be used.
    #[error("cannot use the proxy: {0}")]
    Proxy(String),
    /// The proxy's own address is refused.
    #[error("cannot use the proxy: {0}")]
    ProxyRefused(#[source] Refusal),
}
