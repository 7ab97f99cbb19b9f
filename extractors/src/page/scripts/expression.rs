//! Constant expressions of scripts, read from left to right, and what is done with them.

use std::collections::HashMap;

use scraper::node::Element;

use super::{
    Place, What, Write,
    signs::{Signs, is_name},
    value::{LONGEST, Pattern, Value, of_base64, of_codes, replaced, shifted},
};
use crate::page::contact::percent_decode;

/// Expressions inside each other, beyond which none is read.
const DEPTH: usize = 16;
/// The most names of values that are kept.
const NAMES: usize = 500;

/// A script that is read.
pub(super) struct Script<'s, 'e> {
    signs: Signs<'s>,
    depth: usize,
    names: HashMap<&'s str, Value<'e>>,
    /// The element whose event it belongs to.
    element: Option<&'e Element>,
    writes: Vec<Write>,
}

impl<'s, 'e> Script<'s, 'e> {
    pub fn of(text: &'s str, element: Option<&'e Element>) -> Self {
        Self {
            signs: Signs { text, at: 0 },
            depth: 0,
            names: HashMap::new(),
            element,
            writes: Vec::new(),
        }
    }

    /// Reads it to its end: what it writes. Where an expression cannot be read, what comes behind that place is read on.
    pub fn run(mut self) -> Vec<Write> {
        while let Some(byte) = self.signs.next() {
            let start = self.signs.at;
            self.depth = 0;
            match byte {
                b'"' | b'\'' | b'`' => drop(self.signs.string()),
                byte if is_name(byte) && !byte.is_ascii_digit() => drop(self.statement()),
                _ => self.signs.at += 1,
            }
            if self.signs.at <= start {
                self.signs.at = start + 1;
            }
            while !self.signs.text.is_char_boundary(self.signs.at) {
                self.signs.at += 1;
            }
        }
        self.writes
    }

    fn statement(&mut self) -> Option<()> {
        let start = self.signs.at;
        let name = self.signs.name();
        if matches!(name, "var" | "let" | "const" | "return" | "new") {
            return None;
        }
        match self.signs.next() {
            Some(b'=') if !self.signs.begins("==") && !self.signs.begins("=>") => {
                self.signs.at += 1;
                let value = self.expression();
                if name == "location" {
                    let address = value?.text()?;
                    return self.leads(Place::Here, address);
                }
                // What a name stood for it stands for no longer.
                self.names.remove(name);
                if self.names.len() < NAMES {
                    self.names.insert(name, value?);
                }
            }
            Some(b'+') if self.signs.begins("+=") => {
                self.signs.at += 2;
                let value = self.expression();
                let before = self.names.remove(name)?;
                self.names.insert(name, before.and(value?)?);
            }
            _ => {
                self.signs.at = start;
                self.operand()?;
            }
        }
        Some(())
    }

