//! Tokens: what a person gives to a program, with some of what they may do, for a time.

use std::time::Duration;

use sightline_casework::inert;
use sightline_model::TokenId;
use sightline_store::tokens::{self, Token};

use super::{Secret, digest};
use crate::{
    Console, Error,
    access::{Means, Permission, Person},
};

/// Days that a token may hold at most.
const LONGEST_DAYS: u32 = 365;
/// The longest name of a token, in characters.
const LONGEST_NAME: usize = 64;
/// What every token begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "slt_";

/// A token to be made.
pub(crate) struct NewToken<'a> {
    /// What it is to be known by: a form that is sent twice makes one.
    pub id: TokenId,
    /// What it is for.
    pub name: &'a str,
    /// Days that it is to hold.
    pub days: u32,
    /// What it is to do, none of which they may not do themselves.
    pub scopes: &'a [String],
}

/// Makes a token, and gives it with the letters that are shown this once. One that is made by a token ends with that one:
/// who has taken a token from somebody makes no token by it that outlives it. (An account that it lets in does: it may no more
/// than the token, [`Person::may_let_in`].)
///
/// # Errors
/// Where it has no name, no fit span, or nothing to do; or it was made already.
pub(crate) async fn make(
    console: &Console,
    person: &Person,
    new: &NewToken<'_>,
) -> Result<(Token, String), Error> {
    let name = new.name.trim();
    let mut scopes: Vec<Permission> = Vec::new();
    for word in new.scopes {
        let permission = Permission::named(word).ok_or_else(|| {
            Error::field(
                "scopes",
                format!("there is no permission '{}'", inert::cut(word, 40)),
                "take them from the table of roles",
            )
        })?;
        if !person.may(permission) {
            return Err(Error::field(
                "scopes",
                format!("you do not have {permission} yourself"),
                "leave it out, or ask somebody who has it",
            ));
        }
        if !scopes.contains(&permission) {
            scopes.push(permission);
        }
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        return Err(Error::field(
            "name",
            "it needs a name",
            "write what it is for",
        ));
    }
    if !(1..=LONGEST_DAYS).contains(&new.days) {
        return Err(Error::field(
            "days",
            "it holds from 1 to 365 days",
            "write how many",
        ));
    }
    if scopes.is_empty() {
        return Err(Error::field(
            "scopes",
            "it may do nothing",
            "tick what it is to do",
        ));
    }
    let now = console.now();
    let secret = Secret::draw(&console.parts.mint);
    let shown = format!("{PREFIX}{}", secret.expose());
    let mut tx = console.write().await?;
    let theirs = tokens::of_account(&mut tx, person.account).await?;
    if theirs.iter().any(|token| token.id == new.id) {
        return Err(Error::Conflict(
            "This token was made already, and is shown only once. If you have not kept it, end it and make another."
                .to_owned(),
        ));
    }
    let mut expires_at = now + Duration::from_secs(u64::from(new.days) * 86_400);
    let mut parent = None;
    if let Means::Token(id, _) = &person.means {
        parent = Some(*id);
        let asking = theirs.into_iter().find(|token| token.id == *id);
        expires_at = expires_at.min(asking.ok_or(Error::NoToken)?.expires_at);
    }
    let token = Token {
        id: new.id,
        account: person.account,
        name: name.to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        created_at: now,
        expires_at,
        used_at: None,
        ended_at: None,
        parent,
    };
    tokens::add(&mut tx, &token, &digest(&shown)).await?;
    let by = console.by(person);
    let (id, scopes) = (token.id.to_string(), token.scopes.join(" "));
    by.log(&mut tx, "token.make", id, &scopes).await?;
    tx.commit().await?;
    Ok((token, shown))
}
