//! How long a hunt takes in a store of ten million observations.
//!
//! `hunting fill URL [LISTINGS]` makes the store, ten observations for each listing; `hunting measure URL ROUNDS SEED
//! [LISTINGS]` adds entries and looks for them, and prints the medians. A PostgreSQL password is read from SIGHTLINE_BENCH_PASSWORD.
//! `scripts/bench/hunt` runs all of it on both engines.

mod fill;

use std::{
    collections::BTreeMap,
    error::Error,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use secrecy::SecretString;
use sightline_alerts::{render::Templates, rules::Rules};
use sightline_crawler::{
    archive::{Archive, ArchiveSettings},
    settings::FetchSettings,
    visit::Crawler,
};
use sightline_egress::{Egress, EgressSettings, install_crypto};
use sightline_model::*;
use sightline_pipeline::{
    backtest::{Ask, backtest},
    hunt::{Hunted, hunt_new},
    instance::{Instance, Parts},
    notices::NoticeSettings,
    settings::WorkSettings,
};
use sightline_store::{Store, StoreSettings, entries, watchlists};
use sightline_watchlists::{EntryDefaults, EntryDraft, Terms, WarningLists, Watched, entry};

type Done<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (url, listings) = match words[..] {
        ["fill", url] => (url, Some(1_000_000)),
        ["fill", url, listings] => (url, Some(listings.parse()?)),
        ["measure", url, ..] => (url, None),
        _ => {
            return Err(
                "usage: hunting fill URL [LISTINGS] | measure URL [ROUNDS] [SEED] [LISTINGS]"
                    .into(),
            );
        }
    };
    let settings = StoreSettings {
        url: url.to_owned(),
        ..StoreSettings::default()
    };
    let password = std::env::var("SIGHTLINE_BENCH_PASSWORD").ok();
    let store = Store::open(&settings, password.map(SecretString::from).as_ref()).await?;
    let number = |place: usize, default: u64| {
        let text = words.get(place).copied();
        text.map_or(Ok(default), str::parse::<u64>)
    };
    match listings {
        Some(listings) => {
            let mint = Mint::seeded(1);
            let organisation = store.organisation("bench", fill::NOW, &mint).await?;
            fill::fill(&store, organisation, listings, &mint).await?;
        }
        None => measure(&store, number(2, 9)?, number(3, 1)?, number(4, 1_000_000)?).await?,
    }
    store.close().await;
    Ok(())
}

/// What is measured with.
struct Bench {
    instance: Arc<Instance>,
    store: Store,
    organisation: OrganisationId,
    list: Watchlist,
    mint: Arc<Mint>,
}

async fn measure(store: &Store, rounds: u64, seed: u64, listings: u64) -> Done<()> {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(store, folder.path(), seed).await?;
    // A seller is looked for once: what was found before is found more quickly.
    let there = (listings as usize / fill::OF_A_SELLER).max(1);
    let mut seller = (seed as usize).wrapping_mul(104_729) % there;
    let mut sellers = |count: usize| -> Vec<(&'static str, String)> {
        (0..count)
            .map(|_| {
                seller = (seller + 7_919) % there;
                ("email", fill::email(seller).value)
            })
            .collect()
    };
    bench.hunts("1 entry", rounds, |_| sellers(1)).await?;
    bench
        .hunts("1,000 entries", rounds.min(5), |_| sellers(1_000))
        .await?;
    let popular = |nth: u64| {
        let value = fill::shown_popular((seed * 31 + nth * 5) as usize).value;
        vec![("handle", value)]
    };
    bench.hunts("1 popular entry", rounds, popular).await?;
    bench.backtests("1 entry", rounds, |_| sellers(1)).await?;
    bench.backtests("1 popular entry", rounds, popular).await?;
    let hotline = |_| {
        let source = seed as usize % fill::SOURCES;
        vec![("email", fill::hotline(source).value)]
    };
    bench.backtests("1 hotline", 1, hotline).await?;
    bench.hunts("1 hotline", 1, hotline).await?;
    Ok(())
}

