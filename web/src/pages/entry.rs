//! `/entries/…`: one entry: who answers for it, where it was seen and with what, and what was done to it.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_alerts::words;
use sightline_casework::{Names, Refused};
use sightline_model::{
    Alert, Entry, EntryChange, EntryDeed, EntryId, EntryStanding, EntryState, FieldChange,
    Sighting, SightingId, Timestamp, Way,
};
use sightline_store::{
    alerts,
    entries::{self, changes},
    seen::{self, Companion, Latest},
};
use sightline_watchlists::{explain, warnings::Effect};
use std::{cmp::Reverse, time::Duration};

use super::{form::filter, query::Query};
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page},
    api::{At, Listed, Named},
    chart::Days,
    labels::label,
};

/// Sightings of one page.
const PAGE: u32 = 25;
/// Days of the chart.
const DAYS: u32 = 90;
/// The latest sightings by which sources and company are told.
pub(super) const LATEST: u32 = 500;
/// Companions that are shown.
pub(super) const COMPANY: usize = 30;

const DAY: Duration = Duration::from_secs(86_400);

/// Where the sightings go on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(deserialize_with = "filter")]
    after: Option<At<SightingId>>,
}

/// What was typed into the page's forms.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Typed {
    /// Why it was to be withdrawn.
    pub reason: String,
    /// Why it goes on.
    pub why: String,
    pub purpose: String,
    pub legal_basis: String,
    pub owner: String,
    pub review_at: String,
    /// What was to be different of it, field by field.
    pub edited: Vec<(String, String)>,
    /// True where somebody was quicker.
    pub is_late: bool,
}

impl Typed {
    /// What was written, each with what its field is called.
    fn written(&self) -> Vec<(String, &str)> {
        let fields = [
            ("purpose", &self.purpose),
            ("legal_basis", &self.legal_basis),
            ("owner", &self.owner),
            ("review_at", &self.review_at),
            ("why", &self.why),
            ("reason", &self.reason),
        ];
        let edited = self.edited.iter().map(|(key, text)| (key.as_str(), text));
        let written = fields.into_iter().chain(edited);
        written
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (label(key), text.as_str()))
            .collect()
    }
}

#[derive(Template)]
#[template(path = "entry.html")]
struct Shown {
    frame: Frame,
    entry: Entry,
    /// True where it was not looked for yet in what is stored.
    is_to_be_hunted: bool,
    names: Names,
    changes: Vec<EntryChange>,
    chart: Days,
    latest: Latest,
    company: Vec<Companion>,
    /// Alerts that hold it and that nobody has closed, the latest first.
    unclosed: Vec<Alert>,
    sightings: Vec<Sighting>,
    next: Option<String>,
    /// The warning lists that name it, and whether it is quiet on that account.
    warnings: Vec<(String, bool)>,
    faults: Faults,
    typed: Typed,
}

impl Shown {
    fn may_edit(&self) -> bool {
        self.frame.may(Permission::EditWatchlists)
    }

    /// True where it was not kept who put it on its list.
    fn is_unsigned(&self) -> bool {
        let first = self.changes.first();
        first.is_none_or(|change| change.deed != EntryDeed::Added)
    }

    fn is_draft(&self) -> bool {
        self.entry.state == EntryState::Draft
    }

    fn is_active(&self) -> bool {
        self.entry.state == EntryState::Active
    }

    fn is_withdrawn(&self) -> bool {
        self.entry.state == EntryState::Withdrawn
    }

