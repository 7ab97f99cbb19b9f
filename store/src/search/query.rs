//! What people write into a search box, read: words, "phrases", beginnings*, either OR or, and -what is not to be there. What
//! can't be looked for as it is written is told in words, and never read as something else; no sign of theirs reaches an engine.

use std::collections::HashMap;

use super::words::{Sort, Word, words};

/// The most parts of a question.
const MOST_TERMS: usize = 16;
/// The most words of one part.
const MOST_WORDS: usize = 64;
/// The fewest characters of a beginning: shorter ones are in nearly every text.
const SHORTEST_BEGINNING: usize = 3;

/// Which words of the index begin so.
pub(super) type Known = HashMap<String, Vec<String>>;

/// A question, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// Of each of these, one has to be there.
    wanted: Vec<Vec<Term>>,
    unwanted: Vec<Term>,
}

/// Why a question can't be answered as it is written, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}; {remedy}")]
pub struct Unread {
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

/// Words that follow each other.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Term {
    /// At least one, of letters and digits alone.
    words: Vec<String>,
    /// True where the last word may go on.
    is_beginning: bool,
}

/// A part of what is written, between spaces or quotation marks.
enum Part<'q> {
    Quoted(&'q str),
    Bare(&'q str),
}

impl Query {
    /// Reads a question.
    ///
    /// # Errors
    /// Where nothing in it can be looked for, or something not as it is written.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let mut query = Self {
            wanted: Vec::new(),
            unwanted: Vec::new(),
        };
        let (mut rest, mut count) = (text.trim_start(), 0);
        // Whether OR stood before this part.
        let mut is_either = false;
        while !rest.is_empty() {
            let sign = rest.strip_prefix('-');
            let (part, left) = next_part(sign.unwrap_or(rest));
            rest = left.trim_start();
            let joint = match part {
                Part::Bare(word) if sign.is_none() && !rest.is_empty() => word,
                _ => "",
            };
            match joint {
                "OR" if !query.wanted.is_empty() && !is_either => {
                    is_either = true;
                    continue;
                }
                "AND" if count > 0 && !is_either => continue,
                _ => {}
            }
            let Some(term) = Term::read(&part)? else {
                continue;
            };
            count += 1;
            if count > MOST_TERMS {
                return Err(Unread::new(
                    format!("more than {MOST_TERMS} words or phrases are asked for at once"),
                    "leave some out, or put those that follow each other in quotation marks",
                ));
            }
            match (sign.is_some(), is_either) {
                (true, true) => {
                    return Err(Unread::new(
                        "OR stands before what is to be left out",
                        "write what is left out behind all that is looked for: a OR b -c",
                    ));
                }
                (true, false) => query.unwanted.push(term),
                (false, true) => match query.wanted.last_mut() {
                    Some(either) => either.push(term),
                    None => query.wanted.push(vec![term]),
                },
                (false, false) => query.wanted.push(vec![term]),
            }
            is_either = false;
        }
        match (query.wanted.is_empty(), query.unwanted.is_empty()) {
            (false, _) => Ok(query),
            (true, true) => Err(Unread::new(
                "there is no word in it to search for",
                "write a word that listings say",
            )),
            (true, false) => Err(Unread::new(
                "it only says what is to be left out",
                "write what is looked for as well: town -hotel",
            )),
        }
    }

    /// True where words are asked for by their beginnings: the engine gathers all that begin so, which takes memory.
    pub fn has_beginnings(&self) -> bool {
        self.terms().any(|term| term.is_beginning)
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.wanted.iter().flatten().chain(&self.unwanted)
    }

    /// The beginnings that are asked for.
    pub(super) fn beginnings(&self) -> Vec<&str> {
        let words = self.terms().filter(|term| term.is_beginning);
        let words = words.filter_map(|term| term.words.last());
        words.map(String::as_str).collect()
    }

    /// The same for FTS5. Of the beginnings that are known, by the words that begin so.
    pub(super) fn for_sqlite(&self, known: &Known) -> String {
        let any = |terms: &[Term]| {
            let terms: Vec<String> = terms.iter().map(|term| term.for_sqlite(known)).collect();
            format!("(said : ({}))", terms.join(" OR "))
        };
        let wanted: Vec<String> = self.wanted.iter().map(|terms| any(terms)).collect();
        let wanted = format!("({})", wanted.join(" AND "));
        match self.unwanted.as_slice() {
            [] => wanted,
            unwanted => format!("({wanted} NOT {})", any(unwanted)),
        }
    }

    /// The same as a tsquery.
    pub(super) fn for_postgres(&self) -> String {
        let any = |terms: &Vec<Term>| {
            let terms: Vec<String> = terms.iter().map(Term::for_postgres).collect();
            format!("({})", terms.join(" | "))
        };
        let wanted = self.wanted.iter().map(any);
        let unwanted = self
            .unwanted
            .iter()
            .map(|term| format!("!{}", term.for_postgres()));
        wanted.chain(unwanted).collect::<Vec<_>>().join(" & ")
    }

    /// Where a text answers the question: the bytes of every word that is asked for, in order, and of each phrase where it
    /// stands.
    pub fn marks(&self, text: &str) -> Vec<(usize, usize)> {
        let said = words(text);
        let mut marks: Vec<(usize, usize)> = Vec::new();
        for term in self.wanted.iter().flatten() {
            for place in said.windows(term.words.len()) {
                if term.is_said(place) {
                    marks.extend(place.iter().enumerate().map(|(nth, word)| {
                        let is_begun = term.is_beginning && nth + 1 == place.len();
                        match is_begun && word.sort == Sort::Pair {
                            true => (word.start, word.first),
                            false => (word.start, word.end),
                        }
                    }));
                }
            }
        }
        marks.sort_unstable();
        // Pairs overlap: what they mark is one.
        let mut apart: Vec<(usize, usize)> = Vec::new();
        for (start, end) in marks {
            match apart.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        apart
    }
}

