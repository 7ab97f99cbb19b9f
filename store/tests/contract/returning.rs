//! Entries that come back after they were withdrawn: how that was, the last time.

use sightline_model::*;
use sightline_store::{
    entries::{self, changes},
    watchlists,
};

use crate::{matching::change_of, support::Place, world::*};

pub async fn how_an_entry_was_last_withdrawn_is_known(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let list = watchlist("missing", &mint);
    watchlists::create(&mut tx, &list).await.unwrap();
    let [one, other] = ["+12025550123", "+12025550124"].map(|value| entry(&list, value, &mint));
    entries::add(&mut tx, &[one.clone(), other.clone()])
        .await
        .unwrap();
    let gone = |reason: &str| EntryChange {
        deed: EntryDeed::Withdrawn,
        reason: Some(reason.to_owned()),
        ..change_of(&one)
    };
    let twice = [gone("a slip"), gone("consent taken back")];
    let edited = [change_of(&one), change_of(&other)];
    changes::append(&mut tx, &twice).await.unwrap();
    changes::append(&mut tx, &edited).await.unwrap();
    let [_, last] = twice;
    let found = changes::withdrawals(&mut tx, &[one.id, other.id]).await;
    assert_eq!(found.unwrap(), [(one.id, last)].into());
}
