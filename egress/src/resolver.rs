//! Names to addresses: the hosts file, then the system's name servers or those of the settings.
//!
//! [`Checked`] is what the HTTP client is given, so that it can only connect to addresses that passed the gate
//! in the very lookup that it connects by. A name that changes its mind between a check and a connection
//! (DNS rebinding) gains nothing.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::timeout;

use crate::{Egress, EgressError, EgressSettings, Refusal};

/// How long an answer may be believed, whatever its TTL says: a site that moves is found again within minutes.
const LONGEST_TTL: Duration = Duration::from_secs(300);

/// Names to addresses, unchecked: only the gate may hold one.
#[derive(Clone)]
pub(crate) struct Names {
    resolver: TokioResolver,
    limit: Duration,
}

impl Names {
    pub(crate) fn new(settings: &EgressSettings) -> Result<Self, EgressError> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = if settings.name_servers.is_empty() {
            TokioResolver::builder(provider.clone()).unwrap_or_else(|error| {
                // As the C library does: without a configuration, ask this machine. Hosts-file names and
                // literal addresses work either way, so this is no reason not to start.
                tracing::warn!(%error, "no system name servers; asking 127.0.0.1");
                TokioResolver::builder_with_config(
                    ask(&[SocketAddr::from(([127, 0, 0, 1], 53))]),
                    provider,
                )
            })
        } else {
            TokioResolver::builder_with_config(ask(&settings.name_servers), provider)
        };
        let options = builder.options_mut();
        options.positive_max_ttl = Some(LONGEST_TTL);
        options.negative_max_ttl = Some(LONGEST_TTL);
        let resolver = builder
            .build()
            .map_err(|error| EgressError::Resolver(error.to_string()))?;
        Ok(Self {
            resolver,
            limit: settings.dns_timeout(),
        })
    }

    /// Every address of `host`, which may be a literal one. Never empty.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Refusal> {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = literal.parse() {
            return Ok(vec![address]);
        }
        let failed = |why: String| Refusal::Dns {
            host: host.to_owned(),
            why,
        };
        let found = timeout(self.limit, self.resolver.lookup_ip(host))
            .await
            .map_err(|_| {
                failed(format!(
                    "no answer within {} seconds",
                    self.limit.as_secs_f64()
                ))
            })?
            .map_err(|error| failed(in_words(&error)))?;
        let addresses: Vec<IpAddr> = found.iter().collect();
        if addresses.is_empty() {
            return Err(failed("it has no address".to_owned()));
        }
        Ok(addresses)
    }
}

fn in_words(error: &NetError) -> String {
    if error.is_nx_domain() {
        return "there is no such name".to_owned();
    }
    if error.is_no_records_found() {
        return "it has no address".to_owned();
    }
    match error {
        NetError::Timeout => "no name server answered in time".to_owned(),
        NetError::NoConnections => "no name server could be reached".to_owned(),
        other => other.to_string(),
    }
}

fn ask(servers: &[SocketAddr]) -> ResolverConfig {
    let servers = servers
        .iter()
        .map(|server| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
                .into_iter()
                .map(|mut connection| {
                    connection.port = server.port();
                    connection
                })
                .collect();
            NameServerConfig::new(server.ip(), true, connections)
        })
        .collect();
    ResolverConfig::from_name_servers(servers)
}

/// The gate as the HTTP client's resolver.
pub(crate) struct Checked(pub(crate) Egress);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.0.clone();
        Box::pin(async move {
            // Port 0: the client puts in the URL's.
            let addresses = egress.resolve(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
