//! `sightline watchlist backtest`: what an entry would have raised, before it is put on its list.

use std::slice::from_ref;

use clap::Args;
use serde::Serialize;
use sightline_casework::{
    Names,
    entry::{self as casework, Coming},
};
use sightline_model::{Category, Entry, Selector, Timestamp, Watchlist as Stored, counted};
use sightline_pipeline::backtest::{self, Backtest, DAYS, MOST, Warning, Withheld};
use sightline_watchlists::{EntryDraft, Terms, entry, furniture};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, extract::region},
    output::{inert, when},
};

/// Show what an entry would have raised, had it been on a watchlist
///
/// All that is stored is replayed under the rules of the watchlist, and nothing is written: how many alerts, on how many
/// listings, where and when, with examples; and whether it would be a nuisance. As if every alert had been closed a day after
/// it was raised. What a listing showed is known from its first to its last sight, and not whether it was away in
/// between; so there may have been more, and never less.
#[derive(Debug, Args)]
#[command(
    name = "backtest",
    after_long_help = "Examples:\n  \
    sightline watchlist backtest 'Operation Lotus' phone '+1 202 555 0123'\n  \
    sightline watchlist backtest 'Operation Lotus' phrase 'new in town' --days 30"
)]
pub(super) struct Test {
    /// The watchlist whose rules are followed
    name: String,
    /// What sort of identifier: phone, email, handle, url, domain, wallet, image, phrase or pattern
    kind: String,
    /// The identifier, in any spelling
    value: String,
    /// The country whose national telephone numbers are read, in two letters (ISO 3166-1)
    #[arg(long, value_name = "CC", value_parser = region)]
    region: Option<String>,
    /// How far beyond the identifier it reaches, as with `watchlist add`
    #[arg(long = "match", value_name = "WAY")]
    way: Option<String>,
    /// How many days to look back
    #[arg(long, value_name = "N", default_value_t = DAYS, value_parser = days)]
    days: u32,
}

/// What an entry would have raised, as programs are told of it.
#[derive(Serialize)]
struct Tested<'t> {
    watchlist: &'t str,
    #[serde(flatten)]
    selector: &'t Selector,
    #[serde(flatten)]
    test: &'t Backtest,
}

/// Runs the command.
pub(super) async fn run(test: Test, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &test.name).await?;
    let names = Names::read(&mut tx).await?;
    drop(tx);
    // It is not kept, so nobody has to answer for it.
    let mut defaults = super::defaults_of(&watchlist)?;
    defaults.category.get_or_insert(Category::Other);
    defaults.review_after_days.get_or_insert(1);
    let now = app.clock.now();
    let terms = Terms {
        watchlist: watchlist.id,
        defaults: &defaults,
        region: test.region.as_deref(),
        now,
        mint: &app.mint,
    };
    let draft = EntryDraft {
        kind: Some(test.kind),
        value: Some(test.value),
        way: test.way,
        ..EntryDraft::default()
    };
    let sketch =
        entry::sketch(&draft, &terms).map_err(|problems| CommandError::problems(&problems))?;
    let mut tx = app.read().await?;
    let coming = casework::coming(&mut tx, sketch, entry::Given::of(&draft)).await?;
    drop(tx);
    let Coming {
        entry, cautions, ..
    } = coming;
    let tested = of(from_ref(&entry), test.days, &watchlist, app).await?;
    for test in &tested {
        context.out.record(&Tested {
            watchlist: &watchlist.name,
            selector: &entry.selector,
            test,
        })?;
        context
            .out
            .say(in_words(&entry.selector, test, &names, now))?;
    }
    for caution in &cautions {
        context
            .out
            .note(format_args!("Mind: {}.", inert::line(caution)));
    }
    Ok(Status::Done)
}

/// What entries would have raised, saved or not; in their order.
pub(super) async fn of(
    entries: &[Entry],
    days: u32,
    watchlist: &Stored,
    app: &App,
) -> Result<Vec<Backtest>, CommandError> {
    let (warnings, _) = app.warnings();
    let of = (watchlist, entries);
    let tested = backtest::of_list(
        &app.store,
        app.organisation,
        of,
        &warnings,
        days,
        app.clock.now(),
    );
    tested
        .await
        .map_err(|error| CommandError::Failed(error.to_string()))
}

