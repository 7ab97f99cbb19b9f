//! What an exchange is: the evidence that the archive keeps and the extractors read.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Version, header};
use sightline_model::{Digest, Timestamp, Validators};
use url::Url;

/// One HTTP exchange, as it came. The headers keep the order in which they were first named.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was asked for.
    pub url: Url,
    /// The request as sent.
    pub request: RequestHead,
    /// The answer's status.
    pub status: u16,
    /// The answer's version of HTTP.
    pub version: Version,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The body as it came over the wire: content encodings are still on it; chunking is undone.
    pub body: Bytes,
    /// Of that body.
    pub digest: Digest,
    /// True if the body was longer, and the rest was not read. Only a robots.txt is kept so.
    pub truncated: bool,
    /// The address that answered; through a proxy, the proxy's.
    pub peer: Option<SocketAddr>,
    /// When the request was sent.
    pub sent_at: Timestamp,
    /// From the request to the last byte.
    pub took: Duration,
}

/// A request as sent. It had no body.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The version of HTTP.
    pub version: Version,
    /// The headers, Host first.
    pub headers: HeaderMap,
}

impl Exchange {
    /// The Content-Type header, verbatim; bytes that are not UTF-8 are replaced.
    pub fn content_type(&self) -> Option<String> {
        self.text(&header::CONTENT_TYPE)
    }

    /// What to ask "has it changed?" by, next time.
    pub fn validators(&self) -> Validators {
        Validators {
            etag: self.text(&header::ETAG),
            last_modified: self.text(&header::LAST_MODIFIED),
        }
    }

    fn text(&self, name: &HeaderName) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}
