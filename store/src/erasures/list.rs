//! What an erasure does to each table. The contract test walks the schema and compares, so that a table that is added can't be
//! forgotten.

/// Every table that holds rows of an organisation, and what the erasure of a listing or selector does there.
pub const ERASED: &[(&str, &str)] = &[
    ("account", "holds who may sign in, nothing that was crawled"),
    ("alert", "goes where nothing else is in it"),
    ("alert_change", "goes with its alert"),
    ("alert_sighting", "goes"),
    (
        "audit",
        "stays: it only grows, and names what was done by identifiers",
    ),
    ("audit_head", "holds hashes"),
    (
        "capture",
        "goes, with its record; a tombstone takes its place",
    ),
    ("data_folder", "holds where evidence lies"),
    (
        "delivery",
        "goes with its alert; else its message and the receiver's words are forgotten, as are digests that tell of the alert; what was not sent is written anew",
    ),
    (
        "endpoint",
        "forgets the receiver's last words; why it is switched off is said in ours",
    ),
    ("entry", "goes where it is of the selector"),
    ("entry_begun", "goes with its sighting"),
    ("entry_change", "goes with its entry"),
    ("erasure", "says that it was done"),
    ("furniture", "goes where it is of the selector"),
    ("generation", "holds numbers"),
    (
        "given_answer",
        "forgets what was answered; that it was done stays known",
    ),
    ("hold", "refuses the erasure while it stands"),
    ("host", "holds addresses of sites and their patience"),
    ("image", "goes where no other listing shows it"),
    (
        "invitation",
        "holds who may sign in, nothing that was crawled",
    ),
    ("listing", "goes"),
    ("listing_away", "goes"),
    ("listing_image", "goes"),
    ("listing_page", "goes"),
    ("listing_search", "goes"),
    ("listing_version", "goes"),
    (
        "notice",
        "names sources, channels and entries; of reviews they go with a selector",
    ),
    ("observation", "goes"),
    (
        "page",
        "goes where no other listing stands on it; else it is forgotten, and fetched whole",
    ),
    ("purge_receipt", "holds digests"),
    (
        "recovery_code",
        "holds who may sign in, nothing that was crawled",
    ),
    (
        "reset_link",
        "holds who may sign in, nothing that was crawled",
    ),
    ("rewriting", "holds names of files"),
    ("robots", "holds what sites say to crawlers"),
    ("run", "holds counts"),
    ("search_rebuild", "holds numbers"),
    ("selector", "goes where no other listing shows it"),
    ("session", "holds who may sign in, nothing that was crawled"),
    ("sighting", "goes"),
    ("sighting_before", "goes with its sighting"),
    ("sign_in_attempt", "holds digests"),
    ("sign_in_place", "holds digests"),
    ("silence", "goes where it is of the selector or its entry"),
    ("silenced", "goes with its alert or silence"),
    ("source", "holds what an operator wrote"),
    ("source_text", "holds what an operator wrote"),
    ("suppressed", "holds digests"),
    ("token", "holds who may sign in, nothing that was crawled"),
    (
        "tombstone",
        "holds digests, and says that something was there",
    ),
    ("verdict", "goes"),
    ("visit", "goes where it is of the listing's page or image"),
    ("watchlist", "holds what an analyst wrote"),
];

/// Those of these tables that an erasure takes rows or words out of.
pub(super) const TOUCHED: &[&str] = &[
    "alert",
    "alert_change",
    "alert_sighting",
    "capture",
    "delivery",
    "endpoint",
    "entry",
    "entry_begun",
    "entry_change",
    "furniture",
    "given_answer",
    "image",
    "listing",
    "listing_away",
    "listing_image",
    "listing_page",
    "listing_search",
    "listing_version",
    "notice",
    "observation",
    "page",
    "selector",
    "sighting",
    "sighting_before",
    "silence",
    "silenced",
    "verdict",
    "visit",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_that_something_goes_from_is_touched() {
        let goes = ["goes", "forgets", "names sources, channels and entries"];
        let touched: Vec<&str> = ERASED
            .iter()
            .filter(|(_, what)| goes.iter().any(|word| what.starts_with(word)))
            .map(|(table, _)| *table)
            .collect();
        assert_eq!(touched, TOUCHED);
    }
}
