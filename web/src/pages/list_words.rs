//! A watchlist as the fields of its form, and the other way round. The fields are called as the problems' keys are.

use sightline_alerts::rules::{DigestRule, Escalate, QuietHours, Rules};
use sightline_casework::watchlist::Written;
use sightline_model::{Problem, Severity};
use sightline_watchlists::EntryDefaults;

use super::fields::{Fields, in_units};

/// The word for nothing, where there is something to choose.
const NONE: &str = "none";

/// What the form shows of a watchlist.
pub(super) fn shown(written: &Written) -> Fields {
    let mut fields = Fields::default();
    fields.set("name", &written.name);
    let defaults = &written.defaults;
    for (field, value) in [
        ("purpose", defaults.purpose.clone()),
        ("legal_basis", defaults.legal_basis.clone()),
        ("owner", defaults.owner.clone()),
        ("category", defaults.category.map(|word| word.to_string())),
        (
            "review_after_days",
            defaults.review_after_days.map(|days| days.to_string()),
        ),
        (
            "expires_after_days",
            defaults.expires_after_days.map(|days| days.to_string()),
        ),
        ("case_reference", defaults.case_reference.clone()),
        ("tlp", defaults.tlp.map(|word| word.to_string())),
        (
            "entry_severity",
            defaults.severity.map(|word| word.to_string()),
        ),
    ] {
        fields.set(field, value.unwrap_or_default());
    }
    rules(&written.rules, &mut fields);
    fields
}

fn rules(rules: &Rules, fields: &mut Fields) {
    let reasons: Vec<&str> = rules.reasons.iter().map(|reason| reason.as_str()).collect();
    let mut channels = rules.channels.clone();
    channels.sort();
    fields.set("reasons", reasons.join(","));
    fields.set("certainty", rules.certainty);
    fields.set("severity", rules.severity);
    fields.set("channels", channels.join(","));
    fields.set("group_by", rules.group_by);
    fields.set("group_wait_seconds", in_units(rules.group_wait_seconds));
    fields.set(
        "group_interval_seconds",
        in_units(rules.group_interval_seconds),
    );
    fields.set("gap_days", rules.gap_days);
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    fields.set("stale_days", number(rules.stale_days));
    fields.set("ceiling_per_day", number(rules.ceiling_per_day));
    let length = |seconds: Option<u32>| seconds.map(in_units).unwrap_or_default();
    fields.set("repeat_seconds", length(rules.repeat_seconds));
    fields.set("forgotten_seconds", length(rules.forgotten_seconds));
    let through = |severity: Option<Severity>| severity.map_or(NONE, Severity::as_str);
    let digest = rules.digest.clone();
    fields.set(
        "digest.every",
        digest.as_ref().map_or("", |digest| digest.every.as_str()),
    );
    let digest = digest.unwrap_or_else(|| DigestRule {
        at: "08:00".to_owned(),
        ..DigestRule::new(sightline_model::Pace::Daily)
    });
    fields.set("digest.at", digest.at);
    fields.set("digest.zone", digest.zone);
    fields.set("digest.weekday", digest.weekday);
    fields.set("digest.breaks_through", through(digest.breaks_through));
    let quiet = rules.quiet_hours.clone().unwrap_or_else(|| QuietHours {
        from: String::new(),
        to: String::new(),
        ..QuietHours::default()
    });
    fields.set("quiet_hours.from", quiet.from);
    fields.set("quiet_hours.to", quiet.to);
    fields.set("quiet_hours.zone", quiet.zone);
    fields.set("quiet_hours.days", quiet.days.join(","));
    fields.set("quiet_hours.breaks_through", through(quiet.breaks_through));
    let escalate = rules.escalate.as_ref();
    fields.set(
        "escalate.after_seconds",
        length(escalate.map(|escalate| escalate.after_seconds)),
    );
    let mut others = escalate.map_or_else(Vec::new, |escalate| escalate.channels.clone());
    others.sort();
    fields.set("escalate.channels", others.join(","));
    fields.set(
        "escalate.repeat_seconds",
        length(escalate.and_then(|escalate| escalate.repeat_seconds)),
    );
}

