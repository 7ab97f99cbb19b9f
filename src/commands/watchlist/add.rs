//! `sightline watchlist add`: one entry.

use std::slice::from_ref;

use clap::Args;
use serde::Serialize;
use sightline_casework::{
    Names,
    entry::{self as casework, Coming, Through, Withdrawn},
};
use sightline_extractors::canonical;
use sightline_model::{Entry, Kind, Way};
use sightline_pipeline::backtest::{Backtest, DAYS};
use sightline_watchlists::{EntryDraft, Terms, Watched, entry};

use super::{
    backtest,
    written::{self, Written},
};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, by, extract::region, furniture},
    output::{inert, when},
};

/// Put one entry on a watchlist
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline watchlist add 'Operation Lotus' phone '+1 202 555 0123'\n  \
    sightline watchlist add 'Operation Lotus' handle telegram/lotus_demo --case 12/26 --note 'see report 4'\n  \
    sightline watchlist add 'Operation Lotus' phrase 'we keep your passport' --severity grave\n  \
    sightline watchlist add 'Operation Lotus' phone '07700 900123' --match any_country\n  \
    sightline watchlist add 'Operation Lotus' url https://ads.example/profiles/lotus --match prefix\n  \
    sightline watchlist add 'Operation Lotus' phrase '\"new girls\" near:5 \"no police\"'\n  \
    sightline watchlist add 'Operation Lotus' pattern 'room\\s+\\d{3}\\b'")]
pub(super) struct Add {
    /// The watchlist
    name: String,
    /// What sort of identifier: phone, email, handle, url, domain, wallet, image, phrase or pattern
    kind: String,
    /// The identifier, in any spelling
    value: String,
    /// The country whose national telephone numbers are read, in two letters (ISO 3166-1)
    #[arg(long, value_name = "CC", value_parser = region)]
    region: Option<String>,
    /// What is said about it; what is left out comes from the watchlist's defaults
    #[command(flatten)]
    written: Written,
    /// First show what it would have raised in the last 90 days, as `watchlist backtest` does
    #[arg(long)]
    backtest: bool,
    /// Only write it down: it is not looked for until it is activated, and may still lack a purpose, a legal basis
    /// and an owner
    #[arg(long)]
    draft: bool,
}

/// The entry as programs are told of it.
#[derive(Serialize)]
struct Added<'e> {
    #[serde(flatten)]
    entry: &'e Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    backtest: Option<&'e Backtest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    had_been_withdrawn: Option<&'e Withdrawn>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    cautions: &'e [String],
}

/// Runs the command.
pub(super) async fn run(add: Add, app: &App, context: &Context) -> Ended {
    let draft = EntryDraft {
        kind: Some(add.kind),
        value: Some(add.value),
        ..add.written.draft()
    };
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &add.name).await?;
    drop(tx);
    let defaults = super::defaults_of(&watchlist)?;
    let now = app.clock.now();
    let terms = Terms {
        watchlist: watchlist.id,
        defaults: &defaults,
        region: add.region.as_deref(),
        now,
        mint: &app.mint,
    };
    let given = entry::Given::of(&draft);
    let made = match add.draft {
        true => entry::sketch(&draft, &terms),
        false => entry::make(&draft, &terms),
    };
    let entry = made.map_err(|problems| CommandError::problems(&written::as_options(problems)))?;
    let mut tx = app.read().await?;
    let Coming {
        entry, cautions, ..
    } = casework::coming(&mut tx, entry, given).await?;
    drop(tx);
    let out = context.out;
    let tested = match add.backtest {
        true => backtest::of(from_ref(&entry), DAYS, &watchlist, app)
            .await?
            .pop(),
        false => None,
    };
    let shown = inert::line(&entry.selector.to_string()).into_owned();
    let mut tx = app.write().await?;
    let (entry, withdrawn) = casework::add(
        &mut tx,
        &watchlist,
        entry,
        given,
        Through::Command,
        &by(now),
    )
    .await?;
    let id = entry.id.to_string();
    tx.commit().await?;
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let mut standing = furniture::standing(&mut tx, [Watched::from(&entry)], &names, now).await?;
    drop(tx);
    out.record(&Added {
        entry: &entry,
        backtest: tested.as_ref(),
        had_been_withdrawn: withdrawn.as_ref(),
        cautions: &cautions,
    })?;
    if let Some(tested) = &tested {
        out.say(backtest::in_words(&entry.selector, tested, &names, now))?;
    }
    out.say(format_args!("Added {shown} as entry {}.", entry.id))?;
    if let Some(withdrawn) = &withdrawn {
        out.say(format_args!(
            "But mind: it {}.",
            withdrawn.in_words(&when::words(withdrawn.at, now))
        ))?;
    }
    if let Some(domain) = beside(&entry) {
        out.say(format_args!(
            "It stands for {} and everything under it, not for all of {domain}: that is --match subdomains.",
            inert::line(&entry.selector.value)
        ))?;
    }
    for caution in &cautions {
        out.say(format_args!("But mind: {}.", inert::line(caution)))?;
    }
    for one in standing.remove(&entry.id).unwrap_or_default() {
        out.say(format_args!("But mind: it is {}.", one.in_words()))?;
    }
    for one in super::warnings::of(&entry, app) {
        out.say(format_args!("But mind: it is {one}."))?;
    }
    if add.draft {
        out.note(format_args!(
            "It is a draft, and not looked for yet: sightline watchlist activate {id}"
        ));
        return Ok(Status::Done);
    }
    out.note(format_args!(
        "To look for it in what is already stored: sightline hunt --watchlist '{}'",
        watchlist.name
    ));
    Ok(Status::Done)
}

/// The registrable domain of a host that is watched by itself.
fn beside(entry: &Entry) -> Option<String> {
    let Entry { selector, way, .. } = entry;
    let domain = canonical(Kind::Domain, &selector.value, None).ok()?.value;
    (*way == Way::Host && domain != selector.value).then_some(domain)
}
