//! Patterns that stand on a list and can't be looked for: the matcher passes over them, and nobody would know.

use sightline_casework::{Names, patterns};
use sightline_model::{EntryId, Problem};

use super::Finding;
use crate::{app::App, commands::CommandError, output::inert};

pub(super) async fn examine(app: &App) -> Result<Vec<Finding>, CommandError> {
    let mut tx = app.read().await?;
    let unusable = patterns::unusable(&mut tx, app.clock.now()).await?;
    let names = Names::read(&mut tx).await?;
    let findings = unusable
        .iter()
        .map(|(entry, problem)| finding(entry.id, &names.watchlist(entry.watchlist), problem));
    Ok(findings.collect())
}

fn finding(entry: EntryId, list: &str, problem: &Problem) -> Finding {
    Finding::bad(
        "pattern",
        format!(
            "{entry} on '{}' is not looked for: {}",
            inert::cut(list, 60),
            inert::line(&problem.message)
        ),
        format!(
            "`sightline watchlist remove {entry}`, and add it as it can be looked for: {}",
            problem.remedy
        ),
    )
}

#[cfg(test)]
mod tests {
    use sightline_model::{Mint, Timestamp};

    use super::*;
    use crate::commands::doctor::Verdict;

    #[test]
    fn what_can_not_be_looked_for_is_told_with_its_list_and_what_to_do() {
        let entry: EntryId = Mint::seeded(1).id(Timestamp(0));
        let problem = sightline_watchlists::unusable("(unclosed").unwrap();
        let told = finding(entry, "Har\u{202e}bour", &problem);
        assert!(matches!(told.verdict, Verdict::Bad));
        let on = format!("{entry} on 'Har\\u{{202e}}bour' is not looked for: ");
        let why = told.finding.strip_prefix(&on);
        assert!(
            why.is_some_and(|why| why.contains("unclosed group") && !why.contains('\n')),
            "{}",
            told.finding
        );
        let todo =
            format!("`sightline watchlist remove {entry}`, and add it as it can be looked for: ");
        let how = told.remedy.strip_prefix(&todo);
        assert!(how.is_some_and(|how| !how.is_empty()), "{}", told.remedy);
    }
}
