//! Streams that are open: each person has so many, so that one who holds them leaves connections for the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sightline_model::AccountId;

use crate::Error;

/// Streams of one person at once, whatever they ask with.
const MOST: usize = 16;
/// Seconds after which it may be tried again.
const LATER: u64 = 60;

/// How many streams each person has open.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<AccountId, usize>>>);

/// A stream's place; it is free when this is dropped.
pub(crate) struct Place {
    streams: Streams,
    account: AccountId,
}

impl Streams {
    /// Takes a place.
    pub fn take(&self, account: AccountId) -> Result<Place, Error> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(account).or_default();
        if *count >= MOST {
            return Err(Error::TooOften(LATER));
        }
        *count += 1;
        Ok(Place {
            streams: self.clone(),
            account,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self
            .streams
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::{Mint, Timestamp};

    use super::*;

    #[test]
    fn one_person_holds_so_many_and_leaves_others_theirs() {
        let streams = Streams::default();
        let mint = Mint::seeded(1);
        let [one, other] = [0, 1].map(|at| mint.id::<AccountId>(Timestamp(at)));
        let mut held: Vec<Place> = (0..MOST).map(|_| streams.take(one).ok().unwrap()).collect();
        assert!(matches!(streams.take(one), Err(Error::TooOften(_))));
        assert!(streams.take(other).is_ok());
        held.pop();
        assert!(streams.take(one).is_ok());
        held.clear();
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
