//! Hosts that several workers ask: each in stretches of its own, and each its own sources.

use std::time::Duration;

use sightline_model::*;
use sightline_store::{
    hosts,
    leases::{self, Whose, Wish},
    visits::{self, VisitEnd},
};

use crate::{
    leasing::{add, lease, paths, wish},
    support::{Place, at},
    world::running,
};

const SECOND: Duration = Duration::from_secs(1);

fn from_to(stretch: Stretch) -> (Timestamp, Timestamp) {
    (stretch.from, stretch.until)
}

/// So long, by somebody who keeps no pause.
fn turns(length: Duration) -> Turns {
    Turns {
        length,
        pause: Duration::ZERO,
    }
}

pub async fn a_host_s_stretches_follow_each_other(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    // When, for how long, and what comes of it at a host that nobody has met.
    for (now, length, from, until) in [
        (10, 2, 10, 12),
        (10, 2, 12, 14),
        (11, 5, 14, 19),
        (30, 1, 30, 31),
    ] {
        let reserved =
            hosts::reserve(&mut tx, "new.example:443", turns(SECOND * length), at(now)).await;
        assert_eq!(from_to(reserved.unwrap()), (at(from), at(until)), "{now}");
    }
    // One with a pause is left to nobody before that is over.
    let slow = HostState {
        host: "slow.example:443".to_owned(),
        interval: SECOND * 10,
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", &[slow]).await.unwrap();
    for from in [50, 60] {
        let reserved = hosts::reserve(&mut tx, "slow.example:443", turns(SECOND), at(50)).await;
        assert_eq!(from_to(reserved.unwrap()), (at(from), at(from + 1)));
    }
    // A pause that somebody keeps there is kept by all, whoever else is led there.
    let kept = Turns {
        length: SECOND,
        pause: SECOND * 20,
    };
    let slower = hosts::reserve(&mut tx, "slow.example:443", kept, at(50)).await;
    assert_eq!(from_to(slower.unwrap()), (at(70), at(71)));
    let short = HostState {
        host: "slow.example:443".to_owned(),
        interval: SECOND,
        ..HostState::default()
    };
    hosts::save(&mut tx, "two", &[short]).await.unwrap();
    let next = hosts::reserve(&mut tx, "slow.example:443", turns(SECOND), at(50)).await;
    assert_eq!(from_to(next.unwrap()), (at(90), at(91)));
    let next = hosts::reserve(&mut tx, "slow.example:443", turns(SECOND), at(50)).await;
    assert_eq!(from_to(next.unwrap()), (at(110), at(111)));
}

pub async fn a_lease_says_what_is_reserved(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links = ["https://a.example/1", "https://a.example/2"];
    add(&mut tx, &run, &links).await;
    let host = HostState {
        host: "a.example:443".to_owned(),
        interval: SECOND * 3,
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", &[host]).await.unwrap();
    let passing = hosts::reserve(&mut tx, "a.example:443", turns(SECOND * 3), at(1)).await;
    assert_eq!(from_to(passing.unwrap()), (at(1), at(4)));
    for lease in lease(&mut tx, &wish("one"), at(1)).await {
        assert_eq!(from_to(lease.reserved), (at(4), at(10)), "two turns");
    }
    // Whoever is led there comes behind, whoever owns the host.
    let passing = hosts::reserve(&mut tx, "a.example:443", turns(SECOND * 3), at(1)).await;
    assert_eq!(from_to(passing.unwrap()), (at(10), at(13)));
    // Nor does the pause get shorter by the word of a guest.
    let hasty = HostState {
        host: "a.example:443".to_owned(),
        interval: SECOND,
        ..HostState::default()
    };
    for (worker, from) in [("two", 13), ("one", 16)] {
        hosts::save(&mut tx, worker, std::slice::from_ref(&hasty))
            .await
            .unwrap();
        let passing = hosts::reserve(&mut tx, "a.example:443", turns(SECOND), at(1)).await;
        assert_eq!(from_to(passing.unwrap()).0, at(from), "{worker}");
    }
    let passing = hosts::reserve(&mut tx, "a.example:443", turns(SECOND), at(1)).await;
    assert_eq!(from_to(passing.unwrap()).0, at(17));
}

pub async fn sources_can_be_left_to_others(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let other = running(&mut tx, "posts", &mint).await;
    let ours = ["https://a.example/1", "https://c.example/1"];
    let theirs = ["https://a.example/2", "https://b.example/1"];
    add(&mut tx, &run, &ours).await;
    add(&mut tx, &other, &theirs).await;
    let unknown = [other.source];
    let modest = Wish {
        sources: Whose::AllBut(&unknown),
        ..wish("one")
    };
    let taken = lease(&mut tx, &modest, at(1)).await;
    assert_eq!(paths(&taken), ["a.example/1", "c.example/1"]);
    let none = Wish {
        sources: Whose::AllBut(&[]),
        ..wish("two")
    };
    assert_eq!(paths(&lease(&mut tx, &none, at(1)).await), ["b.example/1"]);
}

pub async fn a_host_is_free_once_its_owner_has_nothing_there(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links = ["https://a.example/1", "https://a.example/2"];
    add(&mut tx, &run, &links).await;
    let first = Wish {
        at_most: 1,
        ..wish("one")
    };
    let taken = lease(&mut tx, &first, at(1)).await;
    assert_eq!(lease(&mut tx, &wish("two"), at(2)).await, []);
    let end = VisitEnd {
        id: taken[0].visit.id,
        outcome: Outcome::Fetched,
        detail: None,
        status: Some(200),
        capture: None,
        at: at(2),
    };
    visits::finish(&mut tx, &[end]).await.unwrap();
    let taken = lease(&mut tx, &wish("two"), at(2)).await;
    assert_eq!(paths(&taken), ["a.example/2"]);
    // What the first gives back is no longer its own.
    leases::release(&mut tx, "one").await.unwrap();
    let ids = [taken[0].visit.id];
    let held = leases::still_held(&mut tx, "two", &ids).await.unwrap();
    assert_eq!(held, ids);
}

pub async fn what_nobody_has_can_be_ended(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    assert_eq!(visits::last_moved(&mut tx, run.id).await.unwrap(), None);
    let links = ["https://a.example/1", "https://a.example/2"];
    add(&mut tx, &run, &links).await;
    assert!(visits::last_moved(&mut tx, run.id).await.unwrap().is_some());
    let one = Wish {
        at_most: 1,
        ..wish("one")
    };
    lease(&mut tx, &one, at(1)).await;
    assert_eq!(visits::last_moved(&mut tx, run.id).await.unwrap(), None);
    let ended = visits::forsake(&mut tx, run.id, "gone", at(2)).await;
    assert_eq!(ended.unwrap(), 1, "the other is somebody's");
    leases::release(&mut tx, "one").await.unwrap();
    let ended = visits::forsake(&mut tx, run.id, "gone", at(3)).await;
    assert_eq!(ended.unwrap(), 1);
    let last = visits::last_moved(&mut tx, run.id).await.unwrap();
    assert_eq!(last, Some(at(3)));
    assert!(!visits::any_remaining(&mut tx, run.id).await.unwrap());
}
