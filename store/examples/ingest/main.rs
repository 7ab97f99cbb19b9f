//! How fast the store takes in what a crawl finds: `ingest DIR [ADS] [ADS PER COMMIT]`.
//!
//! Its peer in `scripts/bench/ingest` stores the same rows in the same schema by rusqlite; `scripts/bench/ingest/run`
//! runs both in turn and prints the ratio. Both commit with synchronous=FULL.

mod rows;

use std::{error::Error, path::PathBuf, time::Instant};

use rows::{Ad, SOURCES};
use sightline_model::*;
use sightline_store::{
    Store, StoreSettings, Tx, captures, listings, observations, runs, selectors, sources,
};
use url::Url;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder: PathBuf = arguments
        .next()
        .ok_or("usage: ingest DIR [ADS] [ADS PER COMMIT]")?
        .into();
    let mut number = |default| {
        arguments
            .next()
            .map_or(Ok(default), |text| text.parse::<usize>())
    };
    let (count, batch) = (number(50_000)?, number(500)?);
    let path = folder.join("store.db");
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
    let settings = StoreSettings {
        url: format!("sqlite:{}", path.display()),
        ..StoreSettings::default()
    };
    let store = Store::open(&settings, None).await?;
    let (now, mint) = (Timestamp(1_795_428_000_000), Mint::seeded(1));
    let organisation = store.organisation("bench", now, &mint).await?;
    let mut tx = store.write(organisation).await?;
    let mut planned = Vec::new();
    for nth in 0..SOURCES {
        planned.push(plan(&mut tx, nth, now, &mint).await?);
    }
    tx.commit().await?;
    let finds: Vec<Found> = rows::ads(count)
        .into_iter()
        .map(|ad| Found::of(ad, &planned, now))
        .collect();

    let begun = Instant::now();
    for finds in finds.chunks(batch.max(1)) {
        let mut tx = store.write(organisation).await?;
        take_in(&mut tx, finds).await?;
        tx.commit().await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    store.close().await;
    println!("{:.0}", count as f64 / seconds);
    Ok(())
}

async fn plan(tx: &mut Tx, nth: usize, now: Timestamp, mint: &Mint) -> Result<Run, Box<dyn Error>> {
    let definition = sources::Definition {
        name: format!("site{nth}"),
        region: None,
        definition: serde_json::Value::Null,
        digest: String::new(),
    };
    let run = Run {
        id: mint.id(now),
        source: sources::register(tx, &definition, now, mint).await?,
        planned_at: now,
        started_at: Some(now),
        finished_at: None,
        state: RunState::Running,
        outcome: None,
        counts: RunCounts::default(),
    };
    runs::plan(tx, &run).await?;
    Ok(run)
}

/// What the crawler and the extractors hand over for one page.
struct Found {
    capture: Capture,
    listing: Listing,
    version: ListingVersion,
    selectors: Vec<Selector>,
}

impl Found {
    fn of(ad: Ad, planned: &[Run], now: Timestamp) -> Self {
        let run = &planned[ad.source];
        let url = Url::parse(&ad.url).expect("the generator writes URLs");
        let (capture, listing) = (CaptureId(ad.number), ListingId(ad.number));
        let digest = Digest(ad.digest);
        Self {
            capture: Capture {
                id: capture,
                source: run.source,
                run: run.id,
                visit: VisitId(ad.number),
                url: url.clone(),
                status: 200,
                content_type: Some("text/html".to_owned()),
                length: 30_000,
                digest: digest.clone(),
                peer: Some("203.0.113.5:443".to_owned()),
                fetched_at: now,
                took_ms: 12,
                evidence: Evidence {
                    file: "20261123-1.warc.gz".to_owned(),
                    offset: ad.number * 9_000,
                    length: 9_000,
                    record: format!("urn:uuid:{:032}", ad.number),
                },
                revisit_of: None,
            },
            listing: Listing {
                id: listing,
                source: run.source,
                key: ad.url,
                url,
                page: PageId(ad.number),
                version: 1,
                digest,
                first_seen: now,
                last_seen: now,
                removed_at: None,
            },
            version: ListingVersion {
                listing,
                version: 1,
                capture,
                title: ad.title,
                text: ad.body.clone(),
                body: ad.body,
                fields: Default::default(),
                seen_at: now,
            },
            selectors: ad
                .selectors
                .into_iter()
                .filter_map(|(kind, value)| Some(Selector::new(kind.parse().ok()?, value)))
                .collect(),
        }
    }
}

/// One commit's worth, as the pipeline's writer stores it.
async fn take_in(tx: &mut Tx, finds: &[Found]) -> Result<(), Box<dyn Error>> {
    let captured: Vec<Capture> = finds.iter().map(|found| found.capture.clone()).collect();
    captures::insert(tx, &captured).await?;
    let listed: Vec<Listing> = finds.iter().map(|found| found.listing.clone()).collect();
    listings::insert(tx, &listed).await?;
    let said: Vec<ListingVersion> = finds.iter().map(|found| found.version.clone()).collect();
    listings::add_versions(tx, &said).await?;
    let seen: Vec<(&Found, &Selector)> = finds
        .iter()
        .flat_map(|found| {
            found
                .selectors
                .iter()
                .map(move |selector| (found, selector))
        })
        .collect();
    let wanted: Vec<Selector> = seen
        .iter()
        .map(|(_, selector)| (*selector).clone())
        .collect();
    let interned = selectors::intern(tx, &wanted).await?;
    let ids: Vec<ObservationId> = tx.reserve(seen.len()).await?;
    let observed: Vec<Observation> = ids
        .into_iter()
        .zip(interned)
        .zip(seen)
        .map(|((id, selector_id), (found, selector))| Observation {
            id,
            listing: found.listing.id,
            version: 1,
            selector_id,
            selector: selector.clone(),
            capture: found.capture.id,
            raw: selector.value.clone(),
            start: 5,
            end: 20,
            confidence: Confidence::Normalised,
            steps: vec!["region:US".into()],
            first_seen: found.listing.first_seen,
            seen_at: found.listing.last_seen,
            current: true,
        })
        .collect();
    observations::insert(tx, &observed).await?;
    Ok(())
}