/// In words for people.
pub(super) fn in_words(
    selector: &Selector,
    test: &Backtest,
    names: &Names,
    now: Timestamp,
) -> String {
    let shown = inert::line(&selector.to_string()).into_owned();
    let mut lines = vec![format!(
        "{shown} would have raised {} with {} on {} in the last {}.",
        counted(test.alerts, "alert", "alerts"),
        counted(test.messages, "message", "messages"),
        counted(test.listings, "listing", "listings"),
        counted(test.days, "day", "days"),
    )];
    let at_least = match test.at_least {
        true => format!("more than {MOST}; the counts are of these"),
        false => test.ever.to_string(),
    };
    lines.push(format!(
        "  Listings that ever showed it, as far as stored: {at_least}."
    ));
    if !test.reasons.is_empty() {
        let reasons: Vec<String> = test
            .reasons
            .iter()
            .rev()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        lines.push(format!("  Reasons: {}.", reasons.join(", ")));
    }
    for source in test.sources.iter().take(SOURCES) {
        lines.push(format!(
            "  On {}: {}, {} of them news.",
            inert::line(&names.source(source.source)),
            counted(source.listings, "listing", "listings"),
            source.told
        ));
    }
    if let Some(more) = test
        .sources
        .len()
        .checked_sub(SOURCES)
        .filter(|more| *more > 0)
    {
        lines.push(format!("  And on {more} more; --json has all."));
    }
    let busy = test.weeks.iter().filter(|week| week.listings > 0);
    let weeks: Vec<String> = busy
        .map(|week| {
            format!(
                "{} {}/{}",
                week.from.to_utc().format("%d %b"),
                week.alerts,
                week.listings
            )
        })
        .collect();
    if !weeks.is_empty() {
        lines.push(format!(
            "  Alerts/listings by week from: {}.",
            weeks.join(", ")
        ));
    }
    for example in &test.examples {
        let explanation = &example.explanation;
        lines.push(format!(
            "\n  {} — {}, on {}",
            when::words(example.first_seen, now),
            example.reason,
            inert::line(&names.source(example.source))
        ));
        let text = format!(
            "{}»{}«{}",
            explanation.before, explanation.raw, explanation.after
        );
        lines.push(format!("    {}", inert::line(&text)));
        lines.push(format!("    {}", inert::line(example.url.as_str())));
    }
    if let Some(withheld) = &test.withheld {
        lines.extend(kept_back(selector, withheld, names));
    }
    for warning in &test.warnings {
        lines.push(format!("\nMind: {}", warned(warning, names)));
    }
    lines.join("\n")
}

/// Of which sources it is the site's own, and what it would have raised were it not.
fn kept_back(selector: &Selector, withheld: &Withheld, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    for one in withheld.furniture.iter().take(SOURCES) {
        let source = names.source(one.source);
        // What reaches further than its own value may meet another.
        let met = match one.selector == *selector {
            true => "it".to_owned(),
            false => format!("{}, which it reaches,", one.selector),
        };
        let said = format!("Mind: {met} is {}.", furniture::in_words(one, &source));
        let remedy = format!(
            "If that is wrong: sightline furniture release '{source}' {} '{}' --reason '…'",
            one.selector.kind, one.selector.value
        );
        lines.push(format!("\n{}", inert::line(&said)));
        lines.push(format!("  {}", inert::line(&remedy)));
    }
    if let Some(more) = withheld
        .furniture
        .len()
        .checked_sub(SOURCES)
        .filter(|more| *more > 0)
    {
        lines.push(format!("  And so on {more} more; --json has all."));
    }
    lines.push(format!(
        "  Were it released, it would have raised {} with {} on {}, {} of them news.",
        counted(withheld.alerts, "alert", "alerts"),
        counted(withheld.messages, "message", "messages"),
        counted(withheld.listings, "listing", "listings"),
        withheld.told,
    ));
    lines
}

/// How far back, in days.
fn days(text: &str) -> Result<u32, String> {
    let days = text
        .parse()
        .ok()
        .filter(|days| (1..=MOST_DAYS).contains(days));
    days.ok_or_else(|| format!("give a number of days from 1 to {MOST_DAYS}"))
}

/// The most days that are looked back.
const MOST_DAYS: u32 = 3_650;

/// Sources that are named; the others are counted.
const SOURCES: usize = 8;

fn warned(warning: &Warning, names: &Names) -> String {
    match warning {
        Warning::Flood { day, told } => format!(
            "on {} alone people would have been told of {}. Nobody reads that: take a longer value, or a phrase \
             with more words.",
            day.to_utc().format("%Y-%m-%d"),
            counted(*told, "listing", "listings")
        ),
        Warning::Furniture { source, percent } => format!(
            "it stands on {percent} % of the listings of {}: it looks like the site's own, such as its hotline. If it is, say \
             so: sightline furniture declare",
            inert::line(&names.source(*source))
        ),
    }
}
