//! What is wrong with a cron text, field by field, in the words of who wrote it.

/// A field of cron: its name, its least and its greatest number, and the words that stand for numbers.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
}

const fn field(name: &'static str, least: u32, most: u32, words: &'static [&'static str]) -> Field {
    Field {
        name,
        least,
        most,
        words,
    }
}

const FIELDS: [Field; 6] = [
    field("second", 0, 59, &[]),
    field("minute", 0, 59, &[]),
    field("hour", 0, 23, &[]),
    field("day of month", 1, 31, &[]),
    field(
        "month",
        1,
        12,
        &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    ),
    field(
        "day of week",
        0,
        7,
        &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    ),
];

/// What is wrong with it, if it is of the common sort.
pub(super) fn in_words(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if text.starts_with('@') {
        return Some(format!("there is no {text}"));
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    let described = match fields.len() {
        5 => &FIELDS[1..],
        6 => &FIELDS[..],
        count => return Some(format!("it has {count} of the 5 or 6 fields")),
    };
    let mut each = fields.iter().zip(described);
    each.find_map(|(written, field)| field.wrong(written))
}

impl Field {
    fn wrong(&self, written: &str) -> Option<String> {
        written.split(',').find_map(|part| self.part(part))
    }

    fn part(&self, part: &str) -> Option<String> {
        let name = self.name;
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        if !step.parse::<u32>().is_ok_and(|step| step > 0) {
            return Some(format!(
                "the step '/{step}' of the {name} is no number from 1 on"
            ));
        }
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let numbers = match (self.number(from), self.number(to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(wrong), _) | (_, Err(wrong)) => return Some(wrong),
        };
        match numbers {
            (Some(from), Some(to)) if from > to => Some(format!(
                "the {name} goes from {from} back to {to}: write two ranges, with a comma between them"
            )),
            _ => None,
        }
    }

    /// The number that is written; none for signs that stand for several.
    fn number(&self, written: &str) -> Result<Option<u32>, String> {
        let Self {
            name, least, most, ..
        } = self;
        if written.is_empty() {
            return Err(format!("a range of the {name} has one end alone"));
        }
        if written.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = written.parse::<u32>().ok();
            return match number.filter(|number| (*least..=*most).contains(number)) {
                Some(number) => Ok(Some(number)),
                None => Err(format!(
                    "the {name} {written} is not from {least} to {most}"
                )),
            };
        }
        let folded = written.to_lowercase();
        if let Some(at) = self.words.iter().position(|word| *word == folded) {
            return Ok(u32::try_from(at).ok().map(|at| at + least));
        }
        // Stars; and for days `L` and `15W`, the last and the nearest workday, and `5#2`, the second Friday.
        let signs = match name.starts_with("day") {
            true => "*?lw#+",
            false => "*?",
        };
        let is_sign = |sign: char| sign.is_ascii_digit() || signs.contains(sign);
        let is_word = written.len() > 1 && written.chars().all(char::is_alphabetic);
        let mut prefixes = self.words.iter();
        let beyond = prefixes.find_map(|word| folded.strip_prefix(*word));
        let beyond = beyond.unwrap_or(&folded);
        match !is_word && beyond.chars().all(is_sign) {
            true => Ok(None),
            false => Err(format!("'{written}' is no {name}: {}", self.allowed())),
        }
    }

    /// What may stand there.
    fn allowed(&self) -> String {
        let Self { least, most, .. } = self;
        match self.words {
            [] => format!("write a number from {least} to {most}, or *"),
            [first, .., last] => format!(
                "write a number from {least} to {most}, a name from {first} to {last}, or *"
            ),
            [only] => format!("write a number from {least} to {most}, {only}, or *"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        for (text, words) in [
            ("5-1 * * * *", "the minute goes from 5 back to 1"),
            ("0 25 * * *", "the hour 25 is not from 0 to 23"),
            ("0-90 * * * *", "the minute 90 is not from 0 to 59"),
            ("0 6 * * noday", "'noday' is no day of week"),
            (
                "A 6 * * *",
                "'A' is no minute: write a number from 0 to 59, or *",
            ),
            ("0 6x * * *", "'6x' is no hour: write a number from 0 to 23"),
            (
                "0 6 * ja *",
                "'ja' is no month: write a number from 1 to 12, a name from jan to dec, or *",
            ),
            ("ä 6 * * *", "'ä' is no minute"),
            ("L 6 * * *", "'L' is no minute"),
            ("0 6 * * fri-mon", "the day of week goes from 5 back to 1"),
            ("0 6 * 13 *", "the month 13 is not from 1 to 12"),
            ("0 6 0 * *", "the day of month 0 is not from 1 to 31"),
            ("*/0 * * * *", "the step '/0' of the minute is no number"),
            ("1- * * * *", "a range of the minute has one end alone"),
            ("1,,2 * * * *", "a range of the minute has one end alone"),
            ("* * * *", "it has 4 of the 5 or 6 fields"),
            ("61 * * * * *", "the second 61 is not from 0 to 59"),
            ("@fortnightly", "there is no @fortnightly"),
            (" ", "it is empty"),
        ] {
            let found = in_words(text);
            assert!(
                found
                    .as_deref()
                    .is_some_and(|found| found.starts_with(words)),
                "{text}: {found:?}"
            );
        }
        for text in [
            "30 6 * * mon-fri",
            "0 0 L * *",
            "0 0 15W * *",
            "0 0 * * fri#2",
            "0 0 * * 5L",
            "*/20 8-18 * jan,dec 1-5",
        ] {
            assert_eq!(in_words(text), None, "{text}");
        }
    }
}
