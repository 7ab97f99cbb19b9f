//! One listing: its title, body, fields, text, selectors and images, read from its element.

use std::collections::BTreeMap;

use ego_tree::NodeId;
use rlibphonenumber::Region;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sightline_model::{Confidence, Digest, Find, Kind, Problem, StepKind, canonical_page};
use url::Url;

use super::{ReadListing, Sheet, list::href, pictures, select};
use crate::{
    fields::{self, Setting, relative},
    page::{
        base::page_url,
        text::{Reader, Visible, one_line, visible, visible_text},
    },
    profile::{Field, Key, Record, Transform},
    selectors::find_in,
};

/// The most items of a field that is a list.
const LIST: usize = 200;
/// The longest title, in bytes. A title is shown in every list and letter; what is longer still stands in the text.
const TITLE: usize = 1_000;

/// The longest text that says only how long ago something was, in bytes.
const CLOCK: usize = 80;

/// Where a listing's parts are looked for.
#[derive(Clone, Copy)]
pub(super) struct Scope<'p> {
    /// The listing's element.
    pub root: ElementRef<'p>,
    /// The page around it, where the page has only this listing.
    pub beyond: Option<&'p Html>,
}

/// Reads one listing. None where there is none to tell from others.
pub(super) fn read<'p>(
    sheet: &Sheet<'p>,
    record: &Record,
    scope: Scope<'p>,
    problems: &mut Vec<Problem>,
) -> Option<ReadListing> {
    let ignored = ignored(record, scope.root);
    let look = Look {
        sheet,
        scope,
        ignored: &ignored,
    };
    let Visible {
        mut text,
        mut joints,
    } = visible(scope.root, look.with_links());
    let title = title(&look, record, problems);
    let body = body(&look, record, problems);
    let is_blank = match (&record.title, &record.body) {
        (None, None) => text.is_empty(),
        _ => title.is_none() && body.is_none(),
    };
    if is_blank {
        return None;
    }
    let read = Fields::read(&look, record, problems);
    let url = listing_url(sheet, record, scope.root);
    let key = key(record, &read.values, &url, problems)?;
    let mut title = title.unwrap_or_default();
    title.truncate(title.floor_char_boundary(TITLE));
    let steady = steady(&look, record, body.is_some(), (&title, &read));
    let body = body.unwrap_or_else(|| text.clone());
    let moved = complete(&mut text, &title, &body, &read);
    joints.iter_mut().for_each(|joint| *joint += moved);
    Some(ReadListing {
        digest: match &steady {
            Some((body, text)) => digest(&title, body, &read, text),
            None => digest(&title, &body, &read, &text),
        },
        finds: finds(&text, &joints, sheet.region),
        images: pictures::of(sheet, &record.images, scope.root),
        key,
        url,
        title,
        body,
        fields: read.values,
        text,
    })
}

/// Body and text without the elements that only follow the clock, where there are any: what makes a version of the listing.
fn steady(
    look: &Look<'_, '_>,
    record: &Record,
    has_body: bool,
    (title, read): (&str, &Fields),
) -> Option<(String, String)> {
    let mut ignored = clocks(look, record);
    if ignored.is_empty() {
        return None;
    }
    ignored.extend(look.ignored);
    ignored.sort_unstable();
    let look = Look {
        ignored: &ignored,
        ..*look
    };
    let mut text = visible_text(look.scope.root, look.with_links());
    // Its problems were told when it was read whole.
    let body = match has_body {
        true => body(&look, record, &mut Vec::new()).unwrap_or_default(),
        false => text.clone(),
    };
    complete(&mut text, title, &body, read);
    Some((body, text))
}

/// The nodes of date fields that say how long ago it was: "yesterday", "today 14:05". One that says more than that, a number
/// above all, is no clock.
fn clocks(look: &Look<'_, '_>, record: &Record) -> Vec<NodeId> {
    let dates = record.fields.iter();
    let dates = dates.filter(|field| field.transform == Transform::Date);
    let mut nodes = Vec::new();
    for field in dates {
        let elements = field.css.iter().map(|selector| look.elements(selector));
        let Some(element) = elements.flatten().next() else {
            continue;
        };
        let text = one_line(element, look.with_links());
        let follows = text.len() <= CLOCK
            && relative::is_in(&text, look.sheet.page.fetched_at)
            && find_in(&text, look.sheet.region).is_empty();
        nodes.extend(follows.then(|| element.id()));
    }
    nodes
}

