//! `sightline watchlist create`: a new list, with what its entries get by default and whom it tells of what.

use clap::Args;
use sightline_alerts::rules::Rules;
use sightline_casework::watchlist::{self, Written};
use sightline_model::{Category, Certainty, Reason, Severity, Tlp, Watchlist};
use sightline_watchlists::EntryDefaults;

use super::times::Times;
use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, by},
};

/// Make a watchlist
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  \
    sightline watchlist create 'Operation Lotus' --purpose 'find missing persons' \\\n      \
    --legal-basis 'court order 12/26' --owner 'J. Doe' --category suspect --review-days 180 \\\n      \
    --channel team-mail --channel case-system")]
pub(super) struct Create {
    /// What people call it
    name: String,
    #[command(flatten)]
    defaults: Defaults,
    #[command(flatten)]
    rules: RuleFlags,
    #[command(flatten)]
    times: Times,
}

/// What an entry gets where its own row says nothing.
#[derive(Debug, Args)]
#[command(next_help_heading = "Entries get, where their own row says nothing")]
struct Defaults {
    /// Why they are looked for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// What permits it: a law, an order, a consent
    #[arg(long, value_name = "TEXT")]
    legal_basis: Option<String>,
    /// Who answers for them
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Whose identifiers they are thought to be: suspect, victim (or possible victim), witness or other
    #[arg(long, value_name = "WORD", value_parser = Category::read)]
    category: Option<Category>,
    /// Days until they must be looked at again: 1 to 730
    #[arg(long, value_name = "DAYS")]
    review_days: Option<u32>,
    /// Days until they no longer match: 1 to 3,650; without it they match until they are removed
    #[arg(long, value_name = "DAYS")]
    expiry_days: Option<u32>,
    /// The organisation's own case
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// How far they may be shared: clear, green, amber, amber_strict or red; without it amber
    #[arg(long, value_name = "WORD")]
    tlp: Option<Tlp>,
}

/// Whom to tell, of what, and when.
#[derive(Debug, Args)]
#[command(next_help_heading = "Alerts")]
struct RuleFlags {
    /// Channels that are told, by their names in the configuration; repeat for several
    #[arg(long = "channel", value_name = "NAME")]
    channels: Vec<String>,
    /// Reasons that raise an alert: first, reappeared, new_source, new_listing, historic; without it all but new_listing
    #[arg(long = "reason", value_name = "WORD", value_parser = Reason::ruled)]
    reasons: Vec<Reason>,
    /// What raises an alert: possible, or certain, which has what is only possible recorded and told to nobody; without it possible
    #[arg(long, value_name = "WORD")]
    certainty: Option<Certainty>,
    /// How grave a sighting is: low, normal or grave; without it normal
    #[arg(long, value_name = "WORD")]
    severity: Option<Severity>,
    /// An entry that no listing showed for longer than this has reappeared, in days; without it 14
    #[arg(long, value_name = "DAYS")]
    gap_days: Option<u32>,
    /// Close an alert as stale that no listing has shown and nobody has touched for so many days; without it none is
    #[arg(long, value_name = "DAYS")]
    stale_days: Option<u32>,
    /// How long a new alert waits for more sightings before its message goes out, in seconds; without it 30
    #[arg(long, value_name = "SECONDS")]
    wait_seconds: Option<u32>,
    /// The least time between two messages of one alert, in seconds; without it 300
    #[arg(long, value_name = "SECONDS")]
    interval_seconds: Option<u32>,
    /// Remind of an alert that nobody has acknowledged, each time after so many seconds; without it never
    #[arg(long, value_name = "SECONDS")]
    repeat_seconds: Option<u32>,
}

/// Runs the command.
pub(super) async fn run(create: Create, app: &App, context: &Context) -> Ended {
    let Create {
        name,
        defaults,
        rules,
        times,
    } = create;
    let rules = times.over(alert_rules(rules))?;
    let watchlist = make(app, &name, entry_defaults(defaults), rules).await?;
    context
        .out
        .record(&serde_json::json!({"id": watchlist.id, "name": watchlist.name}))?;
    context.out.say(format_args!("Made the watchlist '{name}'. Put entries on it:\n  sightline watchlist import '{name}' FILE"))?;
    Ok(Status::Done)
}

/// Makes and stores a watchlist, or says everything that is wrong with it.
pub(crate) async fn make(
    app: &App,
    name: &str,
    defaults: EntryDefaults,
    rules: Rules,
) -> Result<Watchlist, CommandError> {
    let written = Written {
        name: name.to_owned(),
        defaults,
        rules,
    };
    let mut tx = app.write().await?;
    let by = by(app.clock.now());
    let list = watchlist::create(&mut tx, &written, &channels(app), &by, &app.mint).await?;
    tx.commit().await?;
    Ok(list)
}

/// The channels that the configuration names, whether they can be used or not.
pub(super) fn channels(app: &App) -> Vec<&str> {
    app.configuration.channels().into_iter().collect()
}

fn entry_defaults(flags: Defaults) -> EntryDefaults {
    EntryDefaults {
        purpose: flags.purpose,
        legal_basis: flags.legal_basis,
        owner: flags.owner,
        category: flags.category,
        review_after_days: flags.review_days,
        expires_after_days: flags.expiry_days,
        case_reference: flags.case,
        tlp: flags.tlp,
        severity: None,
    }
}

fn alert_rules(flags: RuleFlags) -> Rules {
    let usual = Rules::default();
    Rules {
        reasons: if flags.reasons.is_empty() {
            usual.reasons
        } else {
            flags.reasons.into_iter().collect()
        },
        certainty: flags.certainty.unwrap_or(usual.certainty),
        severity: flags.severity.unwrap_or(usual.severity),
        channels: flags.channels,
        group_wait_seconds: flags.wait_seconds.unwrap_or(usual.group_wait_seconds),
        group_interval_seconds: flags
            .interval_seconds
            .unwrap_or(usual.group_interval_seconds),
        repeat_seconds: flags.repeat_seconds,
        gap_days: flags.gap_days.unwrap_or(usual.gap_days),
        stale_days: flags.stale_days,
        ..usual
    }
}
