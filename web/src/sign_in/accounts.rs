//! Accounts: how one is made, and how its password changes.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sightline_casework::By;
use sightline_extractors::look;
use sightline_model::{Account, InvitationId, Problem, Role, SIGHTLINE, Stage};
use sightline_pipeline::desk::BY_HAND;
use sightline_store::{
    StoreError, Tx, accounts,
    invitations::{self, Invitation},
    tokens,
};

use super::{Caller, SecondFactor, Secret, attempt::Attempt, begin, digest, passwords};
use crate::{Console, Error, access::Person, pages::inbox::NOBODY};

/// The longest name, in characters.
const LONGEST_NAME: usize = 64;

/// What the records say of deeds that no account did, and what pages say of work that is nobody's: no account is called so.
const RESERVED: [&str; 4] = [SIGHTLINE, BY_HAND, "system", NOBODY];

/// Makes an invitation; whoever has its secret may make an account of that role, once.
pub(crate) async fn invite(
    tx: &mut Tx,
    console: &Console,
    secret: &Secret,
    (id, role): (InvitationId, Role),
    author: &str,
    holds: Duration,
) -> Result<Invitation, StoreError> {
    let now = console.now();
    let invitation = Invitation {
        id,
        role,
        author: author.to_owned(),
        created_at: now,
        expires_at: now + holds,
    };
    invitations::add(tx, &invitation, &secret.digest()).await?;
    let by = By {
        who: author.to_owned(),
        at: now,
    };
    let subject = invitation.id.to_string();
    by.log(tx, "account.invite", subject, role.as_str()).await?;
    Ok(invitation)
}

/// What somebody who was invited chooses.
pub(crate) struct NewAccount<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: &'a SecretString,
}

/// Makes the account that an invitation allows, and signs its owner in, so far that they can set up their second factor.
///
/// # Errors
/// Where the invitation does not hold, or what they chose is not fit; each field that is wrong.
pub(crate) async fn accept(
    console: &Console,
    secret: &str,
    new: &NewAccount<'_>,
    caller: &Caller,
) -> Result<Secret, Error> {
    let now = console.now();
    // Two that look alike on a page are one.
    let name = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.as_str();
    let mut problems = check_name(name);
    problems.extend(check_password(new.password, name));
    if !problems.is_empty() {
        return Err(Error::Wrong(problems));
    }
    let digest = digest(secret);
    // Whoever has no invitation must not make us hash.
    let mut tx = console.read().await?;
    let held = invitations::by_digest(&mut tx, &digest, now).await?;
    drop(tx);
    held.ok_or(Error::NotFound)?;
    let password = console.passwords.hash(new.password).await?;
    let mut tx = console.write().await?;
    let invitation = invitations::by_digest(&mut tx, &digest, now).await?;
    let invitation = invitation.ok_or(Error::NotFound)?;
    invitations::remove(&mut tx, invitation.id).await?;
    let account = Account {
        id: console.parts.mint.id(now),
        name: name.to_owned(),
        role: invitation.role,
        created_at: now,
        enrolled_at: None,
        disabled_at: None,
    };
    // The records tell people from each other by their names.
    let (others, seen_as) = (accounts::all(&mut tx).await?, look(name));
    let is_taken = others.iter().any(|other| look(&other.name) == seen_as);
    if is_taken || !accounts::add(&mut tx, &account, &password).await? {
        return Err(Error::field(
            "name",
            "somebody has this name, or one that looks like it",
            "choose another",
        ));
    }
    let factor = SecondFactor::draw(&console.parts.mint);
    accounts::set_secret(&mut tx, account.id, &factor).await?;
    let by = By {
        who: account.name.clone(),
        at: now,
    };
    by.log(
        &mut tx,
        "account.make",
        account.id.to_string(),
        account.role.as_str(),
    )
    .await?;
    let stage = match console.parts.settings.second_factor {
        true => Stage::Enrolling,
        false => Stage::SignedIn,
    };
    let secret = begin(&mut tx, console, &account, stage, caller).await?;
    tx.commit().await?;
    Ok(secret)
}

/// A password in the place of another.
pub(crate) struct NewPassword<'a> {
    /// The one that they sign in with.
    pub present: &'a SecretString,
    /// The one that they choose.
    pub new: &'a SecretString,
    /// Whether their programs are to be kept out as well.
    pub ends_tokens: bool,
}