/// What is found in a text. A number with tags between its digits was hidden from who reads no HTML.
fn finds(text: &str, joints: &[usize], region: Option<Region>) -> Vec<Find> {
    let mut finds = find_in(text, region);
    let numbers = finds
        .iter_mut()
        .filter(|find| find.selector.kind == Kind::Phone);
    for find in numbers.filter(|_| !joints.is_empty()) {
        let first = joints.partition_point(|joint| *joint <= find.start);
        if joints.get(first).is_some_and(|joint| *joint < find.end) {
            find.steps.insert(0, StepKind::Markup.into());
            find.confidence = find.confidence.min(Confidence::Normalised);
        }
    }
    finds
}

/// The nodes of the parts that are not the listing's own.
fn ignored(record: &Record, root: ElementRef<'_>) -> Vec<NodeId> {
    let mut ids: Vec<_> = record
        .ignore
        .iter()
        .flat_map(|selector| root.select(selector))
        .map(|element| element.id())
        .collect();
    ids.sort_unstable();
    ids
}

/// What is looked at, and how.
struct Look<'p, 'l> {
    sheet: &'l Sheet<'p>,
    scope: Scope<'p>,
    ignored: &'l [NodeId],
}

impl<'p> Look<'p, '_> {
    fn with_links(&self) -> Reader<'_> {
        Reader {
            ignored: self.ignored,
            links: Some(self.sheet.base),
            styles: Some(self.sheet.styles),
        }
    }

    fn without_links(&self) -> Reader<'_> {
        Reader {
            ignored: self.ignored,
            links: None,
            styles: Some(self.sheet.styles),
        }
    }

    /// The elements that a selector finds in the listing, else on the page around it; looked for as they are asked for.
    fn elements<'s>(
        &self,
        selector: &'s Selector,
    ) -> impl Iterator<Item = ElementRef<'p>> + use<'p, 's> {
        let mut inside = select(self.scope.root, selector).peekable();
        let beyond = match (self.scope.beyond, inside.peek()) {
            (Some(html), None) => Some(html.select(selector)),
            _ => None,
        };
        inside.chain(beyond.into_iter().flatten())
    }

    /// The texts that a field names, from the first place that has any; several only for lists.
    fn texts(&self, field: &Field, shape: Shape) -> Vec<String> {
        for selector in &field.css {
            let mut texts = Vec::new();
            for element in self.elements(selector) {
                let text = match &field.attr {
                    Some(name) => element
                        .value()
                        .attr(name)
                        .unwrap_or_default()
                        .trim()
                        .to_owned(),
                    None if shape == Shape::Lines => visible_text(element, self.with_links()),
                    None => one_line(element, self.without_links()),
                };
                if !text.is_empty() {
                    texts.push(text);
                    let most = match field.transform {
                        Transform::List => LIST,
                        _ => 1,
                    };
                    if texts.len() == most {
                        break;
                    }
                }
            }
            if !texts.is_empty() {
                return texts;
            }
        }
        let told = self.sheet.structured.json(&field.json);
        if !told.is_empty() {
            return told;
        }
        let meta = field.meta.as_deref();
        meta.and_then(|name| self.sheet.structured.meta(name))
            .map(|content| content.split_whitespace().collect::<Vec<_>>().join(" "))
            .into_iter()
            .collect()
    }
}

/// Whether a text keeps its lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Line,
    Lines,
}

fn title(look: &Look<'_, '_>, record: &Record, problems: &mut Vec<Problem>) -> Option<String> {
    match &record.title {
        Some(field) => text_of(look, field, Shape::Line, problems),
        None => look
            .scope
            .root
            .descendent_elements()
            .find(|element| element.value().name() == "h1")
            .map(|element| one_line(element, look.without_links()))
            .filter(|text| !text.is_empty())
            .or_else(|| {
                look.scope
                    .beyond
                    .and(look.sheet.structured.meta("og:title"))
                    .map(str::to_owned)
            })
            .or_else(|| look.scope.beyond.and(look.sheet.structured.title.clone())),
    }
}

fn body(look: &Look<'_, '_>, record: &Record, problems: &mut Vec<Problem>) -> Option<String> {
    text_of(look, record.body.as_ref()?, Shape::Lines, problems)
}

