//! What the command line says about an entry, for every command that takes it.

use clap::Args;
use sightline_watchlists::EntryDraft;

/// What is said about an entry, beside what is looked for.
#[derive(Debug, Args)]
pub(super) struct Written {
    /// Why it is looked for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// What permits it: a law, an order, a consent
    #[arg(long, value_name = "TEXT")]
    legal_basis: Option<String>,
    /// Who answers for it, by the name under which [reviews] in the configuration has their channels
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Whose identifier it is thought to be: suspect, victim (or possible victim), witness or other
    #[arg(long, value_name = "WORD")]
    category: Option<String>,
    /// When it must be looked at again: 2027-05-23
    #[arg(long, value_name = "DAY")]
    review: Option<String>,
    /// The last day on which it matches: 2027-12-31
    #[arg(long, value_name = "DAY")]
    expiry: Option<String>,
    /// The organisation's own case
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
    /// How far it may be shared: clear, green, amber, amber_strict or red
    #[arg(long, value_name = "WORD")]
    tlp: Option<String>,
    /// How grave a sighting is: low, normal or grave
    #[arg(long, value_name = "WORD")]
    severity: Option<String>,
    /// For those who read the alert
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Words to sort it by, with commas between
    #[arg(long, value_name = "WORDS")]
    tags: Option<String>,
    /// How far beyond the identifier it reaches: exact for that alone; by kind trailing, any_country, mailbox, platform, any_platform, page, prefix, subdomains or host
    #[arg(long = "match", value_name = "WAY")]
    way: Option<String>,
    /// Why it is looked for although a warning list names it: its sightings raise alerts then
    #[arg(long, value_name = "REASON")]
    despite_warning: Option<String>,
}

impl Written {
    /// A draft that says this, and not yet what is looked for.
    pub fn draft(self) -> EntryDraft {
        EntryDraft {
            region: None,
            kind: None,
            value: None,
            way: self.way,
            despite_warning: self.despite_warning,
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            owner: self.owner,
            category: self.category,
            review_at: self.review,
            expires_at: self.expiry,
            case_reference: self.case,
            tlp: self.tlp,
            severity: self.severity,
            note: self.note,
            tags: self.tags,
        }
    }
}
