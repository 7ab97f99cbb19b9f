//! `/watchlists`: the lists, and what waits for its review.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use sightline_alerts::notices::reviews::AHEAD;
use sightline_casework::Names;
use sightline_model::{Entry, EntryState, Watchlist, counted as in_words};
use sightline_store::{
    entries::{self, ending, table},
    watchlists,
};

use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Frame, Page},
};

/// Entries of a list that are counted at most.
pub(super) const COUNTED: u32 = 10_000;
/// Entries that are shown of those that wait for their review.
const DUE: u32 = 500;

/// A number that was counted up to [`COUNTED`].
pub(super) fn counted(count: i64) -> String {
    match count {
        count if count >= i64::from(COUNTED) => format!("{COUNTED}+"),
        count => count.to_string(),
    }
}

/// A list with what stands on it.
struct Line {
    list: Watchlist,
    active: String,
    drafts: i64,
    due: i64,
}

#[derive(Template)]
#[template(path = "watchlists.html")]
struct Watchlists {
    frame: Frame,
    lines: Vec<Line>,
}

/// Shows the lists.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let mut lines = Vec::new();
    for list in watchlists::all(&mut tx).await? {
        let id = list.id;
        let active = table::count(&mut tx, id, EntryState::Active, None, COUNTED).await?;
        lines.push(Line {
            active: counted(active),
            drafts: table::count(&mut tx, id, EntryState::Draft, None, COUNTED).await?,
            due: table::count(&mut tx, id, EntryState::Active, Some(now), COUNTED).await?,
            list,
        });
    }
    drop(tx);
    let many = in_words(lines.len(), "watchlist", "watchlists");
    console.log_read(&person, "watchlists.read", many).await?;
    Ok(Page(Watchlists {
        frame: Frame::new("Watchlists", "/watchlists", &person, now),
        lines,
    })
    .into_response())
}

#[derive(Template)]
#[template(path = "due.html")]
struct Due {
    frame: Frame,
    entries: Vec<Entry>,
    /// Those that end within the week, or ended in the last.
    ending: Vec<Entry>,
    names: Names,
    is_whole: bool,
}

impl Due {
    fn may_edit(&self) -> bool {
        self.frame.may(Permission::EditWatchlists)
    }
}

/// Shows what waits for its review, the longest due first, and what ends.
pub(crate) async fn due(State(console): State<Console>, person: Person) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let mut entries = entries::due_for_review(&mut tx, now, now, DUE + 1).await?;
    let is_whole = entries.len() <= DUE as usize;
    entries.truncate(DUE as usize);
    let ending = ending::between(&mut tx, now - AHEAD, now + AHEAD, DUE).await?;
    let names = Names::read(&mut tx).await?;
    drop(tx);
    console
        .log_read(&person, "watchlist.read", "due for review".to_owned())
        .await?;
    Ok(Page(Due {
        frame: Frame::new("Due for review", "/watchlists", &person, now),
        entries,
        ending,
        names,
        is_whole,
    })
    .into_response())
}