/// The text of title or body; that it is missing is a problem.
fn text_of(
    look: &Look<'_, '_>,
    field: &Field,
    shape: Shape,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let setting = Setting {
        base: look.sheet.base,
        fetched_at: look.sheet.page.fetched_at,
    };
    let made = fields::value_of(field, &look.texts(field, shape), setting);
    match made {
        Ok(Some(made)) => made.value.as_str().map(str::to_owned),
        Ok(None) => {
            problems.push(Problem::new(
                &field.path,
                format!("the {} is not on the page", field.name),
                "look whether the site was rebuilt, or the page is of another kind",
            ));
            None
        }
        Err(wrong) => {
            problems.push(Problem::new(&field.path, wrong.message, wrong.remedy));
            None
        }
    }
}

/// A listing's fields, by name.
#[derive(Default)]
struct Fields {
    values: BTreeMap<String, Value>,
    /// Names of those that follow the clock.
    volatile: Vec<String>,
    /// Texts that may hold selectors: not the key.
    told: Vec<(String, String)>,
}

impl Fields {
    fn read(look: &Look<'_, '_>, record: &Record, problems: &mut Vec<Problem>) -> Self {
        let setting = Setting {
            base: look.sheet.base,
            fetched_at: look.sheet.page.fetched_at,
        };
        let mut read = Self::default();
        for field in &record.fields {
            let made = match fields::value_of(field, &look.texts(field, Shape::Line), setting) {
                Ok(Some(made)) => made,
                Ok(None) => continue,
                Err(wrong) => {
                    problems.push(Problem::new(&field.path, wrong.message, wrong.remedy));
                    continue;
                }
            };
            if made.volatile {
                read.volatile.push(field.name.clone());
            }
            let is_key = matches!(&record.key, Key::Field(name) if *name == field.name);
            if !is_key {
                read.tell(field, &made.value);
            }
            read.values.insert(field.name.clone(), made.value);
        }
        read
    }

    fn tell(&mut self, field: &Field, value: &Value) {
        let texts: Vec<&str> = match (field.transform, value) {
            (Transform::Text | Transform::Url, Value::String(text)) => vec![text],
            (Transform::List, Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).collect()
            }
            _ => Vec::new(),
        };
        self.told.extend(
            texts
                .into_iter()
                .map(|text| (field.name.clone(), text.to_owned())),
        );
    }
}

/// Adds to the text what the profile takes from outside it, so that selectors are found there too.
fn complete(text: &mut String, title: &str, body: &str, read: &Fields) -> usize {
    if !body.is_empty() && !text.contains(body) {
        text.push('\n');
        text.push_str(body);
    }
    for (name, told) in &read.told {
        if !text.contains(told.as_str()) {
            text.push('\n');
            text.push_str(name);
            text.push_str(": ");
            text.push_str(told);
        }
    }
    if !title.is_empty() && !text.contains(title) {
        text.insert(0, '\n');
        text.insert_str(0, title);
        return title.len() + 1;
    }
    0
}

fn listing_url(sheet: &Sheet<'_>, record: &Record, root: ElementRef<'_>) -> Url {
    record
        .link
        .as_ref()
        .and_then(|selector| select(root, selector).find_map(href))
        .and_then(|href| page_url(sheet.base, href))
        .unwrap_or_else(|| canonical_page(sheet.page.url))
}

/// What tells the listing from others. Without it, the listing cannot be followed, and is left out.
fn key(
    record: &Record,
    values: &BTreeMap<String, Value>,
    url: &Url,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let (found, place, wrong) = match &record.key {
        Key::Url => return Some(url.to_string()),
        Key::Pattern(pattern) => (
            pattern
                .captures(url.as_str())
                .and_then(|found| found.get(1))
                .map(|part| part.as_str().to_owned()),
            "key.url",
            format!("the pattern does not match {url}"),
        ),
        Key::Field(name) => (
            values.get(name).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }),
            "key.field",
            format!("the field `{name}` is not there"),
        ),
    };
    let found = found.filter(|key| !key.is_empty());
    if found.is_none() {
        problems.push(Problem::new(
            format!("{}.{place}", record.path),
            wrong,
            "the listing is left out; look whether the page is of another kind",
        ));
    }
    found
}

/// Of what makes a version: title, body, fields and text, without what only follows the clock.
fn digest(title: &str, body: &str, read: &Fields, text: &str) -> Digest {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(title.as_bytes());
    part(relative::covered(body).as_bytes());
    for (name, value) in &read.values {
        if !read.volatile.contains(name) {
            part(name.as_bytes());
            part(value.to_string().as_bytes());
        }
    }
    part(relative::covered(text).as_bytes());
    Digest::of_hash(&hash.finalize())
}
