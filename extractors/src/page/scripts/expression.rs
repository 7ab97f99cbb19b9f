//! Constant expressions of scripts, read from left to right, and what is done with them.

use std::collections::HashMap;

use scraper::node::Element;

use super::{
    Place, What, Write,
    signs::{Signs, is_name},
    value::{LONGEST, Value},
};

/// Expressions inside each other, beyond which none is read.
pub(super) const DEPTH: usize = 16;
/// The most names of values that are kept.
pub(super) const NAMES: usize = 500;

/// A script that is read.
pub(super) struct Script<'s, 'e> {
    pub(super) signs: Signs<'s>,
    pub(super) depth: usize,
    /// How many scripts it was made by.
    pub(super) evals: usize,
    pub(super) names: HashMap<&'s str, Value<'e>>,
    /// The element whose event it belongs to.
    pub(super) element: Option<&'e Element>,
    pub(super) writes: Vec<Write>,
}

impl<'s, 'e> Script<'s, 'e> {
    pub fn of(text: &'s str, element: Option<&'e Element>) -> Self {
        Self {
            signs: Signs { text, at: 0 },
            depth: 0,
            evals: 0,
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

    pub(super) fn expression(&mut self) -> Option<Value<'e>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut value = self.operand()?;
        while self.signs.next() == Some(b'+')
            && !self.signs.begins("++")
            && !self.signs.begins("+=")
        {
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
            b'{' => self.record()?,
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
            | "alert" | "prompt" | "confirm" | "eval"
                if calls =>
            {
                return self.member(Value::Browser, name);
            }
            _ => self.names.get(name)?.clone(),
        })
    }

    /// `{user: 'rose', host: 'example.com'}`.
    fn record(&mut self) -> Option<Value<'e>> {
        self.signs.take(b'{')?;
        let mut named = Vec::new();
        loop {
            match self.signs.next()? {
                b'}' => break,
                b',' => self.signs.at += 1,
                sign => {
                    let name = match sign {
                        b'"' | b'\'' => self.signs.string()?,
                        byte if is_name(byte) => self.signs.name().to_owned(),
                        _ => return None,
                    };
                    self.signs.take(b':')?;
                    named.push((name, self.expression()?));
                }
            }
            if named.len() > LONGEST {
                return None;
            }
        }
        self.signs.at += 1;
        Some(Value::Named(named))
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
                    match is_added {
                        true => self.adds(place, text)?,
                        false => self.writes(place, text)?,
                    }
                }
                "display" if text != "none" => self.shows(place)?,
                "visibility" if text == "visible" => self.shows(place)?,
                _ => return None,
            }
            return Some(Value::Browser);
        }
        match (value, name) {
            (Value::Browser, _) => Some(Value::Browser),
            (Value::Element(Place::This), "dataset") => self.element.map(Value::Data),
            (Value::Data(element), name) => data(element, name),
            // `getElementById('x').firstChild.nodeValue = …`
            (element @ Value::Element(_), "firstChild" | "style" | "childNodes" | "classList") => {
                Some(element)
            }
            (Value::Named(named), name) => {
                let mut named = named.into_iter();
                named
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value)
            }
            _ => None,
        }
    }

    pub(super) fn arguments(&mut self) -> Option<Vec<Value<'e>>> {
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

    pub(super) fn writes(&mut self, place: Place, text: String) -> Option<()> {
        self.writes.push(Write {
            place,
            what: What::Text(text),
        });
        Some(())
    }

    pub(super) fn adds(&mut self, place: Place, text: String) -> Option<()> {
        self.writes.push(Write {
            place,
            what: What::Adds(text),
        });
        Some(())
    }

    pub(super) fn shows(&mut self, place: Place) -> Option<()> {
        self.writes.push(Write {
            place,
            what: What::Shows,
        });
        Some(())
    }

    pub(super) fn leads(&mut self, place: Place, address: String) -> Option<()> {
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
pub(super) fn data<'e>(element: &Element, name: &str) -> Option<Value<'e>> {
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
