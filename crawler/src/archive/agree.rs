//! What a capture's row says against what its record says. A record vouches for its own bytes; only both together tell whether
//! somebody changed the row.

use std::{fmt, net::SocketAddr};

use sightline_model::{Capture, CaptureId};

use super::Record;

/// A capture whose row and record do not say the same.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "capture {capture}: the store says that {of} is {stored:?}, and the record in the archive says {kept:?}"
)]
pub struct Contradiction {
    /// The capture.
    pub capture: CaptureId,
    /// What they do not agree on.
    pub of: Fact,
    /// As the store has it.
    pub stored: String,
    /// As the record has it.
    pub kept: String,
}

/// What both a row and a record say of an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// Where it was asked for.
    Url,
    /// When.
    Date,
    /// The status that was answered.
    Status,
    /// The address that answered.
    Peer,
    /// The digest of the body.
    Body,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "its URL",
            Self::Date => "its date",
            Self::Status => "its status",
            Self::Peer => "the address that answered",
            Self::Body => "the digest of its body",
        })
    }
}

impl Record {
    /// Makes sure that this record says of its exchange what the row of `capture` says.
    ///
    /// # Errors
    /// The first thing on which they differ.
    pub fn agrees_with(&self, capture: &Capture) -> Result<(), Contradiction> {
        let field = |name| self.field(name).unwrap_or_default().to_owned();
        let mut said = vec![
            (Fact::Url, capture.url.to_string(), field("WARC-Target-URI")),
            (
                Fact::Date,
                capture.fetched_at.to_string(),
                field("WARC-Date"),
            ),
            (Fact::Status, capture.status.to_string(), self.status()),
            (
                Fact::Body,
                format!("sha256:{}", capture.digest),
                field("WARC-Payload-Digest"),
            ),
        ];
        // The record has the address alone, and neither has one where none was known.
        let peer = capture.peer.as_deref().map(|peer| {
            let address = peer.parse::<SocketAddr>();
            address.map_or_else(|_| peer.to_owned(), |at| at.ip().to_string())
        });
        said.push((
            Fact::Peer,
            peer.unwrap_or_default(),
            field("WARC-IP-Address"),
        ));
        let other = said.into_iter().find(|(_, stored, kept)| stored != kept);
        other.map_or(Ok(()), |(of, stored, kept)| {
            Err(Contradiction {
                capture: capture.id,
                of,
                stored,
                kept,
            })
        })
    }

    /// The status in the HTTP head, as it stands there.
    fn status(&self) -> String {
        let line = self.head.split(|&byte| byte == b'\r').next();
        let mut words = line.unwrap_or_default().split(|&byte| byte == b' ').skip(1);
        String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::{Digest, Evidence, Mint, Timestamp, VisitId};
    use url::Url;

    use super::*;

    fn capture() -> Capture {
        let at = Timestamp::parse("2026-11-23T10:00:00.250Z").unwrap();
        Capture {
            id: CaptureId(81),
            source: Mint::seeded(2).id(at),
            run: Mint::seeded(1).id(at),
            visit: VisitId(1),
            url: Url::parse("https://ads.example/post/7").unwrap(),
            status: 200,
            content_type: None,
            length: 0,
            digest: Digest("ab".to_owned()),
            peer: Some("[2001:db8::7]:443".to_owned()),
            fetched_at: at,
            took_ms: 1,
            evidence: Evidence {
                file: String::new(),
                offset: 0,
                length: 0,
                record: String::new(),
            },
            revisit_of: None,
        }
    }

    #[test]
    fn whatever_a_row_says_otherwise_than_its_record_is_told() {
        let fields = [
            ("WARC-Date", "2026-11-23T10:00:00.250Z"),
            ("WARC-Target-URI", "https://ads.example/post/7"),
            ("WARC-IP-Address", "2001:db8::7"),
            ("WARC-Payload-Digest", "sha256:ab"),
        ];
        let record = Record {
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            head: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".to_vec(),
            body: Vec::new(),
        };
        assert_eq!(record.agrees_with(&capture()), Ok(()));
        type Change = fn(&mut Capture);
        let changes: [(Fact, Change); 6] = [
            (Fact::Url, |one| {
                one.url = Url::parse("http://other.example/1").unwrap();
            }),
            (Fact::Date, |one| one.fetched_at.0 -= 8_640_000_000),
            (Fact::Status, |one| one.status = 404),
            (Fact::Peer, |one| one.peer = None),
            (Fact::Peer, |one| {
                one.peer = Some("192.0.2.1:443".to_owned());
            }),
            (Fact::Body, |one| one.digest = Digest("ac".to_owned())),
        ];
        for (fact, change) in changes {
            let mut row = capture();
            change(&mut row);
            let said = record.agrees_with(&row).unwrap_err();
            assert_eq!((said.capture, said.of), (CaptureId(81), fact));
            assert_ne!(said.stored, said.kept, "{said}");
        }
    }
}