/// What was typed, over what the list says so far; and what of it does not read.
pub(super) fn written(fields: &Fields, before: &Written) -> (Written, Vec<Problem>) {
    let problems = &mut Vec::new();
    let chosen = "choose one of those there are";
    let defaults = EntryDefaults {
        purpose: fields.written("purpose"),
        legal_basis: fields.written("legal_basis"),
        owner: fields.written("owner"),
        category: fields.read("category", chosen, problems),
        review_after_days: fields.number("review_after_days", problems),
        expires_after_days: fields.number("expires_after_days", problems),
        case_reference: fields.written("case_reference"),
        tlp: fields.read("tlp", chosen, problems),
        severity: fields.read("entry_severity", chosen, problems),
    };
    let mut reasons = std::collections::BTreeSet::new();
    for word in fields.several("reasons") {
        match sightline_model::Reason::ruled(&word) {
            Ok(reason) => drop(reasons.insert(reason)),
            Err(message) => problems.push(Problem::new("reasons", message, chosen)),
        }
    }
    let usual = Rules::default();
    let old = &before.rules;
    let rules = Rules {
        reasons,
        certainty: fields
            .read("certainty", chosen, problems)
            .unwrap_or(usual.certainty),
        severity: fields
            .read("severity", chosen, problems)
            .unwrap_or(usual.severity),
        channels: in_order(fields.several("channels"), &old.channels),
        group_by: fields
            .read("group_by", chosen, problems)
            .unwrap_or(usual.group_by),
        group_wait_seconds: needed(fields, "group_wait_seconds", Fields::seconds, problems)
            .unwrap_or(usual.group_wait_seconds),
        group_interval_seconds: needed(fields, "group_interval_seconds", Fields::seconds, problems)
            .unwrap_or(usual.group_interval_seconds),
        gap_days: needed(fields, "gap_days", Fields::number, problems).unwrap_or(usual.gap_days),
        stale_days: fields.number("stale_days", problems),
        ceiling_per_day: fields.number("ceiling_per_day", problems),
        repeat_seconds: fields.seconds("repeat_seconds", problems),
        forgotten_seconds: fields.seconds("forgotten_seconds", problems),
        digest: digest(fields, problems),
        quiet_hours: quiet(fields, problems),
        escalate: escalate(fields, old.escalate.as_ref(), problems),
    };
    let written = Written {
        name: fields.get("name").to_owned(),
        defaults,
        rules,
    };
    (written, std::mem::take(problems))
}

/// What must be written; a problem where it is not.
fn needed(
    fields: &Fields,
    name: &str,
    read: fn(&Fields, &str, &mut Vec<Problem>) -> Option<u32>,
    problems: &mut Vec<Problem>,
) -> Option<u32> {
    if fields.written(name).is_none() {
        problems.push(Problem::new(name, "is empty", "write a number"));
    }
    read(fields, name, problems)
}

/// The same channels stay in the order that they had.
fn in_order(channels: Vec<String>, before: &[String]) -> Vec<String> {
    let is_same = channels.len() == before.len() && channels.iter().all(|one| before.contains(one));
    match is_same {
        true => before.to_vec(),
        false => channels,
    }
}

fn through(fields: &Fields, name: &str, problems: &mut Vec<Problem>) -> Option<Severity> {
    match fields.get(name) {
        NONE => None,
        _ => fields.read(name, "choose one of those there are", problems),
    }
}

fn zone(fields: &Fields, name: &str) -> String {
    fields.written(name).unwrap_or_else(|| "UTC".to_owned())
}

