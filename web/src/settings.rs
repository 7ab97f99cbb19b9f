//! What an operator may set of the console and the API.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

/// The console and the API, which `sightline serve` serves.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WebSettings {
    /// False where this process is to serve neither console nor API: a second worker beside one that does.
    pub enabled: bool,
    /// The address and port to listen on. Others than those of this machine (127.0.0.1, [::1]) need a reverse proxy
    /// before them that speaks HTTPS: passwords must not cross a network in clear.
    pub listen: String,
    /// Networks of reverse proxies: for requests from there, `X-Forwarded-For` says who asks.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// Minutes without a request after which a person is signed out. From 1 to 1440.
    pub idle_minutes: u32,
    /// Hours after which a person is signed out in any case. From 1 to 168.
    pub session_hours: u32,
    /// Connections at once, at most; whoever comes beyond them is told so with 503. Every open inbox holds one. From 16 to
    /// 65535.
    pub connections: u32,
    /// Requests a minute that a token may make of the API. From 1 to 100000.
    pub requests_per_minute: u32,
    /// Whether everybody signs in with a second factor, too: six digits from an app.
    pub second_factor: bool,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: "127.0.0.1:8787".to_owned(),
            trusted_proxies: Vec::new(),
            idle_minutes: 60,
            session_hours: 12,
            connections: 512,
            requests_per_minute: 600,
            second_factor: true,
        }
    }
}

impl WebSettings {
    /// What is wrong with these settings, beyond what their types say.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.listen.parse::<SocketAddr>().is_err() {
            problems.push(Problem::new(
                "listen",
                format!("'{}' is no address and port", self.listen),
                "write one such as \"127.0.0.1:8787\" or \"[::1]:8787\"",
            ));
        }
        for (key, value, least, most) in [
            ("idle_minutes", self.idle_minutes, 1, 1_440),
            ("session_hours", self.session_hours, 1, 168),
            ("connections", self.connections, 16, 65_535),
            ("requests_per_minute", self.requests_per_minute, 1, 100_000),
        ] {
            if !(least..=most).contains(&value) {
                problems.push(Problem::new(
                    key,
                    format!("{value} lies outside of what it may be"),
                    format!("write a number from {least} to {most}"),
                ));
            }
        }
        problems
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.idle_minutes) * 60)
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_hours) * 3_600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_told_by_their_key() {
        let of = |change: fn(&mut WebSettings)| {
            let mut settings = WebSettings::default();
            change(&mut settings);
            let problems = settings.check();
            problems.into_iter().map(|one| one.key).collect::<Vec<_>>()
        };
        assert_eq!(of(|_| ()), Vec::<String>::new());
        assert_eq!(of(|it| it.listen = "8787".to_owned()), ["listen"]);
        assert_eq!(of(|it| it.idle_minutes = 0), ["idle_minutes"]);
        assert_eq!(of(|it| it.session_hours = 169), ["session_hours"]);
        assert_eq!(of(|it| it.connections = 15), ["connections"]);
        assert_eq!(of(|it| it.requests_per_minute = 0), ["requests_per_minute"]);
    }
}
