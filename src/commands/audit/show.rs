//! `sightline audit show` and `digest`: one deed with its place in the chain, and what stands for a text in the log.

use clap::Args;
use sightline_store::audit;

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, typed},
    output::{inert, when},
};

/// Show one deed, with its place in the chain and its hashes
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its number, as `sightline audit list` has it
    #[arg(value_parser = typed::deed)]
    deed: i64,
}

/// Show the digest that stands for a text in the log
///
/// What people search for, and selectors that they look at, stand in the log as digests made with the instance's key: so
/// the log tells whether somebody searched for a number, and no number to whoever reads it. `list --subject` does this by
/// itself.
#[derive(Debug, Args)]
pub(super) struct DigestOf {
    /// The text, as it was searched for; of a selector, its kind and canonical value: "phone +12025550123"
    text: String,
}

/// Runs `show`.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let found = audit::get(&mut tx, show.deed).await?;
    let placed = found.ok_or_else(|| {
        CommandError::Failed(format!(
            "there is no deed {}; `sightline audit list` has their numbers",
            show.deed
        ))
    })?;
    context.out.record(&placed)?;
    let deed = &placed.logged.deed;
    let lines = [
        format!("Deed {}", placed.logged.id),
        format!("  when: {}", when::exact(deed.at)),
        format!("  who: {}", inert::line(&deed.who)),
        format!("  what: {}", inert::line(&deed.what)),
        format!("  to what: {}", inert::line(&deed.subject)),
        format!("  particulars: {}", inert::line(&deed.detail)),
        match placed.place {
            Some(place) => format!("  place in the chain: {place}"),
            None => "  it has no place in the chain".to_owned(),
        },
        format!("  follows: {}", placed.previous.as_deref().unwrap_or("–")),
        format!("  hash: {}", placed.hash.as_deref().unwrap_or("–")),
    ];
    context.out.say(lines.join("\n"))?;
    Ok(Status::Done)
}

/// Runs `digest`.
pub(super) async fn digest(asked: DigestOf, app: &App, context: &Context) -> Ended {
    let digest = app.digester().await?.of(asked.text.trim());
    context
        .out
        .record(&serde_json::json!({ "digest": digest }))?;
    context.out.say(&digest)?;
    Ok(Status::Done)
}
