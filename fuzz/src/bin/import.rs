//! Any bytes, as a list that an analyst imports (CSV, plain, XLSX, STIX, MISP): every row has an outcome, and every refusal
//! a reason; nothing panics.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sightline_fuzz::{in_linear_time, region};
use sightline_model::{Category, Kind, Mint, Timestamp};
use sightline_watchlists::{
    EntryDefaults, Terms,
    import::{Format, Options, RowOutcome, read},
};

static DEFAULTS: LazyLock<EntryDefaults> = LazyLock::new(|| EntryDefaults {
    purpose: Some("find missing persons".into()),
    legal_basis: Some("an order".into()),
    owner: Some("desk 2".into()),
    category: Some(Category::Victim),
    review_after_days: Some(90),
    ..EntryDefaults::default()
});

fuzz_target!(|bytes: &[u8]| {
    let [pick, whose, file @ ..] = bytes else {
        return;
    };
    let mint = Mint::seeded(1);
    let terms = Terms {
        watchlist: mint.id(Timestamp(0)),
        defaults: &DEFAULTS,
        region: region(*whose),
        now: Timestamp(1_795_000_000_000),
        mint: &mint,
    };
    let formats = Format::ALL.len() as u8 + 1;
    let options = Options {
        // The last is left to be told from the file.
        format: Format::ALL.into_iter().nth(usize::from(pick % formats)),
        kind: (pick & 0x80 != 0).then_some(Kind::Phone),
        most: Some(5_000),
        ..Options::default()
    };
    in_linear_time(file.len(), || {
        let Ok(import) = read(file, "list", &options, terms) else {
            return;
        };
        for row in import {
            // A file that breaks off ends the rows, and says so.
            let Ok(row) = row else { break };
            if let RowOutcome::Refused { problems, .. } = row.outcome {
                assert!(!problems.is_empty(), "{} is refused without a reason", row.place);
            }
        }
    });
});
