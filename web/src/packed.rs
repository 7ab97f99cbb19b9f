//! What is the same for everybody and for as long as the program runs: packed once, and given packed to whoever takes it so.

use std::{borrow::Cow, io::Write as _};

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};

/// Bytes, and the same packed with gzip.
pub(crate) struct Packed {
    plain: Cow<'static, [u8]>,
    gzip: Vec<u8>,
}

impl Packed {
    /// Packs these bytes.
    pub fn of(plain: impl Into<Cow<'static, [u8]>>) -> Self {
        let plain = plain.into();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to a Vec has no way to fail.
        let _ = encoder.write_all(&plain);
        let gzip = encoder.finish().unwrap_or_default();
        Self { plain, gzip }
    }

    /// An answer with them, for a request with these headers.
    pub fn give(&'static self, media_type: &'static str, asked: &HeaderMap) -> Response {
        let kept = [
            (header::CONTENT_TYPE, media_type),
            (header::VARY, "accept-encoding"),
        ];
        let accepted = asked.get(header::ACCEPT_ENCODING);
        let accepted = accepted
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let takes_gzip = accepted.split(',').any(|coding| coding.trim() == "gzip");
        match takes_gzip && !self.gzip.is_empty() {
            true => {
                let packed = [(header::CONTENT_ENCODING, "gzip")];
                (kept, packed, self.gzip.as_slice()).into_response()
            }
            false => (kept, &*self.plain).into_response(),
        }
    }
}
