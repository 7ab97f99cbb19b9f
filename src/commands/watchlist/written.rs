//! What the command line says about an entry, for every command that takes it.

use clap::Args;
use sightline_model::Problem;
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

/// What is wrong with what was written, by the names of the options instead of the fields.
pub(super) fn as_options(problems: Vec<Problem>) -> Vec<Problem> {
    problems
        .into_iter()
        .map(|problem| Problem {
            key: option(&problem.key).to_owned(),
            ..problem
        })
        .collect()
}

fn option(field: &str) -> &str {
    match field {
        "despite_warning" => "--despite-warning",
        "purpose" => "--purpose",
        "legal_basis" => "--legal-basis",
        "owner" => "--owner",
        "category" => "--category",
        "review_at" => "--review",
        "expires_at" => "--expiry",
        "case_reference" => "--case",
        "tlp" => "--tlp",
        "severity" => "--severity",
        "note" => "--note",
        "tags" => "--tags",
        "match" | "way" => "--match",
        "region" => "--region",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_the_names_of_options_that_there_are() {
        let known = Written::augment_args(clap::Command::new("add"));
        let options: Vec<String> = known
            .get_arguments()
            .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
            .collect();
        let draft = serde_json::to_value(EntryDraft::default()).unwrap();
        let fields = draft.as_object().unwrap().keys();
        for field in fields.filter(|field| !["kind", "value", "region"].contains(&field.as_str())) {
            let named = option(field);
            assert!(options.iter().any(|one| one == named), "{field}: {named}");
        }
        let wrong = as_options(vec![Problem::new(
            "review_at",
            "it is missing",
            "name a day",
        )]);
        assert_eq!(wrong[0].key, "--review");
    }
}
