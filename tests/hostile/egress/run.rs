//! The suite itself, and the control that shows that its listeners hear.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

use serde_json::Value;
use tokio::runtime::Runtime;

use super::{
    addresses::REFUSED,
    listeners::{self, PUBLIC},
    names, network, proven, told, way,
};
use crate::{program::Place, watched::Watched};

const LIMIT: Duration = Duration::from_secs(120);
/// Proxies of the environment, which are nobody's business but the environment's.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("http_proxy", "http://10.0.0.1:3128"),
    ("HTTP_PROXY", "http://10.0.0.1:3128"),
    ("https_proxy", "http://10.0.0.1:3128"),
    ("HTTPS_PROXY", "http://10.0.0.1:3128"),
    ("all_proxy", "socks5://127.0.0.1:3128"),
    ("ALL_PROXY", "socks5://127.0.0.1:3128"),
];

/// How the listeners know each way, and how many addresses must hear of it where all is permitted.
const WAYS: [(&str, usize); 14] = [
    ("/start", 40),
    ("/redirect", 40),
    ("/name", 30),
    ("/image", 40),
    ("/robots", 40),
    ("/webhook", 40),
    ("/slack", 40),
    ("/teams", 40),
    ("/matrix", 40),
    ("/splunk", 40),
    (":587", 40),
    (":3128", 40),
    ("/checkpoint", 10),
    ("/timestamp", 10),
];

/// What came of the suite.
struct Suite {
    /// Addresses that are not public and were connected to, with what was asked for there.
    inside: BTreeMap<IpAddr, BTreeSet<String>>,
    /// Whether the public site was reached.
    outside: bool,
    visits: Vec<Value>,
    deliveries: Vec<Value>,
    /// Addresses that checkpoints were sent to, and that were to stamp bundles.
    proven: usize,
}

/// Plays everything, with these networks permitted.
fn play(allow: &[&str]) -> Suite {
    let runtime = Runtime::new().unwrap();
    let dns = runtime.block_on(names::start());
    let met = listeners::start(way::public_site);
    let crawled = way::crawled(dns.address, allow);
    crawl(&crawled);
    let told = told::told(dns.address, allow);
    told.run(["crawl", "failing"]);
    let proven = proven::prove(dns.address, allow);
    let mut met = met.lock().unwrap().clone();
    let outside = met.remove(&PUBLIC).is_some();
    Suite {
        inside: met,
        outside,
        visits: crawled.run(["visits", "--json"]).records(),
        deliveries: told.run(["deliveries", "--json"]).records(),
        proven,
    }
}

fn crawl(place: &Place) {
    place.run(["visits"]).ok();
    Watched::start(place, &["crawl", "--all"], &ENVIRONMENT).until(LIMIT, || {
        // Tries that failed come again later; here one is enough.
        let visits = place.run(["visits", "--json"]).records();
        !visits.is_empty() && visits.iter().all(|visit| visit["outcome"].is_string())
    });
}

#[test]
fn nothing_inside_is_connected_to() {
    if !network::is_inside("egress::run::nothing_inside_is_connected_to") {
        return;
    }
    let suite = play(&[]);
    let refused = |visit: &&Value| visit["outcome"] == "egress_refused";
    let refusals = suite.visits.iter().filter(refused).count();
    eprintln!(
        "{} addresses, {} visits of which {refusals} were refused, {} messages, {} addresses for proofs; connected to inside: {:?}",
        REFUSED.len(),
        suite.visits.len(),
        suite.deliveries.len(),
        suite.proven,
        suite.inside
    );
    assert!(suite.inside.is_empty(), "{:?}", suite.inside);
    assert!(
        suite.outside,
        "the public site was never reached: nothing was tried"
    );
    assert!(
        REFUSED.len() >= 120 && refusals > 3 * REFUSED.len(),
        "{refusals}"
    );
    assert!(suite.deliveries.len() > 6 * REFUSED.len());
    assert!(suite.proven > 10, "{} were tried", suite.proven);
}

#[test]
fn where_it_is_permitted_the_listeners_hear_of_every_way() {
    if !network::is_inside("egress::run::where_it_is_permitted_the_listeners_hear_of_every_way") {
        return;
    }
    let suite = play(&["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"]);
    let heard = |way: &str| {
        let came = |said: &&BTreeSet<String>| said.iter().any(|said| said.contains(way));
        suite.inside.values().filter(came).count()
    };
    for (way, at_least) in WAYS {
        let addresses = heard(way);
        eprintln!("{way}: heard at {addresses} addresses");
        assert!(addresses >= at_least, "{way}: {addresses}");
    }
    assert!(suite.inside.len() > 40, "{:?}", suite.inside.keys());
}
