//! What owners are told of: the entries that they have to look at again, and those that end.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use sightline_model::{
    DueEntry, Entry, EntryId, Mint, Notice, NoticeKind, Review, Timestamp, Told, WatchlistId,
};

/// How far ahead a digest looks: to the next one.
pub const AHEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Entries that a digest names at most; the counts are of all.
const NAMED: usize = 50;

/// The digests of one week: a notice for each owner who has something to look at, in the order of their names. `entries`
/// are those whose review date lies before the end of the week that begins at `planned_at`, and those that end in it or ended in
/// the week before; overdue is what is so `now`, for a digest may be late. A notice is over as soon as it is told: the next week
/// tells what is left.
pub fn digests(
    entries: &[Entry],
    names: &BTreeMap<WatchlistId, String>,
    planned_at: Timestamp,
    now: Timestamp,
    mint: &Mint,
) -> Vec<Notice> {
    let mut by_owner: BTreeMap<&str, BTreeMap<EntryId, &Entry>> = BTreeMap::new();
    let due = entries
        .iter()
        .filter(|entry| is_due(entry, planned_at) || ends(entry, planned_at));
    for entry in due {
        let of_owner = by_owner.entry(entry.owner.trim()).or_default();
        of_owner.insert(entry.id, entry);
    }
    let notice = |(owner, due): (&str, BTreeMap<EntryId, &Entry>)| Notice {
        id: mint.id(now),
        kind: NoticeKind::Review,
        subject: owner.to_owned(),
        told: Told::Review(review(
            owner,
            due.into_values().collect(),
            names,
            (planned_at, now),
        )),
        opened_at: now,
        batch: 1,
        told_at: now,
        resolved_at: Some(now),
    };
    by_owner.into_iter().map(notice).collect()
}

/// True for what has to be reviewed by the end of the week.
fn is_due(entry: &Entry, planned_at: Timestamp) -> bool {
    entry.review_at <= planned_at + AHEAD
}

/// True for what ends in the week, or ended in the one before.
fn ends(entry: &Entry, planned_at: Timestamp) -> bool {
    let end = entry.expires_at;
    end.is_some_and(|end| planned_at - AHEAD < end && end <= planned_at + AHEAD)
}

fn review(
    owner: &str,
    mut due: Vec<&Entry>,
    names: &BTreeMap<WatchlistId, String>,
    (planned_at, now): (Timestamp, Timestamp),
) -> Review {
    let first = |entry: &Entry| match entry.expires_at {
        Some(end) => end.min(entry.review_at),
        None => entry.review_at,
    };
    due.sort_by_key(|entry| (first(entry), Reverse(entry.severity), entry.id));
    let count = |is_so: &dyn Fn(&Entry) -> bool| {
        let so = due.iter().filter(|entry| is_so(entry)).count();
        u32::try_from(so).unwrap_or(u32::MAX)
    };
    let has_ended = |entry: &Entry| entry.expires_at.is_some_and(|end| end <= now);
    let goes_on = |entry: &Entry| !has_ended(entry) && is_due(entry, planned_at);
    let named = due.iter().take(NAMED).map(|entry| DueEntry {
        id: entry.id,
        watchlist: entry.watchlist,
        watchlist_name: names.get(&entry.watchlist).cloned().unwrap_or_default(),
        review_at: entry.review_at,
        expires_at: entry.expires_at,
        tlp: entry.tlp,
        selector: entry.selector.clone(),
    });
    Review {
        owner: owner.to_owned(),
        planned_at,
        overdue: count(&|entry| goes_on(entry) && entry.review_at <= now),
        soon: count(&|entry| goes_on(entry) && entry.review_at > now),
        ending: count(&|entry| !has_ended(entry) && ends(entry, planned_at)),
        ended: count(&has_ended),
        all: count(&|_| true),
        entries: named.collect(),
    }
}
