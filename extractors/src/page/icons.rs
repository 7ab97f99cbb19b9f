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
        return picture(element);
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