/// Changes a person's password. All their sessions end, and a new one begins; their tokens end where they say so.
///
/// # Errors
/// Where the present one is not right, or the new one is not fit.
pub(crate) async fn change_password(
    console: &Console,
    person: &Person,
    password: &NewPassword<'_>,
    caller: &Caller,
) -> Result<Secret, Error> {
    let problems = check_password(password.new, &person.name);
    if !problems.is_empty() {
        return Err(Error::Wrong(problems));
    }
    // Whoever finds a screen unlocked guesses no faster than whoever stands before the door.
    let attempt = Attempt::begin(console, &person.name, caller).await?;
    let mut tx = console.read().await?;
    let proof = accounts::proof(&mut tx, person.account).await?;
    drop(tx);
    let hash = proof.map(|proof| proof.password);
    if !console
        .passwords
        .is(password.present, hash.as_deref())
        .await?
    {
        attempt.was_wrong(console, Some(person.account)).await?;
        return Err(Error::field(
            "present",
            "is not your password",
            "write the one that you sign in with",
        ));
    }
    let hash = console.passwords.hash(password.new).await?;
    let mut tx = console.write().await?;
    let account = accounts::get(&mut tx, person.account)
        .await?
        .ok_or(Error::NotFound)?;
    attempt.was_right(&mut tx, console).await?;
    accounts::set_password(&mut tx, account.id, &hash).await?;
    let by = console.by(person);
    by.log(&mut tx, "account.set_password", account.id.to_string(), "")
        .await?;
    if password.ends_tokens {
        tokens::end_all(&mut tx, account.id, by.at).await?;
        by.log(&mut tx, "account.end_tokens", account.id.to_string(), "")
            .await?;
    }
    let secret = begin(&mut tx, console, &account, Stage::SignedIn, caller).await?;
    tx.commit().await?;
    Ok(secret)
}

fn check_name(name: &str) -> Vec<Problem> {
    let is_fit =
        |sign: char| sign.is_alphanumeric() || matches!(sign, ' ' | '.' | '-' | '_' | '\'' | '@');
    let length = name.chars().count();
    let mut problems = Vec::new();
    if RESERVED.contains(&look(name).as_str()) || !name.contains(char::is_alphabetic) {
        problems.push(Problem::new(
            "name",
            "no account is called so: the records and pages say it of what no person did, or has",
            "write it as colleagues know you",
        ));
        return problems;
    }
    if !(1..=LONGEST_NAME).contains(&length) || !name.chars().all(is_fit) {
        problems.push(Problem::new(
            "name",
            format!("a name has letters, digits, spaces and . - _ ' @ alone, and {LONGEST_NAME} characters at most"),
            "write it as colleagues know you",
        ));
    }
    problems
}

pub(super) fn check_password(password: &SecretString, name: &str) -> Vec<Problem> {
    let password = password.expose_secret();
    let mut problems = Vec::new();
    if password.chars().count() < passwords::SHORTEST || password.len() > passwords::LONGEST {
        problems.push(Problem::new(
            "password",
            format!(
                "it has {} characters at least and {} bytes at most",
                passwords::SHORTEST,
                passwords::LONGEST
            ),
            "a few words that have nothing to do with each other are long and easily remembered",
        ));
    }
    let folded = password.to_lowercase();
    let is_of_one_letter = folded.chars().all(|sign| folded.starts_with(sign));
    if problems.is_empty() && (is_of_one_letter || folded.trim() == name.to_lowercase()) {
        problems.push(Problem::new(
            "password",
            "it is the first that somebody would guess",
            "choose another",
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_that_are_not_fit_are_told() {
        for (name, is_fit) in [
            ("R. Analyst", true),
            ("Zoë O'Neil-Ng", true),
            ("", false),
            ("a:b", false),
            ("Sightline", false),
            ("by hand", false),
            ("Nobody", false),
            ("nоbody", false),
            ("Nobody Owens", true),
            ("Ｓightlіne", false),
            ("-.-", false),
            ("two\nlines", false),
        ] {
            assert_eq!(check_name(name).is_empty(), is_fit, "{name}");
        }
        for (password, is_fit) in [
            ("correct horse battery", true),
            ("short", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("Jade Analyst", false),
        ] {
            let found = check_password(&SecretString::from(password), "jade analyst");
            assert_eq!(found.is_empty(), is_fit, "{password}");
        }
    }
}
