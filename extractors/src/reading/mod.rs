//! Reading a page: from bytes to listings, links and problems.

mod list;
mod pictures;
mod record;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scraper::{ElementRef, Html, Selector};
use serde::Serialize;
use serde_json::Value;
use sightline_model::{Digest, Find, PageLink, Problem, Timestamp, VisitKind};
use url::Url;

use crate::{
    Profile,
    page::{
        base::page_url,
        decode::decode,
        kind::no_page,
        parse::{NODES, Parsed, parse},
        shallow::DEPTH,
        structured::{JsonLd, Structured},
        styles::Styles,
        text::{Reader, visible_text},
    },
    profile::{Record, Root},
};

/// A fetched page: what came, and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct RawPage<'p> {
    /// Where it came from, after redirects.
    pub url: &'p Url,
    /// What the visit hoped to find. A page is read as [`VisitKind::List`] or [`VisitKind::Detail`]; an image has
    /// nothing to read.
    pub kind: VisitKind,
    /// The Content-Type header.
    pub content_type: Option<&'p str>,
    /// The body, content encodings undone.
    pub body: &'p [u8],
    /// When it was fetched: what relative dates refer to.
    pub fetched_at: Timestamp,
}

/// What a page says.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Reading {
    /// The listings on it, in the order of the page, each key once.
    pub listings: Vec<ReadListing>,
    /// Links to details and to further pages of listings: canonical, each once, 5,000 at most.
    pub links: Vec<PageLink>,
    /// What was looked for and not found or not understood. Keys are paths in the profile.
    pub problems: Vec<Problem>,
    /// Where the page's number, by `list.page_url`, leads. None on a page that is not counted, or leads no further.
    #[serde(skip)]
    pub counted: Option<Counted>,
    /// True where the page asks to log in instead of showing what was looked for.
    pub login_page: bool,
    /// Where the page sends its reader on by a meta element, where it has nothing else: that is not followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends_on: Option<Url>,
    /// What came instead of a page, such as `a PDF document (application/pdf)`; then nothing was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_page: Option<String>,
}

/// A page of listings that is one of a row, told apart by their numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The page before it; none of the first.
    pub before: Option<Url>,
    /// The page after it, which is among the links.
    pub next: Url,
}

/// A listing as a page shows it.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct ReadListing {
    /// What tells it from the source's other listings.
    pub key: String,
    /// Where it stands: canonical.
    pub url: Url,
    /// Its title, in one line.
    pub title: String,
    /// Its body, in plain text.
    pub body: String,
    /// Its other fields, typed by their transforms. A field that is not there, or cannot be read, is left out.
    pub fields: BTreeMap<String, Value>,
    /// Everything in it that a reader sees, in plain text: what the finds' spans refer to. Selectors that only a
    /// link's address shows stand behind the link's text, in angle brackets.
    pub text: String,
    /// The selectors in `text`.
    pub finds: Vec<Find>,
    /// Its images, each once, absolute, in the order of the page.
    pub images: Vec<Url>,
    /// Of title, body, fields and text: another one makes another version. Relative dates are not part of it.
    pub digest: Digest,
}

/// Reads a page by a profile. Never fails: what is wrong is told in `problems`.
pub fn read(page: &RawPage<'_>, profile: &Profile) -> Reading {
    let mut reading = Reading::default();
    let record = match page.kind {
        VisitKind::List => profile.list.record.as_ref(),
        VisitKind::Detail => Some(&profile.detail),
        VisitKind::Image => return reading,
    };
    if let Some(what) = no_page(page.content_type, page.body) {
        reading.problems.push(Problem::new(
            "",
            format!("this is no page, but {what}"),
            "look whether the selectors that lead here mean it, or name its addresses in scope.deny",
        ));
        reading.no_page = Some(what);
        return reading;
    }
    let domain = page.url.host_str().and_then(|host| host.rsplit('.').next());
    let decoded = decode(page.body, page.content_type, domain);
    let parsed = parse(&decoded.text);
    reading.problems.extend(cut_problems(&parsed));
    let json_ld = match record.is_some_and(wants_json_ld) {
        true => JsonLd::Read,
        false => JsonLd::Skip,
    };
    let structured = Structured::of(&parsed.html, json_ld);
    if structured.broken_json {
        reading.problems.push(Problem::new(
            "",
            "some JSON-LD on the page cannot be read",
            "name the value by `css` instead, if it is missing",
        ));
    }
    let base = structured
        .base
        .and_then(|written| page.url.join(written).ok())
        .filter(|base| base.has_host());
    let styles = Styles::of(&parsed.html);
    let sheet = Sheet {
        page,
        html: &parsed.html,
        base: base.as_ref().unwrap_or(page.url),
        structured: &structured,
        styles: &styles,
        region: profile.region,
    };
    match page.kind {
        VisitKind::List => list::read(&sheet, &profile.list, &mut reading),
        _ => detail(&sheet, &profile.detail, &mut reading),
    }
    let shows_login = match &profile.login {
        Some(selector) => sheet.first(selector).is_some(),
        None => structured.asks_password,
    };
    let is_bare = reading.listings.is_empty() && reading.links.is_empty();
    reading.login_page = shows_login && is_bare;
    reading.sends_on = sends_on(&sheet).filter(|_| is_bare);
    if let Some(target) = &reading.sends_on {
        let told = Problem::new(
            "",
            format!(
                "the page sends its reader on to {target} (a meta refresh), which is not followed"
            ),
            "lead there instead: by the links of the list, or as a start page",
        );
        reading.problems.insert(0, told);
    }
    reading
}

