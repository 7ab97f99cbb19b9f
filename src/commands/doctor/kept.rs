//! What is kept and what is to go: files of the archive that nothing names, records that are gone and still stand in one,
//! and periods.

use sightline_model::counted;
use sightline_store::{purges::Class, rewritings};

use super::Finding;
use crate::{app::App, commands::CommandError, output::inert};

pub(super) async fn examine(app: &App) -> Result<Vec<Finding>, CommandError> {
    let Ok(archive) = app.archive() else {
        // Told where the evidence is looked at.
        return Ok(Vec::new());
    };
    let closed = archive
        .closed_files()
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    let mut tx = app.read().await?;
    let names: Vec<&str> = closed.iter().map(String::as_str).collect();
    let named = rewritings::named(&mut tx, &names).await?;
    let unfinished = rewritings::unfinished(&mut tx).await?;
    let pending = rewritings::pending(&mut tx).await?;
    drop(tx);
    let is_under_way = |name: &&str| {
        let mut under_way = unfinished.iter();
        under_way.any(|one| one.old == **name || one.new == **name)
    };
    let orphans: Vec<&str> = names
        .into_iter()
        .filter(|name| !named.iter().any(|one| one == name) && !is_under_way(name))
        .collect();
    Ok(vec![
        files(&orphans),
        waiting(pending.len(), unfinished.len()),
        periods(app),
    ])
}

fn files(orphans: &[&str]) -> Finding {
    match orphans.first() {
        None => Finding::good("archive", "every file in it is named by a capture"),
        Some(first) => Finding::warning(
            "archive",
            format!(
                "{} named by no capture: {}{}",
                counted(orphans.len(), "file is", "files are"),
                inert::line(first),
                if orphans.len() > 1 { " …" } else { "" }
            ),
            "a crawl that was stopped, a restored store or another organisation leaves such files; look whose it is, and \
             move it away if it is nobody's",
        ),
    }
}

fn waiting(pending: usize, unfinished: usize) -> Finding {
    match pending.max(unfinished) {
        0 => Finding::good("compaction", "nothing that is gone stands in the archive"),
        count => Finding::warning(
            "compaction",
            format!(
                "{} still what was purged or erased",
                counted(count, "file holds", "files hold")
            ),
            "`sightline retention run` takes it out, and so does `sightline serve` within a minute; a file that another \
             process writes has to be closed first",
        ),
    }
}

fn periods(app: &App) -> Finding {
    let retention = &app.configuration.settings.retention;
    let set: Vec<String> = Class::ALL
        .into_iter()
        .filter(|&class| retention.days(class) > 0)
        .map(|class| {
            format!(
                "{} {}",
                class.as_str(),
                counted(retention.days(class), "day", "days")
            )
        })
        .collect();
    Finding::good(
        "retention",
        match set.is_empty() {
            true => "everything is kept for ever: [retention] has no period yet".to_owned(),
            false => format!("kept for a time: {}", set.join(", ")),
        },
    )
}
