//! What browsers load besides pages: embedded, under addresses that change with their content, and so kept for a year.

use std::{io::Write as _, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};

use crate::{Error, sign_in::digest_of};

/// Every asset: its name, its media type, and its bytes. `assets/README.md` says where the vendored ones come from.
const FILES: [(&str, &str, &[u8]); 4] = [
    (
        "sightline.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/sightline.css"),
    ),
    (
        "sightline.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/sightline.js"),
    ),
    (
        "htmx.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/htmx.min.js"),
    ),
    (
        "icon.svg",
        "image/svg+xml",
        include_bytes!("../assets/icon.svg"),
    ),
];

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    packed: Vec<u8>,
    /// `/assets/3f2a9c41d0b7/sightline.css`
    address: String,
}

/// Worked out once, from what is compiled in.
static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |&(name, media_type, bytes): &(&'static str, &'static str, &'static [u8])| Asset {
        name,
        media_type,
        bytes,
        packed: pack(bytes),
        address: format!("/assets/{}/{name}", &digest_of(bytes)[..12]),
    };
    FILES.iter().map(asset).collect()
});

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec has no way to fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// The address of an asset; a page that names one that is not there gets none, which a test finds.
pub fn address(name: &str) -> &'static str {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    found.map_or("", |asset| asset.address.as_str())
}

/// Gives an asset. One that has changed since has another address: what a page of before asks for is not here.
pub(crate) async fn give(
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let wanted = format!("/assets/{version}/{name}");
    let found = ASSETS.iter().find(|asset| asset.address == wanted);
    let asset = found.ok_or(Error::NotFound)?;
    let kept: [(HeaderName, &'static str); 3] = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    let accepted = headers.get(header::ACCEPT_ENCODING);
    let accepted = accepted
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes_gzip = accepted.split(',').any(|coding| coding.trim() == "gzip");
    Ok(match takes_gzip && !asset.packed.is_empty() {
        true => (
            kept,
            [(header::CONTENT_ENCODING, "gzip")],
            asset.packed.as_slice(),
        )
            .into_response(),
        false => (kept, asset.bytes).into_response(),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_of_a_table_is_laid_out_as_one_where_a_page_is_narrow() {
        let styles = include_str!("../assets/sightline.css");
        let (_, narrow) = styles.split_once("@media (max-width: 700px) {").unwrap();
        let block = narrow
            .lines()
            .find(|line| line.contains("{ display: block; }"));
        for part in ["caption", "tbody", "tr", "td"] {
            let rule = format!(" .lines {part}");
            assert!(block.unwrap().contains(&rule), "{part}: {block:?}");
        }
    }
}
