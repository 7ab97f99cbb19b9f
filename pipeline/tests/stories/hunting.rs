//! What stood in the store before an entry came: told of once, as it was foretold, however often it is looked for.

use serde_json::json;
use sightline_alerts::rules::Rules;
use sightline_model::{
    AlertState, Category, Clock, Closed, Entry, EntryId, Mint, Reason, Sighting, Verdict, Watchlist,
};
use sightline_pipeline::hunt::{hunt, hunt_new};
use sightline_store::{Filter, alerts, entries, sightings, verdicts, watchlists};
use sightline_watchlists::{EntryDefaults, EntryDraft, Terms, entry};

use crate::support::{HOUR, Machine, Place, START, Site, looked};

/// A list whose records are ads that end in an e-mail address.
pub fn ads(site: &Site, ads: &[(&str, &str)]) {
    let records: String = ads
        .iter()
        .map(|(key, email)| {
            format!(
                "<li class=ad><a href=\"/ad/{key}\">Rose {key}</a> <p>New in town, write to {email} today.</p></li>"
            )
        })
        .collect();
    site.write("/", &format!("<ul>{records}</ul>"));
}

pub async fn machine(place: &Place, site: &Site) -> Machine {
    let source = json!({
        "start": [site.url("/")],
        "list": { "record": {
            "root": "li.ad", "link": "a", "title": "a", "body": "p", "key": { "url": "/ad/(\\w+)" },
        } },
        "politeness": { "unlimited": true },
    });
    place
        .machine("one", START, &crate::removing::source(source))
        .await
}

/// Two listings of one address, a day apart, and one of another.
async fn history(place: &Place, site: &Site) -> Machine {
    let machine = machine(place, site).await;
    let (rose, iris) = ("rose@mail.example.org", "iris@mail.example.org");
    ads(site, &[("one", rose)]);
    machine.crawl().await;
    machine.clock.advance(20 * 24 * HOUR);
    ads(site, &[("one", rose), ("two", rose), ("three", iris)]);
    machine.crawl().await;
    machine
}

pub async fn list(machine: &Machine, name: &str, mint: &Mint) -> Watchlist {
    let list = Watchlist {
        id: mint.id(START),
        name: name.to_owned(),
        defaults: json!({}),
        rules: json!({}),
        created_at: START,
    };
    let mut tx = machine.write().await;
    watchlists::create(&mut tx, &list).await.unwrap();
    tx.commit().await.unwrap();
    list
}

pub fn wanted(list: &Watchlist, kind: &str, value: &str, mint: &Mint) -> Entry {
    let word = |word: &str| Some(word.to_owned());
    let defaults = EntryDefaults {
        purpose: word("find her"),
        legal_basis: word("court order"),
        owner: word("J. Doe"),
        category: Some(Category::Victim),
        review_after_days: Some(30),
        ..EntryDefaults::default()
    };
    let terms = Terms {
        watchlist: list.id,
        defaults: &defaults,
        region: None,
        now: START,
        mint,
    };
    let draft = EntryDraft {
        kind: word(kind),
        value: word(value),
        ..EntryDraft::default()
    };
    entry::make(&draft, &terms).unwrap()
}

