//! What each role may see and do: the one table, which the guards obey and the documents show.

use std::fmt::{self, Write as _};

use sightline_model::Role;

use Role::{Administrator, Analyst, Auditor, Investigator, Operator};

/// Something that somebody may, or may not, see or do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Permission {
    /// See alerts, their sightings, and the entries that raised them.
    ReadAlerts,
    /// Take alerts, give them, say something on them, close them; say what a sighting turned out to be.
    JudgeAlerts,
    /// Keep alerts quiet for a time, and end that.
    SilenceAlerts,
    /// See watchlists and their entries.
    ReadWatchlists,
    /// See and change watchlists and entries, import them: whoever adds an entry is told what stands already.
    EditWatchlists,
    /// See listings, observations and selectors, and search them.
    ReadListings,
    /// See captures and images as they came, and export evidence.
    ReadEvidence,
    /// See sources, runs, visits and politeness.
    ReadSources,
    /// Run sources, pause them, change them.
    EditSources,
    /// See messages: what was sent, what waits, what could not be sent.
    ReadDeliveries,
    /// Send dead messages again, enable channels, send test messages.
    EditDeliveries,
    /// See measurements of the machinery.
    ReadMetrics,
    /// See who did what and who saw what.
    ReadAudit,
    /// See holds, and what was purged and erased.
    ReadHolds,
    /// Place holds, and lift them.
    PlaceHolds,
    /// Invite people, change their roles, end their sessions and tokens.
    ManageAccounts,
    /// By a token: see and end its owner's own sessions and other tokens.
    OwnAccount,
}

/// The table: what it is called in tokens and documents, what it lets somebody do, and who may. An administrator may
/// everything, so that a small organisation needs one person.
const TABLE: [(Permission, &str, &str, &[Role]); 17] = {
    use Permission::*;
    [
        (
            ReadAlerts,
            "alerts.read",
            "see alerts, their sightings, and the entries that raised them",
            &[Analyst, Investigator, Administrator],
        ),
        (
            JudgeAlerts,
            "alerts.judge",
            "take alerts, give them, comment on them, close them; judge sightings",
            &[Analyst, Investigator, Administrator],
        ),
        (
            SilenceAlerts,
            "alerts.silence",
            "keep alerts quiet for a time, and end that",
            &[Analyst, Investigator, Administrator],
        ),
        (
            ReadWatchlists,
            "watchlists.read",
            "see watchlists and their entries",
            &[Analyst, Investigator, Administrator],
        ),
        (
            EditWatchlists,
            "watchlists.edit",
            "see and change watchlists and entries, import them",
            &[Analyst, Administrator],
        ),
        (
            ReadListings,
            "listings.read",
            "see listings, observations and selectors, and search them",
            &[Analyst, Investigator, Administrator],
        ),
        (
            ReadEvidence,
            "evidence.read",
            "see captures and images as they came, and export evidence",
            &[Analyst, Investigator, Administrator],
        ),
        (
            ReadSources,
            "sources.read",
            "see sources, runs, visits and politeness",
            &[Analyst, Operator, Administrator],
        ),
        (
            EditSources,
            "sources.edit",
            "run sources, pause them, change them",
            &[Operator, Administrator],
        ),
        (
            ReadDeliveries,
            "deliveries.read",
            "see messages: what was sent, what waits, what could not be sent",
            &[Operator, Administrator],
        ),
        (
            EditDeliveries,
            "deliveries.edit",
            "send dead messages again, enable channels, send test messages",
            &[Operator, Administrator],
        ),
        (
            ReadMetrics,
            "metrics.read",
            "see measurements of the machinery",
            &[Operator, Administrator],
        ),
        (
            ReadAudit,
            "audit.read",
            "see who did what and who saw what",
            &[Auditor, Administrator],
        ),
        (
            ReadHolds,
            "holds.read",
            "see holds, and what was purged and erased",
            &[Analyst, Investigator, Administrator],
        ),
        (
            PlaceHolds,
            "holds.place",
            "place holds over cases, entries and alerts, and lift them",
            &[Investigator, Administrator],
        ),
        (
            ManageAccounts,
            "accounts.manage",
            "invite people, change their roles, end their sessions and tokens",
            &[Administrator],
        ),
        (
            OwnAccount,
            "account.own",
            "see and end one's own sessions and tokens",
            Role::ALL,
        ),
    ]
};

impl Permission {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(permission, ..)| *permission)
    }

    /// What it is called in tokens and documents: `alerts.read`.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// What it lets somebody do.
    pub fn about(self) -> &'static str {
        self.row().2
    }

    /// The permission of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|permission| permission.as_str() == name)
    }

    /// True where whoever was given this has that other by it.
    pub fn has(self, other: Self) -> bool {
        self == other || (self, other) == (Self::EditWatchlists, Self::ReadWatchlists)
    }

    /// True where this role has it.
    pub fn is_of(self, role: Role) -> bool {
        self.row().3.contains(&role)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static [Role]) {
        // A test holds that the table has every permission at its own place.
        &TABLE[self as usize]
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The table as the documents show it.
pub fn roles_table() -> String {
    let mut table = String::from("| permission | lets somebody |");
    let rule = "| --- ".repeat(2 + Role::ALL.len()) + "|\n";
    for role in Role::ALL {
        table.push_str(&format!(" {role} |"));
    }
    table.push('\n');
    table.push_str(&rule);
    for permission in Permission::all() {
        // Writing to a String has no way to fail.
        let _ = write!(table, "| `{permission}` | {} |", permission.about());
        for role in Role::ALL {
            table.push_str(match permission.is_of(*role) {
                true => " yes |",
                false => " – |",
            });
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_row() {
        for (nth, (permission, name, ..)) in TABLE.iter().enumerate() {
            assert_eq!(
                *permission as usize, nth,
                "{name} stands at the wrong place"
            );
            assert_eq!(Permission::named(name), Some(*permission));
            assert!(permission.is_of(Role::Administrator), "{name}");
        }
    }

    #[test]
    fn operators_and_auditors_do_not_see_whom_it_is_for() {
        use Permission::*;
        for permission in [ReadAlerts, ReadWatchlists, ReadListings, ReadEvidence] {
            assert!(
                !permission.is_of(Operator) && !permission.is_of(Auditor),
                "{permission}"
            );
        }
    }
}
