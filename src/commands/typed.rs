//! What is typed to name something: identifiers, whole or as much of their beginning as leads to one, and fingerprints of keys.

use std::{fmt, marker::PhantomData, str::FromStr};

use sightline_casework::{By, Refused};
use sightline_model::{
    AlertId, CaptureId, DeliveryId, EntryId, ErasureId, HoldId, ListingId, RunId, SightingId,
    SilenceId, Timestamp,
};
use sightline_store::{
    Tx,
    ids::{self, Typed},
};
use uuid::Uuid;

use super::{CommandError, by};
use crate::{app::App, output::inert};

/// Fewer characters than this are more likely a slip than a beginning.
const SHORTEST: usize = 4;
/// How many are named of those that begin alike.
const NAMED: u32 = 5;

/// What is typed by its identifier, and which command shows that.
pub trait Shown: Typed + fmt::Display {
    /// The command.
    const BY: &'static str;
}

macro_rules! shown {
    ($($id:ident: $command:literal)*) => {$(
        impl Shown for $id {
            const BY: &'static str = $command;
        }
    )*};
}

shown! {
    AlertId: "sightline alerts"
    DeliveryId: "sightline deliveries"
    EntryId: "sightline watchlist show NAME"
    ErasureId: "sightline erase list"
    HoldId: "sightline hold list"
    RunId: "sightline runs"
    SightingId: "sightline sightings --json"
    SilenceId: "sightline alert silences"
}

/// The fingerprint of a key as people copy it, in groups or not: 64 hexadecimal digits in lower case.
pub fn fingerprint(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    match digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        true => Ok(digits.to_ascii_lowercase()),
        false => Err(
            "a fingerprint has 64 hexadecimal digits; `sightline doctor` shows that of an instance"
                .to_owned(),
        ),
    }
}

/// A capture's number as somebody typed it.
pub fn capture(text: &str) -> Result<CaptureId, String> {
    let by = "sightline listing NUMBER";
    number(text, "a capture", by).map(CaptureId)
}

/// A listing's number as somebody typed it.
pub fn listing(text: &str) -> Result<ListingId, String> {
    number(text, "a listing", "sightline listings").map(ListingId)
}

/// A deed's number as somebody typed it.
pub fn deed(text: &str) -> Result<i64, String> {
    number(text, "a deed", "sightline audit list")
}

fn number(text: &str, what: &str, by: &str) -> Result<i64, String> {
    let number = text.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        format!("{what} is known by a number, written in digits alone, such as 42: `{by}` shows it")
    })
}

/// An identifier as somebody typed it.
#[derive(Clone, Debug)]
pub struct Beginning<Id>(String, PhantomData<Id>);

impl<Id: Shown> FromStr for Beginning<Id> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().trim_end_matches(['…', '.']);
        let is_part = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
        let wrong = match text.chars().find(|sign| !is_part(*sign)) {
            Some(sign) => format!("no identifier has a '{}'", inert::line(&sign.to_string())),
            None if text.len() < SHORTEST => "that is too little of an identifier".to_owned(),
            None => return Ok(Self(text.to_owned(), PhantomData)),
        };
        Err(format!(
            "{wrong}; write that of the {}, or at least {SHORTEST} characters of its beginning: `{}` shows it",
            Id::WORD,
            Id::BY
        ))
    }
}

impl<Id: Shown> Beginning<Id> {
    /// Ends what the one that begins so stands for, in one transaction; which it was, and when it was ended.
    ///
    /// # Errors
    /// As [`found`](Self::found), and as `end`.
    pub async fn end(
        &self,
        app: &App,
        end: impl AsyncFnOnce(&mut Tx, Id, &By) -> Result<(), Refused>,
    ) -> Result<(Id, Timestamp), CommandError> {
        let by = by(app.clock.now());
        let mut tx = app.write().await?;
        let id = self.found(&mut tx).await?;
        end(&mut tx, id, &by).await?;
        tx.commit().await?;
        Ok((id, by.at))
    }

    /// The one that begins so. One that is written out is taken as it is.
    ///
    /// # Errors
    /// Where none begins so, or several.
    pub async fn found(&self, tx: &mut Tx) -> Result<Id, CommandError> {
        if let Ok(whole) = Uuid::parse_str(&self.0) {
            return Ok(Id::from(whole));
        }
        let (word, beginning) = (Id::WORD, &self.0);
        let found = ids::beginning::<Id>(tx, beginning, NAMED + 1).await?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(CommandError::Failed(format!(
                "there is no {word} whose identifier begins with {beginning}; `{}` shows those there are",
                Id::BY
            ))),
            several => {
                let named: Vec<String> = several
                    .iter()
                    .take(NAMED as usize)
                    .map(|id| format!("  {id}"))
                    .collect();
                let more = if several.len() > named.len() {
                    "\n  …"
                } else {
                    ""
                };
                Err(CommandError::Failed(format!(
                    "more than one {word} begins with {beginning}; write more of it:\n{}{more}",
                    named.join("\n")
                )))
            }
        }
    }

    /// Those that begin so, in their order.
    ///
    /// # Errors
    /// As [`Self::found`], of the first that it is so of.
    pub async fn all_found(typed: &[Self], tx: &mut Tx) -> Result<Vec<Id>, CommandError> {
        let mut found = Vec::with_capacity(typed.len());
        for one in typed {
            found.push(one.found(tx).await?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_from_a_slip() {
        for (text, expected) in [
            ("42", Some(42)),
            (" 42 ", Some(42)),
            ("abc", None),
            ("0199a1b2", None),
            ("0", None),
            ("99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(deed(text).ok(), expected, "{text}");
            assert_eq!(listing(text).ok(), expected.map(ListingId), "{text}");
            let told = "a capture is known by a number, written in digits alone, such as 42: \
                        `sightline listing NUMBER` shows it";
            let expected = expected.map(CaptureId).ok_or(told.to_owned());
            assert_eq!(capture(text), expected, "{text}");
        }
    }

    #[test]
    fn a_beginning_is_told_from_a_slip() {
        for (text, wrong) in [
            ("0199a1b2", None),
            ("0199a1b2-…", None),
            ("0199A1B2-33", None),
            ("019", Some("that is too little of an identifier")),
            ("", Some("that is too little of an identifier")),
            ("--help", Some("no identifier has a 'h'")),
            ("0199%", Some("no identifier has a '%'")),
            ("zzzz", Some("no identifier has a 'z'")),
        ] {
            let read = text.parse::<Beginning<EntryId>>();
            let error = read.err();
            let expected = wrong.map(|wrong| {
                format!(
                    "{wrong}; write that of the entry, or at least 4 characters of its beginning: \
                     `sightline watchlist show NAME` shows it"
                )
            });
            assert_eq!(error, expected, "{text}");
        }
    }
}