pub async fn add(machine: &Machine, entry: &Entry) {
    let mut tx = machine.write().await;
    entries::add(&mut tx, std::slice::from_ref(entry))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// The sightings of an entry, by the keys of their listings' addresses.
async fn seen(machine: &Machine, entry: EntryId) -> Vec<Sighting> {
    let mut tx = machine.read().await;
    let mut found = sightings::list(&mut tx, &Filter::default()).await.unwrap();
    found.retain(|one| one.entry == entry);
    found.sort_by_key(|one| one.listing);
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_there_is_told_of_once_as_it_was_foretold() {
    let (site, place, mint) = (Site::start().await, Place::new(), Mint::seeded(7));
    let machine = history(&place, &site).await;
    let list = list(&machine, "missing", &mint).await;
    for (kind, value) in [
        ("email", "Rose@mail.example.org"),
        ("phrase", "write to rose"),
    ] {
        let entry = wanted(&list, kind, value, &mint);

        let foretold = machine.backtest(&entry, &Rules::default()).await;
        assert_eq!((foretold.listings, foretold.ever), (2, 2), "{kind}");
        assert_eq!((foretold.alerts, foretold.told), (1, 1), "{kind}");
        assert_eq!(
            foretold.reasons.keys().collect::<Vec<_>>(),
            [&Reason::NewListing, &Reason::First]
        );
        let example = &foretold.examples[0];
        assert!(example.url.as_str().ends_with("/ad/one"), "{}", example.url);
        assert!(example.explanation.before.contains("New in town"));
        assert!(foretold.warnings.is_empty());

        let mut tx = machine.read().await;
        let none = alerts::list(&mut tx, &Filter::default()).await.unwrap();
        assert_eq!(none.iter().filter(|one| one.entry == entry.id).count(), 0);
        drop(tx);

        add(&machine, &entry).await;
        let hunted = hunt_new(&machine.instance).await.unwrap();
        assert_eq!((hunted.entries, hunted.matches), (1, 2), "{kind}");
        let first = seen(&machine, entry.id).await;
        assert_eq!(first.len(), 2);
        assert!(first.iter().all(|one| one.reason == Reason::Historic));

        // Looked for again, nothing is new: not the sightings, nor the alert.
        hunt(&machine.instance, Some(list.id)).await.unwrap();
        assert_eq!(seen(&machine, entry.id).await, first, "{kind}");
        let mut tx = machine.read().await;
        let mut raised = alerts::list(&mut tx, &Filter::default()).await.unwrap();
        raised.retain(|one| one.entry == entry.id);
        assert_eq!(raised.len(), 1, "{kind}");
        assert_eq!(raised[0].state, AlertState::Open);
        drop(tx);

        // Nor after the alert was closed.
        let mut tx = machine.write().await;
        let now = machine.clock.now();
        assert!(
            alerts::close(&mut tx, raised[0].id, Closed::Rejected, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        hunt(&machine.instance, None).await.unwrap();
        let mut tx = machine.read().await;
        let mut again = alerts::list(&mut tx, &Filter::default()).await.unwrap();
        again.retain(|one| one.entry == entry.id);
        assert_eq!(again.len(), 1, "{kind}");
    }
}

/// The alerts that were raised, by the keys of what is in them.
async fn alerts_of(machine: &Machine, entry: EntryId) -> Vec<usize> {
    let mut tx = machine.read().await;
    let mut raised = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    raised.retain(|one| one.entry == entry);
    raised.sort_by_key(|one| one.id);
    let mut sizes = Vec::new();
    for alert in raised {
        let inside = alerts::sightings_of(&mut tx, alert.id, None).await.unwrap();
        sizes.push(inside.len());
    }
    sizes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_listing_never_alerts_again_and_others_do() {
    let (site, place, mint) = (Site::start().await, Place::new(), Mint::seeded(7));
    let machine = machine(&place, &site).await;
    let list = list(&machine, "missing", &mint).await;
    let rose = "rose@mail.example.org";
    let entry = wanted(&list, "email", rose, &mint);
    add(&machine, &entry).await;
    ads(&site, &[("one", rose)]);
    machine.crawl().await;
    assert_eq!(alerts_of(&machine, entry.id).await, [1]);

    let found = seen(&machine, entry.id).await;
    let said = |verdict| verdicts::Said {
        entry: entry.id,
        listing: found[0].listing,
        verdict,
        at: machine.clock.now(),
        who: "A. Analyst".to_owned(),
        why: "another Rose".to_owned(),
    };
    let mut tx = machine.write().await;
    verdicts::say(&mut tx, &[said(Some(Verdict::Rejected))])
        .await
        .unwrap();
    let raised = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    alerts::close(&mut tx, raised[0].id, Closed::Rejected, machine.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();

    // Its text changes, time passes, it is hunted for: nothing comes of it.
    for text in ["rose@mail.example.org now", "rose@mail.example.org again"] {
        ads(&site, &[("one", text)]);
        machine.clock.advance(40 * 24 * HOUR);
        machine.crawl().await;
        hunt(&machine.instance, None).await.unwrap();
        assert_eq!(alerts_of(&machine, entry.id).await, [1]);
    }
    // Another listing is seen for the first time: what was rejected counts for nothing.
    ads(&site, &[("one", rose), ("two", rose)]);
    machine.crawl().await;
    assert_eq!(alerts_of(&machine, entry.id).await, [1, 1]);
    let two = seen(&machine, entry.id).await.pop().unwrap();
    assert_eq!(two.reason, Reason::First);

    // Taken back, it is news like any other when it comes again.
    let mut tx = machine.write().await;
    verdicts::say(&mut tx, &[said(None)]).await.unwrap();
    tx.commit().await.unwrap();
    machine.clock.advance(40 * 24 * HOUR);
    looked(&machine, machine.clock.now() - 20 * 24 * HOUR).await;
    ads(&site, &[("one", rose)]);
    machine.crawl().await;
    let back = seen(&machine, entry.id).await.remove(0);
    assert_eq!(back.reason, Reason::Reappeared);
    assert_eq!(alerts_of(&machine, entry.id).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backtest_warns_of_what_looks_like_the_sites_own() {
    let (site, place, mint) = (Site::start().await, Place::new(), Mint::seeded(7));
    let machine = machine(&place, &site).await;
    let keys: Vec<String> = (0..60).map(|nth| format!("ad{nth}")).collect();
    let shown: Vec<(&str, &str)> = keys
        .iter()
        .enumerate()
        .map(|(nth, key)| {
            let email = match nth % 2 {
                0 => "help@site.example.org",
                _ => "iris@mail.example.org",
            };
            (key.as_str(), email)
        })
        .collect();
    ads(&site, &shown);
    machine.crawl().await;
    let list = list(&machine, "missing", &mint).await;
    let entry = wanted(&list, "email", "help@site.example.org", &mint);
    let rules = Rules {
        channels: vec!["desk".to_owned()],
        ..Rules::default()
    };
    let foretold = machine.backtest(&entry, &rules).await;
    assert_eq!((foretold.listings, foretold.alerts), (30, 1));
    assert_eq!(foretold.messages, 1);
    let warned = serde_json::to_value(&foretold.warnings).unwrap();
    assert_eq!(warned[0]["what"], "furniture", "{warned}");
    assert_eq!(warned[0]["percent"], 50);
}
