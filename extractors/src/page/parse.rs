//! From text to a tree, in bounded time and memory whatever the text is.
//!
//! The parser keeps the standard's rules, and some of them cost the square of the input: every open element is looked
//! at for each tag ([`super::shallow`] bounds that), every attribute is compared with those before it, and unclosed
//! formatting elements are opened again in every paragraph. A page that makes too many nodes is cut where it does.

use std::borrow::Cow;

use ego_tree::Tree;
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::{Html, HtmlTreeSink, Node};

use super::{plain::Markup, shallow::Shallow};

/// Nodes beyond which a page is cut.
pub(crate) const NODES: usize = 200_000;
/// Attributes of one element beyond which the others are left out.
const ATTRIBUTES: usize = 500;
/// Tags shorter than this, in bytes, cannot hold too many attributes.
const LONG_TAG: usize = 2 * ATTRIBUTES;
/// How much is parsed between two looks at the tree, in bytes.
const STRIDE: usize = 8 << 10;

/// A parsed page.
pub(crate) struct Parsed {
    pub html: Html,
    /// Where the page has more than [`NODES`] nodes, so that its rest was not read: how many bytes of its text were.
    pub cut: Option<usize>,
    /// True where elements stood too deep to be opened: their texts were read, and stand where the tree ends.
    pub folded: bool,
}

/// Parses a page as browsers do, up to the limits.
pub(crate) fn parse(text: &str) -> Parsed {
    let text = with_line_feeds(text);
    let text = without_attribute_floods(&text);
    let mut html = Html::new_document();
    // A node for about every tag: a tree that grows as it is read would be copied some ten times.
    let tags = memchr::memchr_iter(b'<', text.as_bytes()).count();
    html.tree = Tree::with_capacity(Node::Document, tags.min(NODES) + 1);
    let builder = TreeBuilder::new(HtmlTreeSink::new(html), TreeBuilderOpts::default());
    let mut markup = Markup::new(&text, Shallow::new(builder));
    let mut cut = None;
    let mut looked_at = 0;
    while markup.step() {
        if markup.at() - looked_at < STRIDE {
            continue;
        }
        looked_at = markup.at();
        if markup.sink().0.borrow().tree.values().len() > NODES {
            cut = Some(looked_at).filter(|&end| end < text.len());
            break;
        }
    }
    let sink = markup.end();
    let folded = sink.was_folded();
    let html = sink.into_sink().finish();
    Parsed { html, cut, folded }
}

/// The text with every line's end as one line feed, as the standard has it before anything else.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    match memchr::memchr(b'\r', text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
    }
}

/// The text without the attributes that come after the first 500 of one tag.
fn without_attribute_floods(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut kept: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        let start = at + found;
        at = start + 1;
        let near = &bytes[at..bytes.len().min(at + LONG_TAG)];
        if !near.first().is_some_and(u8::is_ascii_alphabetic)
            || memchr::memchr(b'>', near).is_some()
        {
            continue;
        }
        let (flood, end) = long_tag(bytes, at);
        at = end;
        if let Some(flood) = flood {
            let kept = kept.get_or_insert_with(|| String::with_capacity(text.len()));
            kept.push_str(&text[copied..flood]);
            copied = end;
        }
    }
    match kept {
        Some(mut kept) => {
            kept.push_str(&text[copied..]);
            Cow::Owned(kept)
        }
        None => Cow::Borrowed(text),
    }
}

/// Walks a tag from behind its `<`: where its attributes become too many, and where its `>` stands.
fn long_tag(bytes: &[u8], start: usize) -> (Option<usize>, usize) {
    let mut attributes = 0;
    let mut flood = None;
    let mut in_space = false;
    let mut quote = None;
    let mut after_equals = false;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        if let Some(mark) = quote {
            if byte == mark {
                quote = None;
                // What follows a closing quote is a new attribute, space or no space.
                in_space = true;
            }
            continue;
        }
        match byte {
            b'>' => return (flood, at),
            b'"' | b'\'' if after_equals => quote = Some(byte),
            b'/' => in_space = true,
            byte if byte.is_ascii_whitespace() => in_space = true,
            _ => {
                if in_space && byte != b'=' && !after_equals {
                    attributes += 1;
                    if attributes == ATTRIBUTES {
                        flood = Some(at);
                    }
                }
                in_space = false;
            }
        }
        if !byte.is_ascii_whitespace() {
            after_equals = byte == b'=';
        }
    }
    (flood, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floods_of_elements_are_cut() {
        let flood = "<br>".repeat(2 * NODES);
        let parsed = parse(&flood);
        let cut = parsed.cut.unwrap();
        assert!(cut > NODES && cut < flood.len(), "{cut}");
        assert!(parsed.html.tree.values().len() < NODES + STRIDE);
    }

    #[test]
    fn formatting_that_is_opened_again_and_again_is_cut() {
        let flood: String = (0..100_000).map(|n| format!("<b id={n}><p>")).collect();
        let parsed = parse(&flood);
        assert!(parsed.cut.is_some());
        assert!(parsed.html.tree.values().len() < 4 * NODES);
    }

    #[test]
    fn floods_of_attributes_are_left_out() {
        let attributes: String = (0..1_000_000).map(|n| format!(" a{n}")).collect();
        let page = format!("<p{attributes}>text</p><i>after</i>");
        let parsed = parse(&page);
        assert_eq!(parsed.cut, None);
        let text: String = parsed.html.root_element().text().collect();
        assert_eq!(text, "textafter");
    }

    #[test]
    fn long_values_are_kept() {
        for value in [
            "x".repeat(10_000),
            "M 0 0 L 1 1 ".repeat(1_000),
            "a>b ".repeat(2_000),
        ] {
            let page = format!("<img alt=\"{value}\" id=1><p>after");
            assert!(matches!(without_attribute_floods(&page), Cow::Borrowed(_)));
        }
    }
}
