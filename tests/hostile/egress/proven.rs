//! Where checkpoints of the audit log are sent, and who stamps bundles of evidence: addresses that an operator writes.

use std::{fs, net::SocketAddr};

use super::{
    names,
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

/// Signs the log and exports evidence once for each address, and sees that both say what came of it. How many came as far as that.
pub fn prove(dns: SocketAddr, allow: &[&str]) -> usize {
    let place = with_an_alert(dns, allow);
    let plain = fs::read_to_string(place.path("sightline.toml")).expect("it was written");
    let alert = place.run(["alerts", "--json"]).records();
    let alert = alert[0]["id"].as_str().expect("an alert").to_owned();
    let [checkpoints, stamps] = PROVING.map(urls);
    let both = checkpoints.iter().zip(&stamps).enumerate();
    let (mut tried, mut refused_as_written) = (0, 0);
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
        let exported = place.run(["evidence", "export", &alert, "-o", &file]);
        // What was just exported is a deed to be signed.
        let signed = place.run(["audit", "checkpoint"]);
        let said = format!("{checkpoint} {stamp}: {} {}", exported.err, signed.err);
        // A file of settings holds no password, within an address neither: what has one is refused before it is asked for.
        let unread = |status: i32, err: &str| status == 2 && err.contains("proof.");
        if unread(exported.status, &exported.err) && unread(signed.status, &signed.err) {
            refused_as_written += 1;
            continue;
        }
        // Nobody here gives a time stamp, and a bundle without one is a bundle.
        let unstamped = exported.err.contains("It has no time stamp: ");
        assert!(exported.status == 0 && unstamped, "{said}");
        let unsent = signed.status == 1 && signed.err.contains("the witness has not got it: ");
        let sent = signed.status == 0 && signed.out.contains(" signed, in ");
        // A name may lead to the public site as well, which takes whatever it is sent.
        let may_be_sent = !allow.is_empty() || checkpoint.contains(names::DOMAIN);
        assert!(unsent || may_be_sent && sent, "{said}");
        let refused = |err: &str| err.contains("which is refused");
        assert!(
            may_be_sent || refused(&exported.err) && refused(&signed.err),
            "{said}"
        );
        tried += 1;
    }
    assert!(
        tried > refused_as_written,
        "{refused_as_written} were refused as they are written"
    );
    tried
}
