//! `/runs/…`: one run, and how each of its visits ended, in words that an operator understands.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::outcome::explain;
use sightline_model::{Outcome, Run, RunId, Visit};
use sightline_store::{Tx, paces, runs, sources, visits};

use super::{form::filter, query::Query};
use crate::{
    Console, Error,
    access::Person,
    address::Address,
    answer::{Frame, Page},
    api::{Listed, Named},
};

/// Visits of one page.
const PAGE: u32 = 100;

/// Which visits, and where to go on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default, deserialize_with = "filter")]
    outcome: Option<Outcome>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "run.html")]
struct Shown {
    frame: Frame,
    run: Run,
    source: String,
    /// How often visits ended in each way, the most frequent first.
    ends: Vec<(Outcome, i64)>,
    /// The one that is shown.
    outcome: Option<Outcome>,
    visits: Vec<Visit>,
    next: Option<String>,
}

impl Shown {
    fn is_shown(&self, outcome: &Outcome) -> bool {
        self.outcome == Some(*outcome)
    }

    fn meaning(&self, outcome: &Outcome) -> &'static str {
        explain(*outcome).0
    }

    fn remedy(&self, outcome: &Outcome) -> &'static str {
        explain(*outcome).1
    }

    fn tone(&self, outcome: &Outcome) -> &'static str {
        match *outcome {
            Outcome::Fetched => "ok",
            Outcome::Unchanged | Outcome::Gone => "quiet",
            outcome if outcome.is_block() => "warn",
            _ => "bad",
        }
    }

    /// The particulars, where they say more than the outcome does.
    fn detail(&self, visit: &Visit) -> Option<String> {
        let detail = visit.detail.as_ref();
        let detail = detail.filter(|_| !visit.outcome.is_some_and(Outcome::is_success));
        detail.map(|detail| self.frame.text(detail))
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<RunId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let run = runs::get(&mut tx, &[id]).await?.pop();
    let run = run.ok_or(Error::NotFound)?;
    let source = sources::get(&mut tx, run.source).await?;
    let source = source.ok_or(Error::NotFound)?.definition.name;
    let ends = ends_of(&mut tx, id).await?;
    let after = asked.after.as_deref();
    let visits = paces::visits_of(&mut tx, id, asked.outcome, after, PAGE + 1).await?;
    drop(tx);
    let Listed {
        items: visits,
        next,
    } = Listed::page(visits, PAGE, |last| {
        Address::of(format!("/runs/{id}"))
            .with_any("outcome", asked.outcome.map(Outcome::as_str))
            .with("after", &last.url)
            .written()
    });
    Ok(Page(Shown {
        frame: Frame::new("Run", "/sources", &person, console.now()),
        run,
        source,
        ends,
        outcome: asked.outcome,
        visits,
        next,
    })
    .into_response())
}

/// How often visits of a run ended in each way, the most frequent first.
pub(crate) async fn ends_of(tx: &mut Tx, run: RunId) -> Result<Vec<(Outcome, i64)>, Error> {
    let mut ends: Vec<(Outcome, i64)> = Vec::new();
    for end in visits::outcomes(tx, run).await? {
        match ends.iter_mut().find(|(outcome, _)| *outcome == end.outcome) {
            Some((_, count)) => *count += end.count,
            None => ends.push((end.outcome, end.count)),
        }
    }
    ends.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(ends)
}
