//! Pictures that are read like words: emoji and signs by their alternative text, and icons of platforms by their names.

use std::borrow::Cow;

use ego_tree::NodeRef;
use html5ever::{LocalName, local_name};
use scraper::{Node, node::Element};

use super::{styles::has_content, text::attribute};
use crate::selectors;

/// The longest name of an icon, in bytes.
const NAME: usize = 40;

/// What a picture says.
pub(crate) enum Says<'p> {
    /// A sign or a digit, that touches what is beside it.
    Sign(Cow<'p, str>),
    /// A word that stands by itself.
    Word(&'p str),
}

/// What the picture at a node says in its place; None where it is no more than a picture, or no picture.
pub(crate) fn says<'p>(node: NodeRef<'p, Node>, element: &'p Element) -> Option<Says<'p>> {
    let name = &element.name.local;
    let is = |known: LocalName| *name == known;
    if is(local_name!("img")) {
        return picture(element)
            .or_else(|| digit_in_row(node, element))
            .or_else(|| told(element));
    }
    if is(local_name!("svg")) {
        let title = || {
            let mut children = node.children();
            let title = children.find(|child| {
                child
                    .value()
                    .as_element()
                    .is_some_and(|element| element.name() == "title")
            })?;
            let text = title.first_child()?;
            text.value().as_text().map(|text| &**text)
        };
        return label(element).or_else(title).and_then(icon).map(Says::Word);
    }
    let is_small = is(local_name!("i"))
        || is(local_name!("span"))
        || is(local_name!("em"))
        || is(local_name!("b"));
    if !is_small || element.attrs.is_empty() || has_content(node) {
        return None;
    }
    label(element)
        .and_then(icon)
        .or_else(|| element.classes().find_map(icon_class))
        .map(Says::Word)
}

fn picture(element: &Element) -> Option<Says<'_>> {
    let alt = attribute(element, &local_name!("alt"))?.trim();
    if alt.is_empty() || alt.len() > NAME {
        return label(element).and_then(icon).map(Says::Word);
    }
    if !alt.contains(char::is_alphabetic) {
        let is_digits = alt.bytes().any(|byte| byte.is_ascii_digit()) && alt.is_ascii();
        // A gallery counts its pictures, too.
        let says = !is_digits || is_of_letters(element);
        return (says && alt.chars().count() <= 8).then_some(Says::Sign(Cow::Borrowed(alt)));
    }
    if let Some(sign) =
        selectors::sign_of(alt.trim_matches(['(', ')', '[', ']', '{', '}', ' ', '<', '>']))
    {
        return Some(Says::Sign(Cow::Borrowed(sign)));
    }
    icon(alt).map(Says::Word)
}

/// How many pictures of digits make a number, and how far they are looked for on either side.
const ROW: std::ops::RangeInclusive<usize> = 7..=16;

/// The digit that a picture is of, by its alternative text, or else by the name of its file.
fn digit(element: &Element) -> Option<u8> {
    let lone = |text: &str| match text.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(*digit),
        _ => None,
    };
    if let Some(alt) = attribute(element, &local_name!("alt")).map(str::trim)
        && !alt.is_empty()
    {
        return lone(alt);
    }
    let source = attribute(element, &local_name!("src"))?;
    let file = source.split('?').next()?.rsplit('/').next()?;
    lone(file.split('.').next()?)
}

/// A digit that is one of a row of pictures with nothing between them but the signs of a number. A gallery counts its
/// pictures; nobody's number counts.
fn digit_in_row<'p>(node: NodeRef<'p, Node>, element: &'p Element) -> Option<Says<'p>> {
    let own = digit(element)?;
    let read = |node: NodeRef<'p, Node>| match node.value() {
        Node::Element(element) if element.name.local == local_name!("img") => {
            digit(element).map(Some)
        }
        Node::Text(text) => {
            let is_sign = |letter: char| letter.is_whitespace() || "-./()".contains(letter);
            (text.len() <= 4 && text.chars().all(is_sign)).then_some(None)
        }
        Node::Comment(_) => Some(None),
        _ => None,
    };
    let before = node.prev_siblings().map_while(read).take(*ROW.end());
    let mut row: Vec<u8> = before.flatten().collect();
    row.reverse();
    row.push(own);
    row.extend(
        node.next_siblings()
            .map_while(read)
            .take(*ROW.end())
            .flatten(),
    );
    let counts = row.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let text = char::from(own).to_string();
    (row.len() >= *ROW.start() && !counts).then_some(Says::Sign(Cow::Owned(text)))
}

/// What a picture says that shows a number or an address, by its alternative text: `Tel. 202 555 0123`.
fn told(element: &Element) -> Option<Says<'_>> {
    let alt = attribute(element, &local_name!("alt"))?.trim();
    let first = alt.split([' ', ':', '.']).next()?;
    let is_label = first.eq_ignore_ascii_case("tel") || selectors::is_channel(first);
    let digits = alt.bytes().filter(u8::is_ascii_digit).count();
    (alt.len() <= NAME && is_label && (digits >= 7 || alt.contains('@'))).then_some(Says::Word(alt))
}

/// True for a picture of a letter or a digit, by what its page calls it.
fn is_of_letters(element: &Element) -> bool {
    let written = |name: LocalName| {
        attribute(element, &name)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let (class, source) = (written(local_name!("class")), written(local_name!("src")));
    ["emoji", "digit", "num", "phone", "char", "glyph", "keycap"]
        .iter()
        .any(|word| class.contains(word) || source.contains(word))
}

fn label(element: &Element) -> Option<&str> {
    element
        .attr("aria-label")
        .or_else(|| element.attr("title"))
        .filter(|label| label.len() <= NAME)
}

/// The platform's word in an icon's name: `Instagram`, `telegram icon`, `Logo Snapchat`.
fn icon(name: &str) -> Option<&str> {
    let bare = name.trim();
    [" icon", " logo", "-icon", "_icon", " emoji", " symbol"]
        .iter()
        .find_map(|ending| {
            let at = bare.len().checked_sub(ending.len())?;
            bare.get(at..)
                .filter(|end| end.eq_ignore_ascii_case(ending))
                .map(|_| &bare[..at])
        })
        .or_else(|| {
            let (first, rest) = bare.split_once(' ')?;
            ["icon", "logo", "icône", "icono", "иконка"]
                .iter()
                .any(|word| first.eq_ignore_ascii_case(word))
                .then_some(rest)
        })
        .or(Some(bare))
        .filter(|bare| selectors::is_channel(bare))
}

/// The platform's word in a class: `fa-instagram`, `icon-telegram`, `bi_whatsapp`.
fn icon_class(class: &str) -> Option<&str> {
    let bare = [
        "fa-",
        "icon-",
        "icon_",
        "ico-",
        "bi-",
        "i-",
        "fab-",
        "ion-logo-",
        "ti-",
        "ri-",
        "mdi-",
        "la-",
        "social-",
        "icofont-",
        "si-",
    ]
    .iter()
    .find_map(|start| class.strip_prefix(start))
    .or_else(|| class.strip_suffix("-icon"))
    .or_else(|| class.strip_suffix("_icon"))?;
    Some(bare).filter(|bare| selectors::is_channel(bare))
}
