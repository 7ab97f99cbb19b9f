//! The servers that Sightline sends to: whether what is sent is encrypted, by which version of TLS, and until when their
//! certificates hold.

use std::time::Duration;

use sightline_alerts::channels::{
    ChannelSettings,
    email::{EmailSettings, Encryption},
};
use sightline_egress::{
    Egress, Handshake, SmtpEncryption, SmtpFailure, SmtpServer, Unproven, expiry,
};
use sightline_model::{Timestamp, counted};
use url::{Host, Url};

use super::Finding;
use crate::{app, configuration::Configuration};

const CHECK: &str = "endpoints";
/// How long a server has to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// A certificate that holds for less is told of: most are renewed thirty days before they end.
const SOON: Duration = Duration::from_secs(14 * 24 * 3_600);

/// A server, and what sends to it.
struct Endpoint {
    /// `the channel 'desk'`
    by: String,
    to: To,
}

enum To {
    /// By HTTP, as its URL says.
    Web(Url),
    /// By SMTP.
    Mail(SmtpServer),
}

impl To {
    fn is_in_the_clear(&self) -> bool {
        match self {
            Self::Web(url) => url.scheme() != "https",
            Self::Mail(server) => server.encryption == SmtpEncryption::None,
        }
    }
}

pub(super) async fn examine(configuration: &Configuration, now: Timestamp) -> Vec<Finding> {
    let all = endpoints(configuration);
    let egress = match app::egress(configuration) {
        Ok(egress) => egress,
        Err(error) => return vec![Finding::bad(CHECK, error.to_string(), "correct [egress]")],
    };
    let mut findings = Vec::new();
    for endpoint in &all {
        findings.extend(judged(endpoint, &egress, now).await);
    }
    if findings.is_empty() {
        findings.push(Finding::good(CHECK, well(&all)));
    }
    findings
}

/// What there is to say of servers of which nothing is wrong.
fn well(all: &[Endpoint]) -> String {
    let plain = all.iter().filter(|one| one.to.is_in_the_clear()).count();
    let servers = counted(all.len(), "server", "servers");
    let how = match all.len() - plain {
        0 if plain > 0 => "without TLS, all on this machine".to_owned(),
        _ if plain == 0 => "encrypted, with certificates that hold".to_owned(),
        encrypted => format!(
            "{encrypted} encrypted, with certificates that hold; {plain} without TLS, on this machine"
        ),
    };
    format!("{servers} that things are sent to: {how}")
}

fn endpoints(configuration: &Configuration) -> Vec<Endpoint> {
    let settings = &configuration.settings;
    let of_channels = settings.channels.iter().filter_map(|(name, channel)| {
        let to = match channel {
            ChannelSettings::Email(mail) => To::Mail(server(mail)?),
            ChannelSettings::Webhook(hook) => To::Web(hook.url.parse().ok()?),
            ChannelSettings::Matrix(room) => To::Web(room.homeserver.parse().ok()?),
            ChannelSettings::Splunk(splunk) => To::Web(splunk.url.parse().ok()?),
            // Where their addresses can't be read, the channel is out of use, and that is told elsewhere.
            ChannelSettings::Slack(chat) | ChannelSettings::Teams(chat) => {
                To::Web(chat.server(app::secrets(configuration))?)
            }
            ChannelSettings::File(_) => return None,
        };
        let by = format!("the channel '{name}'");
        Some(Endpoint { by, to })
    });
    let proof = &settings.proof;
    let of_proof = [
        ("proof.checkpoint_url", &proof.checkpoint_url),
        ("proof.timestamp_url", &proof.timestamp_url),
    ];
    let of_proof = of_proof.into_iter().filter_map(|(key, url)| {
        Some(Endpoint {
            by: key.to_owned(),
            to: To::Web(url.clone()?),
        })
    });
    of_channels.chain(of_proof).collect()
}

fn server(mail: &EmailSettings) -> Option<SmtpServer> {
    let (encryption, port) = match mail.encryption {
        Encryption::StartTls => (SmtpEncryption::StartTls, 587),
        Encryption::Implicit => (SmtpEncryption::Implicit, 465),
        Encryption::None => (SmtpEncryption::None, 25),
    };
    Some(SmtpServer {
        host: mail.host.clone()?,
        port: mail.port.unwrap_or(port),
        encryption,
        hello: mail.hello.clone(),
        timeout: LIMIT,
    })
}

