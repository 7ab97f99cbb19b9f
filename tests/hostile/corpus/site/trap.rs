//! Sites without an end: each page leads to pages that nobody has seen.

use super::{
    Asked,
    coding::gzip_zeros,
    reply::{Reply, html, page},
};

pub fn reply(asked: &Asked) -> Option<Reply> {
    let target = asked.target.as_str();
    let path = target.split('?').next().unwrap_or_default();
    // A number that is another one for each page, and the same again for the same page.
    let seed = target.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)
    }) >> 20;
    let number: u64 = target
        .rsplit(['/', '='])
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000);
    if target == "/ad/1" {
        return Some(html(
            "<article><h1>Ad</h1><p>Call (202) 555-0100.</p></article>",
        ));
    }
    Some(match asked.input.strip_prefix("trap-")? {
        "calendar" => links(&[
            format!("/calendar?month={}", number + 1),
            format!("/calendar?month={}", number - 1),
        ]),
        "session-ids" => links(
            &(0..5)
                .map(|nth| format!("/page{nth}?sid={seed:x}"))
                .collect::<Vec<_>>(),
        ),
        "repeating-paths" => links(&[format!("{}a/b/", target), "a/b/".to_owned()]),
        "growing-query" => links(&[format!(
            "{target}{}f={seed}",
            if target.contains('?') { '&' } else { '?' }
        )]),
        "soft-404" => links(
            &(0..5)
                .map(|nth| format!("/{seed:x}{nth}"))
                .collect::<Vec<_>>(),
        ),
        "canonical-loop" => html(&format!(
            "<a class=ad href=/ad/1>ad</a><link rel=canonical href=/{0}><meta property=og:url content=/{0}><a href=/{0}>next</a>",
            number + 1
        )),
        "deep-folders" => links(&[format!("{}/{seed:x}/", path.trim_end_matches('/'))]),
        "facets" => {
            let all: Vec<String> = (0..8)
                .map(|nth| {
                    format!(
                        "{path}?f{nth}={}&{}",
                        seed % 9,
                        target.rsplit('?').next().unwrap_or_default()
                    )
                })
                .collect();
            links(&all)
        }
        "pages-without-end" => links(&[format!("/?page={}", number + 1)]),
        "spellings" => links(
            &[
                "/A", "/a", "/%61", "/./a", "//a", "/a/", "/a//", "/a?", "/a#1", "/a;x=1",
                "/b/../a", "/a%00", "/a%2f",
            ]
            .map(str::to_owned),
        ),
        "link-farm" => links(
            &(0..20_000)
                .map(|nth| format!("/{seed:x}/{nth}"))
                .collect::<Vec<_>>(),
        ),
        "other-hosts" => links(
            &(0..5)
                .map(|nth| {
                    format!(
                        "http://trap-other-hosts{}.hostile.example:{}/",
                        seed % 1_000 + nth,
                        asked.host.rsplit(':').next().unwrap_or_default()
                    )
                })
                .collect::<Vec<_>>(),
        ),
        "sitemaps" => match path {
            "/" => links(&[
                "/sitemap.xml".to_owned(),
                "/sitemap.xml.gz".to_owned(),
                "/sitemap-index.xml".to_owned(),
            ]),
            "/sitemap.xml.gz" => page(200, "content-type: application/gzip\r\n", &gzip_zeros()),
            "/sitemap.xml" => page(
                200,
                "content-type: application/xml\r\n",
                &sitemap(50_000, asked),
            ),
            _ => page(
                200,
                "content-type: application/xml\r\n",
                &index(asked, seed),
            ),
        },
        "lol" => page(200, "content-type: application/xml\r\n", &billion()),
        _ => return None,
    })
}

/// A page with these links, and one to the one ad that there is.
fn links(targets: &[String]) -> Reply {
    let links: String = targets
        .iter()
        .map(|target| format!("<a href=\"{target}\">on</a>\n"))
        .collect();
    html(&format!("<a class=ad href=/ad/1>ad</a>{links}"))
}

/// A sitemap (sitemaps.org) with as many addresses as one may have.
fn sitemap(count: usize, asked: &Asked) -> Vec<u8> {
    let urls: String = (0..count)
        .map(|nth| format!("<url><loc>http://{}/{nth}</loc></url>", asked.host))
        .collect();
    format!("<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>").into_bytes()
}

/// A sitemap of sitemaps, itself among them.
fn index(asked: &Asked, seed: u64) -> Vec<u8> {
    format!("<sitemapindex><sitemap><loc>http://{0}/sitemap-index.xml</loc></sitemap><sitemap><loc>http://{0}/sitemap-{seed}.xml</loc></sitemap></sitemapindex>", asked.host).into_bytes()
}

/// Entities of entities: a billion words in a kilobyte, for those who read XML's document types.
fn billion() -> Vec<u8> {
    let entities: String = (1..10)
        .map(|nth| {
            format!(
                "<!ENTITY l{nth} \"{}\">",
                format!("&l{};", nth - 1).repeat(10)
            )
        })
        .collect();
    format!("<?xml version='1.0'?><!DOCTYPE l [<!ENTITY l0 'lol'>{entities}<!ENTITY x SYSTEM 'file:///etc/passwd'>]><l>&l9;&x;</l>").into_bytes()
}