/// Where a meta element sends the reader on.
fn sends_on(sheet: &Sheet<'_>) -> Option<Url> {
    let mut elements = sheet.html.root_element().descendent_elements();
    let meta = elements.find(|element| {
        let named = element.value().attr("http-equiv");
        element.value().name() == "meta"
            && named.is_some_and(|name| name.eq_ignore_ascii_case("refresh"))
    })?;
    let (_, target) = meta.value().attr("content")?.split_once([';', ','])?;
    let target = target.trim();
    let target = match target.get(..3) {
        Some(word) if word.eq_ignore_ascii_case("url") => {
            target[3..].trim_start().strip_prefix('=')?
        }
        _ => target,
    };
    page_url(sheet.base, target.trim().trim_matches(['"', '\'']))
}

/// Everything on a page that a reader sees, in plain text: for people who compare it with what was read.
pub fn page_text(page: &RawPage<'_>) -> String {
    if no_page(page.content_type, page.body).is_some() {
        return String::new();
    }
    let domain = page.url.host_str().and_then(|host| host.rsplit('.').next());
    let decoded = decode(page.body, page.content_type, domain);
    let parsed = parse(&decoded.text);
    let styles = Styles::of(&parsed.html);
    let reader = Reader {
        ignored: &[],
        links: Some(page.url),
        styles: Some(&styles),
    };
    body(&parsed.html).map_or_else(String::new, |body| visible_text(body, reader))
}

/// A parsed page, with all that reading it takes.
struct Sheet<'p> {
    page: &'p RawPage<'p>,
    html: &'p Html,
    /// What the page's links are relative to.
    base: &'p Url,
    structured: &'p Structured<'p>,
    /// What the page's own style sheets hide or write.
    styles: &'p Styles,
    region: Option<rlibphonenumber::Region>,
}

impl<'p> Sheet<'p> {
    fn first(&self, selector: &Selector) -> Option<ElementRef<'p>> {
        self.html.select(selector).next()
    }
}

/// The elements that a selector finds in a listing. The listing's own element is among them only where the selector says so, with
/// `:scope`: what it says of others would be true of the whole listing too often.
fn select<'p, 's>(
    root: ElementRef<'p>,
    selector: &'s Selector,
) -> impl Iterator<Item = ElementRef<'p>> + use<'p, 's> {
    let is_meant = selector.matches_with_scope(&root, Some(root)) && !selector.matches(&root);
    let own = is_meant.then_some(root);
    own.into_iter().chain(root.select(selector))
}

/// The one listing of a detail page.
fn detail(sheet: &Sheet<'_>, record: &Record, reading: &mut Reading) {
    let root = match &record.root {
        Root::Body => body(sheet.html),
        Root::Css(selector, written) => {
            let found = sheet.first(selector);
            if found.is_none() {
                reading.problems.push(Problem::new(
                    "detail.root",
                    format!("no element matches `{written}`"),
                    "look whether the site was rebuilt, or the page is of another kind",
                ));
            }
            found
        }
    };
    if let Some(root) = root {
        let page_wide = record::Scope {
            root,
            beyond: Some(sheet.html),
        };
        let listing = record::read(sheet, record, page_wide, &mut reading.problems);
        reading.listings.extend(listing);
    }
}

fn body(html: &Html) -> Option<ElementRef<'_>> {
    html.root_element()
        .child_elements()
        .find(|element| element.value().name() == "body")
}

fn wants_json_ld(record: &Record) -> bool {
    let fields = record
        .fields
        .iter()
        .chain(&record.title)
        .chain(&record.body);
    !record.images.json.is_empty() || fields.into_iter().any(|field| !field.json.is_empty())
}

/// What of a page was not read as the page has it, and where.
fn cut_problems(parsed: &Parsed) -> Vec<Problem> {
    let remedy = "look at the page itself; one like this is not made for people";
    let folded = parsed.folded.then(|| {
        let message = format!(
            "elements stand more than {DEPTH} deep in each other: the text of those was read, but no selector finds them"
        );
        Problem::new("", message, remedy)
    });
    let cut = parsed.cut.map(|read| {
        let message = format!(
            "it has more than {NODES} elements and texts: what comes after its first {read} bytes was not read"
        );
        Problem::new("", message, remedy)
    });
    folded.into_iter().chain(cut).collect()
}
