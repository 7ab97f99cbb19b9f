//! The images of a listing: which of the URLs around an element shows it largest.

use std::collections::HashSet;

use html5ever::local_name;
use scraper::{ElementRef, node::Element};
use url::Url;

use super::{Sheet, list::href, select};
use crate::{
    page::{base::address, text::attribute},
    profile::Images,
};

/// The most images that one listing gives.
const IMAGES: usize = 200;
/// How far around an image a link to its full size is looked for, in elements.
const AROUND: usize = 3;
/// Where scripts find what they load later, most telling first.
const LATER: [&str; 8] = [
    "data-full",
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-lazy",
    "data-large",
    "data-image",
    "data-url",
];

/// The images of the listing in `root`, each once, in the order of the page.
pub(super) fn of(sheet: &Sheet<'_>, images: &Images, root: ElementRef<'_>) -> Vec<Url> {
    let by_css = images
        .css
        .iter()
        .flat_map(|selector| select(root, selector))
        .filter_map(|element| best(element, images.attr.as_deref()));
    let written: Vec<String> = by_css
        .chain(sheet.structured.json(&images.json))
        .chain(
            images
                .meta
                .as_deref()
                .and_then(|name| sheet.structured.meta(name))
                .map(str::to_owned),
        )
        .collect();
    let mut seen = HashSet::new();
    written
        .iter()
        .filter_map(|written| address(sheet.base, written))
        .filter(|url| seen.insert(url.clone()))
        .take(IMAGES)
        .collect()
}

/// The URL, as written, that shows an element's image largest.
fn best(element: ElementRef<'_>, attr: Option<&str>) -> Option<String> {
    let value = element.value();
    if let Some(name) = attr {
        let written = value.attr(name)?;
        return match name.ends_with("srcset") {
            true => largest(written),
            false => usable(written),
        };
    }
    if value.name.local == local_name!("a") {
        return href(element).and_then(usable);
    }
    linked_around(element)
        .or_else(|| value.attr("data-srcset").and_then(largest))
        .or_else(|| value.attr("srcset").and_then(largest))
        .or_else(|| {
            LATER
                .iter()
                .find_map(|name| value.attr(name).and_then(usable))
        })
        .or_else(|| attribute(value, &local_name!("src")).and_then(usable))
        .or_else(|| attribute(value, &local_name!("content")).and_then(usable))
        .or_else(|| background(value))
}

/// The image that a link around the element leads to, by its extension.
fn linked_around(element: ElementRef<'_>) -> Option<String> {
    let link = element
        .ancestors()
        .take(AROUND)
        .filter_map(ElementRef::wrap)
        .find(|around| around.value().name.local == local_name!("a"))?;
    let href = attribute(link.value(), &local_name!("href"))?;
    let path = href.split(['?', '#']).next()?.to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"]
        .iter()
        .any(|extension| path.ends_with(extension))
        .then(|| href.to_owned())
}

/// The candidate of a `srcset` with the greatest width or density.
fn largest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    // URLs may hold commas, so candidates are told apart by white space first.
    let mut words = srcset.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let url = word.trim_matches(',');
        let size = match word.ends_with(',') {
            true => 1.0,
            false => words
                .next_if(|next| {
                    next.trim_end_matches(',')
                        .strip_suffix(['w', 'x', 'h'])
                        .is_some_and(|number| number.parse::<f64>().is_ok())
                })
                .and_then(|size| {
                    size.trim_end_matches(',')
                        .trim_end_matches(['w', 'x', 'h'])
                        .parse()
                        .ok()
                })
                .unwrap_or(1.0),
        };
        if !url.is_empty() && best.is_none_or(|(known, _)| size > known) {
            best = Some((size, url));
        }
    }
    best.and_then(|(_, url)| usable(url))
}

/// The image of an inline `background` style.
fn background(element: &Element) -> Option<String> {
    let style = attribute(element, &local_name!("style"))?;
    let (_, rest) = style.split_once("url(")?;
    let (url, _) = rest.split_once(')')?;
    usable(url.trim().trim_matches(['"', '\'']))
}

/// A URL that can be fetched; `data:` holds a placeholder.
fn usable(written: &str) -> Option<String> {
    let written = written.trim();
    (!written.is_empty() && !written.starts_with("data:")).then(|| written.to_owned())
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;

    #[test]
    fn the_full_size_is_preferred() {
        for (page, url) in [
            ("<img src=s.jpg>", Some("s.jpg")),
            (
                "<a href='/full.JPG?x=1'><span><img src=s.jpg></span></a>",
                Some("/full.JPG?x=1"),
            ),
            ("<a href='/ad/7'><img src=s.jpg></a>", Some("s.jpg")),
            (
                "<img src=s.jpg srcset='a.jpg 100w, b,1.jpg 800w, c.jpg 400w'>",
                Some("b,1.jpg"),
            ),
            ("<img srcset='a.jpg, b.jpg 2x'>", Some("b.jpg")),
            (
                "<img src='data:image/gif;base64,R0' data-src=l.jpg>",
                Some("l.jpg"),
            ),
            ("<img src='data:image/gif;base64,R0'>", None),
            (
                "<div class=img style=\"background:url('b.jpg')\"></div>",
                Some("b.jpg"),
            ),
        ] {
            let html = Html::parse_document(page);
            let selector = Selector::parse("img, .img").unwrap();
            let element = html.select(&selector).next().unwrap();
            assert_eq!(best(element, None).as_deref(), url, "{page}");
        }
    }
}
