//! `/alerts/…`: one alert, with all that a person needs to judge it.

use std::{cmp::Reverse, collections::HashMap};

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_alerts::words;
use sightline_casework::{
    Names,
    alert::{self, Full},
    silence::OFFERED,
};
use sightline_model::{
    AlertChange, AlertDeed, AlertId, AlertState, CaptureId, Closed, Delivery, Digest, Entry,
    EntryStanding, ListingId, SightingId, SourceId,
};
use sightline_store::{
    accounts, captures,
    seen::{self, Companion, Latest},
};

use super::{
    entry::COMPANY,
    evidence::{Here, Pictures},
    judge::sees_alerts,
    query::Query,
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Faults, Frame, Page},
    api::Named,
    picture::MOST_PIXELS,
    picture::View,
    timeline::{self, Line},
    when::When,
};

/// The latest sightings of the entry by which sources, time line and company are told.
const LATEST: u32 = 200;

/// How many sightings a page shows: what a ceiling gathers into one alert may be thousands.
const SHOWN: usize = 25;

/// From which of an alert's sightings on they are shown, the latest first.
#[derive(Clone, Copy, Default, Deserialize)]
pub(crate) struct Offset {
    #[serde(default)]
    from: usize,
}

impl Offset {
    /// The page of an alert that shows them, as a link has it.
    fn written(self, path: String) -> String {
        let from = (self.from > 0).then_some(self.from);
        Address::of(path).with_any("from", from).written()
    }
}

#[derive(Template)]
#[template(path = "alert.html")]
struct Alert {
    frame: Frame,
    /// With the sightings that are shown alone.
    full: Full,
    /// How many sightings there are.
    count: usize,
    /// How many later ones stand on the pages before.
    from: usize,
    names: Names,
    latest: Latest,
    lines: HashMap<SourceId, Line>,
    company: Vec<Companion>,
    /// Of the bodies of the captures that show it.
    digests: HashMap<CaptureId, Digest>,
    pictures: Pictures,
    faults: Faults,
    /// Who may be given it.
    colleagues: Vec<String>,
    /// What somebody wrote that was not right: nothing typed is lost.
    typed: Typed,
}

/// What was typed into the page's forms.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Typed {
    pub text: String,
    /// Why it was to be closed.
    pub why: String,
    /// As what it was to be closed.
    pub how: Option<Closed>,
    /// True where the same was to be said of each sighting.
    pub is_of_each: bool,
    /// What was to be said of one sighting.
    pub word: Option<OfSighting>,
    pub reason: String,
    /// For how many hours it was to be quiet; empty where nothing was chosen.
    pub hours: String,
    /// Whose work it was to be.
    pub to: String,
    /// True where nobody has an account of that name.
    pub is_unknown: bool,
    /// True where somebody was quicker.
    pub is_late: bool,
}

impl Typed {
    /// Where whoever sent a form is led back to.
    pub(super) fn back(&self, id: AlertId) -> String {
        let page = format!("/alerts/{id}");
        match &self.word {
            None => page,
            Some(word) => {
                let from = Offset { from: word.from };
                format!("{}#sighting-{}", from.written(page), word.sighting)
            }
        }
    }
}

/// What was typed into the form that stands at a sighting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OfSighting {
    pub sighting: SightingId,
    pub why: String,
    /// From which sighting on the page showed them.
    pub from: usize,
}

/// The field in which it is said why a sighting is what it is: the page has one for each.
pub(super) fn why_of(sighting: &SightingId) -> String {
    format!("why-{sighting}")
}

impl Alert {
    /// What is looked for, as the page's first words.
    fn looked_for(&self) -> String {
        match &self.full.entry {
            Some(entry) => self.frame.text(&entry.selector.value),
            None => "An entry that is gone".to_owned(),
        }
    }

    /// What ended the search for an entry, if anything did.
    fn ended(&self, entry: &Entry) -> Option<EntryStanding> {
        let standing = entry.standing(self.frame.now);
        let ended = matches!(standing, EntryStanding::Expired | EntryStanding::Withdrawn);
        ended.then_some(standing)
    }

    fn may_judge(&self) -> bool {
        self.frame.may(Permission::JudgeAlerts)
    }

