//! The fields of a form that edits something: what was typed, what it was when the form was shown, and what somebody else
//! changed meanwhile.

use std::{collections::BTreeMap, str::FromStr};

use sightline_model::Problem;

use crate::answer::Faults;

/// The field that carries what the others were when the form was shown.
const WAS: &str = "was";

/// Values by the names of their fields. One that may be ticked several times holds its words with commas between.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

/// A field that somebody else changed while it was edited here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moved {
    /// Its name.
    pub field: String,
    /// As the form showed it.
    pub was: String,
    /// As it is now.
    pub now: String,
    /// True where it was changed here as well, to something else.
    pub is_disputed: bool,
}

impl Moved {
    /// What the field is called: `legal basis`.
    pub(crate) fn label(&self) -> String {
        self.field.replace(['_', '.'], " ")
    }
}

impl Fields {
    /// As a form sends them; and as they were when it was shown, where it says so.
    pub(crate) fn typed(pairs: Vec<(String, String)>) -> (Self, Option<Self>) {
        let (mut typed, mut was) = (Self::default(), None);
        for (name, value) in pairs {
            if name == WAS {
                was = serde_json::from_str(&value).ok().map(Self);
                continue;
            }
            // Browsers send line breaks as two characters.
            let value = value.replace("\r\n", "\n");
            match typed.0.get_mut(&name) {
                Some(before) => before.push_str(&format!(",{value}")),
                None => typed.set(&name, value),
            }
        }
        (typed, was)
    }

