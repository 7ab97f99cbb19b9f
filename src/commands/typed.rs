//! Identifiers on the command line: whole, or as much of their beginning as leads to one.

use std::{fmt, str::FromStr};

use sightline_store::{
    Tx,
    ids::{self, Typed},
};
use uuid::Uuid;

use super::CommandError;

/// Fewer characters than this are more likely a slip than a beginning.
const SHORTEST: usize = 4;
/// How many are named of those that begin alike.
const NAMED: u32 = 5;

/// An identifier as somebody typed it.
#[derive(Clone, Debug)]
pub struct Beginning(String);

impl FromStr for Beginning {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().trim_end_matches(['…', '.']);
        let is_part = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
        if text.len() < SHORTEST || !text.chars().all(is_part) {
            return Err(format!(
                "write an identifier, or at least {SHORTEST} characters of its beginning"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Beginning {
    /// The one that begins so. One that is written out is taken as it is.
    ///
    /// # Errors
    /// Where none begins so, or several.
    pub async fn found<Id: Typed + fmt::Display>(&self, tx: &mut Tx) -> Result<Id, CommandError> {
        if let Ok(whole) = Uuid::parse_str(&self.0) {
            return Ok(Id::from(whole));
        }
        let (word, beginning) = (Id::WORD, &self.0);
        let found = ids::beginning::<Id>(tx, beginning, NAMED + 1).await?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(CommandError::Failed(format!(
                "there is no {word} whose identifier begins with {beginning}"
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_told_from_a_slip() {
        for (text, fits) in [
            ("0199a1b2", true),
            ("0199a1b2-…", true),
            ("0199A1B2-33", true),
            ("019", false),
            ("", false),
            ("--help", false),
            ("0199%", false),
        ] {
            assert_eq!(text.parse::<Beginning>().is_ok(), fits, "{text}");
        }
    }
}
