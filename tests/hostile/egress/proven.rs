//! Where checkpoints of the audit log are sent, and who stamps bundles of evidence: addresses that an operator writes.

use std::{fs, net::SocketAddr};

use super::{
    told::urls,
    way::{instance, is_full, source},
};
use crate::program::Place;

/// Where little time is, each of so many addresses is asked: a process of the program is started for each.
const EACH: usize = 8;

/// The words that such addresses end with.
pub const PROVING: [&str; 2] = ["checkpoint", "timestamp"];

/// An instance with one alert, of the public site.
fn with_an_alert(dns: SocketAddr, allow: &[&str]) -> Place {
    let place = instance(dns, allow, "");
    source(&place, "ads", &["http://proven.example/".to_owned()], "");
    let create = "watchlist create ads --owner Analyst --category victim --review-days 90 --purpose so --legal-basis so";
    place.run(create.split(' ')).ok();
    place
        .run(["watchlist", "add", "ads", "email", "rose@example.org"])
        .ok();
    place.run(["crawl", "ads"]).ok();
    place
}

/// Signs the log and exports evidence once for each address. How many were tried.
pub fn prove(dns: SocketAddr, allow: &[&str]) -> usize {
    let place = with_an_alert(dns, allow);
    let plain = fs::read_to_string(place.path("sightline.toml")).expect("it was written");
    let alert = place.run(["alerts", "--json"]).records();
    let alert = alert[0]["id"].as_str().expect("an alert").to_owned();
    let [checkpoints, stamps] = PROVING.map(urls);
    let both = checkpoints.iter().zip(&stamps).enumerate();
    let mut tried = 0;
    for (nth, (checkpoint, stamp)) in both {
        if !is_full() && nth % EACH != 0 {
            continue;
        }
        let quoted = |url: &str| serde_json::to_string(url).expect("a text");
        let proof = format!(
            "[proof]\ncheckpoint_url = {}\ntimestamp_url = {}\n",
            quoted(checkpoint),
            quoted(stamp)
        );
        place.write("sightline.toml", &format!("{plain}{proof}"));
        let file = format!("{nth}.zip");
        place.run(["evidence", "export", &alert, "-o", &file]);
        // What was just exported is a deed to be signed.
        let signed = place.run(["audit", "checkpoint"]);
        assert!(
            signed.err.contains("checkpoint") || signed.status != 2,
            "{}",
            signed.err
        );
        tried += 1;
    }
    tried
}
