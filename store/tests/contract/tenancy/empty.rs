//! What an organisation that has nothing is shown: nothing, whatever another has.

use std::time::Duration;

use sightline_model::*;
use sightline_store::*;

use crate::support::{START, at};

/// Asks for every list there is.
pub(super) async fn nothing_is_listed(tx: &mut Tx) {
    let link = reset_links::by_digest(tx, "reset", START).await;
    assert_eq!(link.unwrap(), None);
    assert!(!attempts::is_known(tx, "place", START).await.unwrap());
    let subjects = ["address".to_owned()];
    let failures = attempts::of_subjects(tx, &subjects, START).await;
    assert_eq!(failures.unwrap(), []);
    assert_eq!(sources::all(tx).await.unwrap(), []);
    for last in [None, Some(uuid::Uuid::max())] {
        let standing = holds::list(tx, holds::Which::All, last.map(HoldId), 9).await;
        assert_eq!(standing.unwrap(), []);
        let purged = purges::list(tx, last.map(ReceiptId), 9).await;
        assert_eq!(purged.unwrap(), []);
        let erased = erasures::list(tx, last.map(ErasureId), 9).await;
        assert_eq!(erased.unwrap(), []);
    }
    let lists = erasures::lists(tx, CaptureId(0), 9).await;
    assert_eq!(lists.unwrap(), []);
    assert!(!erasures::any_suppressed(tx).await.unwrap());
    assert_eq!(rewritings::unfinished(tx).await.unwrap(), []);
    assert_eq!(rewritings::pending(tx).await.unwrap(), Vec::<String>::new());
    let moves = rewritings::moves(tx, &["20261123-1.warc.gz"]).await;
    assert_eq!(moves.unwrap(), []);
    assert_eq!(holds::first_deed(tx).await.unwrap(), None);
    let file = rewritings::captures_in(tx, "20261123-1.warc.gz").await;
    assert_eq!(file.unwrap(), []);
    assert_eq!(sources::by_name(tx, "ads").await.unwrap(), None);
    assert_eq!(runs::list(tx, &Filter::default()).await.unwrap(), []);
    assert_eq!(runs::unfinished(tx, None).await.unwrap(), []);
    assert_eq!(
        visits::list(tx, &Filter::default(), None).await.unwrap(),
        []
    );
    let missed = visits::list_missed(tx, &Filter::default(), None).await;
    assert_eq!(missed.unwrap(), []);
    assert_eq!(captures::list(tx, &Filter::default()).await.unwrap(), []);
    assert_eq!(listings::list(tx, &Filter::default()).await.unwrap(), []);
    assert_eq!(
        observations::list(tx, &Filter::default()).await.unwrap(),
        []
    );
    assert_eq!(watchlists::all(tx).await.unwrap(), []);
    assert_eq!(watchlists::by_name(tx, "missing").await.unwrap(), None);
    assert_eq!(entries::list(tx, &Filter::default()).await.unwrap(), []);
    let all = entries::ChangeMark::FIRST;
    assert_eq!(entries::changed(tx, START, all, 9).await.unwrap(), []);
    assert_eq!(entries::not_yet_hunted(tx, START, 9).await.unwrap(), []);
    let later = sightline_model::Timestamp(i64::MAX);
    assert_eq!(
        entries::owners_due(tx, START, later).await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(
        entries::due_for_review(tx, START, later, 9).await.unwrap(),
        []
    );
    let before = sightline_model::Timestamp(i64::MIN);
    let ends = entries::ending::between(tx, before, later, 9)
        .await
        .unwrap();
    assert_eq!(ends, []);
    assert_eq!(entries::ending::run_out(tx, later).await.unwrap(), []);
    assert_eq!(generation::present(tx).await.unwrap(), 0);
    for stored in totals::Stored::ALL {
        assert_eq!(totals::of(tx, stored, 9).await.unwrap(), 0, "{stored:?}");
    }
    assert_eq!(deliveries::failing(tx).await.unwrap(), []);
    assert_eq!(sightings::list(tx, &Filter::default()).await.unwrap(), []);
    assert_eq!(alerts::list(tx, &Filter::default()).await.unwrap(), []);
    assert_eq!(silences::list(tx, 9).await.unwrap(), []);
    assert_eq!(notices::open(tx).await.unwrap(), []);
    let listed = notices::list(tx, &Filter::default(), false).await;
    assert_eq!(listed.unwrap(), []);
    assert_eq!(notices::reviewed_until(tx).await.unwrap(), None);
    assert_eq!(
        deliveries::count_in(tx, DeliveryState::Dead).await.unwrap(),
        []
    );
    let waiting = ahead::waiting(tx, Duration::ZERO, at(-99_999)).await;
    assert_eq!(waiting.unwrap(), 0);
    assert_eq!(deliveries::dead(tx).await.unwrap(), []);
    assert_eq!(deliveries::unsent(tx, at(99)).await.unwrap(), []);
    assert_eq!(alert_life::unread(tx, at(99)).await.unwrap(), 0);
    assert_eq!(silences::in_force(tx, START).await.unwrap(), []);
    assert_eq!(deliveries::list(tx, &Filter::default()).await.unwrap(), []);
    assert_eq!(deliveries::next_due(tx).await.unwrap(), None);
    assert_eq!(endpoints::all(tx).await.unwrap(), []);
    assert_eq!(endpoints::get(tx, "duty").await.unwrap(), None);
    assert_eq!(audit::list(tx, &Filter::default()).await.unwrap(), []);
    let subjects = [crate::admitting::deed().subject];
    assert_eq!(audit::of_subjects(tx, &subjects).await.unwrap(), []);
    for id in 0..9 {
        assert_eq!(audit::get(tx, id).await.unwrap(), None);
    }
    let report = audit::verify(tx, &[]).await.unwrap();
    assert_eq!((report.size, report.fault), (0, None));
    assert_eq!(accounts::all(tx).await.unwrap(), []);
    assert!(!accounts::any(tx).await.unwrap());
    let theirs = sessions::by_digest(tx, "session").await.unwrap();
    assert!(theirs.is_none());
    let theirs = tokens::by_digest(tx, "token", START).await.unwrap();
    assert!(theirs.is_none());
    let theirs = invitations::by_digest(tx, "invitation", START).await;
    assert_eq!(theirs.unwrap(), None);
    let failures = attempts::failures(tx, "address", START).await;
    assert_eq!(failures.unwrap().count, 0);
    let wanted = inbox::Wanted {
        limit: 9,
        ..inbox::Wanted::default()
    };
    assert_eq!(inbox::page(tx, &wanted).await.unwrap(), []);
    let come = inbox::Wanted {
        come_since: Some(at(-1)),
        ..wanted
    };
    assert_eq!(inbox::page(tx, &come).await.unwrap(), []);
    assert_eq!(alert_life::latest(tx, 9).await.unwrap(), [0; 0]);
    assert_eq!(furniture::list(tx, None).await.unwrap(), []);
    assert_eq!(hosts::get(tx, &["ads.example:443"]).await.unwrap(), []);
    assert_eq!(data_folder::get(tx).await.unwrap(), None);
    let phone = Selector::new(Kind::Phone, "+12025550123");
    let trail = observations::Trail::of(tx, &[phone]).await.unwrap();
    assert!(trail.is_at_its_end());
    let ending = ["0123".to_owned()];
    let numbers = selectors::ending_in(tx, Kind::Phone, &ending)
        .await
        .unwrap();
    assert_eq!(numbers, []);
    assert!(
        health::sizes(tx)
            .await
            .unwrap()
            .iter()
            .all(|size| size.rows == 0)
    );
}
