//! What programs do with entries: put one on a list, look first what it would be, change it, review it, take it off.

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use futures::{FutureExt, future::BoxFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::{
    Refused,
    entry::{self as deeds, Change, Changed, Coming, Withdrawn},
};
use sightline_model::{Entry, EntryDeed, EntryId, Selector, Watchlist, WatchlistId};
use sightline_pipeline::backtest::{Backtest, DAYS};
use sightline_store::{Tx, entries, watchlists};
use sightline_watchlists::{EntryDraft, entry};

use super::{
    Asked, Named, Operation, Sent,
    entries::{Naming, naming},
    etag,
};
use crate::{
    Console, Error,
    access::Person,
    preview::{log_told, made, sketched, standing, tested},
};

/// An entry as it may be sent.
const DRAFT: &str = r#"{"kind": "phone", "value": "+1 202 555 0147", "purpose": "…", "legal_basis": "…", "owner": "…", "category": "victim"}"#;

/// How it is put on its list.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct How {
    /// True for a draft, which is not looked for yet: purpose, legal basis and owner may be missing.
    draft: bool,
}

/// An entry that was put on its list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AddedEntry {
    /// The entry.
    entry: Entry,
    /// How it had been withdrawn before, where it had.
    had_been_withdrawn: Option<Withdrawn>,
    /// What is to be known of it: how it was read, where that is not what was written, and that it fits nearly nothing, or
    /// nearly everything.
    cautions: Vec<String>,
}

async fn named(console: &Console, id: WatchlistId) -> Result<Watchlist, Error> {
    let mut tx = console.read().await?;
    watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)
}

pub(crate) fn add_described() -> Operation {
    Operation::giving::<AddedEntry>("Put an entry on a watchlist")
        .asking::<How>()
        .sent::<EntryDraft>()
        .like(DRAFT)
        .tagged()
}

pub(crate) async fn add(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Asked(how): Asked<How>,
    Sent(draft): Sent<EntryDraft>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    let made = made(&console, &list, &draft, how.draft)?.map_err(Error::Wrong)?;
    let (given, by) = (entry::Given::of(&draft), console.by(&person));
    let through = deeds::Through::Program;
    let mut tx = console.write().await?;
    let Coming {
        entry, cautions, ..
    } = deeds::coming(&mut tx, made, given).await?;
    let done = deeds::add(&mut tx, &list, entry, given, through, &by).await;
    let (entry, had_been_withdrawn) = match done {
        Ok(done) => done,
        Err(refused) => {
            drop(tx);
            log_told(&console, &person, &refused).await?;
            return Err(refused.into());
        }
    };
    tx.commit().await?;
    let tag = etag::of(&entry)?;
    let added = AddedEntry {
        cautions,
        entry,
        had_been_withdrawn,
    };
    Ok(etag::tagged(tag, Json(added)))
}

/// What an entry would be.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EntryPreview")]
pub(crate) struct Preview {
    /// What would be looked for, in canonical form.
    #[serde(flatten)]
    selector: Selector,
    /// The entries of all lists that look for the same.
    standing: Vec<Entry>,
    /// The warning lists that name it.
    warnings: Vec<Naming>,
    /// What else is to be known of it first.
    cautions: Vec<String>,
}

pub(crate) fn preview_described() -> Operation {
    Operation::giving::<Preview>(
        "What an entry would be, and where else it stands; nothing is kept",
    )
    .sent::<EntryDraft>()
    .like(DRAFT)
}

pub(crate) async fn preview(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Sent(draft): Sent<EntryDraft>,
) -> Result<Json<Preview>, Error> {
    let list = named(&console, id).await?;
    let coming = sketched(&console, &person, &list, &draft).await?;
    let Coming {
        entry: sketch,
        cautions,
        ..
    } = coming.map_err(Error::Wrong)?;
    let standing = standing(&console, &person, &sketch).await?;
    Ok(Json(Preview {
        warnings: naming(&console, &sketch),
        cautions,
        selector: sketch.selector,
        standing,
    }))
}

/// How far back.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Back {
    /// In days; 90 where nothing is said.
    #[schemars(range(min = 1, max = 365))]
    days: Option<u32>,
}