async fn judged(endpoint: &Endpoint, egress: &Egress, now: Timestamp) -> Option<Finding> {
    let by = &endpoint.by;
    let shown = match &endpoint.to {
        To::Web(url) => {
            let host = url.host()?;
            if url.scheme() != "https" {
                return in_the_clear(by, &host.to_owned());
            }
            let port = url.port_or_known_default()?;
            let name = url.host_str()?;
            egress.handshake(name, port, LIMIT).await
        }
        To::Mail(server) if server.encryption == SmtpEncryption::None => {
            return in_the_clear(by, &Host::parse(&server.host).ok()?);
        }
        To::Mail(server) if server.encryption == SmtpEncryption::Implicit => {
            egress.handshake(&server.host, server.port, LIMIT).await
        }
        To::Mail(server) => by_mail(egress, server).await,
    };
    match shown {
        Err(why) => Some(Finding::warning(
            CHECK,
            format!("the server of {by} does not prove who it is: {why}"),
            format!("{}; until then what is sent to it waits", why.remedy()),
        )),
        Ok(shown) => soon_over(by, &shown, now),
    }
}

/// What STARTTLS led to.
async fn by_mail(egress: &Egress, server: &SmtpServer) -> Result<Handshake, Unproven> {
    let connection = egress.smtp(server).await;
    let mut connection = connection.map_err(|failure| match failure {
        SmtpFailure::Unproven { why, .. } => why,
        failure => Unproven::Other(failure.to_string()),
    })?;
    let certificate = connection.peer_certificate();
    // It has shown what it was asked for; whether it says good-bye is no matter.
    let _ = connection.quit().await;
    Ok(Handshake {
        version: "TLS",
        expires_at: certificate
            .ok()
            .and_then(|certificate| expiry(&certificate)),
    })
}

/// What is sent to this machine alone needs no encryption.
fn in_the_clear(by: &str, host: &Host<String>) -> Option<Finding> {
    let is_here = match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (!is_here).then(|| {
        Finding::warning(
            CHECK,
            format!("{by} sends to {host} without TLS: whoever is on the way reads it, and can change it"),
            "write https, or starttls or implicit for mail; plain connections are for servers on this machine",
        )
    })
}

fn soon_over(by: &str, shown: &Handshake, now: Timestamp) -> Option<Finding> {
    let at = shown.expires_at?;
    (at < now + SOON).then(|| {
        Finding::warning(
            CHECK,
            format!(
                "the certificate of {by}'s server ({}) ends at {at}",
                shown.version
            ),
            "have it renewed: after that nothing is sent to it",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_connections_are_for_this_machine() {
        for (host, is_told) in [
            ("localhost", false),
            ("127.0.0.1", false),
            ("[::1]", false),
            ("10.0.0.9", true),
            ("mail.example.org", true),
        ] {
            let host = Host::parse(host).unwrap();
            assert_eq!(in_the_clear("x", &host).is_some(), is_told, "{host}");
        }
    }

    #[test]
    fn what_is_sent_in_the_clear_is_not_called_encrypted() {
        let to = |url: &str| Endpoint {
            by: "x".to_owned(),
            to: To::Web(url.parse().unwrap()),
        };
        for (urls, words) in [
            (
                &["https://a.example"][..],
                "1 server that things are sent to: encrypted, with",
            ),
            (
                &["https://a.example", "http://127.0.0.1:1"],
                "2 servers that things are sent to: 1 encrypted, with certificates that hold; 1 without TLS, on this machine",
            ),
            (
                &["http://localhost", "http://127.0.0.1:1"],
                "2 servers that things are sent to: without TLS, all on this machine",
            ),
        ] {
            let all: Vec<Endpoint> = urls.iter().map(|url| to(url)).collect();
            assert!(well(&all).starts_with(words), "{}", well(&all));
        }
    }

    #[test]
    fn a_certificate_that_ends_soon_is_told_of() {
        let now = Timestamp(1_795_428_000_000);
        let of_days = |days: u64| Handshake {
            version: "TLS 1.3",
            expires_at: Some(now + Duration::from_secs(days * 24 * 3_600)),
        };
        assert!(soon_over("x", &of_days(15), now).is_none());
        assert!(soon_over("x", &of_days(13), now).is_some());
    }
}
