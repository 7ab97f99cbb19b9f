//! `sightline sighting …`: what a person made of a sighting, remembered for its entry and its listing.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use sightline_casework::{
    By,
    verdict::{self, Heard},
};
use sightline_model::{Sighting, SightingId, Timestamp, Verdict};
use sightline_store::{
    Tx, sightings,
    verdicts::{self, Said},
};

use super::{Beginning, CommandError, Context, Ended, Status, who};
use crate::{
    app::App,
    output::{inert, when},
};

/// Say what sightings turned out to be
///
/// It is remembered for the pair of entry and listing, whatever the listing says later. A rejected pair raises no alert ever
/// again and counts for nothing; others of the entry do. Everything that was said stays in the history.
#[derive(Debug, Args)]
#[command(
    name = "sighting",
    arg_required_else_help = true,
    after_long_help = "Examples:\n  \
        sightline sighting reject 0199a1b2-… --reason 'the number of the taxi rank next door'\n  \
        sightline sighting confirm 0199a1b2-… 0199a1b3-…\n  \
        sightline sighting undo 0199a1b2-…"
)]
pub struct SightingCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// It is what was looked for: shown so ever after
    Confirm(Words),
    /// It is not: this listing never alerts for this entry again
    Reject(Words),
    /// Take back what was said: it is undecided again
    Undo(Words),
    /// Show what was said of a sighting, by whom and when
    History(Which),
}

#[derive(Debug, Args)]
struct Words {
    /// The ids of the sightings, as `sightline sightings --json` and `alert show --json` give them
    #[arg(required = true)]
    ids: Vec<Beginning<SightingId>>,
    /// Why: others read it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who says so; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Debug, Args)]
struct Which {
    /// The id of the sighting
    id: Beginning<SightingId>,
}

/// Runs the command.
pub async fn run(sighting: SightingCommand, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let (words, found_to_be) = match sighting.action {
        Action::Confirm(words) => (words, Some(Verdict::Confirmed)),
        Action::Reject(words) => (words, Some(Verdict::Rejected)),
        Action::Undo(words) => (words, None),
        Action::History(which) => return history(which, &app, context).await,
    };
    // Whoever has no reason leaves it out; one that is empty is a slip.
    if words
        .reason
        .as_deref()
        .is_some_and(|why| why.trim().is_empty())
    {
        return Err(CommandError::Usage(
            "--reason is empty; say why, for others read it, or leave it out".to_owned(),
        ));
    }
    let why = words.reason.unwrap_or_default();
    let who = words.by.unwrap_or_else(who);
    let mut tx = app.write().await?;
    let found = found(&mut tx, &words.ids).await?;
    let now = app.clock.now();
    let by = By { who, at: now };
    let said = verdict::say(&mut tx, &found, found_to_be, &why, &by).await?;
    tx.commit().await?;
    for (sighting, said) in found.iter().zip(&said) {
        context.out.record(
            &serde_json::json!({"id": sighting.id, "said": said.words(), "new": said.is_new()}),
        )?;
        let words = match (said, found_to_be) {
            (Heard::New(_), Some(Verdict::Confirmed)) => "confirmed".to_owned(),
            (Heard::New(_), Some(Verdict::Rejected)) => {
                "rejected; this listing does not alert for this entry again".to_owned()
            }
            (Heard::New(_), None) => "undecided again".to_owned(),
            (Heard::Known(Some(said)), _) => {
                format!("so already, nothing was added: {}", in_words(said, now))
            }
            (Heard::Known(None), _) => {
                "undecided already; there is nothing to take back".to_owned()
            }
        };
        context.out.say(format_args!("{}: {words}", sighting.id))?;
    }
    Ok(Status::Done)
}

async fn found(tx: &mut Tx, ids: &[Beginning<SightingId>]) -> Result<Vec<Sighting>, CommandError> {
    let mut wanted: BTreeSet<SightingId> = BTreeSet::new();
    for id in ids {
        wanted.insert(id.found(tx).await?);
    }
    let wanted: Vec<SightingId> = wanted.into_iter().collect();
    let mut found = sightings::get(tx, &wanted).await?;
    found.sort_by_key(|one| one.id);
    match wanted
        .iter()
        .find(|id| !found.iter().any(|one| one.id == **id))
    {
        None => Ok(found),
        Some(id) => Err(CommandError::Failed(format!(
            "there is no sighting {id}; `sightline sightings --json` lists them"
        ))),
    }
}

async fn history(which: Which, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let found = found(&mut tx, &[which.id]).await?;
    let pairs: Vec<_> = found.iter().map(|one| (one.entry, one.listing)).collect();
    let all = verdicts::history(&mut tx, &pairs).await?;
    for said in &all {
        context.out.record(said)?;
        context.out.say(in_words(said, now))?;
    }
    if all.is_empty() {
        context.out.note("Nothing was said of it yet.");
    }
    Ok(Status::Done)
}

/// What somebody said, in words: "rejected by A. Analyst 2026-11-23 10:00:00Z (now): the taxi rank".
pub(crate) fn in_words(said: &Said, now: Timestamp) -> String {
    let what = match said.verdict {
        Some(verdict) => verdict.as_str(),
        None => "taken back",
    };
    let why = match said.why.as_str() {
        "" => String::new(),
        why => format!(": {why}"),
    };
    let when = when::words(said.at, now);
    inert::line(&format!("{what} by {} {when}{why}", said.who)).into_owned()
}
