//! `/watchlists/…`: the entries of one list.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{rules, search, watchlist::Written};
use sightline_model::{Entry, EntryState, Kind, Timestamp, Tlp, Watchlist, WatchlistId};
use sightline_pipeline::notices::ReviewSettings;
use sightline_store::{
    entries::table::{self, Sort, Sought, Wanted},
    watchlists,
};

use super::{
    form::{filter, one_of},
    query::Query,
    watchlists::{COUNTED, counted},
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Frame, Page},
    api::{Listed, Named, OfEntry},
};

/// Entries of one page.
const PAGE: u32 = 50;

/// What the address says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    tab: String,
    q: String,
    #[serde(deserialize_with = "filter")]
    kind: Option<Kind>,
    sort: String,
    #[serde(deserialize_with = "filter")]
    after: Option<OfEntry>,
}

/// The tabs: the word in the address, and the label.
const TABS: [(&str, &str); 4] = [
    ("active", "looked for"),
    ("due", "due for review"),
    ("draft", "drafts"),
    ("withdrawn", "withdrawn"),
];

/// The orders: the word in the address, and the label.
const SORTS: [(&str, &str); 3] = [
    ("newest", "latest added"),
    ("value", "value"),
    ("review", "next review"),
];

struct Tab {
    label: &'static str,
    href: String,
    count: String,
    is_here: bool,
    /// True where nothing here is like what is searched for, and something there is.
    is_like: bool,
}

#[derive(Template)]
#[template(path = "watchlist.html")]
struct Shown {
    frame: Frame,
    list: Watchlist,
    asked: Asked,
    tabs: Vec<Tab>,
    entries: Vec<Entry>,
    next: Option<String>,
    /// Its rules in words.
    told: Vec<String>,
    /// Where owners are told of their reviews.
    reviews: ReviewSettings,
}

impl Shown {
    /// Owners of what is listed who are told nowhere of the reviews that are due.
    fn unreached(&self) -> BTreeSet<&str> {
        let owners = self.entries.iter().map(|entry| entry.owner.trim());
        owners
            .filter(|owner| self.reviews.channels_of(owner).is_empty())
            .collect()
    }

    fn may_edit(&self) -> bool {
        self.frame.may(Permission::EditWatchlists)
    }

    fn is_filtered(&self) -> bool {
        !self.asked.q.trim().is_empty() || self.asked.kind.is_some()
    }

    fn sorts(&self) -> impl Iterator<Item = &(&'static str, &'static str)> {
        SORTS.iter()
    }
}

impl Asked {
    fn tab(&self) -> &'static str {
        let found = TABS.iter().find(|(word, _)| *word == self.tab);
        found.map_or("active", |(word, _)| word)
    }

    fn sort(&self) -> &'static str {
        let found = SORTS.iter().find(|(word, _)| *word == self.sort);
        found.map_or("newest", |(word, _)| word)
    }

    fn wanted(&self, list: WatchlistId, now: Timestamp, sought: Option<Sought>) -> Wanted {
        let state = match self.tab() {
            "draft" => EntryState::Draft,
            "withdrawn" => EntryState::Withdrawn,
            _ => EntryState::Active,
        };
        Wanted {
            due: (self.tab() == "due").then_some(now),
            kind: self.kind,
            sought,
            sort: match self.sort() {
                "value" => Sort::Value,
                "review" => Sort::Review,
                _ => Sort::Newest,
            },
            // One more than is shown tells whether there is another page.
            ..Wanted::of(list, state, PAGE + 1)
        }
    }

    fn address(&self, list: WatchlistId, tab: &str, after: Option<OfEntry>) -> String {
        Address::of(format!("/watchlists/{list}"))
            .with("tab", tab)
            .with("q", self.q.trim())
            .with_any("kind", self.kind)
            .with_any("sort", (self.sort() != "newest").then(|| self.sort()))
            .with_any("after", after)
            .written()
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    one_of("tab", &asked.tab, &TABS)?;
    one_of("sort", &asked.sort, &SORTS)?;
    let now = console.now();
    let mut tx = console.read().await?;
    let list = watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let told = rules::in_words(&Written::of(&list)?.rules);
    let sought = search::sought(&mut tx, &asked.q).await?;
    let mut wanted = asked.wanted(id, now, sought.clone());
    wanted.after = asked.after.clone().map(|OfEntry(mark)| mark);
    // A place in another order is none in this.
    if wanted.is_lost() {
        return Err(Error::Unreadable(
            "The address goes on in another order than it names. The page without 'after' begins at the first entry."
                .to_owned(),
        ));
    }
    let found = table::page(&mut tx, &wanted).await?;
    let Listed { items: found, next } = Listed::page(found, PAGE, |last| {
        asked.address(id, asked.tab(), Some(OfEntry(wanted.mark(last))))
    });
    // What is on the list, but not in this state, must not be taken for missing.
    let has_none = found.is_empty() && sought.is_some();
    let mut tabs = Vec::with_capacity(TABS.len());
    for (word, label) in TABS {
        let there = Asked {
            tab: word.to_owned(),
            ..asked.clone()
        };
        let like = Wanted {
            limit: 1,
            ..there.wanted(id, now, sought.clone())
        };
        let is_here = word == asked.tab();
        let count = table::count(&mut tx, id, like.state, like.due, COUNTED).await?;
        tabs.push(Tab {
            label,
            href: asked.address(id, word, None),
            count: counted(count),
            is_here,
            is_like: has_none && !is_here && !table::page(&mut tx, &like).await?.is_empty(),
        });
    }
    drop(tx);
    console
        .log_read(&person, "watchlist.read", id.to_string())
        .await?;
    Ok(Page(Shown {
        frame: Frame::new("Watchlist", "/watchlists", &person, now),
        list,
        asked,
        tabs,
        entries: found,
        next,
        told,
        reviews: console.parts.instance.reviews().clone(),
    })
    .into_response())
}
