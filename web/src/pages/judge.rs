//! What the forms of an alert's page do: take it, give it, comment, close, silence, and the ways back. Each leads back to the
//! page.

use axum::{Form, extract::State, response::Response};
use serde::Deserialize;
use sightline_casework::{
    Refused,
    judge::{self, Closing},
    silence::{self, Covering, Span},
    verdict,
};
use sightline_model::{Account, AlertId, Closed, Problem, SightingId, Verdict};
use sightline_store::{Tx, accounts, alerts, inbox, sightings};

use super::alert::{OfSighting, Typed, again, late, why_of};
use super::form::{filter, optional};
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, on_to},
    api::Named,
};

/// Takes it.
pub(crate) async fn acknowledge(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = judge::acknowledge(&mut tx, id, &console.by(&person)).await;
    finish(&console, &person, id, tx, done, Typed::default()).await
}

/// Takes it from whoever has it.
pub(crate) async fn take_over(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = judge::take_over(&mut tx, id, &console.by(&person)).await;
    finish(&console, &person, id, tx, done, Typed::default()).await
}

/// Gives it back: nobody has it.
pub(crate) async fn hand_back(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = judge::hand_back(&mut tx, id, None, &console.by(&person)).await;
    finish(&console, &person, id, tx, done, Typed::default()).await
}

/// Opens it again.
pub(crate) async fn reopen(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = judge::reopen(&mut tx, id, None, &console.by(&person)).await;
    finish(&console, &person, id, tx, done, Typed::default()).await
}

/// To whom; to nobody where it is empty.
#[derive(Deserialize)]
pub(crate) struct To {
    to: String,
    /// There where nobody of that name has an account, and it is meant all the same.
    anyway: Option<String>,
}

/// Gives it to somebody.
pub(crate) async fn assign(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Form(form): Form<To>,
) -> Result<Response, Error> {
    let to = Some(form.to.trim()).filter(|to| !to.is_empty());
    let mut tx = console.write().await?;
    let typed = |unknown| Typed {
        to: form.to.clone(),
        is_unknown: unknown,
        ..Typed::default()
    };
    let to = match whose(&mut tx, to).await {
        Ok(Whose::Nobody) => None,
        Ok(Whose::Account(name)) => Some(name),
        Ok(Whose::Unknown(name)) => {
            let given = inbox::given_to(&mut tx, GIVEN).await?;
            if form.anyway.is_none() && !given.contains(&name) {
                drop(tx);
                let fault = Problem::new(
                    "to",
                    "nobody has an account of this name",
                    "choose one, or say that it is meant all the same",
                );
                return again(&console, &person, id, Faults(vec![fault]), typed(true)).await;
            }
            Some(name)
        }
        Err(Error::Wrong(faults)) => {
            drop(tx);
            return again(&console, &person, id, Faults(faults), typed(false)).await;
        }
        Err(error) => return Err(error),
    };
    let done = judge::assign(&mut tx, id, to.as_deref(), &console.by(&person)).await;
    finish(&console, &person, id, tx, done, typed(false)).await
}

/// Names that alerts were given to which are looked through.
pub(super) const GIVEN: usize = 200;

/// Whose work an alert is to be.
pub(crate) enum Whose {
    /// Nobody's.
    Nobody,
    /// Of somebody who has an account, by its name as it is written there.
    Account(String),
    /// Of somebody who has none: a shift, or a colleague elsewhere; or it is misspelt.
    Unknown(String),
}

impl Whose {
    /// The name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Nobody => None,
            Self::Account(name) | Self::Unknown(name) => Some(name),
        }
    }
}

/// Whose work it is to be who is called so, in whatever case. Refuses somebody who has an account and may not see alerts.
pub(crate) async fn whose(tx: &mut Tx, to: Option<&str>) -> Result<Whose, Error> {
    let Some(to) = to else {
        return Ok(Whose::Nobody);
    };
    match accounts::by_name(tx, to.trim()).await? {
        Some((account, _)) if sees_alerts(&account) => Ok(Whose::Account(account.name)),
        Some(_) => Err(Error::field(
            "to",
            "whoever has this name may not see alerts",
            "choose one of those who may",
        )),
        None => Ok(Whose::Unknown(to.to_owned())),
    }
}

/// True where somebody may see alerts.
pub(super) fn sees_alerts(account: &Account) -> bool {
    account.disabled_at.is_none() && Permission::ReadAlerts.is_of(account.role)
}

/// What is said.
#[derive(Deserialize)]
pub(crate) struct Comment {
    text: String,
}

