//! What another organisation owns, tried to be changed by identifier.

use std::time::Duration;

use sightline_model::*;
use sightline_store::*;

use crate::{support::at, world::*};

/// Tries to change theirs by identifier, with every function that changes rows.
pub(super) async fn nothing_can_be_changed(tx: &mut Tx, them: &World) {
    let (alert, delivery) = (them.alert.id, them.delivery.id);
    crate::keeping::is_not_ours(tx, them).await;
    // A key of theirs is another, even for their token.
    let key = (them.admitted.token.id, "key");
    answers::keep(tx, key, 500, None).await.unwrap();
    answers::let_go(tx, key).await.unwrap();
    assert!(
        !sources::set_state(tx, them.source, sources::SourceState::Paused)
            .await
            .unwrap()
    );
    assert!(
        !sources::set_next_planned(tx, them.source, None, Some(at(9)), None)
            .await
            .unwrap()
    );
    assert!(!runs::start(tx, them.rest.queued, at(9)).await.unwrap());
    assert!(
        !runs::finish(tx, them.rest.queued, RunOutcome::Failed, at(9))
            .await
            .unwrap()
    );
    let more = RunCounts {
        visits: 9,
        ..RunCounts::default()
    };
    runs::add_counts(tx, &[(them.run.id, more)]).await.unwrap();
    let end = visits::VisitEnd {
        id: them.visit,
        outcome: Outcome::Gone,
        detail: None,
        status: None,
        capture: None,
        at: at(9),
    };
    visits::finish(tx, &[end]).await.unwrap();
    let retry = visits::VisitRetry {
        id: them.visit,
        outcome: Outcome::TimedOut,
        detail: None,
        status: None,
        due_at: at(9),
        counted: visits::Try::Counts,
    };
    visits::retry(tx, &[retry]).await.unwrap();
    pages::forget(tx, &[them.page]).await.unwrap();
    pages::lose(tx, &[(them.page, at(1))]).await.unwrap();
    let changed = Listing {
        version: 9,
        ..them.listing.clone()
    };
    listings::update(tx, &[changed]).await.unwrap();
    listings::come_back(tx, &[(super::gone(them), at(9))])
        .await
        .unwrap();
    let again = (them.page, them.run.id, at(9));
    listings::touch(tx, &[again]).await.unwrap();
    listings::set_on_pages(tx, &[(them.page, [].into())])
        .await
        .unwrap();
    listings::note_listed(tx, them.source, them.run.id)
        .await
        .unwrap();
    listings::note_unlisted(tx, them.source, them.rest.queued, at(99))
        .await
        .unwrap();
    pages::fetched_as(tx, &[(them.page, VisitKind::Detail)])
        .await
        .unwrap();
    let until = listings::UnlistedUntil {
        with_page: at(99),
        without: at(99),
    };
    let removed = listings::mark_removed(tx, them.source, them.rest.queued, until, at(99))
        .await
        .unwrap();
    assert_eq!(removed, []);
    assert_eq!(
        listings::mark_page_removed(tx, &[them.page], at(99))
            .await
            .unwrap(),
        []
    );
    images::set_of_listings(tx, &[(them.listing.id, vec![])])
        .await
        .unwrap();
    images::link(
        tx,
        &[(
            them.listing.id,
            url("https://img.example/1.jpg"),
            ImageId(99),
        )],
    )
    .await
    .unwrap();
    let seen = Observation {
        current: false,
        seen_at: at(9),
        ..them.observation.clone()
    };
    observations::update(tx, &[seen]).await.unwrap();
    let renamed = Watchlist {
        name: "theirs".to_owned(),
        ..them.watchlist.clone()
    };
    assert!(!watchlists::update(tx, &renamed).await.unwrap());
    assert!(!watchlists::delete(tx, them.watchlist.id).await.unwrap());
    assert_eq!(entries::withdraw(tx, &[them.entry.id]).await.unwrap(), 0);
    entries::mark_hunted(tx, &[them.entry.id], at(9))
        .await
        .unwrap();
    let judged = Sighting {
        reason: Reason::Continued,
        at: at(9),
        ..them.sighting.clone()
    };
    sightings::update(tx, &[judged]).await.unwrap();
    let none = sightings::withhold(tx, them.source, &[them.observation.selector_id])
        .await
        .unwrap();
    assert!(none.is_empty());
    let none = sightings::withheld_by(tx, them.source, &[them.observation.selector_id])
        .await
        .unwrap();
    assert!(none.is_empty());
    entries::hunt_again(tx, &[them.entry.id]).await.unwrap();
    furniture::remove(tx, them.source, &[them.observation.selector_id])
        .await
        .unwrap();
    sightings::end(tx, &[(them.sighting.id, at(9))])
        .await
        .unwrap();
    let grown = Alert {
        batch: 9,
        ..them.alert.clone()
    };
    alerts::update(tx, &[grown]).await.unwrap();
    assert!(
        !alerts::acknowledge(tx, alert, "nobody", at(9))
            .await
            .unwrap()
    );
    assert!(
        !alerts::close(tx, alert, Closed::Rejected, at(9))
            .await
            .unwrap()
    );
    let taken = alert_life::assign(tx, alert, Some("nobody"), at(9)).await;
    assert!(!taken.unwrap());
    assert!(!alert_life::touch(tx, alert, at(9)).await.unwrap());
    let over = Notice {
        resolved_at: Some(at(9)),
        ..them.notice.clone()
    };
    assert!(!notices::update(tx, &over).await.unwrap());
    assert_eq!(silences::end(tx, them.silence, at(9)).await.unwrap(), None);
    silences::settle(tx, &[(them.silence, alert)], at(9))
        .await
        .unwrap();
    alerts::forget_escalation(tx, alert).await.unwrap();
    // Only what is ours is brought back.
    ahead::bring_back(tx, Duration::ZERO, at(-99_999))
        .await
        .unwrap();
    waits::let_through(tx, &[alert], at(-99)).await.unwrap();
    waits::held(tx, &[(them.delivery.id, them.silence)])
        .await
        .unwrap();
    waits::release_silenced(tx, them.silence, &[(them.watchlist.id, at(-99))], at(-99))
        .await
        .unwrap();
    deliveries::finish(tx, delivery, &deliveries::DeliveryEnd::Delivered, at(9))
        .await
        .unwrap();
    deliveries::keep_progress(tx, delivery, Some("ours"))
        .await
        .unwrap();
    assert_eq!(waits::release(tx, &[alert], at(-9)).await.unwrap(), 0);
    assert!(!deliveries::replay(tx, them.rest.dead, at(9)).await.unwrap());
    // The channel of the dead one: ours alone are sent again, if there are any.
    let dead = deliveries::dead(tx).await.unwrap();
    let ours = dead.iter().find(|(channel, ..)| channel == "broken");
    let ours = ours.map_or(0, |(_, count, _)| count.unsigned_abs());
    let replayed = deliveries::replay_all(tx, "broken", at(9)).await.unwrap();
    assert_eq!(replayed, ours);
    deliveries::withdraw(tx, &[(delivery, "ours".to_owned())])
        .await
        .unwrap();
    readdressing::restore(tx, delivery, at(-99), None)
        .await
        .unwrap();
    waits::hasten(tx, alert, them.delivery.batch, at(-99), None)
        .await
        .unwrap();
    let due = (at(-99), None);
    waits::take_along(tx, alert, them.delivery.batch, Purpose::Reminder, due)
        .await
        .unwrap();
    let carried = deliveries::carry(tx, &them.delivery, them.watchlist.id, at(99)).await;
    assert_eq!(carried.unwrap(), []);
    let carried = deliveries::carried_by(tx, delivery).await;
    assert_eq!(carried.unwrap(), []);
    assert!(
        deliveries::seal(tx, delivery, "ours").await.is_err(),
        "there is no such delivery"
    );
}
