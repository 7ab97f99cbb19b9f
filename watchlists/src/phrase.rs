//! Phrases as analysts write them: plain words, or quoted ones with what stands near them and what must not be there.
//!
//! ```text
//! blue lotus                                  the words, one behind the other
//! "new girls" near:5 "no police"              both, with at most five words between, in either order
//! massage not "massage chair"                 not where it is a part of that
//! "massage" without "physiotherapy"           not where the text says that anywhere
//! ```

use sightline_extractors::fold_phrase;

use crate::{matcher::marks::words_of, script};

/// The fewest letters and digits of a phrase. One less is enough in scripts that write a syllable or a word by one
/// character, such as Chinese, and where another phrase must stand nearby.
pub const LEAST_PHRASE: usize = 3;
/// The most characters of a phrase.
pub const MOST_PHRASE: usize = 200;
/// The most words that may stand between two phrases.
pub const MOST_BETWEEN: u32 = 50;
/// The words between two phrases where `near` names no number.
const USUAL_BETWEEN: u32 = 5;
/// The most phrases of an expression.
const MOST_TERMS: usize = 8;

/// What is looked for in a text, folded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Expression {
    /// The phrases that must stand there, in the order written. Never empty once read.
    pub terms: Vec<String>,
    /// The most words between each and the next.
    pub between: Vec<u32>,
    /// A phrase does not count where it is a part of one of these.
    pub not: Vec<String>,
    /// Nothing counts where the text holds one of these.
    pub without: Vec<String>,
}

/// Why an expression can't be read, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unreadable {
    pub message: String,
    pub remedy: &'static str,
}

pub(crate) const EXAMPLE: &str = r#"write it like "new girls" near:5 "no police" not "new girls wanted", or plain words without quotation marks"#;

/// What people set quotation marks with.
const MARKS: [char; 7] = [
    '"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{201f}', '\u{ab}', '\u{bb}',
];

/// What people, and word processors, write for a minus sign.
const MINUS: [char; 7] = [
    '-', '\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}', '\u{2212}', '\u{ff0d}',
];

/// True for what is written as an expression: it begins with a quotation mark, or quotes what is near or left out.
fn is_expression(written: &str) -> bool {
    if written.starts_with(MARKS) {
        return true;
    }
    let words = format!(" {}", written.to_lowercase().replace(MARKS, "\""));
    words.contains('"')
        && [" not \"", " without \"", " near \"", " near:"]
            .iter()
            .any(|word| words.contains(word))
}

/// What stands in plain words as in a search box: in a phrase it means itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Searched {
    /// `mass*`
    pub stars: bool,
    /// `massage -hospital`, `massage -"new hospital"`
    pub minus: bool,
    /// `lily near:5 rose`
    pub near: bool,
}

/// What stands in plain words as in a search box; nothing in an expression, whose quotation marks say what is meant.
pub(crate) fn searched(written: &str) -> Searched {
    match is_expression(written.trim()) {
        true => Searched::default(),
        false => Searched {
            stars: written.contains(['*', '\u{ff0a}']),
            minus: pieces(written).iter().any(|piece| is_taken_out(piece)),
            near: pieces(written).iter().any(|piece| near(piece).is_some()),
        },
    }
}

