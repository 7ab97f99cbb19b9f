//! A small world: one row of every family, each referring to the others as a crawl would leave them.

use sightline_model::*;
use sightline_store::*;
use url::Url;

use crate::support::START;
pub use crate::{
    admitting::{Admitted, deed},
    noticing::notice,
    silencing::{of_entry, of_watchlist, silence},
};

/// What stands in it.
pub struct World {
    pub source: SourceId,
    pub run: Run,
    pub visit: VisitId,
    pub capture: CaptureId,
    pub page: PageId,
    pub listing: Listing,
    pub version: ListingVersion,
    pub image: Image,
    pub observation: Observation,
    pub watchlist: Watchlist,
    pub entry: Entry,
    pub sighting: Sighting,
    pub alert: Alert,
    pub delivery: Delivery,
    pub notice: Notice,
    pub silence: SilenceId,
    pub admitted: Admitted,
    pub rest: Rest,
}

/// What stands in other states: a run that waits, a delivery that is dead.
pub struct Rest {
    pub queued: RunId,
    pub dead: DeliveryId,
}

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

pub fn definition(name: &str) -> sources::Definition {
    sources::Definition {
        name: name.to_owned(),
        region: Some("GB".to_owned()),
        definition: serde_json::json!({ "start": ["https://ads.example/"] }),
        digest: "d1".to_owned(),
    }
}

pub fn run(source: SourceId, planned_at: Timestamp, mint: &Mint) -> Run {
    Run {
        id: mint.id(START),
        source,
        planned_at,
        started_at: Some(planned_at),
        finished_at: None,
        state: RunState::Running,
        outcome: None,
        counts: RunCounts::default(),
    }
}

pub fn new_visit(run: &Run, link: &str, due_at: Timestamp) -> NewVisit {
    NewVisit {
        run: run.id,
        source: run.source,
        kind: VisitKind::List,
        url: url(link),
        depth: 0,
        due_at,
        listing: None,
    }
}

/// A source with a run under way.
pub async fn running(tx: &mut Tx, name: &str, mint: &Mint) -> Run {
    let source = sources::register(tx, &definition(name), START, mint)
        .await
        .unwrap();
    let run = run(source, START, mint);
    assert!(runs::plan(tx, &run).await.unwrap());
    run
}

pub fn capture(id: CaptureId, run: &Run, visit: VisitId, link: &str) -> Capture {
    Capture {
        id,
        source: run.source,
        run: run.id,
        visit,
        url: url(link),
        status: 200,
        content_type: Some("text/html".to_owned()),
        length: 1_234,
        digest: Digest(format!("{:064x}", id.0)),
        peer: Some("203.0.113.5:443".to_owned()),
        fetched_at: START,
        took_ms: 12,
        evidence: Evidence {
            file: "20261123-1.warc.gz".to_owned(),
            offset: 7,
            length: 700,
            record: "urn:uuid:x".to_owned(),
        },
        revisit_of: None,
    }
}

pub fn page(id: PageId, source: SourceId, link: &str, capture: CaptureId) -> Page {
    Page {
        id,
        source,
        url: url(link),
        validators: Validators {
            etag: Some("\"a\"".to_owned()),
            last_modified: None,
        },
        digest: Digest("aa".to_owned()),
        capture,
        reader: "r1".to_owned(),
        links: vec![PageLink {
            kind: VisitKind::Detail,
            url: url("https://ads.example/1"),
        }],
        seen_at: START,
        lost_since: None,
        kind: None,
    }
}

pub fn listing(id: ListingId, run: &Run, key: &str) -> Listing {
    Listing {
        id,
        source: run.source,
        key: key.to_owned(),
        url: url(&format!("https://ads.example/{key}")),
        version: 1,
        digest: Digest("bb".to_owned()),
        first_seen: START,
        last_seen: START,
        seen_run: Some(run.id),
        removed_at: None,
    }
}

pub fn version(listing: ListingId, number: i64, capture: CaptureId, title: &str) -> ListingVersion {
    ListingVersion {
        listing,
        version: number,
        capture,
        title: title.to_owned(),
        body: "call +1 202 555 0123".to_owned(),
        fields: [("price".to_owned(), serde_json::json!({ "amount": "80" }))].into(),
        text: format!("{title} call +1 202 555 0123"),
        seen_at: START,
        reread: false,
    }
}

pub fn observation(
    id: ObservationId,
    listing: &Listing,
    selector_id: SelectorId,
    selector: Selector,
    capture: CaptureId,
) -> Observation {
    Observation {
        id,
        listing: listing.id,
        version: listing.version,
        selector_id,
        selector,
        capture,
        raw: "+1 202 555 0123".to_owned(),
        start: 5,
        end: 20,
        confidence: Confidence::Normalised,
        steps: vec!["region:US".to_owned().into()],
        first_seen: listing.first_seen,
        seen_at: listing.last_seen,
        current: true,
    }
}