impl Bench {
    async fn open(store: &Store, folder: &Path, seed: u64) -> Done<Self> {
        install_crypto();
        let mint = Arc::new(Mint::seeded(seed));
        let organisation = store.organisation("bench", fill::NOW, &mint).await?;
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(fill::NOW));
        let egress = Egress::new(&EgressSettings::default())?;
        let fetch = FetchSettings {
            contact: "crawling@example.org".to_owned(),
            ..FetchSettings::default()
        };
        let archive = Archive::open(
            folder.join("archive"),
            ArchiveSettings::default(),
            Arc::clone(&mint),
        )?;
        let instance = Instance::open(Parts {
            store: store.clone(),
            organisation,
            clock: Arc::clone(&clock),
            mint: Arc::clone(&mint),
            archive,
            retention: Default::default(),
            crawler: Crawler::new(egress, fetch, clock, Arc::clone(&mint)),
            channels: BTreeMap::new(),
            unusable_channels: BTreeMap::new(),
            templates: Templates::embedded()?,
            public_url: None,
            notices: NoticeSettings::default(),
            warnings: WarningLists::default(),
            work: WorkSettings::default(),
            workers: folder.join("workers"),
            place: "here".to_owned(),
        })
        .await?;
        let list = Watchlist {
            id: mint.id(fill::NOW),
            name: format!("bench {seed}"),
            defaults: serde_json::Value::Null,
            rules: serde_json::json!({}),
            created_at: fill::NOW,
        };
        let mut tx = store.write(organisation).await?;
        watchlists::create(&mut tx, &list).await?;
        tx.commit().await?;
        Ok(Self {
            instance,
            store: store.clone(),
            organisation,
            list,
            mint,
        })
    }

    /// Adds entries and hunts for them, round by round; prints what the median took, and the longest.
    async fn hunts(
        &self,
        what: &str,
        rounds: u64,
        mut wanted: impl FnMut(u64) -> Vec<(&'static str, String)>,
    ) -> Done<()> {
        let mut took = Vec::new();
        let mut hunted = Hunted::default();
        for round in 0..rounds {
            self.add(wanted(round)).await?;
            let begun = Instant::now();
            hunted = hunt_new(&self.instance).await?;
            took.push(begun.elapsed());
        }
        report(&format!("hunt, {what}"), &mut took, hunted.matches);
        Ok(())
    }

    /// Backtests entries that are not saved, over all that is stored.
    async fn backtests(
        &self,
        what: &str,
        rounds: u64,
        mut wanted: impl FnMut(u64) -> Vec<(&'static str, String)>,
    ) -> Done<()> {
        let (mut took, mut listings) = (Vec::new(), 0);
        let rules = Rules::default();
        for round in 0..rounds {
            let made = self.made(wanted(round))?;
            let entries: Vec<_> = made.iter().map(|one| (Watched::from(one), None)).collect();
            let begun = Instant::now();
            let ask = Ask {
                entries: &entries,
                rules: &rules,
                warnings: &WarningLists::default(),
                days: 90,
                now: fill::NOW,
            };
            let tests = backtest(&self.store, self.organisation, ask).await?;
            took.push(begun.elapsed());
            listings = tests.iter().map(|test| test.ever).sum();
        }
        report(&format!("backtest, {what}"), &mut took, listings);
        Ok(())
    }

    async fn add(&self, wanted: Vec<(&'static str, String)>) -> Done<()> {
        let made = self.made(wanted)?;
        let mut tx = self.store.write(self.organisation).await?;
        entries::add(&mut tx, &made).await?;
        Ok(tx.commit().await?)
    }

    fn made(&self, wanted: Vec<(&'static str, String)>) -> Done<Vec<Entry>> {
        let defaults = EntryDefaults {
            purpose: Some("bench".to_owned()),
            legal_basis: Some("bench".to_owned()),
            owner: Some("bench".to_owned()),
            ..EntryDefaults::default()
        };
        let terms = Terms {
            watchlist: self.list.id,
            defaults: &defaults,
            region: None,
            now: fill::NOW,
            mint: &self.mint,
        };
        let made: Result<Vec<Entry>, _> = wanted
            .into_iter()
            .map(|(kind, value)| {
                let draft = EntryDraft {
                    kind: Some(kind.to_owned()),
                    value: Some(value),
                    category: Some("other".to_owned()),
                    review_at: Some("2027-05-01".to_owned()),
                    ..EntryDraft::default()
                };
                entry::make(&draft, &terms)
            })
            .collect();
        Ok(made.map_err(|problems| format!("{problems:?}"))?)
    }
}

fn report(what: &str, took: &mut [Duration], matches: u64) {
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    let longest = took.last().copied().unwrap_or_default();
    println!(
        "{what:<28} median {:>9.1} ms   longest {:>9.1} ms   {matches} matches, {} rounds",
        median.as_secs_f64() * 1_000.0,
        longest.as_secs_f64() * 1_000.0,
        took.len()
    );
}