pub(crate) fn backtest_described() -> Operation {
    Operation::giving::<Backtest>("What an entry would have raised of late; nothing is kept")
        .asking::<Back>()
        .sent::<EntryDraft>()
        .like(DRAFT)
}

pub(crate) async fn backtest(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Asked(back): Asked<Back>,
    Sent(draft): Sent<EntryDraft>,
) -> Result<Json<Backtest>, Error> {
    let days = back.days.unwrap_or(DAYS);
    if !(1..=365).contains(&days) {
        return Err(Error::field(
            "days",
            "lies outside of what it may be",
            "write a number from 1 to 365",
        ));
    }
    let list = named(&console, id).await?;
    let coming = sketched(&console, &person, &list, &draft).await?;
    let sketch = coming.map_err(Error::Wrong)?.entry;
    let tested = tested(&console, &list, &sketch, days).await?;
    tested.map(Json).ok_or(Error::Busy)
}

/// What is to be different of an entry.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// The fields that are to be different; what is left out stays, and what is empty is taken away. What is looked for
    /// can't be changed: that is another entry.
    #[serde(default)]
    fields: EntryDraft,
    /// Why, for those who ask later.
    #[serde(default)]
    reason: String,
}

pub(crate) fn changing_described(summary: &'static str) -> Operation {
    Operation::giving::<Changed>(summary)
        .sent::<Edit>()
        .like(r#"{"fields": {"note": "…"}, "reason": "…"}"#)
        .under_condition()
}

/// An answer that is to come.
type Answering = BoxFuture<'static, Result<Response, Error>>;

/// What has an entry undergo this deed.
pub(crate) fn changing(
    deed: EntryDeed,
) -> impl Fn(State<Console>, Person, Named<EntryId>, HeaderMap, Sent<Edit>) -> Answering
+ Clone
+ Send
+ Sync
+ 'static {
    move |State(console), person, Named(id), headers, Sent(edit)| {
        async move {
            let what = Change {
                deed,
                draft: &edit.fields,
                reason: edit.reason.trim(),
            };
            let mut tx = console.write().await?;
            held(&mut tx, id, &headers).await?;
            let by = console.by(&person);
            let changed = deeds::change(&mut tx, &[id], &what, &by, &console.parts.mint).await?;
            let changed = changed.into_iter().next().ok_or(Refused::NoEntry(id))?;
            tx.commit().await?;
            let tag = etag::of(&changed.entry)?;
            Ok(etag::tagged(tag, Json(changed)))
        }
        .boxed()
    }
}

/// Why an entry is taken off.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// For those who ask later.
    #[schemars(length(min = 1))]
    reason: String,
}

pub(crate) fn withdraw_described() -> Operation {
    Operation::giving::<Entry>(
        "Take an entry off its list; it is kept, so that what was seen of it can be explained",
    )
    .sent::<Why>()
    .under_condition()
}

pub(crate) async fn withdraw(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    headers: HeaderMap,
    Sent(why): Sent<Why>,
) -> Result<Response, Error> {
    let reason = why.reason.trim();
    if reason.is_empty() {
        return Err(Error::field(
            "reason",
            "is empty",
            "say why, for those who ask later",
        ));
    }
    let mut tx = console.write().await?;
    held(&mut tx, id, &headers).await?;
    deeds::withdraw(&mut tx, id, reason, &console.by(&person)).await?;
    let entry = entries::get(&mut tx, &[id]).await?.pop();
    let entry = entry.ok_or(Refused::NoEntry(id))?;
    tx.commit().await?;
    let tag = etag::of(&entry)?;
    Ok(etag::tagged(tag, Json(entry)))
}

/// Nobody else changes the entry until the transaction ends; and it is as whoever asks has seen it.
async fn held(tx: &mut Tx, id: EntryId, headers: &HeaderMap) -> Result<(), Error> {
    entries::hold(tx, &[id]).await?;
    let stored = entries::get(tx, &[id]).await?.pop();
    etag::check(headers, &stored.ok_or(Refused::NoEntry(id))?)
}