    fn may_silence(&self) -> bool {
        self.frame.may(Permission::SilenceAlerts)
    }

    /// What the width of the time lines stands for: all have one scale.
    fn scale(&self) -> Option<String> {
        self.lines.values().next().map(Line::scale)
    }

    /// True where only the latest were looked through.
    fn is_cut(&self) -> bool {
        self.latest.listings.len() >= LATEST as usize
    }

    /// From which sighting on the page before this one shows them, where there is one.
    fn later(&self) -> Option<usize> {
        (self.from > 0).then(|| self.from.saturating_sub(SHOWN))
    }

    /// The same of the page behind.
    fn earlier(&self) -> Option<usize> {
        let next = self.from + self.full.seen.len();
        (next < self.count).then_some(next)
    }

    /// True of the length of a silence that is chosen: as it was, or a week.
    fn is_chosen(&self, hours: u64) -> bool {
        match self.typed.hours.as_str() {
            "" => hours == 168,
            typed => hours.to_string() == typed,
        }
    }

    /// True where somebody was about to close it.
    fn is_being_closed(&self) -> bool {
        self.faults.of("as").is_some() || self.typed.how.is_some()
    }

    /// True of what it was to be closed as.
    fn is_how(&self, word: &str) -> bool {
        self.typed.how.is_some_and(|how| how.as_str() == word)
    }

    /// What was typed into the form of this sighting.
    fn word(&self, sighting: &SightingId) -> Option<&str> {
        let word = self.typed.word.as_ref();
        let word = word.filter(|word| word.sighting == *sighting);
        word.map(|word| word.why.as_str())
    }

    fn why_of(&self, sighting: &SightingId) -> String {
        why_of(sighting)
    }

    /// True where the same sighting stands further up: an alert may tell of it twice, as seen first and as back again. A page
    /// has one place of its name, and one form for what is said of it.
    fn stands_above(&self, index: &usize) -> bool {
        let (above, here) = self.full.seen.split_at(*index);
        let here = here.first().map(|seen| seen.sighting.id);
        above.iter().any(|seen| Some(seen.sighting.id) == here)
    }

    fn digest(&self, capture: &CaptureId) -> Option<&Digest> {
        self.digests.get(capture)
    }

    fn is_closed(&self) -> bool {
        self.full.alert.state == AlertState::Closed
    }

    /// True where somebody has it.
    fn is_taken(&self) -> bool {
        self.full.alert.state == AlertState::Acknowledged
    }

    /// True where that is somebody else.
    fn is_theirs(&self) -> bool {
        let has_it = self.full.alert.acknowledged_by.as_deref();
        let reader = self.frame.person.as_ref();
        has_it != reader.map(|person| person.name.as_str())
    }

    /// True where all of it is the site's own: that is said of a selector, and not of an alert.
    fn is_furniture(&self) -> bool {
        self.full.alert.closed_as == Some(Closed::Furniture)
    }

    fn may_be_taken(&self) -> bool {
        matches!(
            self.full.alert.state,
            AlertState::Open | AlertState::Silenced
        )
    }

    /// What somebody who was quicker did meanwhile, where that kept the reader from what they were about to do.
    fn meanwhile(&self) -> Option<String> {
        if !self.typed.is_late {
            return None;
        }
        let mut deeds = self.full.changes.iter().rev();
        let last = deeds.find(|change| change.deed != AlertDeed::Commented);
        let Some(last) = last else {
            return Some(format!("it is {}", self.full.alert.state));
        };
        let (who, when) = (
            self.frame.text(&last.who),
            self.frame.when(&last.at).words(),
        );
        Some(format!("{who} {}, {when}", self.deed(last)))
    }

    /// `took it`, `gave it to Night desk`
    fn deed(&self, change: &AlertChange) -> String {
        alert::did(change, "it", &|text| self.frame.text(text))
    }

    /// What became of a message, in words.
    fn message(&self, delivery: &Delivery) -> String {
        let now = self.frame.now;
        let terms = words::Terms {
            rules: &self.full.rules,
            stopped: &self.full.stopped,
            when: &|at| When::new(at, now).words(),
        };
        words::purposely(delivery, terms)
    }
}

