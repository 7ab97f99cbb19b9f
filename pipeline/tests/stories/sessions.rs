//! A site that names its visitor's session in every address: its pages are the same ones in each run.

use serde_json::json;
use sightline_model::RunOutcome;

use crate::{
    removing::source,
    support::{HOUR, Place, START, Site},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_is_the_same_one_whatever_session_its_address_names() {
    let hex = |run: u32| format!("{run:x}").repeat(16) + "0a1b2c3d4e5f6789";
    for spelling in [
        |path: &str, run: u32, _: &str| format!("{path}?PHPSESSID={run}{run}{run}"),
        |path: &str, _: u32, hex: &str| format!("{path}?sid={hex}"),
        |path: &str, run: u32, _: &str| format!("{path};jsessionid={run}1234"),
        |path: &str, _: u32, hex: &str| format!("/(S({}))/{path}", &hex[..24]).replace("//", "/"),
    ] {
        let (site, place) = (Site::start().await, Place::new());
        for ad in ["/v/1", "/v/2"] {
            site.write(ad, &format!("<div id=ad><h1>Rose {ad}</h1></div>"));
        }
        // No key is named: the address is what tells ads apart.
        let settings = source(json!({
            "start": [site.url("/")],
            "list": { "links": ["a.ad"] },
            "detail": { "root": "#ad", "title": "h1" },
        }));
        let machine = place.machine("one", START, &settings).await;
        for run in 1..=3 {
            let of = |path| spelling(path, run, &hex(run));
            // One link names no session; another leads to the second ad by way of a redirect.
            site.lead("/go", &site.url(&of("/v/2")));
            let links = [of("/v/1"), "/v/1".to_owned(), "/go".to_owned()];
            let links = links.map(|link| format!("<a class=ad href=\"{link}\">ad</a> "));
            site.write("/", &links.concat());
            // Whatever asks with the session has the same page.
            let with_session = of("/v/2");
            let path = with_session.split('?').next().unwrap();
            site.write(path, "<div id=ad><h1>Rose /v/2</h1></div>");

            let done = machine.crawl().await;
            let new = if run == 1 { 2 } else { 0 };
            assert_eq!(done.outcome, Some(RunOutcome::Complete), "{with_session}");
            let counts = done.counts;
            let found = (counts.visits, counts.listings_new, counts.listings_removed);
            assert_eq!(found, (3, new, 0), "{with_session}");
            let [there, removed] = machine.listings().await;
            let urls = [site.url("/v/1"), site.url("/v/2")];
            assert_eq!((there.as_slice(), removed.len()), (&urls[..], 0));
            machine.clock.advance(24 * HOUR);
        }
    }
}
