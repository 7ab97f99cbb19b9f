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
    let ads = rows::ads(count);
    let mut harvests: Vec<Harvest> = ads
        .chunks(batch.max(1))
        .map(|ads| Harvest::of(ads, &planned, now))
        .collect();

    let begun = Instant::now();
    for harvest in &mut harvests {
        let mut tx = store.write(organisation).await?;
        take_in(&mut tx, harvest).await?;
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

/// What the crawler and the extractors hand over for one commit.
#[derive(Default)]
struct Harvest {
    captures: Vec<Capture>,
    listings: Vec<Listing>,
    versions: Vec<ListingVersion>,
    selectors: Vec<Selector>,
    /// One for each of `selectors`; what the store numbers is numbered when it is taken in.
    observations: Vec<Observation>,
}

impl Harvest {
    fn of(ads: &[Ad], planned: &[Run], now: Timestamp) -> Self {
        let mut harvest = Self::default();
        for ad in ads {
            harvest.add(ad, &planned[ad.source], now);
        }
        harvest
    }

    fn add(&mut self, ad: &Ad, run: &Run, now: Timestamp) {
        let url = Url::parse(&ad.url).expect("the generator writes URLs");
        let (capture, listing) = (CaptureId(ad.number), ListingId(ad.number));
        let digest = Digest(ad.digest.clone());
        self.captures.push(Capture {
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
        });
        self.listings.push(Listing {
            id: listing,
            source: run.source,
            key: ad.url.clone(),
            url,
            version: 1,
            digest,
            first_seen: now,
            last_seen: now,
            seen_run: Some(run.id),
            removed_at: None,
        });
        self.versions.push(ListingVersion {
            listing,
            version: 1,
            capture,
            title: ad.title.clone(),
            body: ad.body.clone(),
            fields: Default::default(),
            text: ad.body.clone(),
            seen_at: now,
            reread: false,
        });
        for (kind, value) in &ad.selectors {
            let kind = kind.parse().expect("the generator writes kinds");
            let selector = Selector::new(kind, value);
            self.observations.push(Observation {
                id: ObservationId(0),
                listing,
                version: 1,
                selector_id: SelectorId(0),
                selector: selector.clone(),
                capture,
                raw: value.clone(),
                start: 5,
                end: 20,
                confidence: Confidence::Normalised,
                steps: vec!["region:US".into()],
                first_seen: now,
                seen_at: now,
                current: true,
            });
            self.selectors.push(selector);
        }
    }
}

/// One commit's worth, as the pipeline's writer stores it.
async fn take_in(tx: &mut Tx, harvest: &mut Harvest) -> Result<(), Box<dyn Error>> {
    captures::insert(tx, &harvest.captures).await?;
    listings::insert(tx, &harvest.listings).await?;
    listings::add_versions(tx, &harvest.versions).await?;
    let interned = selectors::intern(tx, &harvest.selectors).await?;
    let ids: Vec<ObservationId> = tx.reserve(interned.len()).await?;
    for ((observation, selector), id) in harvest.observations.iter_mut().zip(interned).zip(ids) {
        (observation.selector_id, observation.id) = (selector, id);
    }
    observations::insert(tx, &harvest.observations).await?;
    Ok(())
}
