//! An attempt to show that somebody is who they say: counted before it is judged, and told where there are many.

use std::{net::IpAddr, time::Duration};

use sightline_casework::By;
use sightline_model::{AccountId, SIGHTLINE, Timestamp, counted};
use sightline_store::{StoreError, Tx, attempts};

use super::{Caller, digest, patience};
use crate::{Console, Error};

/// For so long it is known that somebody has signed in from an address.
const KNOWN: Duration = Duration::from_secs(90 * 24 * 3_600);

/// An attempt to show that somebody is who they say.
pub(super) struct Attempt {
    /// By what failures are counted: the account first, then the address. As digests, for people type passwords where
    /// names belong.
    subjects: Vec<String>,
    /// How often it failed for each of them, this attempt among them.
    failures: Vec<u32>,
    /// The account's name as it is counted for whoever asks from an address where its owner has never signed in.
    stranger: String,
    address: Option<IpAddr>,
}

/// What the failures of an account are counted by, of all who never signed in to it from where they ask: they keep each
/// other waiting, and not its owner at their own desk.
pub fn of_strangers(name: &str) -> String {
    digest(&format!("account {}", name.trim().to_lowercase()))
}

/// From when on failures count.
pub(crate) fn of_late(now: Timestamp) -> Timestamp {
    now - patience::MEMORY
}

/// What the failures of an account are counted by at an address from where its owner has signed in.
fn place(name: &str, caller: &Caller) -> Option<String> {
    let address = caller.address?;
    Some(digest(&format!("{} at {address}", of_strangers(name))))
}

/// The owner of this account has shown all that they show: from now on they are known where they ask from, and no longer
/// wait there for what others guess elsewhere.
pub(super) async fn was_at(
    tx: &mut Tx,
    console: &Console,
    name: &str,
    caller: &Caller,
) -> Result<(), StoreError> {
    let now = console.now();
    match place(name, caller) {
        Some(place) => attempts::was_at(tx, &place, now - KNOWN, now).await,
        None => Ok(()),
    }
}

/// Attempts that failed, in words.
pub(super) fn in_words(failures: u32) -> String {
    counted(failures, "wrong sign-in", "wrong sign-ins")
}

impl Attempt {
    /// Counts it as failed before it is judged, so that of many at once no more are judged than one after the other.
    ///
    /// # Errors
    /// Where they have still to wait.
    pub(super) async fn begin(
        console: &Console,
        name: &str,
        caller: &Caller,
    ) -> Result<Self, Error> {
        let now = console.now();
        let stranger = of_strangers(name);
        let address = caller.address;
        let place = place(name, caller);
        let mut tx = console.write().await?;
        let of_account = match &place {
            Some(place) if attempts::is_known(&mut tx, place, now - KNOWN).await? => place.clone(),
            _ => stranger.clone(),
        };
        let of_address = address.map(|address| digest(&format!("address {address}")));
        let subjects: Vec<String> = [of_account].into_iter().chain(of_address).collect();
        attempts::hold(&mut tx, &subjects, now).await?;
        let (mut failures, mut longest) = (Vec::new(), None);
        for (subject, free) in subjects
            .iter()
            .zip([patience::OF_ACCOUNT, patience::OF_ADDRESS])
        {
            let before = attempts::failures(&mut tx, subject, of_late(now)).await?;
            failures.push(before.count.saturating_add(1));
            longest = longest.max(patience::wait(before, free, now));
        }
        if let Some(wait) = longest {
            return Err(Error::TooOften(wait.as_secs() + 1));
        }
        attempts::count(&mut tx, &subjects, of_late(now), now).await?;
        tx.commit().await?;
        Ok(Self {
            subjects,
            failures,
            stranger,
            address,
        })
    }

    /// It was right after all: the account's failures are forgotten, and it is no failure of the address. How often others,
    /// or they, failed before.
    pub(super) async fn was_right(
        &self,
        tx: &mut Tx,
        console: &Console,
    ) -> Result<u32, StoreError> {
        let now = console.now();
        let mut before = self.failures.first().map_or(0, |count| count - 1);
        if let [account, addresses @ ..] = self.subjects.as_slice() {
            if *account != self.stranger {
                let strangers = attempts::failures(tx, &self.stranger, of_late(now)).await?;
                before = before.saturating_add(strangers.count);
            }
            attempts::clear(tx, account).await?;
            for address in addresses {
                attempts::take_back(tx, address).await?;
            }
        }
        Ok(before)
    }

    /// It was wrong: where it is one of many, the audit log has a line. Not one for each, for whoever guesses must not fill
    /// it; nor what was typed as a name, which may be a password.
    pub(super) async fn was_wrong(
        &self,
        console: &Console,
        account: Option<AccountId>,
    ) -> Result<(), StoreError> {
        let of_account = account.map_or_else(|| "no account".to_owned(), |id| id.to_string());
        let from = self.address.map(|address| address.to_string());
        let from = from.unwrap_or_else(|| "nowhere".to_owned());
        let each = [
            (of_account, patience::OF_ACCOUNT),
            (from.clone(), patience::OF_ADDRESS),
        ];
        let many = self.failures.iter().zip(each);
        let many: Vec<_> = many
            .filter(|(count, (_, free))| is_told(**count, *free))
            .collect();
        if many.is_empty() {
            return Ok(());
        }
        let mut tx = console.write().await?;
        let by = By {
            who: SIGHTLINE.to_owned(),
            at: console.now(),
        };
        for (count, (subject, _)) in many {
            let detail = format!("{} within a day, the last from {from}", in_words(*count));
            by.log(&mut tx, "session.fail", subject, &detail).await?;
        }
        tx.commit().await
    }
}

/// True for as many as are free, and then for each doubling.
fn is_told(count: u32, free: u32) -> bool {
    count.is_multiple_of(free) && (count / free).is_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lines_tell_of_many_failures() {
        let told = |free: u32| (1..=100).filter(|count| is_told(*count, free)).collect();
        let (account, address): (Vec<u32>, Vec<u32>) = (told(5), told(20));
        assert_eq!(account, [5, 10, 20, 40, 80]);
        assert_eq!(address, [20, 40, 80]);
    }
}
