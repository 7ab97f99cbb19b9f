//! `/entries/…/edit`: what is said of an entry is changed. What it looks for stays: that would be another entry.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sightline_casework::{
    Refused,
    entry::{self, Change},
};
use sightline_model::{
    Category, Entry, EntryChange, EntryDeed, EntryId, EntryState, Problem, Severity, Timestamp,
    Tlp, Way,
};
use sightline_store::{
    Tx,
    entries::{self, changes},
};
use sightline_watchlists::EntryDraft;

use super::{
    entry::{Typed, late},
    fields::{Fields, Moved},
};
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page, on_to},
    api::Named,
};

#[derive(Template)]
#[template(path = "entry_form.html")]
struct Shown {
    frame: Frame,
    entry: Entry,
    fields: Fields,
    /// What it was when the form was shown.
    was: String,
    moved: Vec<Moved>,
    /// Who changed it last.
    who: String,
    reason: String,
    faults: Faults,
}

impl Shown {
    fn ways(&self) -> &'static [Way] {
        Way::of(self.entry.selector.kind)
    }
}

/// Shows the form. One that was withdrawn is not changed any more: its page says by whom.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let (entry, _) = found(&mut tx, id).await?;
    drop(tx);
    if entry.state == EntryState::Withdrawn {
        return late(&console, &person, id, Typed::default()).await;
    }
    console
        .log_read(&person, "entry.read", id.to_string())
        .await?;
    let fields = shown(&entry);
    Ok(Page(Shown {
        frame: Frame::new("Edit an entry", "/watchlists", &person, console.now()),
        entry,
        was: fields.to_json(),
        fields,
        moved: Vec::new(),
        who: String::new(),
        reason: String::new(),
        faults: Faults::default(),
    })
    .into_response())
}

/// Changes it. Where somebody else did so since the form was shown, nothing is done: it is shown what they changed, and that they
/// withdrew it.
pub(crate) async fn save(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let (mut fields, was) = Fields::typed(sent);
    let mut tx = console.write().await?;
    let (entry, who) = found(&mut tx, id).await?;
    let now = shown(&entry);
    if entry.state == EntryState::Withdrawn {
        drop(tx);
        let typed = Typed {
            edited: fields.changed(was.as_ref().unwrap_or(&now)),
            ..Typed::default()
        };
        return late(&console, &person, id, typed).await;
    }
    let moved = fields.follow(was.as_ref().unwrap_or(&now), &now);
    let draft = draft(&fields, &now);
    let reason = fields.get("reason").trim().to_owned();
    let what = Change {
        deed: EntryDeed::Edited,
        draft: &draft,
        reason: &reason,
    };
    let has_review = fields.written("review_at").is_some();
    let done = match moved.is_empty() {
        true if !has_review => Err(Refused::Wrong(Problem::new(
            "review_at",
            "is empty",
            "say when it must be looked at again",
        ))),
        true => entry::change(
            &mut tx,
            &[id],
            &what,
            &console.by(&person),
            &console.parts.mint,
        )
        .await
        .map(drop),
        false => Err(Refused::WrongEntry(id, Vec::new())),
    };
    let problems = match done {
        // Who changed nothing has nothing to be told of.
        Ok(()) | Err(Refused::Unchanged(_)) => {
            tx.commit().await?;
            return Ok(on_to(&format!("/entries/{id}")));
        }
        Err(refused) => match Error::from(refused) {
            Error::Wrong(problems) => problems,
            error => return Err(error),
        },
    };
    drop(tx);
    let status = match moved.is_empty() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::CONFLICT,
    };
    let page = Page(Shown {
        frame: Frame::new("Edit an entry", "/watchlists", &person, console.now()),
        entry,
        was: now.to_json(),
        fields,
        moved,
        who,
        reason,
        faults: Faults::at_fields(problems),
    });
    Ok((status, page).into_response())
}

/// The entry, and who changed it last.
async fn found(tx: &mut Tx, id: EntryId) -> Result<(Entry, String), Error> {
    let stored = entries::get(tx, &[id]).await?.pop();
    let entry = stored.ok_or(Refused::NoEntry(id))?;
    let last: Option<EntryChange> = changes::of_entry(tx, id).await?.pop();
    Ok((entry, last.map_or_else(String::new, |last| last.who)))
}

/// What the form shows of an entry.
fn shown(entry: &Entry) -> Fields {
    let mut fields = Fields::default();
    for (field, value) in [
        ("purpose", entry.purpose.clone()),
        ("legal_basis", entry.legal_basis.clone()),
        ("owner", entry.owner.clone()),
        ("category", entry.category.to_string()),
        ("review_at", day(entry.review_at)),
        (
            "expires_at",
            entry.expires_at.map(last_day).unwrap_or_default(),
        ),
        (
            "case_reference",
            entry.case_reference.clone().unwrap_or_default(),
        ),
        ("tlp", entry.tlp.to_string()),
        (
            "severity",
            entry
                .severity
                .map(|word| word.to_string())
                .unwrap_or_default(),
        ),
        ("note", entry.note.clone().unwrap_or_default()),
        ("tags", entry.tags.join(", ")),
        ("match", entry.way.to_string()),
        (
            "despite_warning",
            entry.despite_warning.clone().unwrap_or_default(),
        ),
    ] {
        fields.set(field, value);
    }
    fields
}

/// A day where it is the beginning of one, as it is written; the whole instant where it is not.
fn day(at: Timestamp) -> String {
    match at.0.rem_euclid(86_400_000) {
        0 => at.to_utc().format("%Y-%m-%d").to_string(),
        _ => at.to_string(),
    }
}

/// The day at whose end it ends.
fn last_day(end: Timestamp) -> String {
    match end.0.rem_euclid(86_400_000) {
        0 => day(Timestamp(end.0 - 86_400_000)),
        _ => end.to_string(),
    }
}

/// What is different from what stands there; the rest is left out, and stays.
fn draft(fields: &Fields, now: &Fields) -> EntryDraft {
    let changed = |field: &str| {
        let typed = fields.get(field).trim();
        (typed != now.get(field).trim()).then(|| typed.to_owned())
    };
    EntryDraft {
        way: changed("match"),
        purpose: changed("purpose"),
        legal_basis: changed("legal_basis"),
        owner: changed("owner"),
        category: changed("category"),
        review_at: changed("review_at"),
        expires_at: changed("expires_at"),
        case_reference: changed("case_reference"),
        tlp: changed("tlp"),
        severity: changed("severity"),
        note: changed("note"),
        tags: changed("tags"),
        despite_warning: changed("despite_warning"),
        ..EntryDraft::default()
    }
}