    fn expression(&mut self) -> Option<Value<'e>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut value = self.operand()?;
        while self.signs.next() == Some(b'+') && !self.signs.begins("++") && !self.signs.begins("+=") {
            self.signs.at += 1;
            let other = self.operand()?;
            value = value.and(other)?;
        }
        self.depth -= 1;
        Some(value)
    }

    fn operand(&mut self) -> Option<Value<'e>> {
        let mut value = match self.signs.next()? {
            b'"' | b'\'' => Value::Text(self.signs.string()?),
            b'`' => Value::Text(self.template()?),
            b'(' => {
                self.signs.at += 1;
                let value = self.expression()?;
                self.signs.take(b')')?;
                value
            }
            b'[' => {
                self.signs.at += 1;
                Value::List(self.list(b']')?)
            }
            byte if byte.is_ascii_digit() => self.signs.number()?,
            byte if is_name(byte) => self.named()?,
            _ => return None,
        };
        loop {
            match self.signs.next() {
                Some(b'.') => {
                    self.signs.at += 1;
                    self.signs.next()?;
                    let member = self.signs.name();
                    value = self.member(value, member)?;
                }
                Some(b'[') => {
                    self.signs.at += 1;
                    let index = self.expression()?;
                    self.signs.take(b']')?;
                    value = match (value, index) {
                        (Value::List(items), Value::Number(index)) => {
                            items.get(usize::try_from(index).ok()?)?.clone()
                        }
                        (element @ Value::Element(_), Value::Number(_)) => element,
                        (Value::Data(element), Value::Text(name)) => data(element, &name)?,
                        _ => return None,
                    };
                }
                _ => return Some(value),
            }
        }
    }

    /// What begins with a name: a value that has it, or something of the browser's.
    fn named(&mut self) -> Option<Value<'e>> {
        let mut name = self.signs.name();
        if name == "new" {
            self.signs.next()?;
            name = self.signs.name();
        }
        let calls = self.signs.next() == Some(b'(');
        Some(match name {
            "window" | "document" | "location" | "self" | "top" | "parent" | "String" => {
                match calls {
                    true => Value::Text(self.arguments()?.first()?.text()?),
                    false => Value::Browser,
                }
            }
            "this" => Value::Element(Place::This),
            "Array" if calls => Value::List(self.arguments()?),
            "atob" | "unescape" | "decodeURIComponent" | "decodeURI" | "open" | "$" | "jQuery"
                if calls =>
            {
                return self.member(Value::Browser, name);
            }
            _ => self.names.get(name)?.clone(),
        })
    }

    /// What a member of a value is, or does.
    fn member(&mut self, value: Value<'e>, name: &'s str) -> Option<Value<'e>> {
        if self.signs.next() == Some(b'(') {
            return self.call(value, name);
        }
        let is_set = self.signs.next() == Some(b'=') && !self.signs.begins("==");
        let is_added = self.signs.begins("+=");
        if is_set || is_added {
            self.signs.at += 1 + usize::from(is_added);
            let place = match value {
                Value::Element(place) => place,
                Value::Browser => Place::Here,
                _ => return None,
            };
            let text = self.expression()?.text()?;
            match name {
                "href" | "location" => self.leads(place, text)?,
                "innerHTML" | "outerHTML" | "innerText" | "textContent" | "nodeValue" | "value"
                | "data"
                    if place != Place::Here =>
                {
                    self.writes(place, text)?;
                }
                _ => return None,
            }
            return Some(Value::Browser);
        }
        match (value, name) {
            (Value::Browser, _) => Some(Value::Browser),
            (Value::Element(Place::This), "dataset") => self.element.map(Value::Data),
            (Value::Data(element), name) => data(element, name),
            // `getElementById('x').firstChild.nodeValue = …`
            (element @ Value::Element(_), "firstChild" | "style" | "childNodes") => Some(element),
            _ => None,
        }
    }

    fn call(&mut self, value: Value<'e>, name: &str) -> Option<Value<'e>> {
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
            (Value::Browser, "createTextNode" | "toString") => text(first()),
            (Value::Browser, "atob") => text(first().and_then(|text| of_base64(&text))),
            (Value::Browser, "unescape" | "decodeURIComponent" | "decodeURI") => {
                text(first().map(|text| percent_decode(&text).into_owned()))
            }
            (Value::Browser, "fromCharCode" | "fromCodePoint" | "apply") => {
                let codes = arguments.iter().flat_map(Value::items);
                text(of_codes(codes.filter(|code| !matches!(code, Value::Browser))))
            }
            (Value::Browser, "getElementById") => {
                first().map(|id| Value::Element(Place::Id(id)))
            }
            (Value::Browser, "getElementsByClassName") => {
                first().map(|class| Value::Element(Place::Class(class)))
            }
            (Value::Browser, "querySelector" | "querySelectorAll" | "$" | "jQuery") => {
                match arguments.first()? {
                    element @ Value::Element(_) => Some(element.clone()),
                    written => selected(&written.text()?).map(Value::Element),
                }
            }
            (Value::Element(place), "html" | "text" | "val" | "append" | "prepend" | "after"
            | "before" | "replaceWith" | "appendChild") => {
                self.writes(place.clone(), first()?)?;
                Some(Value::Element(place))
            }
            (Value::Element(place), "insertAdjacentHTML" | "insertAdjacentText") => {
                self.writes(place.clone(), arguments.get(1)?.text()?)?;
                Some(Value::Element(place))
            }
            (Value::Element(place), "setAttribute" | "attr" | "prop")
                if first()? == "href" =>
            {
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
                    true => of.chars().map(|letter| part(letter.encode_utf8(&mut [0; 4]))).collect(),
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
            let near = &self.signs.text[self.signs.at..self.signs.text.floor_char_boundary(self.signs.at + 24)];
            near.split(['\'', '"', ',']).next()?.contains("=>")
        };
        let out = match is_callback {
            true => {
                let callback = self.signs.to_bracket()?;
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
        self.signs.to_bracket()
    }

    fn arguments(&mut self) -> Option<Vec<Value<'e>>> {
        self.signs.take(b'(')?;
        self.list(b')')
    }

    fn list(&mut self, end: u8) -> Option<Vec<Value<'e>>> {
        let mut items = Vec::new();
        loop {
            match self.signs.next()? {
                byte if byte == end => break,
                b',' => self.signs.at += 1,
                _ if self.signs.begins("...") => self.signs.at += 3,
                _ if items.len() < LONGEST => {
                    let is_null = self.signs.begins("null");
                    if is_null {
                        self.signs.at += 4;
                        items.push(Value::Browser);
                    } else {
                        items.push(self.expression()?);
                    }
                }
                _ => return None,
            }
        }
        self.signs.at += 1;
        Some(items)
    }

    fn writes(&mut self, place: Place, text: String) -> Option<()> {
        self.writes.push(Write {
            place,
            what: What::Text(text),
        });
        Some(())
    }

    fn leads(&mut self, place: Place, address: String) -> Option<()> {
        self.writes.push(Write {
            place,
            what: What::Leads(address),
        });
        Some(())
    }

    /// A text in backquotes, with values in it: `${name}@example.com`.
    fn template(&mut self) -> Option<String> {
        self.signs.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.signs.text[self.signs.at..];
            let length = rest.find(['`', '$', '\\'])?;
            out.push_str(&rest[..length]);
            self.signs.at += length;
            if self.signs.begins("${") {
                self.signs.at += 2;
                out.push_str(&self.expression()?.text()?);
                self.signs.take(b'}')?;
                continue;
            }
            self.signs.at += 1;
            if rest[length..].starts_with('`') {
                return (out.len() <= LONGEST).then_some(out);
            }
            out.push(rest[length..].chars().next()?);
        }
    }

}

/// The data of an element by a script's name for it: `userName` for `data-user-name`.
fn data<'e>(element: &Element, name: &str) -> Option<Value<'e>> {
    let name: String = name
        .chars()
        .flat_map(|letter| {
            let sign = letter.is_ascii_uppercase().then_some('-');
            sign.into_iter().chain([letter.to_ascii_lowercase()])
        })
        .collect();
    element
        .attrs
        .iter()
        .find(|(known, _)| known.local.strip_prefix("data-") == Some(&*name))
        .map(|(_, value)| Value::Text(value.to_string()))
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
