//! From where a request comes, and to which address it was sent.

use std::{convert::Infallible, net::IpAddr, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;
use url::Url;

use crate::Console;

/// What is kept of what a browser says of itself, in characters.
const AGENT: usize = 200;

/// From where a request comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Caller {
    /// The address; none where the connection has none, as in a test.
    pub address: Option<IpAddr>,
    /// What the browser says of itself.
    pub agent: Option<String>,
}

impl FromRequestParts<Console> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip());
        let proxies = &console.parts.settings.trusted_proxies;
        let agent = parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Self {
            address: peer.map(|peer| address(peer, &parts.headers, proxies)),
            agent: agent.map(|agent| agent.chars().take(AGENT).collect()),
        })
    }
}

/// The address of whoever asks. What a proxy of ours says is believed, from the last one on back to the first that is
/// none of ours: what stands before that anybody could have written.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_ours = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    if !is_ours(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").into_iter();
    let said: Vec<IpAddr> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|word| word.trim().parse().ok())
        .collect();
    let stranger = said.iter().rev().find(|address| !is_ours(address));
    stranger.copied().unwrap_or(peer)
}

/// The origin that a request names: what links begin with where the instance has no public address.
pub(crate) struct Origin(Option<String>);

impl Origin {
    /// A path of ours as a whole address, as far as one is known.
    pub(crate) fn of(&self, console: &Console, path: &str) -> String {
        let public = console.parts.public_url.as_ref().map(|url| url.as_str());
        let base = public.or(self.0.as_deref()).unwrap_or_default();
        format!("{}{path}", base.trim_end_matches('/'))
    }
}

impl FromRequestParts<Console> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Self, Infallible> {
        let host = parts.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok());
        // Without a public address of https the console is served as it is, so by http.
        let url = host.and_then(|host| Url::parse(&format!("http://{host}")).ok());
        let origin = url.map(|url| url.origin().ascii_serialization());
        Ok(Self(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_proxies_are_believed() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        for (peer, said, caller) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            (
                "10.0.0.1",
                "192.0.2.7, 198.51.100.1, 10.0.0.2",
                "198.51.100.1",
            ),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", said.parse().unwrap());
            let found = address(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(
                found,
                caller.parse::<IpAddr>().unwrap(),
                "{peer} said {said}"
            );
        }
    }
}
