//! `/alerts/…`: one alert, with all that a person needs to judge it.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sightline_alerts::words;
use sightline_casework::{
    Names,
    alert::{self, Full},
};
use sightline_model::{AlertChange, AlertDeed, AlertId, AlertState, Delivery};

use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page},
    api::Named,
    when::When,
};

#[derive(Template)]
#[template(path = "alert.html")]
struct Alert {
    frame: Frame,
    full: Full,
    faults: Faults,
    /// What somebody wrote that was not right: nothing typed is lost.
    typed: Typed,
}

/// What was typed into the page's forms.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Typed {
    pub text: String,
    pub why: String,
    pub reason: String,
}

impl Alert {
    /// What is looked for, as the page's first words.
    fn looked_for(&self) -> String {
        match &self.full.entry {
            Some(entry) => self.frame.text(&entry.selector.value),
            None => "An entry that is gone".to_owned(),
        }
    }

    fn may_judge(&self) -> bool {
        self.frame.may(Permission::JudgeAlerts)
    }

    fn may_silence(&self) -> bool {
        self.frame.may(Permission::SilenceAlerts)
    }

    fn is_closed(&self) -> bool {
        self.full.alert.state == AlertState::Closed
    }

    fn may_be_taken(&self) -> bool {
        matches!(
            self.full.alert.state,
            AlertState::Open | AlertState::Silenced
        )
    }

    /// `took it`, `gave it to Night desk`
    fn deed(&self, change: &AlertChange) -> String {
        let last = change
            .fields
            .last()
            .and_then(|field| field.after.as_deref());
        match (change.deed, last) {
            (AlertDeed::Acknowledged, _) => "took it".to_owned(),
            (AlertDeed::Assigned, Some(to)) => format!("gave it to {}", self.frame.text(to)),
            (AlertDeed::Assigned, None) => "gave it back".to_owned(),
            (AlertDeed::Commented, _) => "said".to_owned(),
            (AlertDeed::Closed, how) => format!("closed it as {}", how.unwrap_or("closed")),
        }
    }

    /// What became of a message, in words.
    fn message(&self, delivery: &Delivery) -> String {
        let now = self.frame.now;
        words::message(delivery, &self.full.rules, &|at| When::new(at, now).words())
    }
}

/// Shows it, and keeps that it was shown.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Response, Error> {
    page(&console, &person, id, Faults::default(), Typed::default()).await
}

/// Shows it again, with what was wrong in a form.
pub(crate) async fn again(
    console: &Console,
    person: &Person,
    id: AlertId,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let page = page(console, person, id, faults, typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn page(
    console: &Console,
    person: &Person,
    id: AlertId,
    faults: Faults,
    typed: Typed,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    let full = alert::read(&mut tx, id, &names, &|at| When::new(at, now).words()).await?;
    drop(tx);
    console
        .log_read(person, "alert.read", id.to_string())
        .await?;
    // Neither the entry nor a name stands in the title: browsers keep titles.
    Ok(Page(Alert {
        frame: Frame::new("Alert", "/", person, now),
        full,
        faults,
        typed,
    })
    .into_response())
}
