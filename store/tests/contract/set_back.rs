//! A clock that was set back: what hosts were to wait is cut to what politeness asks.

use std::time::Duration;

use sightline_model::HostState;
use sightline_store::hosts;

use crate::support::{Place, START, at};

pub async fn a_clock_that_was_set_back_keeps_no_host_waiting(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let furthest = hosts::Furthest {
        lease: Duration::from_secs(60),
        turns: 10,
        backoff: Duration::from_secs(86_400),
    };
    let host = |name: &str, next_at: i64, backoff: Option<i64>| HostState {
        host: name.to_owned(),
        next_at: at(next_at),
        interval: Duration::from_secs(2),
        backoff_until: backoff.map(at),
        ..HostState::default()
    };
    let mut tx = store.write(organisation).await.unwrap();
    // Sixty seconds of a lease and ten turns are what politeness may reserve; a day is what a host may ask for.
    let states = [
        host("ordinary", 80, None),
        host("asked for a day", 0, Some(86_400)),
        host("reserved while it was ahead", 81, None),
        host("refused while it was ahead", 2, Some(3 * 86_400)),
    ];
    hosts::save(&mut tx, &states).await.unwrap();
    let ahead = hosts::too_far_ahead(&mut tx, furthest, START)
        .await
        .unwrap();
    let names: Vec<&str> = ahead.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["refused while it was ahead", "reserved while it was ahead"]
    );
    assert_eq!(ahead[0].1, at(3 * 86_400));
    hosts::bring_back(&mut tx, furthest, START).await.unwrap();
    let names: Vec<&str> = states.iter().map(|state| state.host.as_str()).collect();
    let mut now = hosts::get(&mut tx, &names).await.unwrap();
    now.sort_by_key(|state| names.iter().position(|name| *name == state.host));
    let told: Vec<_> = now
        .iter()
        .map(|one| (one.next_at, one.backoff_until))
        .collect();
    assert_eq!(
        told,
        [
            (at(80), None),
            (at(0), Some(at(86_400))),
            (at(2), None),
            (at(2), Some(at(86_400))),
        ]
    );
    let ahead = hosts::too_far_ahead(&mut tx, furthest, START)
        .await
        .unwrap();
    assert_eq!(ahead, []);
    tx.rollback().await.unwrap();
}
