//! HTTP heads as text, rebuilt from what the client parsed.

use http::{HeaderMap, StatusCode, header};

use crate::fetch::Exchange;

/// The request's head. HTTP/2 and HTTP/3 are written as HTTP/1.1, as archives do, and named by `WARC-Protocol`.
pub(super) fn request(exchange: &Exchange) -> Vec<u8> {
    let request = &exchange.request;
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    headers(&mut head, &request.headers, |_| None);
    head
}

/// The response's head. The reason phrase is the standard one: the client does not keep the server's.
///
/// The body is kept as it is after chunking was undone, so a header that says it is chunked would mislead readers: it gets
/// another name. So does the length of a body that was not read to its end.
pub(super) fn response(exchange: &Exchange) -> Vec<u8> {
    let reason = StatusCode::from_u16(exchange.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", exchange.status).into_bytes();
    headers(&mut head, &exchange.headers, |name| {
        if name == header::TRANSFER_ENCODING {
            Some("X-Archive-Orig-Transfer-Encoding")
        } else if name == header::CONTENT_LENGTH && exchange.truncated {
            Some("X-Archive-Orig-Content-Length")
        } else {
            None
        }
    });
    head
}

fn headers(
    head: &mut Vec<u8>,
    headers: &HeaderMap,
    renamed: impl Fn(&header::HeaderName) -> Option<&'static str>,
) {
    for (name, value) in headers {
        let name = renamed(name).unwrap_or(name.as_str());
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
}
