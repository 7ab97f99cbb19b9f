//! What is done by calls: texts are put together, turned round and decoded, elements are chosen and written in.

use super::{
    Place,
    expression::{DEPTH, NAMES, Script, data},
    signs::is_name,
    value::{LONGEST, Pattern, Value, of_base64, of_codes, replaced, shifted},
};
use crate::page::contact::percent_decode;

impl<'s, 'e> Script<'s, 'e> {
    pub fn call(&mut self, value: Value<'e>, name: &str) -> Option<Value<'e>> {
        if let (Value::Text(text), "replace" | "replaceAll") = (&value, name) {
            return self.replace(text, name == "replaceAll");
        }
        if let (Value::List(items), "map") = (&value, name) {
            let callback = self.callback()?;
            let codes: Option<Vec<Value<'e>>> = items
                .iter()
                .map(|item| {
                    let letter = of_codes([item].into_iter())
                        .filter(|_| !callback.contains("charCodeAt"))
                        .or_else(|| item.text())?;
                    let is_plain = !callback.contains(['-', '+', '^']);
                    match is_plain && callback.contains("fromCharCode") {
                        true => Some(Value::Text(letter)),
                        false => shifted(&letter, callback).map(Value::Text),
                    }
                })
                .collect();
            return codes.map(Value::List);
        }
        if let (Value::Element(_), "forEach" | "each") = (&value, name) {
            return self.enter_callback(value);
        }
        let arguments = self.arguments()?;
        let first = || arguments.first().and_then(Value::text);
        let text = |text: Option<String>| text.map(Value::Text);
        match (value, name) {
            (Value::Browser, "write" | "writeln") => {
                let all = Value::List(arguments).joined("")?;
                self.writes(Place::Here, all)?;
                Some(Value::Browser)
            }
            (Value::Browser, "open" | "assign" | "replace") => {
                self.leads(Place::Here, first()?)?;
                Some(Value::Browser)
            }
            (
                Value::Browser,
                "append" | "prepend" | "appendChild" | "alert" | "prompt" | "confirm",
            ) => {
                self.writes(Place::Here, first()?)?;
                Some(Value::Browser)
            }
            (Value::Browser, "eval") if self.evals < DEPTH => {
                let script = first()?;
                let made = Script {
                    evals: self.evals + 1,
                    ..Script::of(&script, self.element)
                };
                self.writes.extend(made.run());
                Some(Value::Browser)
            }
            (Value::Browser, "createTextNode" | "toString") => text(first()),
            (Value::Browser, "atob") => text(first().and_then(|text| of_base64(&text))),
            (Value::Browser, "unescape" | "decodeURIComponent" | "decodeURI") => {
                text(first().map(|text| percent_decode(&text).into_owned()))
            }
            (Value::Browser, "fromCharCode" | "fromCodePoint" | "apply") => {
                let codes = arguments.iter().flat_map(Value::items);
                text(of_codes(
                    codes.filter(|code| !matches!(code, Value::Browser)),
                ))
            }
            (Value::Browser, "getElementById") => first().map(|id| Value::Element(Place::Id(id))),
            (Value::Browser, "getElementsByClassName") => {
                first().map(|class| Value::Element(Place::Class(class)))
            }
            (Value::Browser, "querySelector" | "querySelectorAll" | "$" | "jQuery") => {
                match arguments.first()? {
                    element @ Value::Element(_) => Some(element.clone()),
                    written => selected(&written.text()?).map(Value::Element),
                }
            }
            (Value::Element(place), "append" | "appendChild" | "after") => {
                self.adds(place.clone(), first()?)?;
                Some(Value::Element(place))
            }
            (
                Value::Element(place),
                "html" | "text" | "val" | "prepend" | "before" | "replaceWith",
            ) => {
                self.writes(place.clone(), first()?)?;
                Some(Value::Element(place))
            }
            (Value::Element(place), "show" | "toggle" | "fadeIn" | "slideDown" | "slideToggle") => {
                self.shows(place.clone())?;
                Some(Value::Element(place))
            }
            (
                Value::Element(place),
                "remove" | "removeClass" | "removeAttribute" | "toggleClass",
            ) if !arguments.is_empty() => {
                let name = first()?;
                let hides = ["hid", "none", "invisible", "collaps"];
                if hides.iter().any(|word| name.contains(word)) {
                    self.shows(place.clone())?;
                }
                Some(Value::Element(place))
            }
            (Value::Element(place), "insertAdjacentHTML" | "insertAdjacentText") => {
                self.adds(place.clone(), arguments.get(1)?.text()?)?;
                Some(Value::Element(place))
            }
            (Value::Element(place), "setAttribute" | "attr" | "prop") if first()? == "href" => {
                self.leads(place.clone(), arguments.get(1)?.text()?)?;
                Some(Value::Element(place))
            }
            (Value::Element(Place::This), "getAttribute" | "attr" | "data") => {
                let name = first()?;
                let name = name.strip_prefix("data-").unwrap_or(&name);
                data(self.element?, name)
            }
            (list @ Value::List(_), "join") => {
                text(list.joined(&first().unwrap_or_else(|| ",".to_owned())))
            }
            (Value::List(mut items), "reverse") => {
                items.reverse();
                Some(Value::List(items))
            }
            (Value::List(mut items), "concat") => {
                items.extend(arguments.iter().flat_map(Value::items).cloned());
                (items.len() <= LONGEST).then_some(Value::List(items))
            }
            (Value::Text(of), "split") => {
                let sign = first()?;
                let part = |part: &str| Value::Text(part.to_owned());
                Some(Value::List(match sign.is_empty() {
                    true => of
                        .chars()
                        .map(|letter| part(letter.encode_utf8(&mut [0; 4])))
                        .collect(),
                    false => of.split(&*sign).map(part).collect(),
                }))
            }
            (Value::Text(of), "concat") => {
                Value::Text(of).and(Value::Text(Value::List(arguments).joined("")?))
            }
            (Value::Text(of), "trim") => text(Some(of.trim().to_owned())),
            (Value::Text(of), "toString" | "valueOf") => text(Some(of)),
            (Value::Text(of), "toLowerCase") => text(Some(of.to_lowercase())),
            (Value::Text(of), "slice" | "substring" | "substr") => {
                let number = |index: usize| match arguments.get(index) {
                    Some(Value::Number(number)) => usize::try_from(*number).ok().map(Some),
                    None => Some(None),
                    _ => None,
                };
                let (from, to) = (number(0)?.unwrap_or(0), number(1)?);
                let count = match (to, name) {
                    (None, _) => usize::MAX,
                    (Some(count), "substr") => count,
                    (Some(to), _) => to.saturating_sub(from),
                };
                text(Some(of.chars().skip(from).take(count).collect()))
            }
            (Value::Number(of), "toString") if arguments.is_empty() => text(Some(of.to_string())),
            _ => None,
        }
    }

    /// `.replace('x', 'y')`, with a simple pattern or a callback.
    fn replace(&mut self, text: &str, is_all: bool) -> Option<Value<'e>> {
        self.signs.take(b'(')?;
        let pattern = match self.signs.next()? {
            b'/' => {
                let rest = &self.signs.text[self.signs.at + 1..];
                let length = rest.bytes().take(40).position(|byte| byte == b'/')?;
                let source = &rest[..length];
                self.signs.at += length + 2;
                let is_all = self.signs.name().contains('g');
                Pattern::Of { source, is_all }
            }
            _ => Pattern::Text(self.expression()?.text()?),
        };
        self.signs.take(b',')?;
        self.signs.next()?;
        let is_callback = self.signs.begins("function") || {
            let near = &self.signs.text
                [self.signs.at..self.signs.text.floor_char_boundary(self.signs.at + 24)];
            near.split(['\'', '"', ',']).next()?.contains("=>")
        };
        let out = match is_callback {
            true => {
                let callback = self.signs.until_bracket()?;
                shifted(text, callback)?
            }
            false => {
                let to = self.expression()?.text()?;
                self.signs.take(b')')?;
                match &pattern {
                    Pattern::Text(from) if is_all && !from.is_empty() => text.replace(&**from, &to),
                    pattern => replaced(text, pattern, &to)?,
                }
            }
        };
        (out.len() <= LONGEST).then_some(Value::Text(out))
    }

    /// A callback in brackets, as it is written.
    fn callback(&mut self) -> Option<&'s str> {
        self.signs.take(b'(')?;
        self.signs.until_bracket()
    }

    /// Names what a callback is called with, and goes into it: `.forEach(function(one) {`.
    fn enter_callback(&mut self, value: Value<'e>) -> Option<Value<'e>> {
        self.signs.take(b'(')?;
        self.signs.next()?;
        if self.signs.begins("function") {
            self.signs.at += "function".len();
            self.signs.next()?;
        }
        if self.signs.begins("(") {
            self.signs.at += 1;
            self.signs.next()?;
        }
        let name = self.signs.name();
        if !name.is_empty() && self.names.len() < NAMES {
            self.names.insert(name, value);
        }
        None
    }
}

/// The element that a selector of one part names.
fn selected(selector: &str) -> Option<Place> {
    let (sign, name) = selector.trim().split_at_checked(1)?;
    let is_one = !name.is_empty() && name.bytes().all(|byte| is_name(byte) || byte == b'-');
    match sign {
        _ if !is_one => None,
        "#" => Some(Place::Id(name.to_owned())),
        "." => Some(Place::Class(name.to_owned())),
        _ => None,
    }
}
