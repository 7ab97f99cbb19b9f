//! `sightline watchlist set`: another rule, or another default, for a list that is there.

use clap::Args;
use sightline_alerts::rules::Rules;
use sightline_casework::watchlist::{self, Written};
use sightline_model::{Category, Certainty, Reason, Severity, Tlp};
use sightline_watchlists::EntryDefaults;

use super::{
    create::channels,
    times::{NoTimes, Times},
};
use crate::{
    app::App,
    commands::{Context, Ended, Status, by},
    output::inert,
};

/// Change whom a watchlist tells, of what, and when; or what its entries get by default
///
/// What is not named stays as it is. Alerts follow the new rules from their next message on, and what waits goes to the
/// channels that are named now; entries that are on the list keep what they have. The change goes into the audit log.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline watchlist set 'Operation Lotus' --channel team-mail --channel case-system\n  \
    sightline watchlist set 'Operation Lotus' --severity grave --repeat-seconds 86400\n  \
    sightline watchlist set 'Operation Lotus' --no-channels --no-repeat\n  \
    sightline watchlist set 'Operation Lotus' --new-name 'Operation Lotus (closed)'")]
pub(super) struct Set {
    /// The watchlist
    name: String,
    /// What people call it from now on; links to it and its entries stay as they are
    #[arg(long, value_name = "NAME")]
    new_name: Option<String>,
    #[command(flatten)]
    rules: RuleChanges,
    #[command(flatten)]
    times: Times,
    #[command(flatten)]
    no_times: NoTimes,
    #[command(flatten)]
    defaults: DefaultChanges,
}

/// Whom to tell, of what, and when.
#[derive(Debug, Args)]
#[command(next_help_heading = "Alerts")]
struct RuleChanges {
    /// The channels that are told, in place of those so far; repeat for several
    #[arg(long = "channel", value_name = "NAME", conflicts_with = "no_channels")]
    channels: Vec<String>,
    /// Tell nobody: alerts are shown, but not sent
    #[arg(long)]
    no_channels: bool,
    /// The reasons that raise an alert, in place of those so far: first, reappeared, new_source, new_listing, historic
    #[arg(long = "reason", value_name = "WORD", value_parser = Reason::ruled)]
    reasons: Vec<Reason>,
    /// What raises an alert: possible, or certain, which has what is only possible recorded and told to nobody
    #[arg(long, value_name = "WORD")]
    certainty: Option<Certainty>,
    /// How grave a sighting is: low, normal or grave
    #[arg(long, value_name = "WORD")]
    severity: Option<Severity>,
    /// An entry that no listing showed for longer than this has reappeared, in days
    #[arg(long, value_name = "DAYS")]
    gap_days: Option<u32>,
    /// Close an alert as stale that no listing has shown and nobody has touched for so many days
    #[arg(long, value_name = "DAYS", conflicts_with = "no_stale")]
    stale_days: Option<u32>,
    /// Close no alert as stale: that is for people to do
    #[arg(long)]
    no_stale: bool,
    /// How long a new alert waits for more sightings before its message goes out, in seconds
    #[arg(long, value_name = "SECONDS")]
    wait_seconds: Option<u32>,
    /// The least time between two messages of one alert, in seconds
    #[arg(long, value_name = "SECONDS")]
    interval_seconds: Option<u32>,
    /// Remind of an alert that nobody has acknowledged, each time after so many seconds
    #[arg(long, value_name = "SECONDS", conflicts_with = "no_repeat")]
    repeat_seconds: Option<u32>,
    /// Remind of no alert
    #[arg(long)]
    no_repeat: bool,
}

/// What an entry gets where its own row says nothing.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Entries that are added from now on get, where their own row says nothing"
)]
struct DefaultChanges {
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
    /// Days until they no longer match: 1 to 3,650
    #[arg(long, value_name = "DAYS")]
    expiry_days: Option<u32>,
    /// The organisation's own case
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// How far they may be shared: clear, green, amber, amber_strict or red
    #[arg(long, value_name = "WORD")]
    tlp: Option<Tlp>,
}

/// Runs the command.
pub(super) async fn run(set: Set, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let named = super::named(&mut tx, &set.name).await?;
    let before = watchlist::to_change(&mut tx, named.id).await?;
    let before_set = Written::of(&before)?;
    let rules = set.times.over(set.rules.over(before_set.rules))?;
    let written = Written {
        name: set.new_name.unwrap_or(before_set.name),
        rules: set.no_times.over(rules),
        defaults: set.defaults.over(before_set.defaults),
    };
    let by = by(app.clock.now());
    let (watchlist, changes) =
        watchlist::set(&mut tx, before.id, &written, &channels(app), &by, &app.mint).await?;
    tx.commit().await?;
    if changes.is_empty() {
        context
            .out
            .note("Nothing was changed: that is how it is already, or no option names a change.");
    }
    context.out.record(&watchlist)?;
    for change in &changes {
        context.out.say(inert::line(change))?;
    }
    Ok(Status::Done)
}

impl RuleChanges {
    fn over(self, rules: Rules) -> Rules {
        let asked_reasons = !self.reasons.is_empty();
        let asked_channels = !self.channels.is_empty() || self.no_channels;
        Rules {
            reasons: match asked_reasons {
                true => self.reasons.into_iter().collect(),
                false => rules.reasons,
            },
            certainty: self.certainty.unwrap_or(rules.certainty),
            severity: self.severity.unwrap_or(rules.severity),
            channels: match asked_channels {
                true => self.channels,
                false => rules.channels,
            },
            group_wait_seconds: self.wait_seconds.unwrap_or(rules.group_wait_seconds),
            group_interval_seconds: self
                .interval_seconds
                .unwrap_or(rules.group_interval_seconds),
            repeat_seconds: match self.no_repeat {
                true => None,
                false => self.repeat_seconds.or(rules.repeat_seconds),
            },
            gap_days: self.gap_days.unwrap_or(rules.gap_days),
            stale_days: match self.no_stale {
                true => None,
                false => self.stale_days.or(rules.stale_days),
            },
            ..rules
        }
    }
}

impl DefaultChanges {
    fn over(self, defaults: EntryDefaults) -> EntryDefaults {
        EntryDefaults {
            purpose: self.purpose.or(defaults.purpose),
            legal_basis: self.legal_basis.or(defaults.legal_basis),
            owner: self.owner.or(defaults.owner),
            category: self.category.or(defaults.category),
            review_after_days: self.review_days.or(defaults.review_after_days),
            expires_after_days: self.expiry_days.or(defaults.expires_after_days),
            case_reference: self.case.or(defaults.case_reference),
            tlp: self.tlp.or(defaults.tlp),
            severity: defaults.severity,
        }
    }
}
