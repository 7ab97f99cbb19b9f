//! What people write into a search box, read: words, "phrases", beginnings*, and -what is not to be there. Whatever they
//! write is read as something; no sign of theirs reaches an engine.

use std::collections::HashMap;

/// The most parts of a question.
const MOST_TERMS: usize = 16;
/// The most words of one part.
const MOST_WORDS: usize = 16;
/// The fewest characters of a beginning: shorter ones are in nearly every text.
const SHORTEST_BEGINNING: usize = 3;
/// The longest word, in characters.
const LONGEST: usize = 64;

/// Which words of the index begin so.
pub(super) type Known = HashMap<String, Vec<String>>;

/// A question, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
}

/// Words that follow each other.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Term {
    /// At least one, of letters and digits alone.
    words: Vec<String>,
    /// True where the last word may go on.
    is_beginning: bool,
}

/// The words of a text: runs of letters and digits, in lower case.
fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(|word| word.to_lowercase().chars().take(LONGEST).collect())
        .collect()
}

impl Query {
    /// Reads a question; none where nothing in it can be looked for.
    pub fn read(text: &str) -> Option<Self> {
        let mut query = Self {
            wanted: Vec::new(),
            unwanted: Vec::new(),
        };
        let mut rest = text.trim_start();
        while !rest.is_empty() && query.wanted.len() + query.unwanted.len() < MOST_TERMS {
            let is_unwanted = rest.starts_with('-');
            let part = rest.strip_prefix('-').unwrap_or(rest);
            let (said, left, is_beginning) = match part.strip_prefix('"') {
                // A quotation that is not ended goes to the end.
                Some(quoted) => match quoted.split_once('"') {
                    Some((said, left)) => (said, left, false),
                    None => (quoted, "", false),
                },
                None => {
                    let end = part.find(char::is_whitespace).unwrap_or(part.len());
                    let (said, left) = part.split_at(end);
                    (said, left, said.ends_with('*'))
                }
            };
            rest = left.trim_start();
            let words = words(said);
            if words.is_empty() {
                continue;
            }
            let is_long = words
                .last()
                .is_some_and(|last| last.chars().count() >= SHORTEST_BEGINNING);
            let term = Term {
                words,
                is_beginning: is_beginning && is_long,
            };
            match is_unwanted {
                true => query.unwanted.push(term),
                false => query.wanted.push(term),
            }
        }
        (!query.wanted.is_empty()).then_some(query)
    }

    /// True where words are asked for by their beginnings: the engine gathers all that begin so, which takes memory.
    pub fn has_beginnings(&self) -> bool {
        let mut terms = self.wanted.iter().chain(&self.unwanted);
        terms.any(|term| term.is_beginning)
    }

    /// The beginnings that are asked for, as the index has them: it writes other letters than these otherwise.
    pub(super) fn beginnings(&self) -> Vec<&str> {
        let terms = self.wanted.iter().chain(&self.unwanted);
        let words = terms.filter(|term| term.is_beginning);
        let words = words.filter_map(|term| term.words.last());
        words
            .map(String::as_str)
            .filter(|word| word.is_ascii())
            .collect()
    }

    /// The same for FTS5, looked for in titles and texts. Of the beginnings that are known, by the words that begin so.
    pub(super) fn for_sqlite(&self, known: &Known) -> String {
        let all = |terms: &[Term], joint: &str| {
            let terms: Vec<String> = terms.iter().map(|term| term.for_sqlite(known)).collect();
            format!("({{title text}} : ({}))", terms.join(joint))
        };
        match self.unwanted.as_slice() {
            [] => all(&self.wanted, " AND "),
            unwanted => format!(
                "({} NOT {})",
                all(&self.wanted, " AND "),
                all(unwanted, " OR ")
            ),
        }
    }

    /// The same as a tsquery.
    pub(super) fn for_postgres(&self) -> String {
        let wanted = self.wanted.iter().map(Term::for_postgres);
        let unwanted = self
            .unwanted
            .iter()
            .map(|term| format!("!{}", term.for_postgres()));
        wanted.chain(unwanted).collect::<Vec<_>>().join(" & ")
    }

    /// Where a text answers the question: the bytes of every word that is asked for, in order.
    pub fn marks(&self, text: &str) -> Vec<(usize, usize)> {
        let mut marks = Vec::new();
        let mut at = None;
        let end = std::iter::once((text.len(), ' '));
        for (place, character) in text.char_indices().chain(end) {
            match (at, character.is_alphanumeric()) {
                (None, true) => at = Some(place),
                (Some(start), false) => {
                    at = None;
                    let word = text[start..place].to_lowercase();
                    if self.wanted.iter().any(|term| term.has(&word)) {
                        marks.push((start, place));
                    }
                }
                _ => {}
            }
        }
        marks
    }
}

