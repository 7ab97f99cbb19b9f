//! Fills a store with what years of crawling would leave: listings, ten observations in each, and who posts them.
//!
//! Nothing in it is anybody's: numbers that no country has, and names and domains that are counted.

use std::{collections::BTreeMap, error::Error, ops::Range, time::Instant};

use sightline_model::*;
use sightline_store::{Store, Tx, listings, observations, selectors, sources};
use url::Url;

/// Listings that one seller posts; they share six identifiers.
pub const OF_A_SELLER: usize = 4;
/// Identifiers that are popular: each stands in some hundred listings.
const POPULAR: usize = 10_000;
/// Sources, each with a hotline that stands on two in five of its listings.
pub const SOURCES: usize = 20;
/// Listings that are stored by one transaction.
const AT_ONCE: usize = 2_000;
/// The days over which the listings were first seen.
const DAYS: i64 = 360;
const DAY: i64 = 86_400_000;

/// The instant at which all of it was stored: 2026-11-23T10:00:00Z.
pub const NOW: Timestamp = Timestamp(1_795_428_000_000);

/// The e-mail address of a seller.
pub fn email(seller: usize) -> Selector {
    Selector::new(Kind::Email, format!("seller{seller}@mail.example"))
}

/// The address that stands on two in five listings of a source.
pub fn hotline(source: usize) -> Selector {
    Selector::new(Kind::Email, format!("hotline{source}@popular.example"))
}

/// An identifier that stands in some hundred listings.
pub fn popular(nth: usize) -> Selector {
    Selector::new(Kind::Handle, format!("telegram/popular{}", nth % POPULAR))
}

/// An identifier that stands in some hundred listings of the store, another for each number: those under a hotline show none.
pub fn shown_popular(nth: usize) -> Selector {
    let listing = (nth * SOURCES..).find(|listing| (listing / SOURCES) % 5 >= 2);
    popular(listing.unwrap_or(nth).wrapping_mul(7_919))
}

fn of_seller(seller: usize) -> [Selector; 6] {
    [
        // +1 and ten digits, the first three of which no numbering plan has.
        Selector::new(Kind::Phone, format!("+1000{seller:07}")),
        email(seller),
        Selector::new(Kind::Handle, format!("telegram/seller{seller}")),
        Selector::new(Kind::Handle, format!("any/s{seller}")),
        Selector::new(Kind::Url, format!("https://seller{seller}.example/")),
        Selector::new(Kind::Domain, format!("seller{seller}.example")),
    ]
}

fn of_listing(nth: usize) -> [Selector; 3] {
    [
        Selector::new(Kind::Url, format!("https://links.example/{nth}")),
        Selector::new(Kind::Url, format!("https://photos.example/{nth}/1")),
        Selector::new(Kind::Handle, format!("instagram/listing{nth}")),
    ]
}

/// All that listing `nth` shows.
fn shown(nth: usize) -> Vec<Selector> {
    // A seller's listings come weeks apart, and on several sources.
    let mut shown = of_seller(nth / OF_A_SELLER).to_vec();
    shown.extend(of_listing(nth));
    let is_under_the_hotline = (nth / SOURCES) % 5 < 2;
    shown.push(match is_under_the_hotline {
        true => hotline(nth % SOURCES),
        false => popular(nth.wrapping_mul(7_919)),
    });
    shown
}

/// Stores `count` listings with their observations; says how it goes.
pub async fn fill(
    store: &Store,
    organisation: OrganisationId,
    count: usize,
    mint: &Mint,
) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let mut tx = store.write(organisation).await?;
    let mut known = Vec::new();
    for nth in 0..SOURCES {
        let definition = sources::Definition {
            name: format!("site{nth}"),
            region: None,
            definition: serde_json::Value::Null,
            digest: String::new(),
        };
        known.push(sources::register(&mut tx, &definition, NOW, mint).await?);
    }
    tx.commit().await?;
    let mut ids = BTreeMap::new();
    for part in 0..count.div_ceil(AT_ONCE) {
        let range = part * AT_ONCE..count.min((part + 1) * AT_ONCE);
        let mut tx = store.write(organisation).await?;
        put(&mut tx, range, count, &known, &mut ids).await?;
        tx.commit().await?;
        if part % 50 == 49 {
            eprintln!(
                "{} listings, {:.0} s",
                (part + 1) * AT_ONCE,
                begun.elapsed().as_secs_f64()
            );
        }
    }
    Ok(())
}

async fn put(
    tx: &mut Tx,
    range: Range<usize>,
    count: usize,
    known: &[SourceId],
    ids: &mut BTreeMap<Selector, SelectorId>,
) -> Result<(), Box<dyn Error>> {
    let of_ids: Vec<ListingId> = tx.reserve(range.len()).await?;
    let (mut made, mut versions, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for (nth, id) in range.zip(of_ids) {
        let first_seen = NOW - days(nth, count);
        let last_seen =
            (first_seen + std::time::Duration::from_secs(86_400 * (nth as u64 % 30))).min(NOW);
        let capture = CaptureId(nth as i64 + 1);
        made.push(Listing {
            id,
            source: known[nth % SOURCES],
            key: format!("{nth}"),
            url: Url::parse(&format!("https://site{}.example/ad/{nth}", nth % SOURCES))?,
            version: 1,
            digest: Digest(format!("{nth:064x}")),
            first_seen,
            last_seen,
            seen_run: None,
            removed_at: None,
        });
        let of = shown(nth);
        let text = format!(
            "New in town, discreet, ask for rates. Call {} today, or write. Number {nth}. {}",
            of[0].value,
            "Lovely place, no hurry, parking behind the house. ".repeat(8)
        );
        versions.push(ListingVersion {
            listing: id,
            version: 1,
            capture,
            title: "New in town".to_owned(),
            body: String::new(),
            fields: Default::default(),
            text,
            seen_at: first_seen,
            reread: false,
        });
        for selector in of {
            seen.push(Observation {
                id: ObservationId(0),
                listing: id,
                version: 1,
                selector_id: SelectorId(0),
                raw: selector.value.clone(),
                selector,
                capture,
                start: 43,
                end: 55,
                confidence: Confidence::Normalised,
                steps: vec!["region:US".into()],
                first_seen,
                seen_at: last_seen,
                current: true,
            });
        }
    }
    listings::insert(tx, &made).await?;
    listings::add_versions(tx, &versions).await?;
    let wanted: Vec<Selector> = seen.iter().map(|one| one.selector.clone()).collect();
    let new: Vec<Selector> = wanted
        .iter()
        .filter(|selector| !ids.contains_key(*selector))
        .cloned()
        .collect();
    let interned = selectors::intern(tx, &new).await?;
    // Sellers come once; what is popular comes again.
    for (selector, id) in new.into_iter().zip(interned) {
        ids.insert(selector, id);
    }
    let numbers: Vec<ObservationId> = tx.reserve(seen.len()).await?;
    for (one, id) in seen.iter_mut().zip(numbers) {
        one.id = id;
        one.selector_id = ids[&one.selector];
    }
    observations::insert(tx, &seen).await?;
    ids.retain(|selector, _| selector.value.contains("popular"));
    Ok(())
}

/// How long before [`NOW`] listing `nth` was first seen.
fn days(nth: usize, count: usize) -> std::time::Duration {
    let share = (count - nth) as f64 / count as f64;
    std::time::Duration::from_millis((share * (DAYS * DAY) as f64) as u64)
}
