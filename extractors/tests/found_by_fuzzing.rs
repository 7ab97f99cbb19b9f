//! Everything in fuzz/corpus is searched again, what once broke the extractors included: `scripts/fuzz` puts what it finds
//! under target/fuzz/crashes, and whoever mends it moves that to the corpus, under a name that says what it was.

use std::{fs, path::Path};

use sightline_extractors::{Profile, ProfileSettings, RawPage, find_all, read};
use sightline_model::{Find, Timestamp, VisitKind};
use url::Url;

const REGIONS: [&str; 4] = ["US", "GB", "FR", "DE"];

/// Each file of a corpus by its name. The first byte, which picks a region when fuzzing, is left out.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let files: Vec<_> = fs::read_dir(folder.join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap()[1..].to_vec())
        })
        .collect();
    assert!(!files.is_empty(), "the corpus {name} is empty");
    files
}

fn check(name: &str, text: &str, finds: &[Find]) {
    for find in finds {
        let raw = text.get(find.start..find.end);
        assert_eq!(raw, Some(find.raw.as_str()), "{name}: {}", find.selector);
    }
}

#[test]
fn texts_are_searched() {
    for (name, bytes) in corpus("text") {
        let text = String::from_utf8_lossy(&bytes);
        for region in REGIONS {
            check(&name, &text, &find_all(&text, Some(region)));
        }
    }
}

#[test]
fn pages_are_read() {
    let url = Url::parse("https://ads.example/x").unwrap();
    for (name, body) in corpus("html") {
        for region in REGIONS {
            let profile = Profile::compile(&ProfileSettings::default(), Some(region)).unwrap();
            let page = RawPage {
                url: &url,
                kind: VisitKind::Detail,
                content_type: None,
                body: &body,
                fetched_at: Timestamp(1_795_000_000_000),
            };
            for listing in read(&page, &profile).listings {
                check(&name, &listing.text, &listing.finds);
            }
        }
    }
}
