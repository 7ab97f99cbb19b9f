//! `/holds`: the legal holds that stand, placing and lifting them; and the receipts of what was purged and erased.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{
    Refused,
    hold::{self, Ahead},
};
use sightline_model::{HoldId, Problem, counted};
use sightline_store::{
    Tx,
    erasures::{self, Erasure},
    holds::{self, Held, Hold, Lifted, Which},
    purges::{self, Receipt},
};

use super::query::Query;
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page, on_to},
    api::Named,
};

/// Holds and receipts that are shown at most.
const SHOWN: u32 = 200;

/// What a hold is to be of, as it was typed or as another page leads here.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    of: String,
    name: String,
    reason: String,
    /// There where a case may be held that no entry is of yet.
    force: Option<String>,
    /// Which one was to be lifted, and why.
    #[serde(skip)]
    lifting: Option<(HoldId, String)>,
}

#[derive(Template)]
#[template(path = "holds.html")]
struct Holds {
    frame: Frame,
    holds: Vec<Hold>,
    receipts: Vec<Receipt>,
    erased: Vec<Erasure>,
    typed: Typed,
    faults: Faults,
    /// How the one that was to be lifted was lifted meanwhile.
    meanwhile: Option<Lifted>,
}

impl Holds {
    fn of(&self, hold: &Hold) -> String {
        hold::in_words(&hold.of)
    }

    fn may_place(&self) -> bool {
        self.frame.may(Permission::PlaceHolds)
    }

    /// What was typed where this one was to be lifted.
    fn lifting(&self, hold: &HoldId) -> Option<&str> {
        let lifting = self.typed.lifting.as_ref();
        let lifting = lifting.filter(|(id, _)| id == hold);
        lifting.map(|(_, why)| why.as_str())
    }

    fn why_of(&self, hold: &HoldId) -> String {
        why_of(hold)
    }

    fn is_of(&self, word: &str) -> bool {
        self.typed.of == word || (word == "case" && self.typed.of.is_empty())
    }
}

/// The field in which it is said why a hold is lifted: the page has one for each that stands.
fn why_of(hold: &HoldId) -> String {
    format!("why-{hold}")
}

/// Shows them.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    page(&console, &person, typed, Faults::default()).await
}

async fn page(
    console: &Console,
    person: &Person,
    typed: Typed,
    faults: Faults,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let holds = holds::list(&mut tx, Which::All, None, SHOWN).await?;
    let receipts = purges::list(&mut tx, None, SHOWN).await?;
    let erased = erasures::list(&mut tx, None, SHOWN).await?;
    drop(tx);
    let many = counted(holds.len(), "hold", "holds");
    console.log_read(person, "holds.read", many).await?;
    let lifting = typed.lifting.as_ref();
    let meanwhile = holds.iter().find_map(|hold| {
        let is_it = lifting.is_some_and(|(id, _)| *id == hold.id);
        hold.lifted.clone().filter(|_| is_it)
    });
    let status = match meanwhile {
        Some(_) => StatusCode::CONFLICT,
        None => faults.status(),
    };
    let page = Page(Holds {
        frame: Frame::new("Holds", "/holds", person, console.now()),
        holds,
        receipts,
        erased,
        typed,
        faults,
        meanwhile,
    });
    Ok((status, page).into_response())
}

/// Places one.
pub(crate) async fn place(
    State(console): State<Console>,
    person: Person,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let name = typed.name.trim();
    let of = match typed.of.as_str() {
        "entry" => name.parse().ok().map(Held::Entry),
        "alert" => name.parse().ok().map(Held::Alert),
        _ => Some(Held::Case(name.to_owned())),
    };
    let Some(of) = of else {
        let fault = Problem::new(
            "name",
            "is no identifier",
            "take it from the page of the entry or alert",
        );
        return page(&console, &person, typed, Faults(vec![fault])).await;
    };
    let mut tx = console.write().await?;
    let by = console.by(&person);
    let ahead = match typed.force.is_some() {
        true => Ahead::Allowed,
        false => Ahead::Refused,
    };
    let mint = &console.parts.mint;
    let placed = hold::place(&mut tx, of, &typed.reason, ahead, &by, mint).await;
    match placed.map_err(|why| told_of(why, "name", "tick the box below")) {
        Ok(_) => {
            tx.commit().await?;
            Ok(on_to("/holds"))
        }
        Err(Error::Wrong(faults)) => {
            drop(tx);
            page(&console, &person, typed, Faults(faults)).await
        }
        Err(error) => Err(error),
    }
}

/// Why a hold was not placed, told of the field by which it is said what is held. `ahead` is what is to be done where no entry
/// is of the case yet.
pub(crate) fn told_of(why: Refused, field: &str, ahead: &str) -> Error {
    match why {
        Refused::Wrong(mut problem) => {
            if problem.key == "case" {
                problem.key = field.to_owned();
            }
            Error::Wrong(vec![problem])
        }
        Refused::NoCase(_) => Error::field(
            field,
            "is the case of no entry",
            format!("write it as entries do, or {ahead} to hold it ahead of them"),
        ),
        Refused::NoEntry(_) | Refused::NoAlert(_) => Error::field(
            field,
            why.to_string(),
            "take it from the entry or alert itself",
        ),
        why => why.into(),
    }
}

/// Why one is lifted.
#[derive(Deserialize)]
pub(crate) struct Lift {
    #[serde(default)]
    reason: String,
}

/// Lifts one.
pub(crate) async fn lift(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<HoldId>,
    Form(form): Form<Lift>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let done = hold::lift(&mut tx, id, &form.reason, &console.by(&person)).await;
    let faults = match done.map_err(|refused| refused.renamed("reason", &why_of(&id))) {
        Ok(()) => {
            tx.commit().await?;
            return Ok(on_to("/holds"));
        }
        Err(Refused::Wrong(problem)) => Faults(vec![problem]),
        // Somebody was quicker: the page says who.
        Err(Refused::NoHold(_)) if was_lifted(&mut tx, id).await? => Faults::default(),
        Err(refused) => return Err(refused.into()),
    };
    drop(tx);
    let typed = Typed {
        lifting: Some((id, form.reason)),
        ..Typed::default()
    };
    page(&console, &person, typed, faults).await
}

/// True of a hold that the page shows as lifted.
async fn was_lifted(tx: &mut Tx, id: HoldId) -> Result<bool, Error> {
    let holds = holds::list(tx, Which::All, None, SHOWN).await?;
    let mut holds = holds.iter();
    Ok(holds.any(|hold| hold.id == id && hold.lifted.is_some()))
}