    /// Where it stands, as the page's first words.
    fn standing(&self) -> &'static str {
        match self.entry.standing(self.frame.now) {
            EntryStanding::Draft => "a draft, not looked for yet",
            EntryStanding::Active => "looked for",
            EntryStanding::DueForReview => "looked for, and due for review",
            EntryStanding::Expired => "expired, no longer looked for",
            EntryStanding::Withdrawn => "withdrawn, no longer looked for",
        }
    }

    /// What somebody who was quicker did meanwhile, where that kept the reader from what they were about to do.
    fn meanwhile(&self) -> Option<String> {
        let last = self.changes.last().filter(|_| self.typed.is_late)?;
        let (who, when) = (
            self.frame.text(&last.who),
            self.frame.when(&last.at).words(),
        );
        Some(format!("{who} {} it, {when}", self.did(last)))
    }

    /// `edited`, `withdrew`
    fn did(&self, change: &EntryChange) -> &'static str {
        match change.deed {
            EntryDeed::Withdrawn => "withdrew",
            deed => deed.as_str(),
        }
    }

    fn is_usual_way(&self) -> bool {
        self.entry.way == Way::usual(self.entry.selector.kind)
    }

    fn why(&self, sighting: &Sighting) -> String {
        words::why(sighting)
    }

    fn how(&self, sighting: &Sighting) -> String {
        explain::steps(&sighting.explanation.steps)
    }

    /// `note: nothing → tall`
    fn field(&self, change: &FieldChange) -> String {
        let side = |text: &Option<String>| match text {
            Some(text) => self.frame.text(text),
            None => "nothing".to_owned(),
        };
        let field = change.field.replace('_', " ");
        format!(
            "{field}: {} → {}",
            side(&change.before),
            side(&change.after)
        )
    }

    /// True where only the latest were looked through.
    fn is_cut(&self) -> bool {
        self.latest.listings.len() >= LATEST as usize
    }
}

/// Shows it, and keeps that it was shown.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(
        &console,
        &person,
        id,
        asked,
        Faults::default(),
        Typed::default(),
    )
    .await
}

/// Shows it again, with what was wrong in a form.
pub(super) async fn again(
    console: &Console,
    person: &Person,
    id: EntryId,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let page = page(console, person, id, Asked::default(), faults, typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Shows it as somebody made it who was quicker, with what was typed.
pub(super) async fn late(
    console: &Console,
    person: &Person,
    id: EntryId,
    typed: Typed,
) -> Result<Response, Error> {
    let typed = Typed {
        is_late: true,
        ..typed
    };
    let (asked, faults) = (Asked::default(), Faults::default());
    let page = page(console, person, id, asked, faults, typed).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

async fn page(
    console: &Console,
    person: &Person,
    id: EntryId,
    asked: Asked,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let stored = entries::get(&mut tx, &[id]).await?.pop();
    let entry = stored.ok_or(Refused::NoEntry(id))?;
    let names = Names::read(&mut tx).await?;
    let is_to_be_hunted = entries::is_to_be_hunted(&mut tx, id, now).await?;
    let changes = changes::of_entry(&mut tx, id).await?;
    let counts = seen::by_day(&mut tx, id, charted_from(now)).await?;
    let latest = seen::of_entry(&mut tx, id, LATEST).await?;
    let company = seen::company(&mut tx, &latest.listings, &entry.selector, COMPANY).await?;
    let mut unclosed = alerts::unclosed_of(&mut tx, &[id]).await?;
    unclosed.sort_by_key(|alert| Reverse(alert.id));
    let after = asked.after.map(|At(at, id)| (at, id));
    let found = seen::sightings(&mut tx, id, after, PAGE + 1).await?;
    let Listed { items: found, next } = Listed::page(found, PAGE, |last| {
        let last = At(last.at, last.id);
        format!("/entries/{id}?after={last}#seen-title")
    });
    drop(tx);
    let named = console.parts.warnings.naming(&entry.selector);
    let warnings = named.map(|list| {
        let quiet = list.effect == Effect::Quiet && entry.despite_warning.is_none();
        (list.name.to_owned(), quiet)
    });
    let warnings = warnings.collect();
    console
        .log_read(person, "entry.read", id.to_string())
        .await?;
    // What is looked for does not stand in the title: browsers keep titles.
    Ok(Page(Shown {
        frame: Frame::new("Entry", "/watchlists", person, now),
        entry,
        is_to_be_hunted,
        names,
        changes,
        chart: Days::of(&counts, DAYS, now),
        latest,
        company,
        unclosed,
        sightings: found,
        next,
        warnings,
        faults,
        typed,
    })
    .into_response())
}

/// When the first day of the chart began.
pub(crate) fn charted_from(now: Timestamp) -> Timestamp {
    let at = now - DAY * (DAYS - 1);
    Timestamp(at.0 - at.0.rem_euclid(86_400_000))
}
