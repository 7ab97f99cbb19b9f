//! Files that people uploaded and look at before they decide: held in memory for an hour, few at a time, and given to
//! nobody but whoever uploaded them.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use sightline_model::{AccountId, Timestamp};

/// The largest file, in bytes.
pub(crate) const LARGEST: usize = 16 * 1024 * 1024;
/// Files that are held at once; the oldest goes where there are more.
const MOST: usize = 4;
/// For so long one is held.
const HELD: Duration = Duration::from_secs(3_600);

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// Its identifier, which nobody can guess.
    pub id: String,
    /// Who uploaded it.
    pub account: AccountId,
    /// Its name, for what its content does not tell.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
    /// When it was uploaded.
    pub at: Timestamp,
}

/// The files that are held.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Mutex<Vec<Upload>>);

impl Uploads {
    fn held(&self) -> MutexGuard<'_, Vec<Upload>> {
        // Nothing is left half-made in the list, so a poisoned lock is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a file. Of one person's, only the latest.
    pub(crate) fn hold(&self, upload: Upload) {
        let mut held = self.held();
        held.retain(|one| one.account != upload.account && upload.at.since(one.at) < HELD);
        if held.len() >= MOST {
            held.remove(0);
        }
        held.push(upload);
    }

    /// The file of this identifier, where this person uploaded it.
    pub(crate) fn of(&self, account: AccountId, id: &str, now: Timestamp) -> Option<Upload> {
        let held = self.held();
        let found = held
            .iter()
            .find(|one| one.id == id && one.account == account);
        found.filter(|one| now.since(one.at) < HELD).cloned()
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::Mint;

    use super::*;

    #[test]
    fn a_file_is_its_uploader_s_for_an_hour() {
        let uploads = Uploads::default();
        let mint = Mint::seeded(1);
        let accounts: Vec<AccountId> = (0..6).map(|_| mint.id(Timestamp(0))).collect();
        let account = |number: usize| accounts[number];
        let file = |number: usize, at: i64| Upload {
            id: number.to_string(),
            account: account(number),
            name: String::new(),
            bytes: Bytes::new(),
            at: Timestamp(at),
        };
        uploads.hold(file(1, 0));
        assert!(uploads.of(account(1), "1", Timestamp(1)).is_some());
        assert!(uploads.of(account(2), "1", Timestamp(1)).is_none());
        assert!(uploads.of(account(1), "1", Timestamp(3_600_000)).is_none());
        for number in 2..=5 {
            uploads.hold(file(number, 2));
        }
        assert!(
            uploads.of(account(1), "1", Timestamp(3)).is_none(),
            "four are held"
        );
        assert!(uploads.of(account(5), "5", Timestamp(3)).is_some());
    }
}
