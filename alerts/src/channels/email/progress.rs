//! Who of a letter's recipients need not be tried again, kept with the delivery between its tries.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use lettre::Address;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sightline_model::DeliveryId;

use crate::channels::Verdict;

/// Where a message reached some recipients and others answered "later", who is settled.
#[derive(Debug)]
pub(super) struct Progress {
    delivery: DeliveryId,
    settled: Settled,
}

/// As it is kept: by a digest of each address, which names nobody and stands whatever becomes of the list.
#[derive(Default, Debug, Serialize, Deserialize)]
struct Settled {
    reached: BTreeSet<String>,
    /// Each with what the server said.
    refused: BTreeMap<String, String>,
}

impl Progress {
    /// What the last try left. What does not read counts as nothing: a message may then come twice, but it comes.
    pub fn read(delivery: DeliveryId, kept: Option<&str>) -> Self {
        let settled = kept.and_then(|kept| serde_json::from_str(kept).ok());
        Self {
            delivery,
            settled: settled.unwrap_or_default(),
        }
    }

    /// What the next try is to know; none where there is to be no other, or nobody has the message.
    pub fn kept(&self, verdict: &Verdict) -> Option<String> {
        let is_over = matches!(verdict, Verdict::Delivered { .. } | Verdict::Partly { .. });
        if is_over || self.settled.reached.is_empty() {
            return None;
        }
        serde_json::to_string(&self.settled).ok()
    }

    pub fn reach(&mut self, address: &Address) {
        let recipient = self.recipient(address);
        self.settled.reached.insert(recipient);
    }

    pub fn refuse(&mut self, address: &Address, why: String) {
        let recipient = self.recipient(address);
        self.settled.refused.insert(recipient, why);
    }

    pub fn has_reached(&self, address: &Address) -> bool {
        self.settled.reached.contains(&self.recipient(address))
    }

    /// What the server said when it refused this one.
    pub fn refusal(&self, address: &Address) -> Option<&str> {
        let refusal = self.settled.refused.get(&self.recipient(address));
        refusal.map(String::as_str)
    }

    /// The delivery goes in, so that nobody is told apart by it from one message to the next.
    fn recipient(&self, address: &Address) -> String {
        let address: &str = address.as_ref();
        let digest = Sha256::digest(format!("{}\n{address}", self.delivery));
        BASE64_URL_SAFE_NO_PAD.encode(&digest[..16])
    }
}

/// What is kept of the progress of a message that is given up: who has it, and no refusal.
pub fn kept_of_dead(kept: &str) -> Option<String> {
    let Settled { reached, .. } = serde_json::from_str(kept).ok()?;
    let settled = Settled {
        reached,
        refused: BTreeMap::new(),
    };
    serde_json::to_string(&settled).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_kept_names_nobody_and_only_what_is_open_is_kept() {
        let delivery = DeliveryId(Uuid::from_u128(1));
        let [desk, gone]: [Address; 2] =
            ["desk@example.org", "gone@example.org"].map(|address| address.parse().unwrap());
        let later = Verdict::retry("later");
        let mut progress = Progress::read(delivery, None);
        progress.refuse(&gone, "550 gone".to_owned());
        assert_eq!(progress.kept(&later), None, "nobody would get it twice");
        progress.reach(&desk);
        let kept = progress.kept(&later).unwrap();
        assert!(!kept.contains("example.org"), "{kept}");
        assert_eq!(progress.kept(&Verdict::delivered("taken")), None);
        let again = Progress::read(delivery, Some(&kept));
        assert!(again.has_reached(&desk) && !again.has_reached(&gone));
        assert_eq!(again.refusal(&gone), Some("550 gone"));
        assert_eq!(again.kept(&Verdict::dead("spam")), Some(kept.clone()));
        let other = Progress::read(DeliveryId(Uuid::from_u128(2)), Some(&kept));
        assert!(!other.has_reached(&desk), "it is of one message alone");
        assert!(!Progress::read(delivery, Some("{")).has_reached(&desk));
        let dead = kept_of_dead(&kept).unwrap();
        let put_back = Progress::read(delivery, Some(&dead));
        assert!(put_back.has_reached(&desk), "nobody gets it twice");
        assert_eq!(put_back.refusal(&gone), None, "who was refused is asked");
        assert_eq!(kept_of_dead("{"), None);
    }
}
