//! Small servers that the tests own, and a gate that asks the tests' own name server.

pub mod dns;
pub mod site;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use reqwest::{Method, Request};
use sightline_egress::{Client, ClientOptions, Egress, EgressSettings, Failure};

/// A gate with these permissions that asks `dns`.
pub fn gate(allow: &[&str], dns: Option<SocketAddr>) -> Egress {
    Egress::new(&settings(allow, dns)).unwrap()
}

pub fn settings(allow: &[&str], dns: Option<SocketAddr>) -> EgressSettings {
    EgressSettings {
        allow_networks: allow.iter().map(|net| net.parse().unwrap()).collect(),
        name_servers: dns.into_iter().collect(),
        dns_timeout_seconds: 2.0,
        ..EgressSettings::default()
    }
}

pub fn client(egress: &Egress) -> Client {
    let options = ClientOptions {
        connect_timeout: Duration::from_millis(500),
        ..ClientOptions::default()
    };
    egress.client(&options).unwrap()
}

/// The status that a GET of `url` gets.
pub async fn get(client: &Client, url: &str) -> Result<u16, Failure> {
    let request = Request::new(Method::GET, url.parse().unwrap());
    Ok(client.execute(request).await?.status().as_u16())
}

pub fn tls_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/gate/tls")
        .join(name)
}
