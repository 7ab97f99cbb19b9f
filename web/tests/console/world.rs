//! What a crawl leaves behind: an ad with a number in disguise, an entry that it matches, and an alert of it.

use std::time::Duration;

use sightline_model::*;
use sightline_store::{
    Tx, alerts, captures, entries, listings, observations, runs, selectors, sightings, sources,
    visits, watchlists,
};
use url::Url;

use crate::support::{COMPANION, RAW};

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// What whoever wrote the ad wrote: it would act on a page that did not escape it.
#[derive(Clone, Copy)]
pub struct Words<'w> {
    pub title: &'w str,
    /// Before the number, the number in disguise, and after it.
    pub before: &'w str,
    pub raw: &'w str,
    pub after: &'w str,
}

/// What ads say where a story has no words of its own.
pub const WORDS: Words<'static> = Words {
    title: "<img src=x onerror=alert(1)> Lily",
    before: "New in town <script>alert(1)</script> call ",
    raw: RAW,
    after: " any time",
};

/// What the ad says: a number in disguise, and an address beside it.
fn said(
    listing: &Listing,
    capture: CaptureId,
    now: Timestamp,
    words: &Words<'_>,
) -> ListingVersion {
    let Words {
        title,
        before,
        raw,
        after,
    } = words;
    ListingVersion {
        listing: listing.id,
        version: 1,
        capture,
        title: format!("{title} {}", listing.id),
        body: String::new(),
        fields: Default::default(),
        text: format!("{before}{raw}{after}, {COMPANION}"),
        seen_at: now,
        reread: false,
    }
}

/// Stores what a listing says, and what was observed in it: `selector`, and [`COMPANION`].
async fn observe(
    tx: &mut Tx,
    listing: &Listing,
    capture: CaptureId,
    selector: &Selector,
    now: Timestamp,
    words: &Words<'_>,
) {
    let version = said(listing, capture, now, words);
    listings::add_versions(tx, std::slice::from_ref(&version))
        .await
        .unwrap();
    let seen = [
        (selector.clone(), words.raw),
        (Selector::new(Kind::Email, COMPANION), COMPANION),
    ];
    let mut found = Vec::new();
    for (selector, raw) in seen {
        let start = version.text.find(raw).unwrap() as i64;
        found.push(Observation {
            id: tx.reserve(1).await.unwrap()[0],
            listing: listing.id,
            version: 1,
            selector_id: selectors::intern(tx, std::slice::from_ref(&selector))
                .await
                .unwrap()[0],
            selector,
            capture,
            raw: raw.to_owned(),
            start,
            end: start + raw.len() as i64,
            confidence: Confidence::Inferred,
            steps: vec!["label".into()],
            first_seen: now,
            seen_at: now,
            current: true,
        });
    }
    observations::insert(tx, &found).await.unwrap();
}