    /// Has a field say this.
    pub(crate) fn set(&mut self, name: &str, value: impl ToString) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    /// What a field says; empty where there is none of this name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The same without what stands around it; nothing where it is empty.
    pub(crate) fn written(&self, name: &str) -> Option<String> {
        let text = self.get(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The words of a field that has several.
    pub(crate) fn several(&self, name: &str) -> Vec<String> {
        let words = self.get(name).split([',', ';', '\n']).map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// True where a word is among those of a field.
    pub(crate) fn has(&self, name: &str, word: impl AsRef<str>) -> bool {
        self.several(name).iter().any(|one| one == word.as_ref())
    }

    /// What a field says as something that is read; a problem where it does not read.
    pub(crate) fn read<T: FromStr<Err: ToString>>(
        &self,
        name: &str,
        remedy: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        let read = self.written(name)?.parse();
        read.map_err(|error: T::Err| problems.push(Problem::new(name, error.to_string(), remedy)))
            .ok()
    }

    /// A whole number, where one is written.
    pub(crate) fn number(&self, name: &str, problems: &mut Vec<Problem>) -> Option<u32> {
        let text = self.written(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            let message = format!("'{text}' is not a whole number");
            problems.push(Problem::new(
                name,
                message,
                "write it in digits, such as 30",
            ));
        }
        read
    }

    /// A length of time in seconds, where one is written: `90`, `5 min`, `2 h`.
    pub(crate) fn seconds(&self, name: &str, problems: &mut Vec<Problem>) -> Option<u32> {
        let text = self.written(name)?;
        let read = seconds(&text);
        if read.is_none() {
            let message = format!("'{text}' is not a length of time");
            problems.push(Problem::new(
                name,
                message,
                "write such as 30 s, 5 min, 2 h or 1 d",
            ));
        }
        read
    }

    /// What was typed otherwise than it was, field by field.
    pub(crate) fn changed(&self, was: &Self) -> Vec<(String, String)> {
        let changed = self.0.iter();
        let changed = changed.filter(|(name, value)| was.get(name).trim() != value.trim());
        changed
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// What the form carries, so that it is known what was changed by whom when it comes back.
    pub(crate) fn to_json(&self) -> String {
        // Texts by texts: nothing that JSON can't hold.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// What somebody else changed since the form was shown. What was not touched here follows it; what was stays as it was
    /// typed.
    pub(crate) fn follow(&mut self, was: &Self, now: &Self) -> Vec<Moved> {
        let mut moved = Vec::new();
        for (name, value) in &now.0 {
            if was.get(name) == value {
                continue;
            }
            let is_touched = self.get(name).trim() != was.get(name).trim();
            moved.push(Moved {
                field: name.clone(),
                was: was.get(name).to_owned(),
                now: value.clone(),
                is_disputed: is_touched && self.get(name).trim() != value.trim(),
            });
            if !is_touched {
                self.0.insert(name.clone(), value.clone());
            }
        }
        moved
    }
}

/// The units that a length of time is written in, the longest first: how each is shown, its seconds, and what else it is
/// called.
const UNITS: [(&str, u32, &[&str]); 4] = [
    ("d", 86_400, &["day", "days"]),
    ("h", 3_600, &["hour", "hours"]),
    ("min", 60, &["m", "minute", "minutes"]),
    ("s", 1, &["", "sec", "second", "seconds"]),
];

fn seconds(text: &str) -> Option<u32> {
    let end = text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u32 = text[..end].parse().ok()?;
    let unit = text[end..].trim();
    let (_, length, _) = UNITS
        .iter()
        .find(|(name, _, others)| *name == unit || others.contains(&unit))?;
    number.checked_mul(*length)
}

/// A length of time as [`Fields::seconds`] reads it: `5 min`.
pub(crate) fn in_units(seconds: u32) -> String {
    let whole = UNITS
        .iter()
        .find(|(_, length, _)| seconds.is_multiple_of(*length));
    match whole {
        Some((name, length, _)) if seconds > 0 => format!("{} {name}", seconds / length),
        _ => format!("{seconds} s"),
    }
}

impl Faults {
    /// Problems by the fields that they are shown at: one of a list's members is at the list.
    pub(crate) fn at_fields(problems: Vec<Problem>) -> Self {
        let at_field = |problem: Problem| {
            let field = problem.key.split('[').next().unwrap_or_default().to_owned();
            Problem::new(field, problem.message, problem.remedy)
        };
        Self(problems.into_iter().map(at_field).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Fields::typed(pairs.collect()).0
    }

    #[test]
    fn lengths_of_time_read_as_they_are_shown() {
        for (text, seconds, shown) in [
            ("30", 30, "30 s"),
            ("0", 0, "0 s"),
            ("90 s", 90, "90 s"),
            ("5min", 300, "5 min"),
            ("120 minutes", 7_200, "2 h"),
            ("1 d", 86_400, "1 d"),
        ] {
            let mut problems = Vec::new();
            let read = fields(&[("wait", text)]).seconds("wait", &mut problems);
            assert_eq!((read, problems.len()), (Some(seconds), 0), "{text}");
            assert_eq!(in_units(seconds), shown);
        }
        for text in ["soon", "-1", "5 weeks", "9999999 d", "1.5 h"] {
            let mut problems = Vec::new();
            assert_eq!(
                fields(&[("wait", text)]).seconds("wait", &mut problems),
                None
            );
            assert_eq!(problems[0].key, "wait", "{text}");
        }
    }

    #[test]
    fn what_was_not_touched_follows_and_what_was_is_kept() {
        let was = fields(&[("owner", "A"), ("note", ""), ("case", "1")]);
        let now = fields(&[("owner", "B"), ("note", "seen"), ("case", "1")]);
        let mut typed = fields(&[("owner", "A"), ("note", "mine"), ("case", "2")]);
        let moved = typed.follow(&was, &now);
        let moved: Vec<_> = moved
            .iter()
            .map(|one| (one.field.as_str(), one.is_disputed))
            .collect();
        assert_eq!(moved, [("note", true), ("owner", false)]);
        assert_eq!(
            typed,
            fields(&[("owner", "B"), ("note", "mine"), ("case", "2")])
        );
        assert_eq!(typed.follow(&now, &now), []);
    }

    #[test]
    fn a_form_brings_back_what_it_was() {
        let was = fields(&[("owner", "\"A\""), ("channels", "mail")]);
        let sent = vec![
            ("was".to_owned(), was.to_json()),
            ("channels".to_owned(), "mail".to_owned()),
            ("channels".to_owned(), "hook".to_owned()),
        ];
        let (typed, back) = Fields::typed(sent);
        assert_eq!(back, Some(was));
        assert_eq!(typed.several("channels"), ["mail", "hook"]);
        assert!(typed.has("channels", "hook") && !typed.has("channels", "hoo"));
    }
}