/// That an observed selector is perhaps its source's own.
pub fn furniture_of(observation: &Observation, source: SourceId) -> Furniture {
    Furniture {
        source,
        selector_id: observation.selector_id,
        selector: observation.selector.clone(),
        state: FurnitureState::Suspected,
        shown_on: 1,
        listings: 1,
        sellers: 0,
        since: START,
        who: "sightline".to_owned(),
        why: "it stands on most listings".to_owned(),
    }
}

pub fn watchlist(name: &str, mint: &Mint) -> Watchlist {
    Watchlist {
        id: mint.id(START),
        name: name.to_owned(),
        defaults: serde_json::json!({}),
        rules: serde_json::json!({ "gap": "14d" }),
        created_at: START,
    }
}

pub fn entry(list: &Watchlist, value: &str, mint: &Mint) -> Entry {
    Entry {
        id: mint.id(START),
        watchlist: list.id,
        selector: Selector::new(Kind::Phone, value),
        way: sightline_model::Way::Exact,
        written: value.to_owned(),
        purpose: "to find a missing person".to_owned(),
        legal_basis: "consent of the family".to_owned(),
        owner: "R. Analyst".to_owned(),
        category: Category::Victim,
        review_at: Timestamp(START.0 + 1),
        expires_at: None,
        case_reference: Some("C-1".to_owned()),
        tlp: Tlp::AmberStrict,
        severity: Some(Severity::Grave),
        note: None,
        tags: Vec::new(),
        despite_warning: None,
        state: EntryState::Active,
        created_at: START,
    }
}

pub fn sighting(entry: &Entry, listing: &Listing, mint: &Mint) -> Sighting {
    Sighting {
        id: mint.id(START),
        entry: entry.id,
        watchlist: entry.watchlist,
        observation: None,
        listing: listing.id,
        source: listing.source,
        url: listing.url.clone(),
        reason: Reason::First,
        at: START,
        first_seen: listing.first_seen,
        last_seen: listing.last_seen,
        current: true,
        withheld: false,
        explanation: Explanation {
            raw: "+1 202 555 0123".to_owned(),
            before: "call ".to_owned(),
            after: String::new(),
            steps: vec!["label".into()],
            confidence: Confidence::Exact,
            capture: CaptureId(1),
            span: None,
            previous: None,
            warning: None,
            also: Vec::new(),
        },
        since: None,
        fate: None,
    }
}
pub fn alert(entry: &Entry, mint: &Mint) -> Alert {
    Alert {
        id: mint.id(START),
        watchlist: entry.watchlist,
        entry: entry.id,
        group: Group::Entry(entry.id),
        state: AlertState::Open,
        severity: Severity::Grave,
        reasons: vec![Reason::First],
        opened_at: START,
        news_at: START,
        updated_at: START,
        batch: 1,
        notify_at: Some(START),
        told_at: Some(START),
        escalated_at: None,
        acknowledged: None,
        closed: None,
        assigned: None,
    }
}

pub fn delivery(alert: &Alert, channel: &str, next_at: Timestamp, mint: &Mint) -> Delivery {
    Delivery {
        id: mint.id(START),
        topic: Topic::Alert(alert.id),
        batch: alert.batch,
        channel: channel.to_owned(),
        purpose: Purpose::News,
        waits: None,
        carrier: None,
        state: DeliveryState::Pending,
        attempts: 0,
        next_at,
        last_error: None,
        message: None,
        progress: None,
        created_at: START,
        delivered_at: None,
    }
}

/// One identifier of a sort.
pub async fn fresh<Id: Numbered>(tx: &mut Tx) -> Id {
    tx.reserve(1).await.unwrap().pop().unwrap()
}

