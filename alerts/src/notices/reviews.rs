//! What owners are told of: the entries that they have to look at again.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use sightline_model::{
    DueEntry, Entry, Mint, Notice, NoticeKind, Review, Timestamp, Told, WatchlistId,
};

/// How far ahead a digest looks: to the next one.
pub const AHEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Entries that a digest names at most; the counts are of all.
const NAMED: usize = 50;

/// The digests of one week: a notice for each owner who has something to look at, in the order of their names. `entries`
/// are those whose review date lies before the end of the week that begins at `planned_at`; overdue is what is so `now`, for a
/// digest may be late. A notice is over as soon as it is told: the next week tells what is left.
pub fn digests(
    entries: &[Entry],
    names: &BTreeMap<WatchlistId, String>,
    planned_at: Timestamp,
    now: Timestamp,
    mint: &Mint,
) -> Vec<Notice> {
    let mut by_owner: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let due = entries
        .iter()
        .filter(|entry| entry.review_at <= planned_at + AHEAD);
    for entry in due {
        by_owner.entry(entry.owner.trim()).or_default().push(entry);
    }
    let notice = |(owner, due): (&str, Vec<&Entry>)| Notice {
        id: mint.id(now),
        kind: NoticeKind::Review,
        subject: owner.to_owned(),
        told: Told::Review(review(owner, due, names, (planned_at, now))),
        opened_at: now,
        batch: 1,
        told_at: now,
        resolved_at: Some(now),
    };
    by_owner.into_iter().map(notice).collect()
}

fn review(
    owner: &str,
    mut due: Vec<&Entry>,
    names: &BTreeMap<WatchlistId, String>,
    (planned_at, now): (Timestamp, Timestamp),
) -> Review {
    due.sort_by_key(|entry| (entry.review_at, Reverse(entry.severity), entry.id));
    let overdue = due.iter().filter(|entry| entry.review_at <= now).count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let named = due.iter().take(NAMED).map(|entry| DueEntry {
        id: entry.id,
        watchlist: entry.watchlist,
        watchlist_name: names.get(&entry.watchlist).cloned().unwrap_or_default(),
        review_at: entry.review_at,
        tlp: entry.tlp,
        selector: entry.selector.clone(),
    });
    Review {
        owner: owner.to_owned(),
        planned_at,
        overdue: count(overdue),
        soon: count(due.len() - overdue),
        entries: named.collect(),
    }
}