impl Term {
    fn for_sqlite(&self, known: &Known) -> String {
        let quoted = self.words.join(" ");
        if !self.is_beginning {
            return format!("\"{quoted}\"");
        }
        let last = self.words.last().map_or("", String::as_str);
        match known.get(last) {
            Some(words) if !words.is_empty() => {
                let before = quoted.strip_suffix(last).unwrap_or_default();
                let each: Vec<String> = words
                    .iter()
                    .map(|word| format!("\"{before}{word}\""))
                    .collect();
                format!("({})", each.join(" OR "))
            }
            _ => format!("\"{quoted}\" *"),
        }
    }

    fn for_postgres(&self) -> String {
        let last = self.words.len() - 1;
        let words: Vec<String> = self
            .words
            .iter()
            .enumerate()
            .map(|(nth, word)| lexeme(word, self.is_beginning && nth == last))
            .collect();
        format!("({})", words.join(" <-> "))
    }

    fn has(&self, word: &str) -> bool {
        let last = self.words.last().filter(|_| self.is_beginning);
        self.words.iter().any(|one| one == word)
            || last.is_some_and(|last| word.starts_with(last.as_str()))
    }
}

/// A word as PostgreSQL keeps it. A database in the language C knows capitals of ASCII alone, and keeps others as they were
/// written: so these are asked for in the ways in which people write them.
fn lexeme(word: &str, is_beginning: bool) -> String {
    let beginning = if is_beginning { ":*" } else { "" };
    if word.is_ascii() {
        return format!("'{word}'{beginning}");
    }
    let mut letters = word.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let mut ways = vec![
        word.to_owned(),
        format!("{first}{}", letters.as_str()),
        word.to_uppercase(),
    ];
    ways.dedup();
    let ways: Vec<String> = ways
        .iter()
        .map(|way| format!("'{way}'{beginning}"))
        .collect();
    format!("({})", ways.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_is_read_as_words() {
        for (written, sqlite, postgres) in [
            (
                "New  town",
                "({title text} : (\"new\" AND \"town\"))",
                "('new') & ('town')",
            ),
            (
                "\"new in town\"",
                "({title text} : (\"new in town\"))",
                "('new' <-> 'in' <-> 'town')",
            ),
            ("lot*", "({title text} : (\"lot\" *))", "('lot':*)"),
            ("l*", "({title text} : (\"l\"))", "('l')"),
            (
                "a -b",
                "(({title text} : (\"a\")) NOT ({title text} : (\"b\")))",
                "('a') & !('b')",
            ),
            (
                "lotus@example.com",
                "({title text} : (\"lotus example com\"))",
                "('lotus' <-> 'example' <-> 'com')",
            ),
            (
                "Новая*",
                "({title text} : (\"новая\" *))",
                "(('новая':* | 'Новая':* | 'НОВАЯ':*))",
            ),
            // The languages of the engines are words here like any other.
            (
                "a AND NEAR(b)",
                "({title text} : (\"a\" AND \"and\" AND \"near b\"))",
                "('a') & ('and') & ('near' <-> 'b')",
            ),
            (
                "it's \"open",
                "({title text} : (\"it s\" AND \"open\"))",
                "('it' <-> 's') & ('open')",
            ),
        ] {
            let query = Query::read(written).unwrap();
            assert_eq!(query.for_sqlite(&Known::new()), sqlite, "{written}");
            assert_eq!(query.for_postgres(), postgres, "{written}");
        }
        let known = [("lot", vec!["lot", "lotus"]), ("xyz", Vec::new())];
        let known = known.map(|(beginning, words)| {
            let words = words.into_iter().map(str::to_owned);
            (beginning.to_owned(), words.collect())
        });
        let query = Query::read("\"new lot\" \"a lot*\" a-lot* xyz* -lot*").unwrap();
        assert_eq!(query.beginnings(), ["lot", "xyz", "lot"]);
        assert_eq!(
            query.for_sqlite(&known.into()),
            "(({title text} : (\"new lot\" AND \"a lot\" AND (\"a lot\" OR \"a lotus\") AND \"xyz\" *)) \
             NOT ({title text} : ((\"lot\" OR \"lotus\"))))"
        );
        for nothing in ["", "  ", "-a", "*", "\"\"", "-\"", "\u{202e}\0", "':*&|!()"] {
            assert_eq!(Query::read(nothing), None, "{nothing}");
        }
        let long = Query::read(&"x".repeat(5_000)).unwrap();
        assert_eq!(long.wanted[0].words[0].len(), LONGEST);
        assert_eq!(
            Query::read(&"x ".repeat(5_000)).unwrap().wanted.len(),
            MOST_TERMS
        );
    }

    #[test]
    fn what_is_asked_for_is_marked() {
        let query = Query::read("\"new in\" lot*").unwrap();
        let text = "NEW, in town: Lotus";
        let marked: Vec<&str> = query
            .marks(text)
            .into_iter()
            .map(|(a, b)| &text[a..b])
            .collect();
        assert_eq!(marked, ["NEW", "in", "Lotus"]);
        assert!(query.marks("").is_empty());
    }
}
