//! Who does something, and when.

use sightline_model::Timestamp;
use sightline_store::{Result, Tx, audit};

/// A person who does something, and the instant at which they do it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct By {
    /// Their name, as others read it.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl By {
    /// Writes into the audit log, in the transaction that does it, that they did `what` to `subject`.
    pub async fn log(&self, tx: &mut Tx, what: &str, subject: String, detail: &str) -> Result<()> {
        let deed = audit::Deed {
            at: self.at,
            who: self.who.clone(),
            what: what.to_owned(),
            subject,
            detail: detail.to_owned(),
        };
        audit::append(tx, &deed).await
    }
}
