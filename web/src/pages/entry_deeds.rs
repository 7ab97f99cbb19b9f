//! What the forms of an entry's page do: make a draft active, say that it goes on, take it off. Each leads back to it.

use axum::{Form, extract::State, response::Response};
use serde::Deserialize;
use sightline_casework::{
    Refused,
    entry::{self, Change},
};
use sightline_model::{EntryDeed, EntryId, Problem};
use sightline_store::Tx;
use sightline_watchlists::EntryDraft;

use super::entry::{Typed, again, late};
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, on_to},
    api::Named,
};

/// What is still missing of a draft.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Missing {
    purpose: String,
    legal_basis: String,
    owner: String,
}

/// Where nothing was written, what is there stays.
fn written(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Has a draft looked for from now on.
pub(crate) async fn activate(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Form(form): Form<Missing>,
) -> Result<Response, Error> {
    let draft = EntryDraft {
        purpose: written(&form.purpose),
        legal_basis: written(&form.legal_basis),
        owner: written(&form.owner),
        ..EntryDraft::default()
    };
    let typed = Typed {
        purpose: form.purpose,
        legal_basis: form.legal_basis,
        owner: form.owner,
        ..Typed::default()
    };
    let what = Change {
        deed: EntryDeed::Activated,
        draft: &draft,
        reason: "",
    };
    change(&console, &person, id, &what, typed).await
}

/// When the next review is, and why it goes on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Review {
    review_at: String,
    why: String,
}

/// Has it go on until its next review.
pub(crate) async fn review(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Form(form): Form<Review>,
) -> Result<Response, Error> {
    let draft = EntryDraft {
        review_at: written(&form.review_at),
        ..EntryDraft::default()
    };
    let typed = Typed {
        review_at: form.review_at,
        why: form.why,
        ..Typed::default()
    };
    let reason = typed.why.trim().to_owned();
    let what = Change {
        deed: EntryDeed::Reviewed,
        draft: &draft,
        reason: &reason,
    };
    change(&console, &person, id, &what, typed).await
}

/// Why it is no longer looked for.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Why {
    reason: String,
}

/// Takes it off its list.
pub(crate) async fn withdraw(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Form(form): Form<Why>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = match form.reason.trim() {
        "" => Err(Refused::Wrong(Problem::new(
            "reason",
            "is empty",
            "say why, for those who ask later",
        ))),
        reason => entry::withdraw(&mut tx, id, reason, &console.by(&person))
            .await
            .map(drop),
    };
    let typed = Typed {
        reason: form.reason,
        ..Typed::default()
    };
    finish(&console, &person, id, tx, done, typed).await
}

async fn change(
    console: &Console,
    person: &Person,
    id: EntryId,
    what: &Change<'_>,
    typed: Typed,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let by = console.by(person);
    let done = entry::change(&mut tx, &[id], what, &by, &console.parts.mint).await;
    // The page has a reason to withdraw it as well: what is wrong with that of a change stands at its own field.
    let done = done
        .map(drop)
        .map_err(|refused| refused.renamed("reason", "why"));
    finish(console, person, id, tx, done, typed).await
}

/// Back to the page; or there again, with what was wrong and everything that was typed.
async fn finish(
    console: &Console,
    person: &Person,
    id: EntryId,
    tx: Tx,
    done: Result<(), Refused>,
    typed: Typed,
) -> Result<Response, Error> {
    let refused = match done {
        Ok(()) => {
            tx.commit().await?;
            return Ok(on_to(&format!("/entries/{id}")));
        }
        Err(refused) => refused,
    };
    drop(tx);
    if is_late(&refused) {
        return late(console, person, id, typed).await;
    }
    match Error::from(refused) {
        Error::Wrong(problems) => again(console, person, id, Faults(problems), typed).await,
        error => Err(error),
    }
}

/// True where it is no longer as the page showed it, whose form is gone: the page says who was quicker.
fn is_late(refused: &Refused) -> bool {
    match refused {
        Refused::Withdrawn(_) => true,
        Refused::WrongEntry(_, problems) => problems.iter().any(|problem| problem.key == "state"),
        _ => false,
    }
}