impl World {
    /// Fills an organisation with one row of every family.
    pub async fn fill(tx: &mut Tx, mint: &Mint) -> Self {
        let run = running(tx, "ads", mint).await;
        let link = "https://ads.example/list";
        let visits = [new_visit(&run, link, START)];
        let visit = visits::add(tx, &visits).await.unwrap()[0].unwrap();
        let capture_id: CaptureId = fresh(tx).await;
        captures::insert(tx, &[capture(capture_id, &run, visit, link)])
            .await
            .unwrap();
        let page_id: PageId = fresh(tx).await;
        pages::upsert(tx, &[page(page_id, run.source, link, capture_id)])
            .await
            .unwrap();
        hosts::save(tx, "one", &[robots_host()]).await.unwrap();
        let listing = listing(fresh(tx).await, &run, "42");
        let version = version(listing.id, 1, capture_id, "Rose");
        listings::insert(tx, std::slice::from_ref(&listing))
            .await
            .unwrap();
        listings::add_versions(tx, std::slice::from_ref(&version))
            .await
            .unwrap();
        listings::set_on_pages(tx, &[(page_id, [listing.id].into())])
            .await
            .unwrap();
        let image = image(fresh(tx).await, capture_id);
        images::insert(tx, std::slice::from_ref(&image))
            .await
            .unwrap();
        let shown = url("https://img.example/1.jpg");
        let unseen = url("https://img.example/2.jpg");
        images::set_of_listings(tx, &[(listing.id, vec![shown.clone(), unseen])])
            .await
            .unwrap();
        images::link(tx, &[(listing.id, shown, image.id)])
            .await
            .unwrap();
        let selector = Selector::new(Kind::Phone, "+12025550123");
        let selector_id = selectors::intern(tx, std::slice::from_ref(&selector))
            .await
            .unwrap()[0];
        let observation = observation(fresh(tx).await, &listing, selector_id, selector, capture_id);
        observations::insert(tx, std::slice::from_ref(&observation))
            .await
            .unwrap();
        furniture::put(tx, &[furniture_of(&observation, run.source)])
            .await
            .unwrap();
        let watchlist = watchlist("missing", mint);
        watchlists::create(tx, &watchlist).await.unwrap();
        let entry = entry(&watchlist, "+12025550123", mint);
        entries::add(tx, std::slice::from_ref(&entry))
            .await
            .unwrap();
        let mut sighting = sighting(&entry, &listing, mint);
        sighting.observation = Some(observation.id);
        crate::judged::first(tx, &sighting).await;
        let alert = alert(&entry, mint);
        alerts::insert(tx, std::slice::from_ref(&alert))
            .await
            .unwrap();
        alerts::attach(tx, &[(alert.id, sighting.id, Some(1))])
            .await
            .unwrap();
        crate::judged::again(tx, &sighting).await;
        let delivery = delivery(&alert, "duty", START, mint);
        deliveries::insert(tx, std::slice::from_ref(&delivery))
            .await
            .unwrap();
        let silence = silence(of_watchlist(watchlist.id), mint);
        silences::add(tx, &silence).await.unwrap();
        let notice = notice(NoticeKind::SourceFailing, "ads", mint);
        notices::insert(tx, std::slice::from_ref(&notice))
            .await
            .unwrap();
        let kept = [(silence.id, alert.id)];
        silences::note(tx, &kept, START).await.unwrap();
        audit::append(tx, &deed()).await.unwrap();
        let said = AlertChange::commented(&alert, "Rang the desk.", "R. Analyst", START);
        alert_life::append(tx, &[said]).await.unwrap();
        let said = crate::judging::said_of(&sighting, Some(Verdict::Confirmed));
        verdicts::say(tx, &[said]).await.unwrap();
        entries::changes::append(tx, &[crate::matching::change_of(&entry)])
            .await
            .unwrap();
        source_texts::append(tx, run.source, &crate::operating::text(0))
            .await
            .unwrap();
        crate::keeping::fill(tx, &run, mint).await;
        let rest = Rest::fill(tx, &alert, run.source, run.id, mint).await;
        Self {
            source: run.source,
            run,
            visit,
            capture: capture_id,
            page: page_id,
            listing,
            version,
            image,
            observation,
            watchlist,
            entry,
            sighting,
            alert,
            delivery,
            notice,
            silence: silence.id,
            admitted: Admitted::fill(tx, mint).await,
            rest,
        }
    }
}

pub fn image(id: ImageId, capture: CaptureId) -> Image {
    Image {
        id,
        digest: Digest("cc".to_owned()),
        media_type: "image/jpeg".to_owned(),
        width: 640,
        height: 480,
        length: 9_000,
        capture,
        first_seen: START,
    }
}

fn robots_host() -> HostState {
    HostState {
        host: "ads.example:443".to_owned(),
        interval: std::time::Duration::from_secs(2),
        robots: Some(RobotsText {
            fetched_at: START,
            status: Some(200),
            failure: None,
            max_age: Some(std::time::Duration::from_secs(3_600)),
            body: "User-agent: *\nAllow: /\n".to_owned(),
        }),
        ..HostState::default()
    }
}

impl Rest {
    async fn fill(
        tx: &mut Tx,
        alert: &Alert,
        source: SourceId,
        running: RunId,
        mint: &Mint,
    ) -> Self {
        let mut queued = run(source, Timestamp(START.0 + 1), mint);
        queued.state = RunState::Queued;
        assert!(runs::plan(tx, &queued).await.unwrap());
        let mut visit = new_visit(&queued, "https://ads.example/ended", START);
        visit.run = running;
        let id = visits::add(tx, &[visit]).await.unwrap()[0].unwrap();
        let end = visits::VisitEnd {
            id,
            outcome: Outcome::Gone,
            detail: None,
            status: Some(404),
            capture: None,
            at: START,
        };
        visits::finish(tx, &[end]).await.unwrap();
        let dead = delivery(alert, "broken", START, mint);
        deliveries::insert(tx, std::slice::from_ref(&dead))
            .await
            .unwrap();
        let (gone, error) = ("410 Gone", "410 Gone".to_owned());
        deliveries::finish(tx, dead.id, &deliveries::DeliveryEnd::Dead { error }, START)
            .await
            .unwrap();
        endpoints::disable(tx, "broken", gone, START).await.unwrap();
        let told = [(alert.entry, mint.id(START), START)];
        entries::told::note(tx, &told, START).await.unwrap();
        Self {
            queued: queued.id,
            dead: dead.id,
        }
    }
}
