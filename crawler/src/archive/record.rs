//! Records as bytes: header fields, block, and the gzip member around them.

use std::io;

use flate2::Compression;
use http::{Version, header};
use sha2::{Digest as _, Sha256};
use sightline_model::{Digest, Mint, Timestamp};
use uuid::Uuid;

use super::{ArchiveSettings, ReadBy, RevisitOf, gzip::Gzip, http_head, read_by};
use crate::fetch::Exchange;

/// What is to be kept.
pub(super) struct Kept<'k> {
    pub exchange: &'k Exchange,
    pub revisit: Option<&'k RevisitOf>,
    pub read_by: Option<&'k ReadBy>,
}

/// An exchange as records, ready to be appended.
pub(super) struct Records {
    /// The gzip members: the request's, then the response's or revisit's.
    pub bytes: Vec<u8>,
    /// Where in `bytes` the second member begins.
    pub response_at: u64,
    /// The second record's identifier.
    pub id: String,
}

const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";
const SAME_PAYLOAD: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
const REQUEST: &str = "application/http;msgtype=request";
const RESPONSE: &str = "application/http;msgtype=response";

impl Records {
    pub fn of(
        kept: &Kept<'_>,
        settings: &ArchiveSettings,
        gzip: &Gzip,
        mint: &Mint,
    ) -> io::Result<Self> {
        let Kept {
            exchange,
            revisit,
            read_by,
        } = *kept;
        let (request_id, id) = (urn(mint, exchange.sent_at), urn(mint, exchange.sent_at));
        let level = Compression::new(settings.compression.min(9));

        let mut fields = Fields::new("request", &request_id, exchange.sent_at);
        fields.add("WARC-Concurrent-To", format_args!("<{id}>"));
        fields.exchange(exchange);
        let mut bytes = Vec::new();
        let request = Member {
            fields,
            content_type: REQUEST,
            head: &http_head::request(exchange),
            body: b"",
        };
        request.append(gzip, level, &mut bytes)?;
        let response_at = bytes.len() as u64;

        let repeats = revisit.filter(|of| exchange.status == 304 || of.digest == exchange.digest);
        let kind = if repeats.is_some() {
            "revisit"
        } else {
            "response"
        };
        let mut fields = Fields::new(kind, &id, exchange.sent_at);
        fields.add("WARC-Concurrent-To", format_args!("<{request_id}>"));
        fields.exchange(exchange);
        if let Some(read_by) = read_by {
            fields.add(read_by::FIELD, read_by);
        }
        let mut body: &[u8] = &exchange.body;
        let mut digest = &exchange.digest;
        if let Some(of) = repeats {
            let profile = if exchange.status == 304 {
                NOT_MODIFIED
            } else {
                SAME_PAYLOAD
            };
            fields.add("WARC-Profile", profile);
            fields.add("WARC-Refers-To", format_args!("<{}>", of.record));
            fields.add("WARC-Refers-To-Target-URI", &of.url);
            fields.add("WARC-Refers-To-Date", of.at);
            body = b"";
            digest = &of.digest;
        } else if exchange.truncated {
            fields.add("WARC-Truncated", "length");
        }
        fields.add("WARC-Payload-Digest", format_args!("sha256:{digest}"));
        let level = if is_compressed(exchange) {
            Compression::none()
        } else {
            level
        };
        let response = Member {
            fields,
            content_type: RESPONSE,
            head: &http_head::response(exchange),
            body,
        };
        response.append(gzip, level, &mut bytes)?;
        Ok(Self {
            bytes,
            response_at,
            id,
        })
    }
}

/// The record that a file begins with: what wrote it.
pub(super) fn info(
    now: Timestamp,
    settings: &ArchiveSettings,
    gzip: &Gzip,
    mint: &Mint,
) -> io::Result<Vec<u8>> {
    let block = concat!(
        "software: Sightline/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "format: WARC File Format 1.1\r\n",
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
    );
    let fields = Fields::new("warcinfo", &urn(mint, now), now);
    let level = Compression::new(settings.compression.min(9));
    let info = Member {
        fields,
        content_type: "application/warc-fields",
        head: block.as_bytes(),
        body: b"",
    };
    let mut bytes = Vec::new();
    info.append(gzip, level, &mut bytes)?;
    Ok(bytes)
}

/// The header fields of a record, up to those that describe its block.
struct Fields(String);

impl Fields {
    fn new(kind: &str, id: &str, at: Timestamp) -> Self {
        let mut fields = Self("WARC/1.1\r\n".to_owned());
        fields.add("WARC-Type", kind);
        fields.add("WARC-Record-ID", format_args!("<{id}>"));
        fields.add("WARC-Date", at);
        fields
    }

    /// Values are ours, or parsed URLs and addresses: none holds a line break.
    fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        self.0.push_str(&format!("{name}: {value}\r\n"));
    }

    fn exchange(&mut self, exchange: &Exchange) {
        self.add("WARC-Target-URI", &exchange.url);
        if let Some(peer) = exchange.peer {
            self.add("WARC-IP-Address", peer.ip());
        }
        if exchange.version == Version::HTTP_2 {
            self.add("WARC-Protocol", "h2");
        }
    }
}

/// A record. Its block is `head` and `body`, which stays where it is.
struct Member<'m> {
    fields: Fields,
    content_type: &'m str,
    head: &'m [u8],
    body: &'m [u8],
}

impl Member<'_> {
    fn append(mut self, gzip: &Gzip, level: Compression, to: &mut Vec<u8>) -> io::Result<()> {
        let (head, body) = (self.head, self.body);
        let block = Sha256::new()
            .chain_update(head)
            .chain_update(body)
            .finalize();
        let fields = &mut self.fields;
        fields.add(
            "WARC-Block-Digest",
            format_args!("sha256:{}", Digest::of_hash(&block)),
        );
        fields.add("Content-Type", self.content_type);
        fields.add("Content-Length", head.len() + body.len());
        let pieces = [fields.0.as_bytes(), b"\r\n", head, body, b"\r\n\r\n"];
        gzip.member(&pieces, level, to)
    }
}

/// True where compressing the body again would cost and gain nothing.
fn is_compressed(exchange: &Exchange) -> bool {
    let image = exchange
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"image/") && kind != "image/svg+xml");
    image || exchange.headers.contains_key(header::CONTENT_ENCODING)
}

fn urn(mint: &Mint, now: Timestamp) -> String {
    mint.id::<Uuid>(now).urn().to_string()
}
