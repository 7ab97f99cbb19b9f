//! What of a page cannot be seen, as far as the page itself says so: by element, attribute, inline style, or a rule of
//! its own style sheets.
//!
//! Style sheets are not fetched, so a class that another file hides is not known here.

use std::borrow::Cow;

use html5ever::{LocalName, local_name};
use scraper::node::Element;

/// What an element's own words do to what is inside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// Nothing inside can be seen, whatever is inside.
    Gone,
    /// Some properties change that elements inside may change back.
    Changes(Changes),
}

/// Inherited properties, where an element sets them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Changes {
    /// `visibility`: hidden or not.
    pub invisible: Option<bool>,
    /// `font-size`: zero or not.
    pub tiny: Option<bool>,
    /// True where the content is shown from its end to its beginning.
    pub turned: bool,
}

/// Elements that never show their content as text.
pub(crate) fn is_silent(name: &LocalName) -> bool {
    *name == local_name!("script")
        || *name == local_name!("style")
        || *name == local_name!("template")
        || *name == local_name!("noscript")
        || *name == local_name!("head")
        || *name == local_name!("title")
        || *name == local_name!("iframe")
        || *name == local_name!("noframes")
        || *name == local_name!("object")
        || *name == local_name!("audio")
        || *name == local_name!("video")
        || *name == local_name!("canvas")
        || *name == local_name!("datalist")
}

/// What an element's attributes do to its content, and what its page's style sheets declare of it.
pub(crate) fn effect(element: &Element, declared: Option<&str>) -> Effect {
    let mut inline = None;
    let (mut is_right_to_left, mut is_open) = (false, false);
    for (name, value) in &element.attrs {
        if name.local == local_name!("hidden") && !value.eq_ignore_ascii_case("until-found") {
            return Effect::Gone;
        }
        if name.local == local_name!("style") {
            inline = Some(&**value);
        }
        if name.local == local_name!("dir") && value.eq_ignore_ascii_case("rtl") {
            if element.name.local == local_name!("bdo") {
                return Effect::Changes(Changes {
                    turned: true,
                    ..Changes::default()
                });
            }
            is_right_to_left = true;
        }
        is_open |= name.local == local_name!("open");
    }
    if element.name.local == local_name!("dialog") && !is_open {
        return Effect::Gone;
    }
    // What an attribute says of the direction, a style may say otherwise.
    let first = match is_right_to_left {
        true => "direction:rtl;",
        false => "",
    };
    match (declared, inline) {
        (None, None) => Effect::None,
        (None, Some(style)) | (Some(style), None) if first.is_empty() => style_effect(style),
        (declared, inline) => style_effect(&format!(
            "{first}{};{}",
            declared.unwrap_or_default(),
            inline.unwrap_or_default()
        )),
    }
}

/// What a field or a button of a form shows: its value, where its type is one that shows it.
pub(crate) fn shown_value(element: &Element) -> Option<&str> {
    const SHOWN: [&str; 8] = [
        "text", "button", "submit", "reset", "tel", "email", "url", "search",
    ];
    if element.name.local != local_name!("input") {
        return None;
    }
    let attribute = |wanted: LocalName| {
        let mut attributes = element.attrs.iter();
        attributes
            .find(|(name, _)| name.local == wanted)
            .map(|(_, value)| value.trim())
    };
    let kind = attribute(local_name!("type")).unwrap_or("text");
    let is_shown = SHOWN.iter().any(|shown| kind.eq_ignore_ascii_case(shown));
    attribute(local_name!("value")).filter(|value| is_shown && !value.is_empty())
}

/// The longest name of a property that is looked at, in bytes.
const LONGEST_PROPERTY: usize = 12;

/// A name in small letters, written into `room`; none where it is longer than any that is looked at.
fn in_small_letters<'r>(name: &str, room: &'r mut [u8; LONGEST_PROPERTY]) -> Option<&'r str> {
    let room = room.get_mut(..name.len())?;
    room.copy_from_slice(name.as_bytes());
    room.make_ascii_lowercase();
    std::str::from_utf8(room).ok()
}

