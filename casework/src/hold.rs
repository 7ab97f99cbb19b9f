//! Legal holds as people place, list and lift them.

use sightline_model::{HoldId, Mint};
use sightline_store::{
    Tx, alerts, entries,
    holds::{self, Held, Hold, Lifted},
};

use crate::{By, Refused, refused::said};

/// Whether a case may be held that no entry is of yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ahead {
    /// It may: entries of it are to come.
    Allowed,
    /// It may not, for a name with a slip of the pen would hold nothing.
    Refused,
}

/// Places a hold: from now on nothing that it covers is purged or erased.
///
/// # Errors
/// Where what it is of is not there, or a field (`of`, `reason`) is wrong.
pub async fn place(
    tx: &mut Tx,
    of: Held,
    reason: &str,
    ahead: Ahead,
    by: &By,
    mint: &Mint,
) -> Result<Hold, Refused> {
    let of = match of {
        Held::Case(case) => Held::Case(said("case", &case)?),
        of => of,
    };
    match &of {
        Held::Case(case) if ahead == Ahead::Refused && !entries::any_of_case(tx, case).await? => {
            return Err(Refused::NoCase(crate::inert::line(case).into_owned()));
        }
        Held::Entry(id) if entries::get(tx, &[*id]).await?.is_empty() => {
            return Err(Refused::NoEntry(*id));
        }
        Held::Alert(id) if alerts::get(tx, &[*id]).await?.is_empty() => {
            return Err(Refused::NoAlert(*id));
        }
        Held::Case(_) | Held::Entry(_) | Held::Alert(_) => {}
    }
    let hold = Hold {
        id: mint.id(by.at),
        of,
        placed_at: by.at,
        placed_by: by.who.clone(),
        reason: said("reason", reason)?,
        lifted: None,
    };
    holds::place(tx, &hold).await?;
    let detail = format!("over {}: {}", in_words(&hold.of), hold.reason);
    by.log(tx, "hold.place", hold.id.to_string(), &detail)
        .await?;
    Ok(hold)
}

/// Lifts a hold: what it covered may be purged and erased again.
///
/// # Errors
/// Where there is none that stands, or `reason` is wrong.
pub async fn lift(tx: &mut Tx, id: HoldId, reason: &str, by: &By) -> Result<(), Refused> {
    let lifted = Lifted {
        at: by.at,
        by: by.who.clone(),
        why: said("reason", reason)?,
    };
    if !holds::lift(tx, id, &lifted).await? {
        return Err(Refused::NoHold(id));
    }
    by.log(tx, "hold.lift", id.to_string(), &lifted.why).await?;
    Ok(())
}

/// What a hold is of, in words.
pub fn in_words(of: &Held) -> String {
    match of {
        Held::Case(case) => format!("the case '{}'", crate::inert::line(case)),
        Held::Entry(id) => format!("entry {id}"),
        Held::Alert(id) => format!("alert {id}"),
    }
}
