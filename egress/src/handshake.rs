//! What a server shows of itself in a TLS handshake: the protocol's version, and until when its certificate holds.

use std::{sync::Arc, time::Duration};

use rustls::{ProtocolVersion, pki_types::ServerName};
use sightline_model::{Outcome, Timestamp};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::{Egress, Failure};

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
    ) -> Result<Handshake, Failure> {
        match timeout(limit, self.shake(host, port)).await {
            Ok(shown) => shown,
            Err(_) => Err(Failure::new(
                Outcome::TimedOut,
                format!("{host} did not answer within {} seconds", limit.as_secs()),
            )),
        }
    }

    async fn shake(&self, host: &str, port: u16) -> Result<Handshake, Failure> {
        let failed = |outcome, why: &dyn std::fmt::Display| Failure::new(outcome, why.to_string());
        let addresses = self.resolve(host, port).await?;
        let stream = TcpStream::connect(&addresses[..]).await;
        let stream = stream.map_err(|error| failed(Outcome::ConnectFailed, &error))?;
        let config = self.trust().for_http();
        let config = config.map_err(|error| failed(Outcome::TlsFailed, &error))?;
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| failed(Outcome::TlsFailed, &error))?;
        let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let connected = connected.await;
        let connected = connected.map_err(|error| failed(Outcome::TlsFailed, &error))?;
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
