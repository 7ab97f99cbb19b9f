//! The page's own style sheets, as far as they put something out of sight, turn it round, or write a sign before or
//! behind it: decoys are hidden so, and addresses spelled. Its scripts are found on the same walk.
//!
//! Rules are matched by classes, ids and elements, also inside one another; the last that matches wins, without regard
//! to how special it is. Rules for certain screens, and for what a pointer does, are passed over.

use std::{collections::HashMap, sync::LazyLock};

use aho_corasick::AhoCorasick;
use ego_tree::NodeId;
use html5ever::local_name;
use scraper::{ElementRef, Html, Node, Selector, node::Element};

use super::{
    hidden::{Effect, style_effect},
    scripts::Scripts,
    text::attribute,
};

/// The most of a page's style sheets that is read, in bytes.
const SHEETS: usize = 512 << 10;
/// The most rules that are looked at.
const RULES: usize = 4_000;
/// The longest selector.
const LONGEST: usize = 120;

/// What style sheets say of a page's elements.
#[derive(Default)]
pub(crate) struct Styles {
    declarations: HashMap<NodeId, String>,
    before: HashMap<NodeId, String>,
    behind: HashMap<NodeId, String>,
    /// What its scripts write, which are found on the same walk.
    scripts: Scripts,
}

impl Styles {
    /// What the sheets in a page say. Costs little where none of them hides or writes anything.
    pub fn of(html: &Html) -> Self {
        let mut styles = Self::default();
        let mut rules = Vec::new();
        let mut read = 0;
        let (mut scripts, mut events) = (Vec::new(), Vec::new());
        for element in html.tree.nodes().filter_map(ElementRef::wrap) {
            let name = &element.value().name.local;
            if *name == local_name!("script") {
                scripts.push(element);
            } else if reveals(element.value()) {
                events.push(element);
            }
            if *name != local_name!("style") {
                continue;
            }
            for text in element.text() {
                read += text.len();
                if read > SHEETS {
                    break;
                }
                parse(text, &mut rules);
            }
        }
        styles.scripts = Scripts::of(html, &scripts, &events);
        if !rules.iter().any(Rule::matters) {
            return styles;
        }
        let parsed: Vec<(Rule<'_>, Selector)> = rules
            .into_iter()
            .filter_map(|rule| {
                let selector = Selector::parse(rule.selector).ok()?;
                Some((rule, selector))
            })
            .collect();
        // By the class, the id or the name of the element that a rule is about: most elements are in none.
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, (rule, _)) in parsed.iter().enumerate() {
            by_key.entry(rule.key).or_default().push(index);
        }
        for element in html.tree.nodes().filter_map(ElementRef::wrap) {
            let value = element.value();
            // As they are written: as names, they would all have to be made, in a table that all threads share.
            let classes = attribute(value, &local_name!("class")).unwrap_or_default();
            let mut matched: Vec<usize> = classes
                .split_ascii_whitespace()
                .chain(value.id())
                .chain([value.name(), "*"])
                .filter_map(|key| by_key.get(key))
                .flatten()
                .copied()
                .collect();
            if matched.is_empty() {
                continue;
            }
            matched.sort_unstable();
            matched.dedup();
            for index in matched {
                let (rule, selector) = &parsed[index];
                if selector.matches(&element) {
                    styles.add(element, rule);
                }
            }
        }
        styles
    }

    fn add(&mut self, element: ElementRef<'_>, rule: &Rule<'_>) {
        let id = element.id();
        let attribute = |name: &str| {
            let mut attributes = element.value().attrs.iter();
            attributes
                .find(|(known, _)| &*known.local == name)
                .map(|(_, value)| value.to_string())
        };
        let content = || content(rule.declarations, attribute).unwrap_or_default();
        match rule.place {
            Place::Element => {
                let all = self.declarations.entry(id).or_default();
                all.push_str(rule.declarations);
                all.push(';');
            }
            Place::Before => drop(self.before.insert(id, content())),
            Place::Behind => drop(self.behind.insert(id, content())),
        }
    }

    /// What the page's scripts write, as far as it is known.
    pub fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// The declarations of all rules that match an element, one after another.
    pub fn declarations(&self, id: NodeId) -> Option<&str> {
        self.declarations.get(&id).map(String::as_str)
    }

    /// What is written before an element's content.
    pub fn before(&self, id: NodeId) -> Option<&str> {
        self.before.get(&id).map(String::as_str)
    }

    /// What is written behind an element's content.
    pub fn behind(&self, id: NodeId) -> Option<&str> {
        self.behind.get(&id).map(String::as_str)
    }
}

/// Where a rule writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Element,
    Before,
    Behind,
}

/// One selector of a rule, and what it declares.
struct Rule<'s> {
    selector: &'s str,
    /// The class, id or element that the last part of the selector names.
    key: &'s str,
    place: Place,
    declarations: &'s str,
}

impl Rule<'_> {
    /// True for a rule that hides, turns round or writes; others only matter beside one that does.
    fn matters(&self) -> bool {
        match self.place {
            Place::Element => match style_effect(self.declarations) {
                Effect::None => false,
                Effect::Gone => true,
                Effect::Changes(changes) => {
                    changes.invisible == Some(true) || changes.tiny == Some(true) || changes.turned
                }
            },
            Place::Before | Place::Behind => {
                content(self.declarations, |name| Some(name.to_owned()))
                    .is_some_and(|content| !content.is_empty())
            }
        }
    }
}