/// Plain words as a search box has them: what is in quotation marks is one, with the minus sign before it.
pub(crate) fn pieces(written: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = written.trim_start();
    while !rest.is_empty() {
        let marked = rest.strip_prefix(MINUS).unwrap_or(rest);
        let end = match marked.strip_prefix(MARKS) {
            Some(inside) => match inside.split_once(MARKS) {
                Some((_, behind)) => rest.len() - behind.len(),
                None => rest.len(),
            },
            None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (piece, behind) = rest.split_at(end);
        pieces.push(piece);
        rest = behind.trim_start();
    }
    pieces
}

/// A piece without its minus sign and its quotation marks.
pub(crate) fn bare(piece: &str) -> &str {
    let bare = piece.strip_prefix(MINUS).unwrap_or(piece);
    bare.trim_matches(MARKS).trim()
}

/// True where quotation marks stand in it.
pub(crate) fn is_marked(written: &str) -> bool {
    written.contains(MARKS)
}

/// True for `-hospital` and `-"new hospital"`.
pub(crate) fn is_taken_out(piece: &str) -> bool {
    let begins = |sign: char| sign.is_alphabetic() || MARKS.contains(&sign);
    piece
        .strip_prefix(MINUS)
        .is_some_and(|out| out.starts_with(begins))
}

/// Of `near:5`, how many words it lets stand between, as far as that may go; none of anything else.
pub(crate) fn near(piece: &str) -> Option<u32> {
    let piece = piece.to_lowercase();
    let number = piece.strip_prefix("near:")?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    // More digits than a number holds are too many words all the same.
    is_number.then(|| number.parse().unwrap_or(u32::MAX).clamp(1, MOST_BETWEEN))
}

impl Expression {
    /// Reads what an analyst wrote; plain words are an expression of one phrase.
    pub fn read(written: &str) -> Result<Self, Unreadable> {
        let written = written.trim();
        if !is_expression(written) {
            return Ok(Self {
                terms: vec![fold_phrase(written)],
                ..Self::default()
            });
        }
        let mut expression = Self::default();
        let mut place = Place::First;
        for token in tokens(written)? {
            place = expression.take(token, place)?;
        }
        match place {
            Place::Whole => expression.checked(),
            Place::First => Err(unreadable("nothing is looked for")),
            _ => Err(unreadable("a phrase is missing at the end")),
        }
    }

    /// The one way of writing it that all others lead to.
    pub fn canonical(&self) -> String {
        if let ([plain], [], []) = (
            self.terms.as_slice(),
            self.not.as_slice(),
            self.without.as_slice(),
        ) && (searched(plain) == Searched::default() || is_marked(plain))
        {
            return plain.clone();
        }
        let mut text = String::new();
        for (nth, term) in self.terms.iter().enumerate() {
            if let Some(between) = nth
                .checked_sub(1)
                .and_then(|before| self.between.get(before))
            {
                text.push_str(&format!(" near:{between} "));
            }
            text.push_str(&quoted(term));
        }
        for (word, phrases) in [("not", &self.not), ("without", &self.without)] {
            for phrase in phrases {
                text.push_str(&format!(" {word} {}", quoted(phrase)));
            }
        }
        text
    }

    fn take(&mut self, token: Token, place: Place) -> Result<Place, Unreadable> {
        Ok(match (place, token) {
            (Place::First, Token::Phrase(phrase)) => {
                self.terms.push(phrase);
                Place::Whole
            }
            (Place::Near(between), Token::Phrase(phrase)) => {
                self.terms.push(phrase);
                self.between.push(between);
                Place::Whole
            }
            (Place::Not, Token::Phrase(phrase)) => {
                self.not.push(phrase);
                Place::Whole
            }
            (Place::Without, Token::Phrase(phrase)) => {
                self.without.push(phrase);
                Place::Whole
            }
            (Place::Whole, Token::Word(word)) => match word.as_str() {
                "not" => Place::Not,
                "without" => Place::Without,
                "near" if self.not.is_empty() && self.without.is_empty() => {
                    Place::Near(USUAL_BETWEEN)
                }
                "near" => return Err(unreadable("'near' stands behind 'not' or 'without'")),
                word => Place::Near(between(word)?),
            },
            (Place::Whole, Token::Phrase(phrase)) => {
                return Err(unreadable(format!(
                    "nothing stands between '{phrase}' and what is before it"
                )));
            }
            (Place::First, Token::Word(word)) if matches!(word.as_str(), "not" | "without") => {
                return Err(unreadable(format!(
                    "nothing is looked for before '{word}', which only leaves out"
                )));
            }
            (_, Token::Word(word)) => {
                return Err(unreadable(format!(
                    "'{word}' stands where a phrase in quotation marks should"
                )));
            }
        })
    }

    fn checked(self) -> Result<Self, Unreadable> {
        let count = self.terms.len() + self.not.len() + self.without.len();
        if count > MOST_TERMS {
            return Err(Unreadable {
                message: format!("it has {count} phrases, and {MOST_TERMS} are the most"),
                remedy: "make several entries of it",
            });
        }
        // As texts are compared with them.
        let terms: Vec<String> = self.terms.iter().map(|term| words_of(term)).collect();
        let is_part = |phrase: &String| {
            let phrase = words_of(phrase);
            terms.iter().any(|term| phrase.contains(term.as_str()))
        };
        if let Some(apart) = self.not.iter().find(|phrase| !is_part(phrase)) {
            return Err(Unreadable {
                message: format!(
                    "'{apart}' holds none of the phrases that are looked for, so 'not' would never leave anything out"
                ),
                remedy: "write `without` for what must not stand anywhere in the text, or the whole of what `not` is about: \"massage\" not \"massage chair\"",
            });
        }
        Ok(self)
    }

    /// What is wrong with its phrases, if they are too short to tell anything, or too long.
    pub fn check(&self) -> Result<(), Unreadable> {
        let alone = self.terms.len() < 2;
        for term in &self.terms {
            let letters = term
                .chars()
                .filter(|&letter| script::is_word(letter))
                .count();
            let least = match alone && !term.chars().any(script::is_unspaced) {
                true => LEAST_PHRASE,
                false => LEAST_PHRASE - 1,
            };
            if letters < least {
                return Err(Unreadable {
                    message: format!("'{term}' is too short: it would match nearly everything"),
                    remedy: "write a phrase of at least 3 letters or digits",
                });
            }
        }
        let all = self.terms.iter().chain(&self.not).chain(&self.without);
        for phrase in all {
            if phrase.chars().count() > MOST_PHRASE {
                return Err(Unreadable {
                    message: format!("the phrase has more than {MOST_PHRASE} characters"),
                    remedy: "choose the few words of it that tell it apart",
                });
            }
        }
        Ok(())
    }
}

/// What is expected next.
enum Place {
    First,
    Near(u32),
    Not,
    Without,
    /// All that is needed is there.
    Whole,
}

enum Token {
    Phrase(String),
    Word(String),
}

fn between(word: &str) -> Result<u32, Unreadable> {
    let number = word
        .strip_prefix("near:")
        .ok_or_else(|| unreadable(format!("'{word}' is none of near, not and without")))?;
    number
        .parse()
        .ok()
        .filter(|between| (1..=MOST_BETWEEN).contains(between))
        .ok_or_else(|| Unreadable {
            message: format!("'{word}' names no number of words from 1 to {MOST_BETWEEN}"),
            remedy: "write near:5 for at most five words between",
        })
}

/// Quoted phrases, folded, and the words between them.
fn tokens(written: &str) -> Result<Vec<Token>, Unreadable> {
    let mut tokens = Vec::new();
    let mut parts = written.split(MARKS);
    // Without quotation marks, what comes first is the phrase: massage not "massage chair".
    if let Some(first) = parts.next() {
        plain(first, &mut tokens);
    }
    while let Some(inside) = parts.next() {
        let Some(outside) = parts.next() else {
            return Err(unreadable("a quotation mark is not closed"));
        };
        let phrase = fold_phrase(inside);
        if !phrase.chars().any(char::is_alphanumeric) {
            return Err(unreadable("a phrase holds no letter or digit"));
        }
        tokens.push(Token::Phrase(phrase));
        let words = outside.split_whitespace();
        tokens.extend(words.map(|word| Token::Word(word.to_lowercase())));
    }
    Ok(tokens)
}

/// The words before the first quotation mark: a phrase without marks of its own, and the word that leads on.
fn plain(first: &str, tokens: &mut Vec<Token>) {
    let first = first.trim();
    let (phrase, last) = first
        .rsplit_once(char::is_whitespace)
        .unwrap_or(("", first));
    if !phrase.is_empty() {
        tokens.push(Token::Phrase(fold_phrase(phrase)));
    }
    if !last.is_empty() {
        tokens.push(Token::Word(last.to_lowercase()));
    }
}

fn quoted(phrase: &str) -> String {
    format!("\"{phrase}\"")
}

fn unreadable(message: impl Into<String>) -> Unreadable {
    Unreadable {
        message: message.into(),
        remedy: EXAMPLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_has_one_form() {
        for (written, canonical) in [
            ("Blue  LOTUS", "blue lotus"),
            ("\"Blue  LOTUS\"", "blue lotus"),
            // What would mean something else without them keeps its marks.
            ("\"M*ssage\"", "\"m*ssage\""),
            ("\"lotus -spa\"", "\"lotus -spa\""),
            ("\"lily near:5 rose\"", "\"lily near:5 rose\""),
            (
                "\u{201c}New girls\u{201d} near:5 \u{201e}No police\u{201c}",
                r#""new girls" near:5 "no police""#,
            ),
            (r#""a b" near "c d""#, r#""a b" near:5 "c d""#),
            (
                r#"Massage not "massage  chair""#,
                r#""massage" not "massage chair""#,
            ),
            (
                r#""massage" NOT "massage chair" without "hospital" without "clinic""#,
                r#""massage" not "massage chair" without "hospital" without "clinic""#,
            ),
            // What is compared as the same may be a part of it.
            (
                r#""girls new" not "girls, new in town""#,
                r#""girls new" not "girls, new in town""#,
            ),
            ("do not disturb", "do not disturb"),
            ("not hospital", "not hospital"),
            (
                "Massage NOT \u{201c}massage chair\u{201d}",
                r#""massage" not "massage chair""#,
            ),
            ("l'inconnue du lac", "l'inconnue du lac"),
        ] {
            let read = Expression::read(written).unwrap();
            assert_eq!(read.canonical(), canonical, "{written}");
            assert_eq!(Expression::read(canonical).unwrap(), read, "{canonical}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_remedy() {
        for (written, words) in [
            (r#""new girls"#, "not closed"),
            (r#""new girls" near:5"#, "missing at the end"),
            (r#""new girls" near:500 "no police""#, "from 1 to 50"),
            (
                r#""new girls" close:5 "no police""#,
                "'close:5' is none of near, not and without",
            ),
            (r#""new girls" "no police""#, "nothing stands between"),
            (
                r#""new girls" not not "no police""#,
                "'not' stands where a phrase",
            ),
            (r#""massage" not "chair""#, "holds none of the phrases"),
            (
                r#""girls new" not "new-girls""#,
                "holds none of the phrases",
            ),
            (r#""a" without "!!""#, "no letter or digit"),
            (r#"not "hospital""#, "nothing is looked for before 'not'"),
            (
                "NOT \u{201c}hospital\u{201d}",
                "nothing is looked for before 'not'",
            ),
            (
                r#"without "hospital" not "clinic""#,
                "nothing is looked for before 'without'",
            ),
            (r#"near:3 "hospital""#, "'near:3' stands where"),
        ] {
            let error = Expression::read(written).unwrap_err();
            assert!(error.message.contains(words), "{written}: {error:?}");
        }
    }
}
