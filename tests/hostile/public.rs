//! Inputs that others collected, where scripts/tools put them: the pages of html5lib-tests and the addresses of the WHATWG.
//! They are other people's work, and are not kept here.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;
use sightline_crawler::url::canonical;
use sightline_egress::{Egress, EgressSettings};
use sightline_extractors::{Profile, ProfileSettings, RawPage, read};
use sightline_model::{Timestamp, VisitKind};
use url::Url;

use crate::support::Tools;

/// Each page and each address is read within this.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn pages_of_html5lib_are_read() {
    let Some(tools) = Tools::find() else {
        return;
    };
    let folder = tools.collection("pages");
    let settings: ProfileSettings =
        toml::from_str("[list]\nlinks = \"a\"\n[detail]\ntitle = \"title\"").unwrap();
    let profile = Profile::compile(&settings, Some("US")).unwrap();
    let url = Url::parse("https://ads.example/1").unwrap();
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        // Scripted pages lie in a folder of their own.
        let Ok(bytes) = fs::read(file.unwrap().path()) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        for case in text.split("#data\n").skip(1) {
            let page = case.split("\n#errors").next().unwrap_or_default();
            for kind in [VisitKind::List, VisitKind::Detail] {
                let begun = Instant::now();
                let raw = RawPage {
                    url: &url,
                    kind,
                    content_type: Some("text/html; charset=utf-8"),
                    body: page.as_bytes(),
                    fetched_at: Timestamp(1_790_000_000_000),
                };
                assert_eq!(read(&raw, &profile), read(&raw, &profile), "{page}");
                assert!(begun.elapsed() < SOON, "{page}");
            }
            count += 1;
        }
    }
    eprintln!("{count} pages of html5lib-tests were read");
    assert!(count > 1_000);
}

#[test]
fn addresses_of_the_whatwg_are_canonical_or_refused() {
    let Some(tools) = Tools::find() else {
        return;
    };
    let file = tools.collection("addresses").join("urltestdata.json");
    let cases: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let egress = Egress::new(&EgressSettings::default()).unwrap();
    let (mut taken, mut refused, mut inside) = (0, 0, 0);
    for case in cases {
        let Some(input) = case["input"].as_str() else {
            continue;
        };
        let base = case["base"].as_str().and_then(|base| Url::parse(base).ok());
        let base = base.unwrap_or_else(|| Url::parse("https://ads.example/").unwrap());
        let begun = Instant::now();
        match canonical(&base, input) {
            Err(_) => refused += 1,
            Ok(url) => {
                taken += 1;
                assert!(matches!(url.scheme(), "http" | "https"), "{input}: {url}");
                assert_eq!(canonical(&url, url.as_str()).as_ref(), Ok(&url), "{input}");
                inside += usize::from(egress.check_url(&url).is_err());
            }
        }
        assert!(begun.elapsed() < SOON, "{input}");
    }
    eprintln!(
        "{taken} addresses of the WHATWG are canonical, {inside} of them not public; {refused} are refused"
    );
    assert!(taken > 150 && refused > 300 && inside > 10);
}
