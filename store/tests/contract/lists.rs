//! Watchlists that were made by mistake, and those that are kept.

use sightline_store::{entries, watchlists};

use crate::{support::Place, world::*};

pub async fn a_list_goes_where_nothing_ever_stood_on_it(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let [mistake, list] = ["misssing", "missing"].map(|name| watchlist(name, &mint));
    for list in [&mistake, &list] {
        watchlists::create(&mut tx, list).await.unwrap();
    }
    let one = entry(&list, "+12025550123", &mint);
    entries::add(&mut tx, std::slice::from_ref(&one))
        .await
        .unwrap();
    entries::withdraw(&mut tx, &[one.id]).await.unwrap();

    assert!(!watchlists::delete(&mut tx, list.id).await.unwrap());
    assert!(watchlists::delete(&mut tx, mistake.id).await.unwrap());
    assert!(!watchlists::delete(&mut tx, mistake.id).await.unwrap());
    assert_eq!(watchlists::all(&mut tx).await.unwrap(), [list]);
}
