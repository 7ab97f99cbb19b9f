//! Which refusals the audit log has a line for: the first of each hour, for each person and permission.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sightline_model::{AccountId, Timestamp};

use super::Permission;

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// When who was last refused what, by the hour. In memory: a restart has a line more.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<(AccountId, Permission), i64>>);

impl Refusals {
    /// True where it is the first of its hour.
    pub fn is_first(&self, account: AccountId, permission: Permission, now: Timestamp) -> bool {
        let hour = now.0.div_euclid(HOUR);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, last| *last == hour);
        known.insert((account, permission), hour).is_none()
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::Mint;

    use super::*;

    #[test]
    fn a_door_that_is_tried_all_day_has_a_line_an_hour() {
        let refusals = Refusals::default();
        let mint = Mint::seeded(1);
        let [one, other] = [0, 1].map(|at| mint.id::<AccountId>(Timestamp(at)));
        let minutes = |minutes: i64| Timestamp(minutes * 60_000);
        let told =
            (0..180).filter(|at| refusals.is_first(one, Permission::ReadAudit, minutes(*at)));
        assert_eq!(told.count(), 3);
        assert!(refusals.is_first(other, Permission::ReadAudit, minutes(179)));
        assert!(refusals.is_first(one, Permission::ReadAlerts, minutes(179)));
    }
}
