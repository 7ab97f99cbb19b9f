//! Tenancy: one organisation never sees, nor changes, what is another's.
//!
//! Two organisations hold the same world, name for name. One of them then asks for everything, and tries to change
//! everything, by the other's identifiers: it gets what it would get for identifiers that do not exist, and the other's
//! rows stay as they are, byte for byte. The row-level policies are tried in `fences`.

mod changing;
mod empty;
mod forgetting;

use std::{collections::BTreeSet, slice::from_ref, time::Duration};

use sightline_model::*;
use sightline_store::*;

pub use forgetting::whoever_forgets_its_organisation_is_found_out;

use crate::{
    operating,
    support::{Place, START, at, dump, leases_of},
    world::*,
};

/// What theirs has beyond the small world, so that whoever forgets whose rows are asked for has something to find.
const MORE_OF_THEIRS: &str = "
    UPDATE alert SET assigned_to = 'their analyst', escalated_at = 1 WHERE organisation = 1;
    UPDATE run SET outcome = 'complete' WHERE organisation = 1 AND started_at IS NOT NULL;
    UPDATE delivery SET last_error = 'theirs' WHERE organisation = 1 AND state = 'pending';
    UPDATE delivery SET held_by = (SELECT min(id) FROM silence WHERE organisation = 1) WHERE organisation = 1 AND state = 'dead';
    UPDATE entry SET expires_at = 9000000000000000 WHERE organisation = 1;
    UPDATE endpoint SET last_error = 'theirs' WHERE organisation = 1;
    INSERT INTO listing (organisation, id, source, key, url, version, digest, first_seen, last_seen, removed_at)
      SELECT organisation, id + 1000, source, 'gone', url, version, digest, first_seen, last_seen, 1
      FROM listing WHERE organisation = 1;
    INSERT INTO listing_page (organisation, page, listing)
      SELECT organisation, page, listing + 1000 FROM listing_page WHERE organisation = 1;
    INSERT INTO page (organisation, id, source, url, digest, capture, reader, links, seen_at, kind)
      SELECT organisation, id + 1000, source, url || '/own', digest, capture, reader, links, seen_at, 'detail'
      FROM page WHERE organisation = 1;
    INSERT INTO listing_page (organisation, page, listing)
      SELECT organisation, page + 1000, listing FROM listing_page WHERE organisation = 1 AND listing < 1000;
    UPDATE listing SET unlisted_since = first_seen + 1 WHERE organisation = 1 AND removed_at IS NULL;
    INSERT INTO listing (organisation, id, source, key, url, version, digest, first_seen, last_seen, seen_run)
      SELECT organisation, id + 2000, source, 'there', url, version, digest, first_seen, last_seen, seen_run
      FROM listing WHERE organisation = 1 AND id < 1000;
    INSERT INTO visit (organisation, id, run, source, kind, url, host, depth, attempts, due_at, state, outcome, listing)
      SELECT organisation, id + 1000, run, source, 'detail', url || '/asked', host, 1, 1, due_at, 'done', 'gone',
        (SELECT min(id) FROM listing WHERE organisation = 1)
      FROM visit WHERE organisation = 1;
    UPDATE given_answer SET media_type = 'text/plain' WHERE organisation = 1;
    INSERT INTO rewriting (organisation, old, new, begun_at, moved_at, done_at)
      VALUES (1, '20261122-1.warc.gz', '20261123-1.warc.gz', 1, 1, 1);
    INSERT INTO hold (organisation, id, case_reference, placed_at, placed_by, reason)
      SELECT organisation, subject, 'their case', 1, 'their analyst', 'theirs' FROM audit WHERE organisation = 1 AND seq = 0";

/// The listing of theirs that is gone.
fn gone(them: &World) -> ListingId {
    ListingId(them.listing.id.0 + 1_000)
}

