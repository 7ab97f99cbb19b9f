//! How SQLite answers what people ask: no page may walk a big table, nor sort what an index has in order.
//!
//! Every statement that a question makes is explained as it is run.

use std::time::Duration;

use sightline_model::{
    Entry, EntryState, Kind, ListingId, Mint, Selector, SelectorId, SightingId, SourceId, Timestamp,
};
use tempfile::TempDir;

use crate::{
    Store, StoreSettings, Tx,
    entries::{
        self,
        table::{self, Sort},
    },
    explain::{Plans, Step},
    search::{self, Query, Wanted},
    seen,
};

/// The steps of what was asked since the last time.
fn taken(plans: &Plans) -> Vec<Step> {
    let steps = plans.take();
    assert!(!steps.is_empty(), "nothing was asked");
    steps
}

async fn place() -> (TempDir, Tx, Plans) {
    let folder = TempDir::new().unwrap();
    let settings = StoreSettings {
        url: format!("sqlite:{}", folder.path().join("store.db").display()),
        ..StoreSettings::default()
    };
    let store = Store::open(&settings, None).await.unwrap();
    let organisation = store
        .organisation("Lotus", Timestamp(0), &Mint::seeded(1))
        .await
        .unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let plans = tx.explain();
    (folder, tx, plans)
}

/// Fails where a step of what was asked walks a big table; where `in_order`, also where anything is sorted.
fn are_quick(plans: &Plans, in_order: bool) {
    for step in taken(plans) {
        let is_sorted = step.does.contains("TEMP B-TREE FOR") && step.does.contains("ORDER BY");
        assert!(
            !(step.walks_a_big_table() || in_order && is_sorted),
            "{step:?}"
        );
    }
}

fn entry() -> Entry {
    serde_json::from_value(serde_json::json!({
        "id": "00000000-0000-7000-8000-000000000001", "watchlist": "00000000-0000-7000-8000-000000000002",
        "kind": "phone", "value": "+12025550123", "match": "exact", "written": "", "purpose": "", "legal_basis": "",
        "owner": "", "category": "other", "review_at": "1970-01-01T00:00:05Z", "expires_at": null, "case_reference": null, "tlp": "amber",
        "severity": null, "note": null, "state": "active", "created_at": "1970-01-01T00:00:01Z"
    }))
    .unwrap()
}

#[tokio::test]
async fn a_walk_of_a_big_table_is_found_out() {
    let (_folder, mut tx, plans) = place().await;
    let org = tx.org;
    let slow = tx
        .sql("SELECT count(*) FROM listing WHERE organisation = ? AND last_seen > 1")
        .bind(org);
    let _: Vec<(i64,)> = slow.all(&mut tx).await.unwrap();
    let found = taken(&plans);
    assert!(found.iter().any(Step::walks_a_big_table), "{found:?}");
}

#[tokio::test]
async fn the_table_of_entries_is_a_walk_down_an_index() {
    let (_folder, mut tx, plans) = place().await;
    let list = entry().watchlist;
    for sort in [Sort::Newest, Sort::Value, Sort::Review] {
        for kind in [None, Some(Kind::Email)] {
            for due in [None, Some(Timestamp(9))] {
                for after in [None, Some(entry())] {
                    let email = |text: &str| vec![(Kind::Email, text.to_owned())];
                    let sought = table::Sought {
                        beginnings: email("lotus"),
                        parts: [email("tus"), email("us")].concat(),
                    };
                    for sought in [None, Some(sought)] {
                        let mut wanted = table::Wanted {
                            due,
                            kind,
                            sought,
                            sort,
                            ..table::Wanted::of(list, EntryState::Active, 50)
                        };
                        wanted.after = after.as_ref().map(|last| wanted.mark(last));
                        table::page(&mut tx, &wanted).await.unwrap();
                    }
                }
            }
        }
    }
    are_quick(&plans, true);
    for after in [None, Some(entry().id)] {
        table::whole(&mut tx, list, after, 500).await.unwrap();
    }
    are_quick(&plans, true);
    for due in [None, Some(Timestamp(9))] {
        table::count(&mut tx, list, EntryState::Draft, due, 99)
            .await
            .unwrap();
    }
    table::of_selector(&mut tx, &entry().selector)
        .await
        .unwrap();
    let (from, until) = (Timestamp(5), Timestamp(9));
    for after in [None, Some((from, entry().id))] {
        entries::due_page(&mut tx, (until, until), after, 99)
            .await
            .unwrap();
        entries::ending::page(&mut tx, (from, until), after, 99)
            .await
            .unwrap();
    }
    are_quick(&plans, true);
}

#[tokio::test]
async fn where_something_was_seen_is_a_walk_down_an_index() {
    let (_folder, mut tx, plans) = place().await;
    let id = entry().id;
    let after = (Timestamp(9), SightingId(Default::default()));
    for after in [None, Some(after)] {
        seen::sightings(&mut tx, id, after, 9).await.unwrap();
    }
    for after in [None, Some(9.into())] {
        seen::observations(&mut tx, SelectorId(1), after, 9)
            .await
            .unwrap();
    }
    are_quick(&plans, true);
    let since = Timestamp(0) + Duration::from_secs(9);
    seen::by_day(&mut tx, id, since).await.unwrap();
    seen::of_entry(&mut tx, id, 9).await.unwrap();
    seen::of_selector(&mut tx, SelectorId(1), 9).await.unwrap();
    let phone = Selector::new(Kind::Phone, "+12025550123");
    seen::known(&mut tx, &phone).await.unwrap();
    let listings: Vec<ListingId> = (1..200).map(ListingId).collect();
    seen::company(&mut tx, &listings, &phone, 9).await.unwrap();
    are_quick(&plans, false);
}

#[tokio::test]
async fn a_search_is_a_walk_down_an_index() {
    let (_folder, mut tx, plans) = place().await;
    for since in [None, Some(Timestamp(1))] {
        for after in [None, Some(ListingId(9))] {
            let wanted = Wanted {
                query: Query::read("\"new in town\" pass* -hotel").unwrap(),
                source: Some(SourceId(Default::default())),
                since,
                until: None,
                after,
                limit: 20,
            };
            search::page(&mut tx, &wanted).await.unwrap();
        }
    }
    crate::listings::present(&mut tx, &[ListingId(1), ListingId(2)])
        .await
        .unwrap();
    for step in taken(&plans) {
        // The index of words is asked by its words (M), and gives them in order (no sorting of what it gives).
        let is_walk = step.does.starts_with("SCAN listing_search") && !step.does.contains(":M");
        assert!(!step.walks_a_big_table() && !is_walk, "{step:?}");
    }
}
