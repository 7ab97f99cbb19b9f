//! Imports public STIX bundles, exports what came of them, and holds both against each other.
//!
//! `cargo run -p sightline-watchlists --example stix_conformance FOLDER OUTPUT`: each bundle of the folder is met where
//! every alternative of its patterns is an entry or refused with a reason, where each exported pattern looks for a value
//! that the bundle names, and where the export is read back as it was. Exports are written to OUTPUT, for others to judge.

use std::{collections::HashMap, fs, path::Path, process::ExitCode};

use sightline_model::{Category, Entry, Mint, Timestamp, Watchlist};
use sightline_watchlists::{
    EntryDefaults, Terms,
    export::{self, Export},
    import::{self, Format, Options, RowOutcome},
};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(output)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: stix_conformance FOLDER OUTPUT");
        return ExitCode::from(2);
    };
    let mut files: Vec<_> = match fs::read_dir(&folder) {
        Ok(files) => files.filter_map(|file| Some(file.ok()?.path())).collect(),
        Err(error) => {
            eprintln!("{folder}: {error}");
            return ExitCode::FAILURE;
        }
    };
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let (mut met, mut not_met) = (0, 0);
    for file in files {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match judged(&file, &Path::new(&output).join(&name)) {
            Ok(told) => {
                met += 1;
                println!("  {name}: {told}");
            }
            Err(why) => {
                not_met += 1;
                println!("  {name}: NOT MET, {why}");
            }
        }
    }
    println!("STIX 2.1 bundles: {met} met, {not_met} not met");
    match not_met {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn judged(file: &Path, output: &Path) -> Result<String, String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (entries, refused) = read(&bytes)?;
    let list = list();
    let export = Export {
        watchlist: &list,
        entries: &entries,
        changed: &HashMap::new(),
        now: NOW,
    };
    let mut exported = Vec::new();
    export::write(Format::Stix, &export, &mut exported).map_err(|error| error.to_string())?;
    let (again, lost) = read(&exported)?;
    if !lost.is_empty() {
        return Err(format!("its export is refused: {}", lost[0]));
    }
    for (entry, back) in entries.iter().zip(&again) {
        if !text.to_lowercase().contains(&value(entry).to_lowercase()) {
            return Err(format!("nobody asked for {}", entry.selector));
        }
        let same = Entry {
            id: entry.id,
            written: entry.written.clone(),
            ..back.clone()
        };
        if same != *entry {
            return Err(format!(
                "{} comes back as another: {back:?}",
                entry.selector
            ));
        }
    }
    if entries.len() != again.len() {
        return Err(format!(
            "{} entries went out, and {} came back",
            entries.len(),
            again.len()
        ));
    }
    fs::write(output, &exported).map_err(|error| error.to_string())?;
    let mut reasons: HashMap<&str, usize> = HashMap::new();
    for reason in &refused {
        *reasons.entry(reason).or_default() += 1;
    }
    let mut reasons: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{count} × {reason}"))
        .collect();
    reasons.sort();
    Ok(format!(
        "{} entries, {} refused {}",
        entries.len(),
        refused.len(),
        reasons.join("; ")
    )
    .trim_end()
    .to_owned())
}

/// What stands behind a chain, a platform or a hash.
fn value(entry: &Entry) -> &str {
    let value = entry.selector.value.as_str();
    match entry.selector.kind {
        sightline_model::Kind::Image
        | sightline_model::Kind::Handle
        | sightline_model::Kind::Wallet => value.split_once('/').map_or(value, |(_, value)| value),
        _ => value,
    }
}

/// The entries of a bundle, and why the other rows are none. Duplicates say the same again.
fn read(bytes: &[u8]) -> Result<(Vec<Entry>, Vec<String>), String> {
    let defaults = EntryDefaults {
        purpose: Some("a check".into()),
        legal_basis: Some("public samples".into()),
        owner: Some("nobody".into()),
        category: Some(Category::Other),
        review_after_days: Some(90),
        ..EntryDefaults::default()
    };
    let mint = Mint::seeded(1);
    let terms = Terms {
        watchlist: list().id,
        defaults: &defaults,
        region: None,
        now: NOW,
        mint: &mint,
    };
    let options = Options {
        format: Some(Format::Stix),
        state: Some(sightline_model::EntryState::Active),
        ..Options::default()
    };
    let rows =
        import::read(bytes, "bundle.json", &options, terms).map_err(|error| error.to_string())?;
    let (mut entries, mut refused) = (Vec::new(), Vec::new());
    for row in rows {
        match row.map_err(|error| error.to_string())?.outcome {
            RowOutcome::Ready(entry) => entries.push(*entry),
            RowOutcome::Duplicate { .. } | RowOutcome::Deleted => {}
            RowOutcome::Refused { problems, .. } => {
                let first = problems.first().map(|problem| problem.message.clone());
                refused.push(first.ok_or("a row is refused without a reason")?);
            }
        }
    }
    Ok((entries, refused))
}

fn list() -> Watchlist {
    Watchlist {
        id: Mint::seeded(7).id(NOW),
        name: "Public samples".into(),
        defaults: serde_json::Value::Null,
        rules: serde_json::Value::Null,
        created_at: NOW,
    }
}