/// Says something on it.
pub(crate) async fn comment(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Form(form): Form<Comment>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = judge::comment(&mut tx, id, &form.text, &console.by(&person)).await;
    let typed = Typed {
        text: form.text,
        ..Typed::default()
    };
    finish(&console, &person, id, tx, done, typed).await
}

/// How it is closed.
#[derive(Deserialize)]
pub(crate) struct Close {
    #[serde(rename = "as", default, deserialize_with = "optional")]
    how: Option<Closed>,
    #[serde(default)]
    why: String,
    /// A box that is ticked where each sighting is judged alike.
    sightings: Option<String>,
    /// There where the page showed it as closed already.
    anew: Option<String>,
}

/// Closes it.
pub(crate) async fn close(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Form(form): Form<Close>,
) -> Result<Response, Error> {
    let typed = Typed {
        why: form.why.clone(),
        how: form.how,
        is_of_each: form.sightings.is_some(),
        ..Typed::default()
    };
    let Some(how) = form.how else {
        let fault = Problem::new("as", "is missing", "say what it turned out to be");
        return again(&console, &person, id, Faults(vec![fault]), typed).await;
    };
    let closing = Closing {
        how,
        why: Some(form.why.trim()).filter(|why| !why.is_empty()),
        sightings: form.sightings.is_some(),
        anew: form.anew.is_some(),
    };
    let mut tx = console.write().await?;
    let done = judge::close(&mut tx, id, &closing, &console.by(&person)).await;
    finish(&console, &person, id, tx, done, typed).await
}

/// What is kept quiet, for how long, and why.
#[derive(Deserialize)]
pub(crate) struct Silence {
    #[serde(default)]
    hours: String,
    #[serde(default)]
    reason: String,
}

/// Keeps its entry quiet for a time.
pub(crate) async fn silence(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<AlertId>,
    Form(form): Form<Silence>,
) -> Result<Response, Error> {
    let by = console.by(&person);
    let mut tx = console.write().await?;
    let alert = alerts::get(&mut tx, &[id])
        .await?
        .pop()
        .ok_or(Error::NotFound)?;
    let covering = Covering {
        entry: Some(alert.entry),
        ..Covering::default()
    };
    let done = match silence::offered(&form.hours) {
        Ok(time) => {
            let span = Span {
                from: None,
                until: by.at + time,
                reason: &form.reason,
            };
            silence::add(&mut tx, &covering, &span, &by, &console.parts.mint).await
        }
        Err(refused) => Err(refused),
    };
    let typed = Typed {
        reason: form.reason.clone(),
        hours: form.hours.clone(),
        ..Typed::default()
    };
    finish(&console, &person, id, tx, done, typed).await
}

/// What one sighting of it turned out to be.
#[derive(Deserialize)]
pub(crate) struct Word {
    #[serde(default, deserialize_with = "filter")]
    verdict: Option<Verdict>,
    #[serde(default)]
    why: String,
    /// The alert on whose page it is said.
    alert: AlertId,
    /// From which of its sightings on that page showed them.
    #[serde(default, deserialize_with = "optional")]
    from: Option<usize>,
}

/// Says it, or takes back what was said.
pub(crate) async fn verdict(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SightingId>,
    Form(word): Form<Word>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let found = sightings::get(&mut tx, &[id]).await?;
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    let by = console.by(&person);
    let done = verdict::say(&mut tx, &found, word.verdict, &word.why, &by).await;
    let done = done.map_err(|refused| refused.renamed("why", &why_of(&id)));
    let typed = Typed {
        word: Some(OfSighting {
            sighting: id,
            why: word.why,
            from: word.from.unwrap_or_default(),
        }),
        ..Typed::default()
    };
    finish(&console, &person, word.alert, tx, done, typed).await
}

/// Back to the page: as it is now, or with what was wrong and what was typed.
async fn finish<T>(
    console: &Console,
    person: &Person,
    id: AlertId,
    tx: Tx,
    done: Result<T, Refused>,
    typed: Typed,
) -> Result<Response, Error> {
    match done {
        Ok(_) => {
            tx.commit().await?;
            Ok(on_to(&typed.back(id)))
        }
        Err(Refused::Wrong(problem)) => {
            tx.rollback().await?;
            again(console, person, id, Faults(vec![problem]), typed).await
        }
        // Somebody was quicker: the page says who, and what was typed stands in it still.
        Err(Refused::Already(..) | Refused::AlreadyAs(..) | Refused::NotTaken(..)) => {
            tx.rollback().await?;
            late(console, person, id, typed).await
        }
        Err(refused) => Err(refused.into()),
    }
}
