//! How far entries of web addresses reach: a hunt finds in the store what a crawl would have found.

use std::collections::BTreeSet;

use sightline_model::{Entry, EntryId, Kind, Mint, Way};
use sightline_pipeline::hunt::hunt_new;
use sightline_store::{Filter, listings, sightings};
use sightline_watchlists::{Matcher, Subject, matcher::Watched};

use crate::{
    hunting::{add, ads, list, machine, wanted},
    support::{Place, START, Site},
};

/// Addresses that differ by what makes another page, and by what does not.
fn addresses() -> Vec<String> {
    let mut addresses = Vec::new();
    for scheme in ["http", "https"] {
        for host in [
            "lotus.example.com",
            "www.lotus.example.com",
            "m.lotus.example.com",
        ] {
            for path in [
                "/", "/u", "/u/", "/u//", "/u/2", "/U", "/u?x=1", "/u/?x=1", "/u?x=/",
            ] {
                addresses.push(format!("{scheme}://{host}{path}"));
            }
        }
    }
    addresses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hunt_finds_the_pages_that_a_crawl_would_have_found() {
    let (site, place, mint) = (Site::start().await, Place::new(), Mint::seeded(7));
    let machine = machine(&place, &site).await;
    let addresses = addresses();
    let keys: Vec<String> = (0..addresses.len()).map(|nth| format!("ad{nth}")).collect();
    let shown = keys.iter().zip(&addresses);
    let shown: Vec<(&str, &str)> = shown.map(|(key, url)| (&key[..], &url[..])).collect();
    ads(&site, &shown);
    machine.crawl().await;

    let mut entries = Vec::new();
    for way in Way::of(Kind::Url) {
        let list = list(&machine, way.as_str(), &mint).await;
        for address in &addresses {
            let entry = Entry {
                way: *way,
                ..wanted(&list, "url", address, &mint)
            };
            add(&machine, &entry).await;
            entries.push(entry);
        }
    }
    hunt_new(&machine.instance).await.unwrap();

    let mut tx = machine.read().await;
    let all = Filter {
        limit: 1_000,
        ..Filter::default()
    };
    let listings = listings::list(&mut tx, &all).await.unwrap();
    assert_eq!(listings.len(), addresses.len());
    let matcher = Matcher::new(entries.iter().map(Watched::from)).unwrap();
    let mut expected: BTreeSet<(EntryId, _)> = BTreeSet::new();
    for one in &listings {
        let finds = sightline_extractors::find_all(&one.present.text, None);
        let subject = Subject {
            finds: &finds,
            ..Subject::default()
        };
        let matched = matcher.matches(&subject, START);
        expected.extend(
            matched
                .iter()
                .map(|matched| (matched.entry, one.listing.id)),
        );
    }
    let all = Filter {
        limit: 10_000,
        ..Filter::default()
    };
    let hunted = sightings::list(&mut tx, &all).await.unwrap();
    let hunted: BTreeSet<_> = hunted.iter().map(|one| (one.entry, one.listing)).collect();
    assert_eq!(hunted, expected);
    assert!(expected.len() > 5 * addresses.len(), "{}", expected.len());
}
