//! What a text says around the words that were searched for.

use sightline_store::search::Query;

use crate::inert;

/// How much of a text is shown, in characters.
const LENGTH: usize = 240;
/// How much of it stands before the first word that was searched for.
const BEFORE: usize = 60;

/// A part of a text, made inert, and whether it was searched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The text.
    pub text: String,
    /// True where it answers the question.
    pub is_mark: bool,
}

/// The text around the first place that answers the question, in parts; its beginning, where none does.
pub fn of(text: &str, query: &Query) -> Vec<Part> {
    let marks = query.marks(text);
    let first = marks.first().map_or(0, |(start, _)| *start);
    let start = text[..first]
        .char_indices()
        .rev()
        .take(BEFORE)
        .last()
        .map_or(first, |(at, _)| at);
    let end = text[start..]
        .char_indices()
        .nth(LENGTH)
        .map_or(text.len(), |(at, _)| start + at);
    let mut parts = Vec::new();
    let mut put = |from: usize, to: usize, is_mark: bool| {
        if let Some(text) = text.get(from..to).filter(|text| !text.is_empty()) {
            // White space becomes one space, and that between two parts stays.
            let words = inert::part(&text.replace('\n', " "));
            parts.push(Part {
                text: words,
                is_mark,
            });
        }
    };
    let mut at = start;
    for (from, to) in marks.into_iter().filter(|(_, to)| *to <= end) {
        put(at, from, false);
        put(from, to, true);
        at = to;
    }
    put(at, end, false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_in_what_is_around_them() {
        let query = Query::read("lotus call").unwrap();
        let text = format!(
            "{}\ncall\u{202e} LOTUS {}",
            "é ".repeat(200),
            "ö ".repeat(400)
        );
        let parts = of(&text, &query);
        let marked: Vec<&str> = parts
            .iter()
            .filter(|part| part.is_mark)
            .map(|part| part.text.as_str())
            .collect();
        assert_eq!(marked, ["call", "LOTUS"]);
        let whole: String = parts.iter().map(|part| part.text.as_str()).collect();
        assert!(
            whole.contains("\\u{202e}") && !whole.contains('\u{202e}'),
            "{whole}"
        );
        assert!(whole.chars().count() < LENGTH + 20, "{whole}");
        assert!(of("", &query).is_empty());
        assert_eq!(of("nothing of it", &query)[0].text, "nothing of it");
    }
}