/// What declarations do. They are looked at one by one, the last of a kind wins.
pub(crate) fn style_effect(style: &str) -> Effect {
    let mut changes = Changes::default();
    let mut gone = Gone::default();
    let (mut is_right_to_left, mut overrides) = (false, false);
    for declaration in style.split(';') {
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let mut small = [0; LONGEST_PROPERTY];
        let Some(property) = in_small_letters(property.trim(), &mut small) else {
            continue;
        };
        // Most are written in small letters.
        let value: Cow<'_, str> = match value.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => value.to_ascii_lowercase().into(),
            false => value.into(),
        };
        let value = value.trim().trim_end_matches("!important").trim_end();
        match property {
            "display" => gone.display = value == "none",
            "opacity" => gone.opacity = is_zero(value),
            "visibility" => changes.invisible = Some(matches!(value, "hidden" | "collapse")),
            "font-size" => changes.tiny = Some(is_zero(value)),
            "font" => {
                changes.tiny = value
                    .split(['/', ' '])
                    .any(|part| is_zero(part) && !part.is_empty())
                    .then_some(true)
            }
            "position" => gone.placed = matches!(value, "absolute" | "fixed"),
            "left" | "right" | "top" | "bottom" => gone.far |= is_far(value),
            "text-indent" | "margin-left" | "margin-top" => gone.shifted |= is_far(value),
            "clip" => gone.clipped = value.starts_with("rect(0") || value.starts_with("rect(1px"),
            "clip-path" => {
                gone.clipped = matches!(value, "inset(50%)" | "inset(100%)" | "circle(0)")
            }
            "overflow" => gone.overflow = value.starts_with("hidden"),
            "width" | "height" | "max-height" | "max-width" => {
                gone.small |= is_zero(value) || value == "1px";
            }
            "transform" => gone.shifted = is_moved(value),
            "direction" => is_right_to_left = value == "rtl",
            "unicode-bidi" => overrides = matches!(value, "bidi-override" | "isolate-override"),
            _ => {}
        }
    }
    if gone.is_so() {
        return Effect::Gone;
    }
    changes.turned = is_right_to_left && overrides;
    match changes == Changes::default() {
        true => Effect::None,
        false => Effect::Changes(changes),
    }
}

/// The ways by which an element and all that is in it goes out of sight.
#[derive(Default)]
struct Gone {
    display: bool,
    opacity: bool,
    placed: bool,
    far: bool,
    shifted: bool,
    clipped: bool,
    overflow: bool,
    small: bool,
}

impl Gone {
    fn is_so(&self) -> bool {
        self.display
            || self.opacity
            || self.shifted
            || self.placed && (self.far || self.clipped)
            || self.overflow && self.small
    }
}

/// `scale(0)`, `translateX(-9999px)`.
fn is_moved(value: &str) -> bool {
    let argument = |name: &str| {
        value
            .strip_prefix(name)
            .and_then(|rest| rest.split(['(', ')', ',']).nth(1))
    };
    argument("scale").is_some_and(is_zero)
        || argument("translate").is_some_and(|by| is_far(by.trim()))
        || value.starts_with("translate")
            && value.split(['(', ')', ',']).any(|by| is_far(by.trim()))
}

/// `0`, `0px`, `0.0em`, `0%`.
fn is_zero(value: &str) -> bool {
    number(value) == Some(0.0)
}

/// So far to the left or above that no screen shows it: -500 pixels or ems, or more.
fn is_far(value: &str) -> bool {
    number(value).is_some_and(|number| number <= -500.0)
}

fn number(value: &str) -> Option<f64> {
    let end = value
        .find(|letter: char| !matches!(letter, '0'..='9' | '.' | '-' | '+'))
        .unwrap_or(value.len());
    value[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_hide_or_do_not() {
        for (style, effect) in [
            ("display:none", Effect::Gone),
            ("DISPLAY : NONE !important", Effect::Gone),
            ("color:red; opacity: 0.0", Effect::Gone),
            ("position:absolute;left:-9999px", Effect::Gone),
            ("text-indent:-9999em", Effect::Gone),
            ("position:absolute; clip: rect(0 0 0 0)", Effect::Gone),
            ("overflow:hidden;height:0", Effect::Gone),
            ("display:none; display:block", Effect::None),
            ("opacity:.5", Effect::None),
            ("height:0", Effect::None),
            ("left:-20px;position:absolute", Effect::None),
            (
                "font-size:0",
                Effect::Changes(Changes {
                    tiny: Some(true),
                    ..Changes::default()
                }),
            ),
            (
                "visibility: visible",
                Effect::Changes(Changes {
                    invisible: Some(false),
                    ..Changes::default()
                }),
            ),
            (
                "direction: rtl; unicode-bidi: bidi-override",
                Effect::Changes(Changes {
                    turned: true,
                    ..Changes::default()
                }),
            ),
            ("direction: rtl", Effect::None),
            ("transform: translateX(-9999px)", Effect::Gone),
            ("transform: translateY(2px)", Effect::None),
            ("", Effect::None),
            (":::;;;", Effect::None),
        ] {
            assert_eq!(style_effect(style), effect, "{style}");
        }
    }
}
