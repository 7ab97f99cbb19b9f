//! `/audit`: who did what, and who saw what.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_model::Timestamp;
use sightline_proof::key::Digester;
use sightline_store::audit::{self, Logged, Wanted};
use url::form_urlencoded::Serializer;

use super::form::optional;
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Frame, Page},
};

/// Deeds of one page.
const PAGE: u32 = 100;
/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600 * 1_000;

/// Which deeds, and where to go on.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    who: String,
    what: String,
    subject: String,
    /// From this day on: `2026-11-23`.
    since: String,
    /// Up to and including this day.
    until: String,
    #[serde(deserialize_with = "optional")]
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
            since: day(&self.since),
            until: day(&self.until).map(|day| Timestamp(day.0.saturating_add(DAY))),
            after: self.after,
            limit: PAGE + 1,
        }
    }

    fn is_filtered(&self) -> bool {
        let filters = [
            &self.who,
            &self.what,
            &self.subject,
            &self.since,
            &self.until,
        ];
        filters.iter().any(|filter| !filter.trim().is_empty())
    }

    /// The address of the page that goes on after this deed.
    fn address(&self, after: i64) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in [
            ("who", &self.who),
            ("what", &self.what),
            ("subject", &self.subject),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            if !value.trim().is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", &after.to_string());
        format!("/audit?{}", query.finish())
    }
}

/// When a day begins, in UTC.
fn day(text: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}T00:00:00Z", text.trim())).ok()
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
    let mut deeds = audit::page(&mut tx, &asked.wanted(&console.parts.digester)).await?;
    drop(tx);
    let has_more = deeds.len() > PAGE as usize;
    deeds.truncate(PAGE as usize);
    let next = deeds.last().filter(|_| has_more);
    Ok(Page(Audit {
        frame: Frame::new("Audit log", "/audit", &person, console.now()),
        next: next.map(|last| asked.address(last.id)),
        asked,
        deeds,
    })
    .into_response())
}