pub async fn organisations_do_not_see_each_other(place: &Place) {
    let (store, mint) = (place.open().await, Mint::seeded(7));
    // Theirs is the older: what gives one row of several gives theirs, if it forgets whose it is for.
    let theirs = store.organisation("Iris", START, &mint).await.unwrap();
    let ours = store.organisation("Lotus", START, &mint).await.unwrap();
    let mut tx = store.write(theirs).await.unwrap();
    let them = World::fill(&mut tx, &mint).await;
    tx.commit().await.unwrap();
    place.meddle(MORE_OF_THEIRS).await;
    let before = dump(place, store.engine(), theirs).await;
    assert!(before.len() > 15, "{before:?}");

    // With nothing of our own, everything is empty.
    let mut tx = store.write(ours).await.unwrap();
    empty::nothing_is_listed(&mut tx).await;
    nothing_is_found(&mut tx, &them).await;
    changing::nothing_can_be_changed(&mut tx, &them).await;
    assert!(!endpoints::enable(&mut tx, "broken").await.unwrap());
    assert_eq!(leases_of(&mut tx).await, (0, 0));
    tx.commit().await.unwrap();
    assert_eq!(dump(place, store.engine(), theirs).await, before);

    // With a world of our own under the same names, we get ours alone.
    let mut tx = store.write(ours).await.unwrap();
    let us = World::fill(&mut tx, &mint).await;
    nothing_is_found(&mut tx, &them).await;
    each_list_has_one(&mut tx, &us).await;
    changing::nothing_can_be_changed(&mut tx, &them).await;
    assert_eq!(leases_of(&mut tx).await, (1, 1));
    let none = BTreeSet::new();
    leases::renew(&mut tx, "worker", &none, at(999))
        .await
        .unwrap();
    leases::release(&mut tx, "worker").await.unwrap();
    deliveries::release(&mut tx, "worker").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(dump(place, store.engine(), theirs).await, before);

    // A worker of the same name on their side: what it holds is not ours to renew or release.
    let mut tx = store.write(theirs).await.unwrap();
    assert_eq!(leases_of(&mut tx).await, (1, 1));
    tx.commit().await.unwrap();
    let held = dump(place, store.engine(), theirs).await;
    let mut tx = store.write(ours).await.unwrap();
    assert_eq!(
        leases_of(&mut tx).await,
        (1, 1),
        "what theirs has there is not counted as ours"
    );
    leases::renew(&mut tx, "worker", &none, at(9_999))
        .await
        .unwrap();
    assert_eq!(
        leases::still_held(&mut tx, "worker", &[them.visit])
            .await
            .unwrap(),
        []
    );
    leases::release(&mut tx, "worker").await.unwrap();
    deliveries::release(&mut tx, "worker").await.unwrap();
    // Nor do their expired leases become due by our asking.
    let late = leases::Wish {
        worker: "late",
        lease_for: Duration::ZERO,
        sources: leases::Whose::Everyones,
        at_most: 9,
        per_host: 9,
    };
    leases::lease_due(&mut tx, &late, at(99_999)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(dump(place, store.engine(), theirs).await, held);
}

/// Asks for theirs by identifier.
async fn nothing_is_found(tx: &mut Tx, them: &World) {
    them.admitted.is_not_ours(tx).await;
    operating::is_not_ours(tx, them).await;
    let (listing, page, entry) = (them.listing.id, them.page, them.entry.id);
    let changes = entries::changes::of_entry(tx, entry).await;
    assert_eq!(changes.unwrap(), []);
    assert!(
        entries::changes::last(tx, &[entry])
            .await
            .unwrap()
            .is_empty()
    );
    let asked = Entry {
        watchlist: WatchlistId(Default::default()),
        ..them.entry.clone()
    };
    let found = entries::elsewhere(tx, &[asked]).await.unwrap();
    let mut found = found.values().flatten();
    assert!(found.all(|other| other.entry != entry));
    let alike = listings::alike_in(tx, them.source, them.run.id)
        .await
        .unwrap();
    assert_eq!(alike, (0, 0));
    let looks = listings::looks_at(tx, them.source, listing, at(-99_999))
        .await
        .unwrap();
    assert!(looks.is_empty());
    let missing = images::missing(tx, &[&url("https://img.example/2.jpg")])
        .await
        .unwrap();
    assert!(missing.iter().all(|image| image.listing != listing));
    let list = url("https://ads.example/list");
    assert_eq!(runs::get(tx, &[them.run.id]).await.unwrap(), []);
    assert_eq!(runs::unfinished(tx, Some(them.source)).await.unwrap(), []);
    assert!(!visits::any_remaining(tx, them.run.id).await.unwrap());
    assert_eq!(visits::outcomes(tx, them.run.id).await.unwrap(), []);
    assert_eq!(
        visits::list(tx, &Filter::default(), Some(them.run.id))
            .await
            .unwrap(),
        []
    );
    let every = Filter::default();
    let missed = visits::list_missed(tx, &every, Some(them.run.id)).await;
    assert_eq!(missed.unwrap(), []);
    assert_eq!(captures::get(tx, &[them.capture]).await.unwrap(), []);
    assert_eq!(pages::get(tx, them.source, &[&list]).await.unwrap(), []);
    assert_eq!(listings::get(tx, &[listing]).await.unwrap(), []);
    assert_eq!(
        listings::by_keys(tx, them.source, &["42"]).await.unwrap(),
        []
    );
    assert_eq!(listings::on_pages(tx, &[page]).await.unwrap(), []);
    let left = listings::leave_behind(tx, them.source, them.run.id).await;
    assert_eq!(left.unwrap(), []);
    let unlisted = listings::own_pages_of_unlisted(tx, them.source, them.rest.queued, at(0), 9);
    assert_eq!(unlisted.await.unwrap(), []);
    assert_eq!(listings::version(tx, listing, 1).await.unwrap(), None);
    assert_eq!(listings::history(tx, listing).await.unwrap(), []);
    assert_eq!(images::of_listings(tx, &[listing]).await.unwrap(), []);
    assert_eq!(images::get(tx, &[them.image.id]).await.unwrap(), []);
    assert!(
        !images::by_digests(tx, &[&them.image.digest])
            .await
            .unwrap()
            .contains(&them.image)
    );
    assert_eq!(observations::of_listings(tx, &[listing]).await.unwrap(), []);
    assert_eq!(
        observations::get(tx, &[them.observation.id]).await.unwrap(),
        []
    );
    let pair = (them.sighting.entry, them.sighting.listing);
    assert_eq!(verdicts::history(tx, &[pair]).await.unwrap(), []);
    assert!(verdicts::of_pairs(tx, &[pair]).await.unwrap().is_empty());
    assert!(verdicts::rejected(tx, &[pair]).await.unwrap().is_empty());
    let theirs = them.observation.selector_id;
    assert_eq!(furniture::list(tx, Some(them.source)).await.unwrap(), []);
    assert_eq!(furniture::listings(tx, them.source).await.unwrap(), 0);
    assert_eq!(
        furniture::shown_on(tx, them.source, theirs).await.unwrap(),
        0
    );
    assert_eq!(
        furniture::shown_on_at_least(tx, them.source, 1)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        furniture::newest_show(tx, them.source, &[theirs], &[Kind::Phone], 9)
            .await
            .unwrap(),
        []
    );
    assert_eq!(watchlists::get(tx, them.watchlist.id).await.unwrap(), None);
    assert_eq!(entries::get(tx, &[entry]).await.unwrap(), []);
    entries::hold(tx, &[entry]).await.unwrap();
    assert!(
        sightings::memory(tx, &[entry])
            .await
            .unwrap()
            .all
            .is_empty()
    );
    assert_eq!(sightings::get(tx, &[them.sighting.id]).await.unwrap(), []);
    assert_eq!(
        sightings::of_pairs(tx, &[(entry, listing)]).await.unwrap(),
        []
    );
    assert_eq!(sightings::on_pages(tx, &[page]).await.unwrap(), []);
    is_not_shown(tx, them).await;
    assert_eq!(images::missing_on_pages(tx, &[page]).await.unwrap(), []);
    assert_eq!(sightings::of_listings(tx, &[listing]).await.unwrap(), []);
    assert_eq!(alerts::get(tx, &[them.alert.id]).await.unwrap(), []);
    let changes = alert_life::of_alert(tx, them.alert.id).await;
    assert_eq!(changes.unwrap(), []);
    assert_eq!(
        alert_life::hold(tx, &[them.alert.id], &[]).await.unwrap(),
        []
    );
    let held = silences::held_by(tx, &[them.silence]).await.unwrap();
    assert!(held.is_empty(), "{held:?}");
    let kept = silences::kept_by(tx, &[them.silence]).await;
    assert_eq!(kept.unwrap(), []);
    assert_eq!(notices::get(tx, them.notice.id).await.unwrap(), None);
    let looks = runs::looks(tx, &[(them.source, at(-99_999))])
        .await
        .unwrap();
    assert_eq!(looks[&them.source], []);
    let outcomes = runs::last_outcomes(tx, them.source, 9).await;
    assert_eq!(outcomes.unwrap(), []);
    let kept = silences::kept_of(tx, them.alert.id).await;
    assert_eq!(kept.unwrap(), []);
    let gathered = silences::gathered(tx, &[them.alert.id]).await;
    assert_eq!(gathered.unwrap().len(), 0);
    let quiet = alert_life::quiet_since(tx, them.watchlist.id, at(99), None, 9).await;
    assert_eq!(quiet.unwrap(), []);
    let seen = alert_life::last_seen(tx, &[them.alert.id]).await;
    assert!(seen.unwrap().is_empty());
    let of_nobody = alerts::list_of(tx, &Filter::default(), Some("their analyst")).await;
    assert_eq!(of_nobody.unwrap(), []);
    let any = alerts::Overdue {
        told: Some(at(99)),
        held: Some(at(-99)),
        ..alerts::Overdue::default()
    };
    let told = alerts::overdue(tx, them.watchlist.id, &any, None, 9).await;
    assert_eq!(told.unwrap(), []);
    let concerned = readdressing::concerned(tx, them.watchlist.id, None, 9).await;
    assert_eq!(concerned.unwrap(), []);
    let seen = readdressing::sightings_in(tx, &[them.alert.id]).await;
    assert_eq!(seen.unwrap(), []);
    assert_eq!(alerts::unclosed_of(tx, &[entry]).await.unwrap(), []);
    let group = (them.watchlist.id, them.alert.group.clone());
    assert_eq!(alerts::unclosed_in(tx, &[group]).await.unwrap(), []);
    assert_eq!(alerts::told_in(tx, &[them.alert.id]).await.unwrap(), []);
    let worth = certainties::Certainties::of(tx, &[them.alert.id]).await;
    assert_eq!(worth.unwrap(), certainties::Certainties::default());
    assert_eq!(
        alerts::sightings_of(tx, them.alert.id, None).await.unwrap(),
        []
    );
    let judged = alerts::judged(tx, them.alert.id, None).await.unwrap();
    assert_eq!(judged, []);
    let before = sightings::before(tx, &[them.sighting.id]).await.unwrap();
    assert_eq!(before, []);
    assert_eq!(listings::away(tx, &[listing]).await.unwrap(), []);
    assert_eq!(deliveries::get(tx, them.delivery.id).await.unwrap(), None);
    assert_eq!(
        deliveries::of_alerts(tx, &[them.alert.id]).await.unwrap(),
        []
    );
    let of_theirs = Filter {
        watchlist: Some(them.watchlist.id),
        ..Filter::default()
    };
    assert_eq!(deliveries::list(tx, &of_theirs).await.unwrap(), []);
    let digest = captures::latest_by_digest(tx, &Digest(format!("{:064x}", them.capture.0)))
        .await
        .unwrap();
    assert_eq!(digest, None);
}

/// What analysts are shown.
async fn is_not_shown(tx: &mut Tx, them: &World) {
    use entries::table::{self, Wanted};
    let (entry, list) = (them.entry.id, them.watchlist.id);
    let wanted = Wanted::of(list, EntryState::Active, 9);
    assert_eq!(table::page(tx, &wanted).await.unwrap(), []);
    assert_eq!(table::whole(tx, list, None, 9).await.unwrap(), []);
    let count = table::count(tx, list, EntryState::Active, None, 9).await;
    assert_eq!(count.unwrap(), 0);
    let found = table::of_selector(tx, &them.entry.selector).await.unwrap();
    assert!(found.iter().all(|one| one.id != entry));
    let wanted = [&them.entry.selector].into();
    let counts = table::counts_of(tx, &wanted).await.unwrap();
    assert_eq!(counts.into_values().sum::<usize>(), found.len());
    let wanted = [&them.observation.selector].into();
    let known = seen::known_of(tx, &wanted).await.unwrap();
    let theirs = them.observation.selector_id;
    assert!(known.into_values().all(|id| id != theirs));
    assert_ne!(
        seen::known(tx, &them.observation.selector).await.unwrap(),
        Some(theirs)
    );
    let found = seen::observations(tx, theirs, None, 9).await.unwrap();
    assert_eq!(found, []);
    assert!(selectors::get(tx, &[theirs]).await.unwrap().is_empty());
    let latest = seen::of_selector(tx, theirs, 9).await.unwrap();
    assert_eq!(latest, seen::Latest::default());
    let latest = seen::of_entry(tx, entry, 9).await.unwrap();
    assert_eq!(latest, seen::Latest::default());
    assert_eq!(seen::sightings(tx, entry, None, 9).await.unwrap(), []);
    assert!(seen::by_day(tx, entry, at(-1)).await.unwrap().is_empty());
    let other = Selector::new(Kind::Email, "nobody@example.com");
    let company = seen::company(tx, &[them.listing.id], &other, 9).await;
    assert_eq!(company.unwrap(), []);
}

async fn each_list_has_one(tx: &mut Tx, us: &World) {
    let phone = from_ref(&us.observation.selector);
    let pending = Filter {
        state: Some("pending"),
        ..Filter::default()
    };
    assert_eq!(sources::all(tx).await.unwrap()[..].len(), 1);
    assert_eq!(
        sources::by_name(tx, "ads").await.unwrap().unwrap().id,
        us.source
    );
    assert_eq!(
        listings::list(tx, &Filter::default()).await.unwrap()[0].present,
        us.version
    );
    assert_eq!(
        observations::list(tx, &Filter::default()).await.unwrap(),
        from_ref(&us.observation)
    );
    let mut trail = observations::Trail::of(tx, phone).await.unwrap();
    assert_eq!(
        trail.follow(tx, 9).await.unwrap(),
        from_ref(&us.observation)
    );
    assert_eq!(
        images::by_digests(tx, &[&us.image.digest]).await.unwrap(),
        from_ref(&us.image)
    );
    assert_eq!(
        watchlists::by_name(tx, "missing").await.unwrap().as_ref(),
        Some(&us.watchlist)
    );
    assert_eq!(
        entries::list(tx, &Filter::default()).await.unwrap(),
        from_ref(&us.entry)
    );
    assert_eq!(
        sightings::list(tx, &Filter::default()).await.unwrap(),
        from_ref(&us.sighting)
    );
    assert_eq!(
        alerts::list(tx, &Filter::default()).await.unwrap(),
        from_ref(&us.alert)
    );
    assert_eq!(
        deliveries::list(tx, &pending).await.unwrap(),
        from_ref(&us.delivery)
    );
    assert_eq!(furniture::list(tx, None).await.unwrap().len(), 1);
    assert_eq!(silences::list(tx, 9).await.unwrap()[0].id, us.silence);
    assert_eq!(hosts::get(tx, &["ads.example:443"]).await.unwrap().len(), 1);
    assert!(
        health::sizes(tx)
            .await
            .unwrap()
            .iter()
            .all(|size| size.rows >= 1)
    );
}