/// Raises an alert: an entry that reappeared after 41 days, in an ad of these words.
pub async fn raise(
    tx: &mut Tx,
    mint: &Mint,
    severity: Severity,
    now: Timestamp,
    words: &Words<'_>,
) -> Alert {
    let definition = sources::Definition {
        name: "harbourads".to_owned(),
        region: Some("US".to_owned()),
        definition: serde_json::json!({}),
        digest: "d".to_owned(),
    };
    let source = sources::register(tx, &definition, now, mint).await.unwrap();
    let listing_id: ListingId = tx.reserve(1).await.unwrap()[0];
    let run = Run {
        id: mint.id(now),
        source,
        // A run for each, or the source would have one that was planned already.
        planned_at: Timestamp(now.0 + listing_id.0),
        started_at: Some(now),
        finished_at: None,
        state: RunState::Running,
        outcome: None,
        counts: RunCounts::default(),
    };
    assert!(runs::plan(tx, &run).await.unwrap());
    let key = mint.id::<EntryId>(now).to_string();
    let link = url(&format!("https://ads.example/{key}"));
    let visit = NewVisit {
        run: run.id,
        source,
        kind: VisitKind::Detail,
        url: link.clone(),
        depth: 0,
        due_at: now,
        listing: None,
    };
    let visit = visits::add(tx, &[visit]).await.unwrap()[0].unwrap();
    let capture = Capture {
        id: tx.reserve(1).await.unwrap()[0],
        source,
        run: run.id,
        visit,
        url: link.clone(),
        status: 200,
        content_type: None,
        length: 1,
        digest: Digest("00".to_owned()),
        peer: None,
        fetched_at: now,
        took_ms: 1,
        evidence: Evidence {
            file: "1.warc.gz".to_owned(),
            offset: 0,
            length: 1,
            record: "urn:uuid:x".to_owned(),
        },
        revisit_of: None,
    };
    captures::insert(tx, std::slice::from_ref(&capture))
        .await
        .unwrap();
    let listing = Listing {
        id: listing_id,
        source,
        key,
        url: link.clone(),
        version: 1,
        digest: Digest("bb".to_owned()),
        first_seen: now,
        last_seen: now,
        seen_run: None,
        removed_at: None,
    };
    listings::insert(tx, std::slice::from_ref(&listing))
        .await
        .unwrap();
    let value = format!("+1202555{:04}", 100 + listing.id.0);
    observe(
        tx,
        &listing,
        capture.id,
        &Selector::new(Kind::Phone, &value),
        now,
        words,
    )
    .await;
    let list = watchlists::by_name(tx, "Operation Lotus").await.unwrap();
    let list = match list {
        Some(list) => list,
        None => {
            let list = Watchlist {
                id: mint.id(now),
                name: "Operation Lotus".to_owned(),
                defaults: serde_json::json!({}),
                rules: serde_json::json!({}),
                created_at: now,
            };
            watchlists::create(tx, &list).await.unwrap();
            list
        }
    };
    let entry = Entry {
        id: mint.id(now),
        watchlist: list.id,
        selector: Selector::new(Kind::Phone, &value),
        way: Way::Exact,
        written: value.clone(),
        purpose: "to find a missing person".to_owned(),
        legal_basis: "consent of the family".to_owned(),
        owner: "R. Analyst".to_owned(),
        category: Category::Victim,
        review_at: now + Duration::from_secs(9_999_999),
        expires_at: None,
        case_reference: Some("24-117".to_owned()),
        tlp: Tlp::AmberStrict,
        severity: Some(severity),
        note: None,
        tags: Vec::new(),
        despite_warning: None,
        state: EntryState::Active,
        created_at: now,
    };
    entries::add(tx, std::slice::from_ref(&entry))
        .await
        .unwrap();
    let sighting = Sighting {
        id: mint.id(now),
        entry: entry.id,
        watchlist: list.id,
        observation: None,
        listing: listing.id,
        source,
        url: link,
        reason: Reason::Reappeared,
        at: now,
        first_seen: now,
        last_seen: now,
        current: true,
        withheld: false,
        explanation: Explanation {
            raw: words.raw.to_owned(),
            before: words.before.to_owned(),
            after: words.after.to_owned(),
            steps: vec!["label".into()],
            confidence: Confidence::Inferred,
            capture: capture.id,
            span: None,
            previous: Some(Previous {
                at: now - Duration::from_secs(41 * 86_400),
                source,
                listing: listing.id,
            }),
            warning: None,
            also: Vec::new(),
        },
        since: None,
        fate: None,
    };
    sightings::insert(tx, std::slice::from_ref(&sighting))
        .await
        .unwrap();
    let alert = Alert {
        id: mint.id(now),
        watchlist: list.id,
        entry: entry.id,
        group: Group::Entry(entry.id),
        state: AlertState::Open,
        severity,
        reasons: vec![Reason::Reappeared],
        opened_at: now,
        news_at: now,
        updated_at: now,
        batch: 1,
        notify_at: None,
        told_at: None,
        escalated_at: None,
        acknowledged: None,
        closed: None,
        assigned: None,
    };
    alerts::insert(tx, std::slice::from_ref(&alert))
        .await
        .unwrap();
    alerts::attach(tx, &[(alert.id, sighting.id, Some(1))])
        .await
        .unwrap();
    alert
}
