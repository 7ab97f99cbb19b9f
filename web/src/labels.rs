//! What the fields of forms are called on their pages: what is wrong in one is told by that, and not by its key.

/// The keys whose label is not the key in plain words.
const LABELS: [(&str, &str); 34] = [
    ("as", "What it turned out to be"),
    ("case_reference", "Case"),
    ("category", "Whose it is thought to be"),
    ("ceiling_per_day", "Messages of one entry a day"),
    ("cron", "At times of day, as cron has them"),
    ("despite_warning", "Why, although a warning list names it"),
    ("digest.at", "At"),
    ("digest.weekday", "Day of a weekly one"),
    ("digest.zone", "By the clock of"),
    ("escalate.after_seconds", "After"),
    ("escalate.repeat_seconds", "And again each time after"),
    ("every", "Or at a steady pace"),
    ("expires_after_days", "Days until they end"),
    ("expires_at", "Last day"),
    ("for", "For how long"),
    (
        "forgotten_seconds",
        "Remind of what was acknowledged and is not closed",
    ),
    ("gap_days", "Days after which it is back"),
    (
        "group_interval_seconds",
        "Between two messages of one alert",
    ),
    ("group_wait_seconds", "A new alert waits for more"),
    ("jitter", "Start up to so much later"),
    ("match", "How far it reaches"),
    ("present", "Present password"),
    ("quiet_hours.days", "Days on which they begin"),
    ("quiet_hours.from", "From"),
    ("quiet_hours.to", "To"),
    ("quiet_hours.zone", "By the clock of"),
    ("reason", "Why"),
    ("repeat_seconds", "Remind while nobody acknowledges"),
    ("review_after_days", "Days until the first review"),
    ("review_at", "Next review"),
    ("scopes", "What it may do"),
    ("stale_days", "Close by itself after days"),
    ("tlp", "Marking (TLP)"),
    ("value", "What is looked for"),
];

/// What a field is called: `Legal basis`. Of a field that a page has several of, what each is of stands behind a hyphen.
pub(crate) fn label(key: &str) -> String {
    let key = key.split_once('-').map_or(key, |(field, _)| field);
    if let Some((_, label)) = LABELS.iter().find(|(known, _)| *known == key) {
        return (*label).to_owned();
    }
    let words = key.replace(['_', '.'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What is wrong in a field, in a sentence: what begins with a verb is said of the field, and the rest stands behind it.
pub(crate) fn sentence(key: &str, message: &str, remedy: &str) -> String {
    const VERBS: [&str; 6] = ["is", "has", "lies", "must", "names", "says"];
    let is_verb = message
        .split(' ')
        .next()
        .is_some_and(|word| VERBS.contains(&word));
    let joint = if is_verb { "" } else { ":" };
    let label = label(key);
    match remedy.is_empty() {
        true => format!("{label}{joint} {message}."),
        false => format!("{label}{joint} {message}; {remedy}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_of_the_label() {
        for (key, message, remedy, expected) in [
            (
                "review_after_days",
                "9999 days is out of range",
                "write 1 to 730",
                "Days until the first review: 9999 days is out of range; write 1 to 730.",
            ),
            (
                "text",
                "is too long",
                "10000 bytes are the most",
                "Text is too long; 10000 bytes are the most.",
            ),
            ("legal_basis", "is missing", "", "Legal basis is missing."),
            ("why-0199a1b2", "is too long", "", "Why is too long."),
        ] {
            assert_eq!(sentence(key, message, remedy), expected);
        }
    }

    #[test]
    fn a_label_is_what_stands_at_the_field() {
        let templates = [
            include_str!("../templates/list_form.html"),
            include_str!("../templates/entry_form.html"),
        ];
        let mut fields = 0;
        for call in templates
            .iter()
            .flat_map(|text| text.split("call form::text(").skip(1))
        {
            let quoted: Vec<&str> = call.split('"').collect();
            assert_eq!(label(quoted[1]), quoted[3]);
            fields += 1;
        }
        assert!(fields > 20, "{fields}");
    }
}
