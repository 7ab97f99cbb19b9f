//! `/audit`: who did what, and who saw what.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_proof::key::Digester;
use sightline_store::audit::{self, Logged, Wanted};

use super::{
    form::{Day, filter},
    query::Query,
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Frame, Page},
    api::Listed,
};

/// Deeds of one page.
const PAGE: u32 = 100;

/// Which deeds, and where to go on.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    who: String,
    what: String,
    subject: String,
    /// From this day on: `2026-11-23`.
    #[serde(deserialize_with = "filter")]
    since: Option<Day>,
    /// Up to and including this day.
    #[serde(deserialize_with = "filter")]
    until: Option<Day>,
    #[serde(deserialize_with = "filter")]
    after: Option<i64>,
}

impl Asked {
    fn wanted(&self, digester: &Digester) -> Wanted {
        let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Wanted {
            who: named(&self.who),
            what: named(&self.what),
            // What was searched for stands there as its digest.
            subjects: named(&self.subject)
                .map(|subject| vec![digester.of(&subject), subject])
                .unwrap_or_default(),
            since: self.since.map(Day::begins),
            until: self.until.map(Day::ends),
            after: self.after,
            limit: PAGE + 1,
        }
    }

    fn is_filtered(&self) -> bool {
        let filters = [&self.who, &self.what, &self.subject];
        let is_named = filters.iter().any(|filter| !filter.trim().is_empty());
        is_named || self.since.is_some() || self.until.is_some()
    }

    /// The address of the page that goes on after this deed.
    fn address(&self, after: i64) -> String {
        Address::of("/audit")
            .with("who", &self.who)
            .with("what", &self.what)
            .with("subject", &self.subject)
            .with_any("since", self.since)
            .with_any("until", self.until)
            .with("after", after)
            .written()
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    frame: Frame,
    asked: Asked,
    deeds: Vec<Logged>,
    next: Option<String>,
}

impl Audit {
    /// What was done, in words: `alert read` for `alert.read`.
    fn words(&self, one: &Logged) -> String {
        let words = one.deed.what.replace(['.', '_'], " ");
        self.frame.text(words)
    }

    /// The page of what it was done to, where its reader may see it.
    fn page(&self, one: &Logged) -> Option<String> {
        let (subject, what) = (&one.deed.subject, one.deed.what.as_str());
        let (part, needed) = match what.split('.').next()? {
            "alert" => ("alerts", Permission::ReadAlerts),
            "entry" => ("entries", Permission::ReadWatchlists),
            "watchlist" => ("watchlists", Permission::ReadWatchlists),
            "listing" => ("listings", Permission::ReadListings),
            "source" => ("sources", Permission::ReadSources),
            _ => return None,
        };
        let is_id = subject.len() == 36 || subject.bytes().all(|byte| byte.is_ascii_digit());
        let is_id = is_id && subject.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        // A silence is named by what it keeps quiet alone.
        let is_page = is_id && !subject.is_empty() && !what.contains("silence");
        (is_page && self.frame.may(needed)).then(|| format!("/{part}/{subject}"))
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let deeds = audit::page(&mut tx, &asked.wanted(&console.parts.digester)).await?;
    drop(tx);
    let Listed { items: deeds, next } = Listed::page(deeds, PAGE, |last| asked.address(last.id));
    Ok(Page(Audit {
        frame: Frame::new("Audit log", "/audit", &person, console.now()),
        asked,
        deeds,
        next,
    })
    .into_response())
}
