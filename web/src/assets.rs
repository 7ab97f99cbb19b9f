//! What browsers load besides pages: embedded, under addresses that change with their content, and so kept for a year.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use crate::{Error, packed::Packed, sign_in::digest_of};

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
    packed: Packed,
    /// `/assets/3f2a9c41d0b7/sightline.css`
    address: String,
}

/// Worked out once, from what is compiled in.
static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |&(name, media_type, bytes): &(&'static str, &'static str, &'static [u8])| Asset {
        name,
        media_type,
        packed: Packed::of(bytes),
        address: format!("/assets/{}/{name}", &digest_of(bytes)[..12]),
    };
    FILES.iter().map(asset).collect()
});

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
    let mut given = asset.packed.give(asset.media_type, &headers);
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    given.headers_mut().insert(header::CACHE_CONTROL, kept);
    Ok(given)
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