fn digest(fields: &Fields, problems: &mut Vec<Problem>) -> Option<DigestRule> {
    let every = fields.read("digest.every", "choose one of those there are", problems)?;
    Some(DigestRule {
        every,
        at: fields.get("digest.at").trim().to_owned(),
        zone: zone(fields, "digest.zone"),
        weekday: fields.get("digest.weekday").trim().to_owned(),
        breaks_through: through(fields, "digest.breaks_through", problems),
    })
}

fn quiet(fields: &Fields, problems: &mut Vec<Problem>) -> Option<QuietHours> {
    let (from, to) = (
        fields.written("quiet_hours.from"),
        fields.written("quiet_hours.to"),
    );
    if from.is_none() && to.is_none() {
        return None;
    }
    Some(QuietHours {
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        zone: zone(fields, "quiet_hours.zone"),
        days: fields.several("quiet_hours.days"),
        breaks_through: through(fields, "quiet_hours.breaks_through", problems),
    })
}

fn escalate(
    fields: &Fields,
    before: Option<&Escalate>,
    problems: &mut Vec<Problem>,
) -> Option<Escalate> {
    let after = fields.seconds("escalate.after_seconds", problems);
    let channels = fields.several("escalate.channels");
    let repeat = fields.seconds("escalate.repeat_seconds", problems);
    let Some(after_seconds) = after else {
        let is_meant = !channels.is_empty() || repeat.is_some();
        if is_meant && fields.written("escalate.after_seconds").is_none() {
            problems.push(Problem::new(
                "escalate.after_seconds",
                "nothing says when others are told",
                "write such as 1 h; or name none of them",
            ));
        }
        return None;
    };
    Some(Escalate {
        after_seconds,
        channels: in_order(channels, before.map_or(&[], |before| &before.channels)),
        repeat_seconds: repeat,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_comes_back_from_its_form_as_it_was() {
        for rules in [
            json!(null),
            json!({"channels": ["mail", "hook"], "reasons": ["first", "new_listing"], "severity": "grave",
                   "certainty": "certain", "group_by": "case", "group_wait_seconds": 0, "ceiling_per_day": null,
                   "repeat_seconds": 3600, "forgotten_seconds": 86_401, "gap_days": 30, "stale_days": 60,
                   "escalate": {"after_seconds": 900, "channels": ["hook"], "repeat_seconds": 1800},
                   "digest": {"every": "weekly", "at": "08:00", "zone": "Europe/Paris", "weekday": "fri",
                              "breaks_through": null},
                   "quiet_hours": {"from": "22:00", "to": "07:00", "days": ["mon-fri", "sat"],
                                   "breaks_through": "normal"}}),
        ] {
            let before = Written {
                name: "Lotus".to_owned(),
                defaults: EntryDefaults {
                    purpose: Some("find people".to_owned()),
                    category: Some(sightline_model::Category::Suspect),
                    review_after_days: Some(90),
                    severity: Some(Severity::Grave),
                    ..EntryDefaults::default()
                },
                rules: Rules::read(&rules).unwrap(),
            };
            let (after, problems) = written(&shown(&before), &before);
            assert_eq!(problems, []);
            assert_eq!(after, before);
        }
    }

    #[test]
    fn what_does_not_read_is_told_at_its_field() {
        let before = Written::default();
        for (field, value) in [
            ("category", "guilty"),
            ("review_after_days", "soon"),
            ("reasons", "continued"),
            ("group_wait_seconds", "a while"),
            ("gap_days", ""),
            ("digest.every", "yearly"),
            ("escalate.repeat_seconds", "1 h"),
        ] {
            let mut fields = shown(&before);
            fields.set(field, value);
            let (_, problems) = written(&fields, &before);
            let at = match field {
                "escalate.repeat_seconds" => "escalate.after_seconds",
                field => field,
            };
            assert_eq!(
                problems
                    .iter()
                    .map(|one| one.key.as_str())
                    .collect::<Vec<_>>(),
                [at]
            );
        }
    }
}
