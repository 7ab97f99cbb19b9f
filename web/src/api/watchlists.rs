//! `/api/v1/watchlists`: the lists, and the entries on them.

use axum::{Json, extract::State, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::notices::reviews::AHEAD;
use sightline_casework::search;
use sightline_model::{
    Entry, EntryId, EntryState, Kind, Timestamp, Watchlist, WatchlistId, counted,
};
use sightline_store::{
    Tx,
    entries::{
        self,
        table::{self, Sort, Wanted},
    },
    watchlists,
};

use super::{After, Asked, At, Limit, Listed, Named, NoCursor, OfEntry, Operation, etag};
use crate::{Console, Error, access::Person};

/// Entries of a list that are counted at most.
const COUNTED: u32 = 10_000;

/// A list, and how much stands on it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Watchlist")]
pub(crate) struct Row {
    /// Its identifier.
    id: WatchlistId,
    /// What people call it.
    name: String,
    /// What an entry gets where its own row says nothing.
    defaults: serde_json::Value,
    /// Whom to tell of what and when.
    rules: serde_json::Value,
    /// When it was made.
    created_at: Timestamp,
    /// Entries that are looked for; 10000 means that many or more.
    active: i64,
    /// Entries that are not looked for yet; counted as far.
    drafts: i64,
    /// Entries that are due for review; counted as far.
    due: i64,
}

impl Row {
    pub(super) async fn of(tx: &mut Tx, list: Watchlist, now: Timestamp) -> Result<Self, Error> {
        let id = list.id;
        Ok(Self {
            active: table::count(tx, id, EntryState::Active, None, COUNTED).await?,
            drafts: table::count(tx, id, EntryState::Draft, None, COUNTED).await?,
            due: table::count(tx, id, EntryState::Active, Some(now), COUNTED).await?,
            id,
            name: list.name,
            defaults: list.defaults,
            rules: list.rules,
            created_at: list.created_at,
        })
    }
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Row>>("The watchlists, by name, and how much stands on them")
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
) -> Result<Json<Listed<Row>>, Error> {
    let mut tx = console.read().await?;
    let mut rows = Vec::new();
    for list in watchlists::all(&mut tx).await? {
        rows.push(Row::of(&mut tx, list, console.now()).await?);
    }
    drop(tx);
    let many = counted(rows.len(), "watchlist", "watchlists");
    console.log_read(&person, "watchlists.read", many).await?;
    Ok(Json(Listed::whole(rows)))
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Row>("One watchlist").tagged()
}

pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let list = watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let row = Row::of(&mut tx, list.clone(), console.now()).await?;
    drop(tx);
    console
        .log_read(&person, "watchlist.read", id.to_string())
        .await?;
    etag::shown(&list, &row)
}

/// In which order.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum Order {
    /// The latest added first.
    #[default]
    Newest,
    /// By kind, and within it by value.
    Value,
    /// The one that is to be reviewed first.
    Review,
}

/// Which entries.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// In this state; those that are looked for where nothing is said.
    state: Option<EntryState>,
    /// True for those alone that are due for review, the longest due first.
    due: bool,
    /// Of this kind.
    kind: Option<Kind>,
    /// Those alone that look for this, in any spelling, or whose value holds it: a word of a phrase, a name without its
    /// platform, a part of a number.
    beginning: Option<String>,
    /// In this order.
    sort: Order,
    /// `next` of the page before.
    after: Option<After<OfEntry>>,
    /// Entries at most.
    limit: Limit,
}

pub(crate) fn entries_described() -> Operation {
    Operation::giving::<Listed<Entry>>("The entries of a watchlist").asking::<Which>()
}

pub(crate) async fn entries(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Entry>>, Error> {
    let limit = which.limit.get()?;
    let mut tx = console.read().await?;
    watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let text = which.beginning.unwrap_or_default();
    let wanted = Wanted {
        due: which.due.then(|| console.now()),
        kind: which.kind,
        sought: search::sought(&mut tx, &text).await?,
        sort: match which.sort {
            Order::Newest => Sort::Newest,
            Order::Value => Sort::Value,
            Order::Review => Sort::Review,
        },
        after: which.after.map(|After(OfEntry(mark))| mark),
        ..Wanted::of(id, which.state.unwrap_or(EntryState::Active), limit + 1)
    };
    if wanted.is_lost() {
        return Err(Error::Unreadable(format!("after: {NoCursor}.")));
    }
    let found = table::page(&mut tx, &wanted).await?;
    drop(tx);
    console
        .log_read(&person, "watchlist.read", id.to_string())
        .await?;
    let cursor = |last: &Entry| OfEntry(wanted.mark(last)).to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}

/// Where to go on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WhichInTime")]
pub(crate) struct InTime {
    /// `next` of the page before.
    after: Option<After<At<EntryId>>>,
    /// Entries at most.
    limit: Limit,
}

impl InTime {
    fn place(&self) -> Option<(Timestamp, EntryId)> {
        self.after.map(|After(At(at, id))| (at, id))
    }
}

pub(crate) fn due_described() -> Operation {
    Operation::giving::<Listed<Entry>>(
        "The entries of all watchlists that are due for review, the longest due first",
    )
    .asking::<InTime>()
}

pub(crate) async fn due(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<InTime>,
) -> Result<Json<Listed<Entry>>, Error> {
    let (now, limit) = (console.now(), which.limit.get()?);
    let mut tx = console.read().await?;
    let found = entries::due_page(&mut tx, (now, now), which.place(), limit + 1).await?;
    drop(tx);
    console
        .log_read(&person, "watchlist.read", "due for review".to_owned())
        .await?;
    let cursor = |last: &Entry| At(last.review_at, last.id).to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}

pub(crate) fn ending_described() -> Operation {
    Operation::giving::<Listed<Entry>>(
        "The entries of all watchlists that end within the week, or ended in the last, those that end first",
    )
    .asking::<InTime>()
}

pub(crate) async fn ending(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<InTime>,
) -> Result<Json<Listed<Entry>>, Error> {
    let (now, limit) = (console.now(), which.limit.get()?);
    let span = (now - AHEAD, now + AHEAD);
    let mut tx = console.read().await?;
    let found = entries::ending::page(&mut tx, span, which.place(), limit + 1).await?;
    drop(tx);
    console
        .log_read(&person, "watchlist.read", "ending".to_owned())
        .await?;
    // None is found that does not end.
    let cursor = |last: &Entry| At(last.expires_at.unwrap_or_default(), last.id).to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}
