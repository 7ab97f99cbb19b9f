//! Patterns that stand on a list and can't be looked for: the matcher passes over them, and nobody would know.

use sightline_casework::{Names, patterns};
use sightline_model::{Entry, Problem};

use super::Finding;
use crate::{app::App, commands::CommandError, output::inert};

pub(super) async fn examine(app: &App) -> Result<Vec<Finding>, CommandError> {
    let mut tx = app.read().await?;
    let unusable = patterns::unusable(&mut tx, app.clock.now()).await?;
    let names = Names::read(&mut tx).await?;
    let findings = unusable
        .iter()
        .map(|(entry, problem)| finding(entry, &names.watchlist(entry.watchlist), problem));
    Ok(findings.collect())
}

fn finding(entry: &Entry, list: &str, problem: &Problem) -> Finding {
    Finding::bad(
        "pattern",
        format!(
            "{} on '{}' is not looked for: {}",
            entry.id,
            inert::cut(list, 60),
            inert::line(&problem.message)
        ),
        format!(
            "`sightline watchlist remove {}`, and add it as it can be looked for: {}",
            entry.id, problem.remedy
        ),
    )
}
