//! What can go wrong with the store, and what to do about it.

use sightline_model::OrganisationId;
use sqlx::migrate::MigrateError;

/// What is to be done about damage, wherever it is told.
macro_rules! mend {
    () => {
        "stop Sightline, keep the store as it is, and restore the latest backup with `sightline restore`"
    };
}

/// What to do where the store is damaged.
pub const MEND: &str = mend!();
/// The same, where it is not said before that it is.
const DAMAGED: &str = concat!("it is damaged: ", mend!());

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no engine that the store knows.
    #[error(
        "store.url '{url}' is not understood: {why}; write sqlite:PATH, or postgres://USER@HOST/DATABASE"
    )]
    Url {
        /// As it was written, without any password.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database can't be reached or opened.
    #[error("the store at {place} can't be opened: {source}; {remedy}")]
    Open {
        /// Where it was looked for, without any password.
        place: String,
        /// What the engine says.
        source: sqlx::Error,
        /// What to look at.
        remedy: &'static str,
    },
    /// The SQLite that was linked has a known defect.
    #[error(
        "SQLite {found} can lose data when its log is reset; build Sightline with SQLite 3.51.3 or newer"
    )]
    SqliteTooOld {
        /// Its version.
        found: String,
    },
    /// A newer Sightline has been here.
    #[error(
        "the store has schema {found}, and this Sightline knows schemas up to {known}: a newer Sightline has used it; \
         upgrade this one, or restore the backup made before the upgrade"
    )]
    Newer {
        /// The schema's number in the store.
        found: i64,
        /// The newest number that this binary has.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the store's schema can't be brought up to date: {0}; nothing was changed")]
    Migration(#[source] MigrateError),
    /// No such organisation in this store.
    #[error("organisation {0} is not in this store; make it first")]
    UnknownOrganisation(OrganisationId),
    /// A name or key that must be unique is taken.
    #[error("there is already a {what}; choose another name")]
    Taken {
        /// What, by its name.
        what: String,
    },
    /// The audit log of an organisation has no head, so nothing can be added to it.
    #[error(
        "the audit log has lost its head, so nothing is done that must stand in it; start Sightline anew, and run `sightline audit verify`"
    )]
    NoChain,
    /// A value in the database does not read as what it should be.
    #[error(
        "column {column} of a row does not read: {why}; the store was changed by other hands, or is damaged: run `sightline doctor`"
    )]
    Unreadable {
        /// The column's place in the row, from 0.
        column: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The operation belongs to the other engine.
    #[error("{what} works on SQLite only; {remedy}")]
    SqliteOnly {
        /// What was asked for.
        what: &'static str,
        /// What to do on PostgreSQL.
        remedy: &'static str,
    },
    /// No moment of the store could be held for a copy.
    #[error(
        "the store was not copied: for a minute, somebody has been reading what it was before; try again when the hunt or export that is under way has ended"
    )]
    HeldByReaders,
    /// No space is left where the store is. The transaction has left no trace.
    #[error(
        "the disk of the store is full, so nothing can be stored ({0}); free some space on it, and the work goes on by itself: nothing that was acknowledged is lost"
    )]
    Full(#[source] sqlx::Error),
    /// The file of the database is not what it was written as.
    #[error("the store failed: {0}; {DAMAGED}")]
    Damaged(#[source] sqlx::Error),
    /// The engine refuses, or can't be reached.
    #[error("the store failed: {0}")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            error if is_full(&error) => Self::Full(error),
            error if is_damage(&error) => Self::Damaged(error),
            error => Self::Database(error),
        }
    }
}

/// True where the engine says that the database's file is not what it was written as: SQLITE_CORRUPT or SQLITE_NOTADB.
pub(crate) fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.is_some_and(|code| matches!(sqlite_kind(&code), Some(11 | 26)))
}

/// The kind of an error of SQLite, which extended codes have in their low byte; none for PostgreSQL's, which have five letters.
pub(crate) fn sqlite_kind(code: &str) -> Option<i64> {
    let number = code.parse::<i64>().ok().filter(|_| code.len() < 5);
    number.map(|number| number & 0xff)
}

/// True where the engine says that its disk is full: SQLITE_FULL, or PostgreSQL's disk_full.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.is_some_and(|code| matches!(&*code, "13" | "53100"))
}

impl StoreError {
    /// True where the same transaction may well succeed if it is tried again: another process held the store for
    /// too long, two blocked each other or stored the same thing at once, or the connection was lost.
    pub fn is_transient(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| {
                // SQLite: 5 is SQLITE_BUSY and 6 SQLITE_LOCKED.
                // PostgreSQL: serialisation failure, deadlock, lock timeout, a row that another process has stored since
                // it was looked for, and the server going down.
                matches!(sqlite_kind(&code), Some(5 | 6))
                    || matches!(
                        &*code,
                        "40001" | "40P01" | "55P03" | "23505" | "57P01" | "57P02" | "57P03"
                    )
            }),
            _ => false,
        }
    }

    /// The store at this place can't be opened; what to do about it, unless the engine itself names damage.
    pub(crate) fn unopened(place: &str, source: sqlx::Error, remedy: &'static str) -> Self {
        Self::Open {
            place: place.to_owned(),
            remedy: match is_damage(&source) {
                true => DAMAGED,
                false => remedy,
            },
            source,
        }
    }

    /// True where the engine says that the database's file is not what it was written as.
    pub fn is_damaged(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Open { source, .. } => is_damage(source),
            _ => false,
        }
    }

    /// True where a row with the same unique key is there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(refusal)) if refusal.is_unique_violation())
    }
}

#[cfg(test)]
mod tests {
    use super::{MEND, StoreError};

    #[test]
    fn what_to_do_about_damage_is_said_in_the_same_words_everywhere() {
        let corrupt = || sqlx::Error::WorkerCrashed;
        let open = StoreError::Open {
            place: "a.db".to_owned(),
            source: corrupt(),
            remedy: super::DAMAGED,
        };
        for told in [StoreError::Damaged(corrupt()), open] {
            let told = told.to_string();
            assert!(
                told.ends_with(&format!("; it is damaged: {MEND}")),
                "{told}"
            );
        }
    }
}