impl Unread {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// The first part of what is written, and the rest. A quotation that is not ended goes to the end.
fn next_part(text: &str) -> (Part<'_>, &str) {
    match text.strip_prefix('"') {
        Some(quoted) => {
            let (said, left) = quoted.split_once('"').unwrap_or((quoted, ""));
            (Part::Quoted(said), left)
        }
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (said, left) = text.split_at(end);
            (Part::Bare(said), left)
        }
    }
}

impl Term {
    /// Reads a part; none where there is no word in it.
    fn read(part: &Part<'_>) -> Result<Option<Self>, Unread> {
        let (Part::Bare(said) | Part::Quoted(said)) = part;
        let mut read: Vec<Word> = words(said);
        let Some(last) = read.last() else {
            return Ok(None);
        };
        let bare = said.trim_end().trim_end_matches('*');
        if matches!(part, Part::Bare(_)) && bare.contains('*') {
            return Err(Unread::new(
                format!("the star in '{said}' does not stand at its end"),
                "write the beginning of a word with a star behind it, pass*, or the whole word",
            ));
        }
        let mut is_beginning =
            said.trim_end().ends_with('*') && bare.ends_with(char::is_alphanumeric);
        match last.sort {
            Sort::Plain if is_beginning && last.text.chars().count() < SHORTEST_BEGINNING => {
                return Err(Unread::new(
                    format!("'{}*' begins too many words", last.text),
                    format!("write {SHORTEST_BEGINNING} letters of it at least, or the whole word"),
                ));
            }
            Sort::Plain => {}
            // Whatever stands in a run is found as pairs, wherever it ends there; one character, by the pairs that it begins.
            Sort::Last | Sort::Pair => {
                read.pop();
                is_beginning = false;
            }
            Sort::Alone => is_beginning = true,
        }
        if read.len() > MOST_WORDS {
            return Err(Unread::new(
                format!("more than {MOST_WORDS} words are to follow each other"),
                "write fewer of them",
            ));
        }
        Ok(Some(Self {
            words: read.into_iter().map(|word| word.text).collect(),
            is_beginning,
        }))
    }

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
            .map(|(nth, word)| {
                let goes_on = self.is_beginning && nth == last;
                format!("'{word}'{}", if goes_on { ":*" } else { "" })
            })
            .collect();
        format!("({})", words.join(" <-> "))
    }

    fn is_said(&self, place: &[Word]) -> bool {
        let last = self.words.len() - 1;
        let mut both = self.words.iter().zip(place).enumerate();
        both.all(
            |(nth, (wanted, said))| match self.is_beginning && nth == last {
                true => said.text.starts_with(wanted.as_str()),
                false => said.text == *wanted,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_is_meant() {
        for (written, sqlite, postgres) in [
            (
                "New  town",
                "((said : (\"new\")) AND (said : (\"town\")))",
                "(('new')) & (('town'))",
            ),
            (
                "\"new in town\"",
                "((said : (\"new in town\")))",
                "(('new' <-> 'in' <-> 'town'))",
            ),
            ("lot*", "((said : (\"lot\" *)))", "(('lot':*))"),
            (
                "\"keep your pass*\"",
                "((said : (\"keep your pass\" *)))",
                "(('keep' <-> 'your' <-> 'pass':*))",
            ),
            (
                "a -b -c",
                "(((said : (\"a\"))) NOT (said : (\"b\" OR \"c\")))",
                "(('a')) & !('b') & !('c')",
            ),
            (
                "Fourth OR Fifth street",
                "((said : (\"fourth\" OR \"fifth\")) AND (said : (\"street\")))",
                "(('fourth') | ('fifth')) & (('street'))",
            ),
            (
                "lotus@example.com",
                "((said : (\"lotus example com\")))",
                "(('lotus' <-> 'example' <-> 'com'))",
            ),
            ("Новая*", "((said : (\"новая\" *)))", "(('новая':*))"),
            ("ÉLISE", "((said : (\"elise\")))", "(('elise'))"),
            // In scripts without spaces, pairs; one character, by the pairs that it begins.
            ("女孩", "((said : (\"女孩\")))", "(('女孩'))"),
            ("女孩*", "((said : (\"女孩\")))", "(('女孩'))"),
            ("女", "((said : (\"女\" *)))", "(('女':*))"),
            (
                "新来的 Lily",
                "((said : (\"新来 来的\")) AND (said : (\"lily\")))",
                "(('新来' <-> '来的')) & (('lily'))",
            ),
            (
                "\"新来 Lily\"",
                "((said : (\"新来 来 lily\")))",
                "(('新来' <-> '来' <-> 'lily'))",
            ),
            // The languages of the engines are words here like any other.
            (
                "a AND NEAR(b) or \"c OR d\"",
                "((said : (\"a\")) AND (said : (\"near b\")) AND (said : (\"or\")) AND (said : (\"c or d\")))",
                "(('a')) & (('near' <-> 'b')) & (('or')) & (('c' <-> 'or' <-> 'd'))",
            ),
            (
                "it's \"open",
                "((said : (\"it s\")) AND (said : (\"open\")))",
                "(('it' <-> 's')) & (('open'))",
            ),
            // A word that joins nothing is one.
            ("OR", "((said : (\"or\")))", "(('or'))"),
            (
                "OR a OR",
                "((said : (\"or\")) AND (said : (\"a\")) AND (said : (\"or\")))",
                "(('or')) & (('a')) & (('or'))",
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
        let query = Query::read("\"a lot*\" a-lot* xyz* -lot*").unwrap();
        assert_eq!(query.beginnings(), ["lot", "lot", "xyz", "lot"]);
        assert_eq!(
            query.for_sqlite(&known.into()),
            "(((said : ((\"a lot\" OR \"a lotus\"))) AND (said : ((\"a lot\" OR \"a lotus\"))) AND (said : (\"xyz\" *))) \
             NOT (said : ((\"lot\" OR \"lotus\"))))"
        );
    }

    #[test]
    fn what_cannot_be_looked_for_is_told() {
        let many = "x ".repeat(17);
        let long = format!("\"{}\"", "x ".repeat(65));
        for (written, message) in [
            ("", "no word"),
            ("  ", "no word"),
            ("-a", "left out"),
            ("*", "no word"),
            ("\"\"", "no word"),
            ("-\"", "no word"),
            ("\u{202e}\0", "no word"),
            ("':*&|!()", "no word"),
            ("fi*", "'fi*' begins too many"),
            ("\"no fi*\"", "'fi*' begins too many"),
            ("-l*", "'l*' begins too many"),
            ("m*ssage", "does not stand at its end"),
            ("*town", "does not stand at its end"),
            ("a OR -b", "before what is to be left out"),
            (&many, "more than 16"),
            (&long, "more than 64"),
        ] {
            let unread = Query::read(written).unwrap_err();
            assert!(unread.message.contains(message), "{written}: {unread}");
            assert!(!unread.remedy.is_empty());
        }
    }

    #[test]
    fn what_is_asked_for_is_marked() {
        for (query, text, expected) in [
            (
                "\"new in\" lot*",
                "NEW, in town: Lotus. In.",
                vec!["NEW", "in", "Lotus"],
            ),
            ("女孩", "中文 按摩 新来的女孩子", vec!["女孩"]),
            ("新来的女孩", "新来的女孩子 女孩", vec!["新来的女孩"]),
            ("子", "女孩子 子女", vec!["子", "子"]),
            ("elise OR lily", "Élise ＬＩＬＹ", vec!["Élise", "ＬＩＬＹ"]),
            ("นวด", "ร้านนวดไทย", vec!["นวด"]),
            ("lotus -spa", "lotus spa", vec!["lotus"]),
            ("a", "", vec![]),
        ] {
            let marks = Query::read(query).unwrap().marks(text).into_iter();
            let marked: Vec<&str> = marks.map(|(start, end)| &text[start..end]).collect();
            assert_eq!(marked, expected, "{query}");
        }
    }
}
