//! Selectors in text: one visible list of kinds, and the rules by which their finds share a text.
//!
//! Each kind is one file with two functions: `find` reads a text, `canonical` reads what a person wrote. Both go
//! through the same reading, so an entry and an observation of the same identifier have the same value.

mod email;
mod files;
mod fold;
mod forms;
mod glued;
mod handle;
mod image;
mod known;
mod lists;
mod phone;
mod phrase;
mod roles;
mod sentences;
mod skim;
mod url;
mod wallet;
mod words;

use std::{cell::OnceCell, ops::Range};

use rlibphonenumber::Region;
use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use fold::Folded;
use fold::direction::{Reading, is_turned};
pub use handle::{number_of_handle, on_platforms, platform_named};
pub use known::has_known_ending;
pub use phone::national_digits;
pub use phrase::{Folded as FoldedText, Spans, fold_phrase, fold_text, look};
use roles::skim_of;
use skim::Skim;
pub use url::canonical_host;
pub(crate) use url::{is_contact, is_platform};

/// The sign that a word stands for in an address, as a picture may show it: `at`, `dot`.
pub(crate) fn sign_of(word: &str) -> Option<&'static str> {
    let (sign, is_weak) = words::sign(&words::fold(word))?;
    let stands = matches!(
        sign,
        words::Sign::At | words::Sign::Dot | words::Sign::Underscore
    );
    (stands && !is_weak).then_some(sign.as_str())
}

/// True for a word that says where someone is reached: a platform, a telephone.
pub(crate) fn is_channel(word: &str) -> bool {
    const OTHERS: [&str; 12] = [
        "whatsapp",
        "viber",
        "phone",
        "telephone",
        "mobile",
        "email",
        "e-mail",
        "mail",
        "call",
        "sms",
        "envelope",
        "wechat",
    ];
    OTHERS.iter().any(|other| word.eq_ignore_ascii_case(other)) || handle::is_called(word)
}

/// Why something a person wrote is not a selector of the kind they named, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}; {remedy}")]
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