/// Shows it, and keeps that it was shown.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Query(from): Query<Offset>,
) -> Result<Response, Error> {
    let (faults, typed) = (Faults::default(), Typed::default());
    let shown = Shown {
        view: View::Veiled,
        from,
    };
    page(&console, &person, id, faults, typed, shown).await
}

/// Shows it with its images, for this once: an address that is passed on shows them veiled.
pub(crate) async fn unveil(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Query(from): Query<Offset>,
) -> Result<Response, Error> {
    let (faults, typed) = (Faults::default(), Typed::default());
    let shown = Shown {
        view: View::Clear,
        from,
    };
    page(&console, &person, id, faults, typed, shown).await
}

/// Shows it again, with what was wrong in a form.
pub(crate) async fn again(
    console: &Console,
    person: &Person,
    id: AlertId,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let page = page(console, person, id, faults, typed, Shown::default()).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Shows it as somebody made it who was quicker, with what was typed.
pub(crate) async fn late(
    console: &Console,
    person: &Person,
    id: AlertId,
    typed: Typed,
) -> Result<Response, Error> {
    let typed = Typed {
        is_late: true,
        ..typed
    };
    let faults = Faults::default();
    let page = page(console, person, id, faults, typed, Shown::default()).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// What of an alert is shown, and how.
#[derive(Clone, Copy, Default)]
struct Shown {
    /// Its images.
    view: View,
    /// Its sightings.
    from: Offset,
}

async fn page(
    console: &Console,
    person: &Person,
    id: AlertId,
    faults: Faults,
    typed: Typed,
    shown: Shown,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let names = console.names(&mut tx).await?;
    let mut full = alert::read(&mut tx, id, now, &names, &|at| When::new(at, now).words()).await?;
    // What is new stands first; what came at one instant keeps its order.
    full.seen.sort_by_key(|seen| Reverse(seen.sighting.at));
    let count = full.seen.len();
    // What was typed stands at its sighting, on whichever page that is by now.
    let typed_of = typed.word.as_ref().and_then(|word| {
        let mut seen = full.seen.iter();
        seen.position(|seen| seen.sighting.id == word.sighting)
    });
    let from = typed_of.map_or(shown.from.from, |at| at / SHOWN * SHOWN);
    // Beyond the last there is nothing: that shows the last ones.
    let from = from.min(count.saturating_sub(1) / SHOWN * SHOWN);
    full.seen = full.seen.split_off(from);
    full.seen.truncate(SHOWN);
    let (latest, lines, company) = match &full.entry {
        Some(entry) => {
            let latest = seen::of_entry(&mut tx, entry.id, LATEST).await?;
            let lines = timeline::by_source(&latest.each, now);
            let company =
                seen::company(&mut tx, &latest.listings, &entry.selector, COMPANY).await?;
            (latest, lines, company)
        }
        None => Default::default(),
    };
    let sightings = full.seen.iter().map(|one| &one.sighting);
    let ids: Vec<CaptureId> = sightings
        .clone()
        .map(|one| one.explanation.capture)
        .collect();
    let mut listings: Vec<ListingId> = sightings.map(|one| one.listing).collect();
    listings.sort_unstable();
    listings.dedup();
    let captures = captures::get(&mut tx, &ids).await?;
    let digests = captures.into_iter().map(|one| (one.id, one.digest));
    let colleagues = accounts::all(&mut tx).await?.into_iter();
    let colleagues = colleagues.filter(sees_alerts).map(|account| account.name);
    let colleagues = colleagues.collect();
    let here = Here {
        path: format!("/alerts/{id}"),
        asked: Offset { from }.written(String::new()),
    };
    let pictures = Pictures::of(&mut tx, &listings, here, shown.view).await?;
    drop(tx);
    console
        .log_read(person, "alert.read", id.to_string())
        .await?;
    // Neither the entry nor a name stands in the title: browsers keep titles.
    Ok(Page(Alert {
        frame: Frame::new("Alert", "/", person, now),
        full,
        count,
        from,
        names,
        latest,
        lines,
        company,
        digests: digests.collect(),
        pictures,
        colleagues,
        faults,
        typed,
    })
    .into_response())
}
