//! From a listing site to an alert: the site is crawled, changes, and is crawled again.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

use crate::{
    support::site::Post,
    watching::{Watching, text},
};

#[test]
fn a_watched_number_is_told_once_and_the_site_is_followed() {
    let Some(watching) = Watching::start() else {
        return;
    };
    let truth = watching.site.truth();
    let watched = watching.an_email();
    watching.watch(&[("email", &watched), ("phone", "+1 202 555 0187")]);

    watching.crawl().ok();
    every_post_is_stored(&watching);
    let listings: BTreeSet<i64> = truth
        .iter()
        .filter(|ad| ad.selectors.iter().any(|one| one.canonical == watched))
        .map(|ad| ad.pk)
        .collect();
    told_once(&watching, 1, listings.len());

    // Nothing changed but what the site itself renders anew each time: no new version, and nobody is told again.
    watching.crawl().ok();
    let run = &watching.records("runs")[0];
    for nothing in [
        "listings_new",
        "listings_changed",
        "listings_removed",
        "sightings",
    ] {
        assert_eq!(run["counts"][nothing], 0, "{nothing} in {run}");
    }
    told_once(&watching, 1, listings.len());

    let (edited, deleted) = (&truth[7], &truth[8]);
    watching
        .site
        .edit(edited.pk, "Moved. Call (202) 555-0187 from now on.");
    watching.site.delete(deleted.pk);
    watching
        .site
        .create("Cleaning: by the hour", "Ask for Lotus.");
    watching.crawl().ok();
    let listings = by_key(watching.records("listings"));
    assert_eq!(listings[&edited.pk]["version"], 2);
    let number = listings[&edited.pk]["id"].to_string();
    let whole = watching.place.run(["listing", &number, "--json"]).records();
    let said: Vec<&str> = whole[0]["versions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|version| version["body"].as_str())
        .collect();
    assert_eq!(said.len(), 2, "both wordings can be read");
    assert!(said[1].starts_with("Moved."), "{said:?}");
    let words = watching.place.run(["listing", &number]).ok();
    assert!(words.contains("Version 2"), "{words}");
    assert_eq!(listings[&edited.pk]["removed_at"], Value::Null);
    assert!(listings[&deleted.pk]["removed_at"].is_string());
    assert_eq!(
        listings.len(),
        121,
        "one more than on the first day; the deleted one is remembered"
    );
    let counts = &watching.records("runs")[0]["counts"];
    let change =
        ["listings_new", "listings_changed", "listings_removed"].map(|key| counts[key].as_i64());
    assert_eq!(change, [Some(1), Some(1), Some(1)]);

    // The number that the edit brought.
    let alerts = watching.records("alerts");
    assert_eq!(alerts.len(), 2, "one for each entry that was seen");
    let messages = watching.hook.received();
    assert_eq!(messages.len(), 2);
    let sighting = watching
        .records("sightings")
        .into_iter()
        .find(|sighting| text(&sighting["explanation"], "raw") == "(202) 555-0187")
        .expect("the number as it stood");
    assert_eq!(text(&sighting, "reason"), "first");
    assert!(text(&sighting["explanation"], "before").ends_with("Moved. Call "));

    polite(&watching);
    whole_archive(&watching);
}

/// What the crawl stored of each post is what the site's own database has.
fn every_post_is_stored(watching: &Watching) {
    let listings = by_key(watching.records("listings"));
    let images = images(watching);
    let posts = watching.site.posts();
    assert_eq!(listings.len(), posts.len());
    for post in &posts {
        let listing = &listings[&post.pk];
        assert_eq!(text(listing, "title"), post.title);
        assert_eq!(
            text(listing, "url"),
            format!("{}{}", watching.site.base(), post.path)
        );
        assert_eq!(
            words(text(listing, "body")),
            words(&post.description),
            "{}",
            post.path
        );
        let fields = &listing["fields"];
        assert_eq!(
            fields["price"]["amount"].as_f64(),
            post.price.parse().ok(),
            "{listing}"
        );
        assert_eq!(fields["place"], Value::from(post.area.as_str()));
        assert!(
            is_date_of(post, text(fields, "posted")),
            "{fields} for {}",
            post.posted_at
        );
        let shown: BTreeSet<String> = post
            .images
            .iter()
            .map(|path| format!("{}{path}", watching.site.base()))
            .collect();
        let id = listing["id"].as_i64().unwrap();
        assert_eq!(
            images.get(&id).cloned().unwrap_or_default(),
            shown,
            "{}",
            post.path
        );
    }
}

/// The images of each listing by URL, as they were fetched and observed.
fn images(watching: &Watching) -> BTreeMap<i64, BTreeSet<String>> {
    let mut images = BTreeMap::<i64, BTreeSet<String>>::new();
    for observation in watching.records("observations") {
        if text(&observation, "kind") == "image" {
            assert!(text(&observation, "value").starts_with("sha256/"));
            let listing = observation["listing"].as_i64().unwrap();
            images
                .entry(listing)
                .or_default()
                .insert(text(&observation, "raw").to_owned());
        }
    }
    images
}

/// The site shows how long ago a post was made, in whole units: within a day of it.
fn is_date_of(post: &Post, read: &str) -> bool {
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).map(|at| at.timestamp());
    match (instant(read), instant(&post.posted_at)) {
        (Ok(read), Ok(posted)) => (read - posted).abs() <= 86_400,
        _ => false,
    }
}