impl Refused {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// The most finds that one text gives. No ad has so many; a page that is made of them must not fill the store.
const FINDS: usize = 5_000;

/// The selectors in a text, by where they begin, 5,000 at most. Spans are in bytes of UTF-8, and `raw` is always `text[start..end]`.
///
/// National telephone numbers are read by `region`, two letters of ISO 3166-1; without one (or with one that has no
/// numbers), those that look like one are their digits, and nothing tells their country.
///
/// ```
/// # use sightline_extractors::find_all;
/// let finds = find_all("call (202) 555-0123", Some("US"));
/// assert_eq!(finds[0].selector.value, "+12025550123");
/// assert_eq!(finds[0].raw, "(202) 555-0123");
/// ```
pub fn find_all(text: &str, region: Option<&str>) -> Vec<Find> {
    find_in(text, region.and_then(region_of))
}

/// Does the work of [`find_all`].
pub(crate) fn find_in(text: &str, region: Option<Region>) -> Vec<Find> {
    let mut finds = read(text, &fold::fold(text), region);
    // What a sign of direction turns round is found as a reader sees it. Nothing is lost by such a sign either: where no number
    // is found so, it counts for nothing.
    if is_turned(text) {
        let as_it_stands = fold::fold_by(text, Reading::AsItStands);
        let unseen = read(text, &as_it_stands, region);
        add_unseen(&mut finds, unseen);
    }
    finds.sort_by(|a, b| {
        (a.start, a.end, a.selector.kind, &a.selector.value).cmp(&(
            b.start,
            b.end,
            b.selector.kind,
            &b.selector.value,
        ))
    });
    finds.dedup_by(|a, b| (a.start, a.end, &a.selector) == (b.start, b.end, &b.selector));
    finds.truncate(FINDS);
    finds
}

/// Adds what is found where no signs of direction count, but for numbers within one that is seen and that no sign parts.
fn add_unseen(seen: &mut Vec<Find>, mut unseen: Vec<Find>) {
    let is_number = |find: &Find| find.selector.kind == Kind::Phone;
    let is_parted = |find: &Find| find.raw.contains(fold::direction::is_sign);
    let whole = seen
        .iter()
        .filter(|find| is_number(find) && !is_parted(find));
    let mut places: Vec<(usize, usize)> = whole.map(|find| (find.start, find.end)).collect();
    places.sort_unstable();
    let mut reach = 0;
    for (_, end) in &mut places {
        reach = reach.max(*end);
        *end = reach;
    }
    unseen.retain(|find| {
        let before = places.partition_point(|(start, _)| *start <= find.start);
        !is_number(find) || before == 0 || places[before - 1].1 < find.end
    });
    seen.append(&mut unseen);
}

/// What is found in a folded text.
fn read(text: &str, folded: &Folded<'_>, region: Option<Region>) -> Vec<Find> {
    let skim = skim_of(&folded.text);
    let mut finds = search(text, folded, &skim, region, &FINDERS);
    if let Some(view) = fold::signs::view(folded, &skim, skim_of) {
        // Number words are spelled out letter by letter too: `t w o`.
        let finders = match view.has_joined {
            true => &FINDERS[..],
            false => &ADDRESSES[..],
        };
        let skim = skim_of(&view.folded.text);
        let mut more = search(text, &view.folded, &skim, region, finders);
        phone::told_by_links(&mut more);
        merge(
            &mut finds,
            more.into_iter().filter(|find| {
                find.steps
                    .iter()
                    .filter_map(Step::kind)
                    .any(fold::signs::is_step_here)
            }),
        );
    }
    if let Some(other) = fold::otherwise::view(folded) {
        read_otherwise(text, &other, region, &mut finds);
    }
    finds
}

/// Adds what is found where a text is read otherwise. What stood there and was read as it stands was none, unless it comes
/// first.
fn read_otherwise(
    text: &str,
    other: &fold::otherwise::Otherwise,
    region: Option<Region>,
    finds: &mut Vec<Find>,
) {
    let skim = skim_of(&other.folded.text);
    let more = search(text, &other.folded, &skim, region, &FINDERS);
    let shares = |one: &Find, other: &Find| other.start < one.end && one.start < other.end;
    let more: Vec<_> = more
        .into_iter()
        .filter(|find| match other.is_of(find.start, find.end) {
            None => false,
            Some(false) => true,
            Some(true) => !finds.iter().any(|known| shares(known, find)),
        })
        .collect();
    finds.retain(|find| !more.iter().any(|other| shares(find, other)));
    finds.extend(more);
}

/// The finds in a folded text, led back to the text as it stood.
fn search(
    text: &str,
    folded: &Folded<'_>,
    skim: &Skim,
    region: Option<Region>,
    finders: &[Finder],
) -> Vec<Find> {
    let mut context = Context {
        text: &folded.text,
        skim,
        region,
        links: url::links(&folded.text),
        taken: Vec::new(),
        named: OnceCell::new(),
    };
    let mut finds = Vec::new();
    for find in finders {
        find(&folded.text, &context, &mut finds);
        context.take(&finds);
    }
    give_way(&folded.text, &context, &mut finds);
    if !folded.is_as_written() {
        finds.iter_mut().for_each(|find| unfold(text, folded, find));
    }
    finds
}

/// Takes off the doubtful domains that were told to be names.
fn give_way(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    let names: Vec<(usize, usize)> = finds
        .iter()
        .filter(|find| {
            find.selector.kind == Kind::Handle && context.is_doubtful(find.start, find.end)
        })
        .filter(|find| !text[find.start..find.end].contains('/'))
        .map(|find| (find.start, find.end))
        .collect();
    if !names.is_empty() {
        finds.retain(|find| {
            let is_domain = matches!(find.selector.kind, Kind::Url | Kind::Domain);
            !(is_domain
                && names
                    .iter()
                    .any(|(start, end)| find.start >= *start && find.end <= *end))
        });
    }
}

/// How many finds before a place are looked at for one that reaches over it. Finds are short, and few share a place.
const NEIGHBOURS: usize = 32;

/// Adds what was found with more signs written out. An earlier find that lies within a new one was only a part of it:
/// `rose.example` of `rose.example (at) example.org`; and one of the same place and kind was read with what is to be
/// taken out: `roseNOSPAM@example.com`.
fn merge(finds: &mut Vec<Find>, more: impl Iterator<Item = Find>) {
    finds.sort_by_key(|find| find.start);
    let mut was_part = vec![false; finds.len()];
    let mut is_kept = vec![false; finds.len()];
    let mut added = Vec::new();
    for find in more {
        let end = finds.partition_point(|known| known.start < find.end);
        let near = end.saturating_sub(NEIGHBOURS)..end;
        let mut is_known = false;
        for (known, is_kept) in finds[near.clone()].iter().zip(&mut is_kept[near.clone()]) {
            if known.selector == find.selector && known.end > find.start {
                is_known = true;
                *is_kept = true;
            }
        }
        if is_known {
            continue;
        }
        let leaves_out = matches!(find.selector.kind, Kind::Email | Kind::Phone)
            && find.has_step(StepKind::Defanged);
        // `r-u-b-y`, and whom a link leads to that only looked like figures.
        let is_closed_up = match find.selector.kind {
            Kind::Handle => find.has_step(StepKind::Spaced),
            Kind::Phone => find.has_step(StepKind::Link),
            _ => false,
        };
        for (known, was_part) in finds[near.clone()].iter().zip(&mut was_part[near]) {
            let is_within = known.start >= find.start && known.end <= find.end;
            let is_same = (known.start, known.end) == (find.start, find.end);
            let is_other = (leaves_out || is_closed_up)
                && known.selector.kind == find.selector.kind
                && known.start < find.end
                && find.start < known.end;
            // A number that a link leads to is no part of it.
            let is_led_to = known.selector.kind == Kind::Phone
                && phone::number_in(&find.selector.value)
                    .is_some_and(|digits| known.selector.value.ends_with(digits));
            // `roseATexample.com` looked like a domain.
            let is_site = matches!(known.selector.kind, Kind::Url | Kind::Domain);
            let is_address = find.selector.kind == Kind::Email && is_site;
            // And `https://example-dot-com/` like a host that has no ending.
            let is_rewritten = is_same && is_site && known.selector.kind == find.selector.kind;
            *was_part |=
                is_within && (!is_same || is_address || is_rewritten) && !is_led_to || is_other;
        }
        added.push(find);
    }
    let mut keep = was_part
        .iter()
        .zip(&is_kept)
        .map(|(was, kept)| !was || *kept);
    finds.retain(|_| keep.next().unwrap_or(true));
    finds.append(&mut added);
}

/// Leads a find in the folded text back to the text as it stood.
fn unfold(text: &str, folded: &Folded<'_>, find: &mut Find) {
    let steps = folded.steps(find.start, find.end);
    (find.start, find.end) = folded.origin(find.start, find.end);
    find.raw = text[find.start..find.end].to_owned();
    if !steps.is_empty() {
        find.steps.splice(0..0, steps.into_iter().map(Step::from));
        find.confidence = find.confidence.min(Confidence::Normalised);
    }
}

/// The bytes on both sides of `at` that are a part of what stands there, as far as `within` reaches.
fn run_around(
    bytes: &[u8],
    within: Range<usize>,
    at: usize,
    is_part: impl Fn(&u8) -> bool,
) -> Range<usize> {
    let before = bytes[within.start..at].iter().rev();
    let behind = bytes[at..within.end].iter();
    let start = at - before.take_while(|byte| is_part(byte)).count();
    let end = at + behind.take_while(|byte| is_part(byte)).count();
    start..end
}

/// What finds the selectors of a kind in a folded text.
type Finder = fn(&str, &Context<'_>, &mut Vec<Find>);

/// Every kind that is found in text. The order matters: what an earlier one took, a later one leaves alone.
const FINDERS: [Finder; 5] = [
    email::find,
    url::find,
    wallet::find,
    handle::find,
    phone::find,
];

/// Those whose selectors are spelled with signs, and numbers in links.
const ADDRESSES: [Finder; 5] = [
    email::find,
    url::find,
    wallet::find,
    handle::find,
    phone::find_in_links,
];

/// The canonical form of a selector that a person wrote: the same as an observation of it has. National telephone
/// numbers are read by `region`.
///
/// ```
/// # use sightline_extractors::canonical;
/// # use sightline_model::Kind;
/// let written = canonical(Kind::Phone, "020 7946 0123", Some("GB"))?;
/// assert_eq!(written.value, "+442079460123");
/// # Ok::<(), sightline_extractors::Refused>(())
/// ```
pub fn canonical(kind: Kind, written: &str, region: Option<&str>) -> Result<Selector, Refused> {
    let region = region.and_then(region_of);
    let written = written.trim();
    if written.is_empty() {
        return Err(Refused::new(
            "nothing is written",
            format!("write the {kind}"),
        ));
    }
    let value = match kind {
        Kind::Phone => phone::canonical(written, region),
        Kind::Email => email::canonical(written),
        Kind::Handle => handle::canonical(written),
        Kind::Url => url::canonical(written),
        Kind::Domain => url::canonical_domain(written),
        Kind::Wallet => wallet::canonical(written),
        Kind::Image => image::canonical(written),
        Kind::Phrase => phrase::canonical(written),
        // A pattern is what was written; whether it can be used is for those to say who use it.
        Kind::Pattern => Ok(written.to_owned()),
    }?;
    Ok(Selector::new(kind, value))
}

/// What a person wrote with its signs disguised, as addresses are passed on so that nobody follows them by mistake, with them
/// written out: `lotus[.]example`, `hxxps://lotus.example`. It is read as texts are; none where it is not disguised.
pub fn undisguised(written: &str) -> Option<String> {
    let folded = fold::fold(written);
    let view = fold::signs::view(&folded, &skim_of(&folded.text), skim_of)?;
    let text = view.folded.text;
    (text != written && !text.contains(char::is_whitespace)).then(|| text.into_owned())
}

/// True for a code of ISO 3166-1 by whose rules telephone numbers are read.
pub fn is_region(code: &str) -> bool {
    region_of(code).is_some()
}

/// The region of a code that people or settings wrote; None for one without telephone numbers.
fn region_of(code: &str) -> Option<Region> {
    let region = code.parse().ok()?;
    rlibphonenumber::PHONE_NUMBER_UTIL
        .get_country_code_for_region(region)
        .map(|_| region)
}

/// What finders know about the text beside the text.
pub(crate) struct Context<'t> {
    text: &'t str,
    /// The plain words of the text, for rules to skim over.
    skim: &'t Skim,
    /// By which national telephone numbers are read.
    pub region: Option<Region>,
    /// E-mail addresses and URLs, as they stand in the text.
    pub links: Vec<url::Link>,
    /// Spans that earlier finders took, sorted and apart from each other.
    taken: Vec<(usize, usize)>,
    /// Countries that the text names, once somebody asks.
    named: OnceCell<Vec<Region>>,
}

impl Context<'_> {
    /// By which regions a national number is read, in turn: the source's, then those that the text names. True where
    /// it is one of the latter.
    pub fn regions(&self) -> impl Iterator<Item = (Option<Region>, bool)> + '_ {
        let named = || {
            let regions = self
                .named
                .get_or_init(|| phone::named_regions(self.text, self.skim));
            regions
                .iter()
                .filter(|region| Some(**region) != self.region)
                .map(|region| (Some(*region), true))
        };
        std::iter::once((self.region, false)).chain(std::iter::once_with(named).flatten())
    }

    /// True where `start..end` is a domain that may be a name: without scheme or path, and its ending seldom one. A name
    /// that is told to be one is no domain: `ig: rose.garden`.
    pub fn is_doubtful(&self, start: usize, end: usize) -> bool {
        let first = self.links.partition_point(|link| link.end <= start);
        self.links.get(first).is_some_and(|link| {
            let raw = &self.text[link.start..link.end];
            !link.is_email
                && link.start == start
                && link.end <= end
                && raw
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
                && !raw.starts_with("www.")
                && !known::is_common_ending(raw)
        })
    }

    /// True where an earlier finder took something between `start` and `end`.
    pub fn is_taken(&self, start: usize, end: usize) -> bool {
        let first = self.taken.partition_point(|span| span.1 <= start);
        self.taken.get(first).is_some_and(|span| span.0 < end)
    }

    fn take(&mut self, finds: &[Find]) {
        self.taken = finds.iter().map(|find| (find.start, find.end)).collect();
        self.taken
            .extend(self.links.iter().map(|link| (link.start, link.end)));
        self.taken.sort_unstable();
        let mut apart: Vec<(usize, usize)> = Vec::with_capacity(self.taken.len());
        for &(start, end) in &self.taken {
            match apart.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        self.taken = apart;
    }
}

/// A find of `text[start..end]`.
fn find_at(
    text: &str,
    (start, end): (usize, usize),
    selector: Selector,
    confidence: Confidence,
    steps: Vec<Step>,
) -> Find {
    Find {
        selector,
        raw: text[start..end].to_owned(),
        start,
        end,
        confidence,
        steps,
    }
}
