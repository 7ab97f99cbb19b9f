//! What people see of alerts, entries, sources, messages and accounts and do with them, the same for the command line,
//! the console and the API.
//!
//! Every function takes a transaction that the caller opened and commits: so a page can do several things at once, or
//! read at one moment all that it shows. What a person does is kept with the alert and in the audit log in that same
//! transaction; who they are and what time it is comes in as [`By`].

pub mod account;
pub mod alert;
mod by;
pub mod channel;
mod chased;
pub mod entry;
pub mod erase;
pub mod field;
mod graver;
pub mod hold;
pub mod import;
pub mod inert;
pub mod judge;
pub mod line;
mod names;
pub mod outbox;
pub mod outcome;
pub mod patterns;
pub mod quiet;
mod readdress;
mod refused;
pub mod rules;
pub mod search;
pub mod sighting;
pub mod silence;
pub mod snippet;
pub mod source;
pub mod spelling;
pub mod verdict;
pub mod watchlist;

pub use by::By;
pub use names::{Batches, Names};
pub use refused::Refused;