/// The rules of a sheet.
fn parse<'s>(sheet: &'s str, rules: &mut Vec<Rule<'s>>) {
    let mut rest = sheet;
    while let Some(open) = rest.find('{') {
        let mut prelude = &rest[..open];
        // Comments and statements before a rule.
        prelude = prelude.rsplit("*/").next().unwrap_or(prelude);
        prelude = prelude.rsplit(';').next().unwrap_or(prelude).trim();
        let body = &rest[open + 1..];
        if prelude.starts_with('@') {
            rest = &body[block(body)..];
            continue;
        }
        let Some(close) = body.find('}') else {
            return;
        };
        let declarations = &body[..close];
        if speaks(declarations) {
            for selector in prelude.split(',') {
                rules.extend(rule(selector.trim(), declarations));
                if rules.len() >= RULES {
                    return;
                }
            }
        }
        rest = &body[close + 1..];
    }
}

/// The properties that matter, and parts of their names.
static SPOKEN_OF: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "display",
            "visibility",
            "opacity",
            "font-size",
            "font:",
            "position",
            "indent",
            "clip",
            "overflow",
            "bidi",
            "content",
            "transform",
            "margin",
        ])
        .expect("a few short words are no burden for any automaton")
});

/// False for declarations that change nothing of what is read here: for most.
fn speaks(declarations: &str) -> bool {
    SPOKEN_OF.is_match(declarations)
}

fn rule<'s>(written: &'s str, declarations: &'s str) -> Option<Rule<'s>> {
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    let pseudo = [
        ("::before", Place::Before),
        (":before", Place::Before),
        ("::after", Place::Behind),
        (":after", Place::Behind),
    ];
    let (selector, place) = pseudo
        .into_iter()
        .find_map(|(ending, place)| Some((written.strip_suffix(ending)?, place)))
        .unwrap_or((written, Place::Element));
    // States, attributes and siblings are another matter.
    if selector.contains([':', '[', '~', '+', '(', '\\']) {
        return None;
    }
    let last = selector.rsplit([' ', '>']).next()?;
    let key = last.rsplit(['.', '#']).next().filter(|key| !key.is_empty());
    Some(Rule {
        selector: if selector.is_empty() { "*" } else { selector },
        key: key.unwrap_or("*"),
        place,
        declarations,
    })
}

/// Where the block ends whose body this is.
fn block(body: &str) -> usize {
    let mut depth = 1;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    body.len()
}

/// The text of `content: "@"` and `content: attr(data-user) "@"`.
fn content(declarations: &str, attribute: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (_, value) = declarations
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .find(|(property, _)| property.trim().eq_ignore_ascii_case("content"))?;
    let mut rest = value.trim();
    let mut out = String::new();
    loop {
        if let Some(inner) = rest.strip_prefix("attr(") {
            let (name, behind) = inner.split_once(')')?;
            let name = name.split([',', ' ']).next().unwrap_or_default();
            out.push_str(&attribute(name.trim()).unwrap_or_default());
            rest = behind.trim_start();
            continue;
        }
        let Some(mark) = rest
            .chars()
            .next()
            .filter(|mark| matches!(mark, '"' | '\''))
        else {
            return (!out.is_empty() || value.trim().starts_with(['"', '\''])).then_some(out);
        };
        let (text, behind) = rest[1..].split_once(mark)?;
        out.push_str(&unescaped(text)?);
        rest = behind.trim_start();
    }
}

/// The text of a string of a sheet: `\0040` is a character by its number.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for code in parts {
        let is_digit = |letter: char| letter.is_ascii_hexdigit();
        let digits = code.len() - code.trim_start_matches(is_digit).len();
        let digits = digits.min(6);
        let letter = u32::from_str_radix(&code[..digits], 16)
            .ok()
            .and_then(char::from_u32);
        out.push(letter.filter(|letter| !letter.is_control())?);
        out.push_str(code[digits..].trim_start());
    }
    Some(out)
}

/// True for an element that shows something elsewhere when it is pressed.
fn reveals(element: &Element) -> bool {
    let mut attributes = element.attrs.iter();
    attributes.any(|(name, script)| {
        name.local.starts_with("on")
            && ["display", "visib", "show", "hid", "oggle"]
                .iter()
                .any(|word| script.contains(word))
    })
}

/// True for a node that holds text or elements.
pub(crate) fn has_content(node: ego_tree::NodeRef<'_, Node>) -> bool {
    node.children().any(|child| match child.value() {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(_) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_sheets() {
        let mut rules = Vec::new();
        parse(
            "/* a{} */ @import url(x); .a, p.b { display : none } @media print { .c { display: none } } \
             .d:hover { display: none } .e { color: red } #f .g::before { content: '\\40' }",
            &mut rules,
        );
        let read: Vec<_> = rules
            .iter()
            .map(|rule| (rule.selector, rule.key, rule.place))
            .collect();
        assert_eq!(
            read,
            [
                (".a", "a", Place::Element),
                ("p.b", "b", Place::Element),
                ("#f .g", "g", Place::Before),
            ]
        );
        let of = |declarations| content(declarations, |name| Some(format!("<{name}>")));
        assert_eq!(of(rules[2].declarations).as_deref(), Some("@"));
        let written = "content: attr(data-user) '@' attr(data-host, 'x')";
        assert_eq!(of(written).as_deref(), Some("<data-user>@<data-host>"));
    }
}