/// One alert, one delivery for each channel, one letter and one verified webhook, which are the same message.
#[track_caller]
fn told_once(watching: &Watching, alerts: usize, listings: usize) {
    let raised = watching.records("alerts");
    assert_eq!(raised.len(), alerts, "{raised:?}");
    assert_eq!(text(&raised[0], "state"), "open");
    assert_eq!(
        raised[0]["sightings"].as_array().map(Vec::len),
        Some(listings)
    );
    let deliveries = watching.records("deliveries");
    let channels: Vec<&str> = deliveries.iter().map(|one| text(one, "channel")).collect();
    assert_eq!(
        BTreeSet::from_iter(&channels),
        BTreeSet::from([&"cases", &"desk"]),
        "{deliveries:?}"
    );
    assert_eq!(channels.len(), 2 * alerts);
    assert!(
        deliveries
            .iter()
            .all(|one| text(one, "state") == "delivered"),
        "{deliveries:?}"
    );

    let letters = watching.mailbox.letters();
    assert_eq!(letters.len(), alerts);
    let of_mail = deliveries
        .iter()
        .find(|one| text(one, "channel") == "desk")
        .unwrap();
    let message_id = letters[0].header("Message-ID").unwrap();
    assert!(message_id.contains(text(of_mail, "id")), "{message_id}");
    assert!(
        letters[0].defects.is_empty() && letters[0].text.is_some() && letters[0].html.is_some()
    );
    // Thin: no address of anybody's, nothing that was crawled.
    let said = format!("{:?}", letters[0]);
    assert!(
        !said.contains("@example.com") && !said.contains("classified/"),
        "{said}"
    );

    let received = watching.hook.received();
    assert_eq!(received.len(), alerts);
    let of_hook = deliveries
        .iter()
        .find(|one| text(one, "channel") == "cases")
        .unwrap();
    assert!(received[0].verified, "{:?}", received[0].error);
    assert!(
        received[0]
            .id
            .as_deref()
            .unwrap()
            .contains(text(of_hook, "id"))
    );
}

/// The site's own log is the judge: it knows who came, robots.txt was asked for first, and nothing was asked twice.
fn polite(watching: &Watching) {
    let log = watching.site.access_log();
    let ours: Vec<_> = log
        .iter()
        .filter(|one| {
            one.user_agent
                .as_deref()
                .is_some_and(|agent| agent.starts_with("Sightline/"))
        })
        .collect();
    assert!(ours.iter().all(|one| {
        one.user_agent
            .as_deref()
            .unwrap()
            .contains("crawling@example.org")
    }));
    assert_eq!(ours[0].path, "/robots.txt");
    assert!(
        ours.iter().any(|one| one.if_none_match.is_some()),
        "the second crawl asks whether pages changed"
    );
    let runs = watching.records("runs").len();
    let mut times = BTreeMap::<&str, usize>::new();
    for request in &ours {
        *times.entry(&request.path).or_default() += 1;
    }
    let most = times.iter().max_by_key(|(_, times)| **times).unwrap();
    assert!(*most.1 <= runs, "{most:?} in {runs} runs");
}

/// The archive holds together by the judgement of the format's own tool.
fn whole_archive(watching: &Watching) {
    for file in watching.archive() {
        let judged = Command::new(watching.tools.python("warcio"))
            .arg("check")
            .arg("-v")
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&judged.stdout);
        assert!(judged.status.success(), "{}: {said}", file.display());
        assert!(
            said.contains("digest pass"),
            "nothing was checked in {}: {said}",
            file.display()
        );
    }
}

fn by_key(listings: Vec<Value>) -> BTreeMap<i64, Value> {
    listings
        .into_iter()
        .map(|listing| (text(&listing, "key").parse().unwrap(), listing))
        .collect()
}

/// White space is the page's; words are the post's.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
