//! The subset of STIX patterning (STIX 2.1, section 9) that says one identifier at a time.
//!
//! ```text
//! pattern     = observation { OR observation }
//! observation = "[" any "]"
//! any         = all { OR all }
//! all         = term { AND term }
//! term        = "(" any ")" | path ( "=" | "==" | MATCHES ) string | path IN "(" string { "," string } ")"
//! ```
//!
//! An OR means any of several identifiers, so each is an entry of its own. An AND means one thing that has several
//! properties: it is understood of an account and its platform, and of nothing else. What is outside is refused with its
//! name: an entry that looked for half of what was meant would be another indicator.

use sightline_model::Problem;

/// The longest pattern that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most alternatives of a pattern.
const MOST: usize = 2_000;
/// How deeply parentheses may be nested.
const DEEPEST: usize = 20;

/// A property that must have a value: `user-account:account_login` and `lotus`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Comparison {
    /// Object type and property, without quotation marks; ` MATCHES` behind it where the value is a regular expression.
    pub path: String,
    /// The value.
    pub value: String,
}

/// The alternatives of a pattern, each with all that must hold together.
pub(super) fn alternatives(pattern: &str) -> Result<Vec<Vec<Comparison>>, Problem> {
    if pattern.len() > LONGEST {
        return Err(outside("it is longer than 64 KiB"));
    }
    let mut parser = Parser {
        tokens: tokens(pattern)?,
        at: 0,
    };
    let mut all = parser.observation()?;
    while let Some(token) = parser.next() {
        match token {
            Token::Word(word) if is(&word, "OR") => all.extend(parser.observation()?),
            Token::Word(word) => {
                return Err(outside(&format!(
                    "'{word}' between observations means more than one sighting"
                )));
            }
            other => {
                return Err(outside(&format!(
                    "{} follows an observation",
                    other.shown()
                )));
            }
        }
        few(&all)?;
    }
    Ok(all)
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    /// A word: a keyword, or an object path.
    Word(String),
    /// A text between quotation marks.
    Text(String),
    /// Anything else that means something by itself.
    Sign(char),
    /// Two equals signs, or one.
    Equals,
    /// Another comparison.
    Other(String),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Other(text) => format!("'{text}'"),
            Self::Text(_) => "a text".to_owned(),
            Self::Sign(sign) => format!("'{sign}'"),
            Self::Equals => "'='".to_owned(),
        }
    }
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

fn outside(why: &str) -> Problem {
    Problem::new(
        "pattern",
        format!("the pattern is outside of what is read: {why}"),
        "see docs/interchange.md for what is read, and add what is meant by hand",
    )
}

fn few(all: &[Vec<Comparison>]) -> Result<(), Problem> {
    match all.len() > MOST {
        true => Err(outside("it has more than 2,000 alternatives")),
        false => Ok(()),
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = pattern.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let (text, length) = quoted(rest)?;
                tokens.push(Token::Text(text));
                length
            }
            '=' => {
                tokens.push(Token::Equals);
                if rest.starts_with("==") { 2 } else { 1 }
            }
            '!' | '<' | '>' => {
                let length = if rest[1..].starts_with('=') { 2 } else { 1 };
                tokens.push(Token::Other(rest[..length].to_owned()));
                length
            }
            '[' | ']' | '(' | ')' | ',' => {
                tokens.push(Token::Sign(first));
                1
            }
            _ => {
                let (word, length) = word(rest)?;
                tokens.push(Token::Word(word));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text at the start of `rest`, and how many bytes it takes.
fn quoted(rest: &str) -> Result<(String, usize), Problem> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Ok((text, at + 1)),
            '\\' => match letters.next() {
                Some((_, letter @ ('\'' | '\\'))) => text.push(letter),
                _ => {
                    return Err(outside(
                        "a backslash stands before neither a quotation mark nor a backslash",
                    ));
                }
            },
            letter => text.push(letter),
        }
    }
    Err(outside("a quotation mark is never closed"))
}

/// A keyword or a path, such as `file:hashes.'SHA-256'`, whose quotation marks are left out.
fn word(rest: &str) -> Result<(String, usize), Problem> {
    let mut word = String::new();
    let mut at = 0;
    while let Some(letter) = rest[at..].chars().next() {
        match letter {
            '\'' if word.ends_with(['.', ':']) => {
                let (text, length) = quoted(&rest[at..])?;
                word.push_str(&text);
                at += length;
            }
            // A step into a list: `body_multipart[*]`. A bracket behind a space opens an observation.
            '[' if word.contains(':') => {
                let end = rest[at..]
                    .find(']')
                    .ok_or_else(|| outside("a bracket is never closed"))?;
                word.push_str(&rest[at..=at + end]);
                at += end + 1;
            }
            letter if letter.is_whitespace() || "=!<>[](),'".contains(letter) => break,
            letter => {
                word.push(letter);
                at += letter.len_utf8();
            }
        }
    }
    match word.is_empty() {
        true => Err(outside("it can't be read")),
        false => Ok((word, at)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

type Alternatives = Vec<Vec<Comparison>>;

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn takes(&mut self, wanted: impl Fn(&Token) -> bool) -> bool {
        let found = self.tokens.get(self.at).is_some_and(wanted);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        self.takes(|token| matches!(token, Token::Word(word) if is(word, keyword)))
    }

    fn sign(&mut self, sign: char) -> Result<(), Problem> {
        match self.next() {
            Some(Token::Sign(found)) if found == sign => Ok(()),
            Some(other) => Err(outside(&format!(
                "{} stands where '{sign}' was expected",
                other.shown()
            ))),
            None => Err(outside(&format!("it ends where '{sign}' was expected"))),
        }
    }

    fn observation(&mut self) -> Result<Alternatives, Problem> {
        self.sign('[')?;
        let any = self.any(0)?;
        self.sign(']')?;
        Ok(any)
    }

    fn any(&mut self, depth: usize) -> Result<Alternatives, Problem> {
        let mut any = self.all(depth)?;
        while self.keyword("OR") {
            any.extend(self.all(depth)?);
            few(&any)?;
        }
        Ok(any)
    }

    fn all(&mut self, depth: usize) -> Result<Alternatives, Problem> {
        let mut all = self.term(depth)?;
        while self.keyword("AND") {
            let more = self.term(depth)?;
            if all.len().saturating_mul(more.len()) > MOST {
                return Err(outside("it has more than 2,000 alternatives"));
            }
            all = all
                .iter()
                .flat_map(|some| {
                    more.iter()
                        .map(move |others| [some.as_slice(), others].concat())
                })
                .collect();
        }
        Ok(all)
    }

    fn term(&mut self, depth: usize) -> Result<Alternatives, Problem> {
        if depth > DEEPEST {
            return Err(outside("its parentheses are nested more than 20 deep"));
        }
        match self.next() {
            Some(Token::Sign('(')) => {
                let any = self.any(depth + 1)?;
                self.sign(')')?;
                Ok(any)
            }
            Some(Token::Word(path)) if path.contains(':') => self.compared(path),
            Some(Token::Word(word)) => Err(outside(&format!("'{word}' is not a property"))),
            Some(other) => Err(outside(&format!(
                "{} stands where a property was expected",
                other.shown()
            ))),
            None => Err(outside("it ends too early")),
        }
    }

    fn compared(&mut self, path: String) -> Result<Alternatives, Problem> {
        let one = |value| {
            vec![Comparison {
                path: path.clone(),
                value,
            }]
        };
        match self.next() {
            Some(Token::Equals) => Ok(vec![one(self.text(&path)?)]),
            Some(Token::Word(word)) if is(&word, "MATCHES") => {
                let value = self.text(&path)?;
                Ok(vec![vec![Comparison {
                    path: format!("{path} MATCHES"),
                    value,
                }]])
            }
            Some(Token::Word(word)) if is(&word, "IN") => {
                self.sign('(')?;
                let mut any = vec![one(self.text(&path)?)];
                while self.takes(|token| *token == Token::Sign(',')) {
                    any.push(one(self.text(&path)?));
                    few(&any)?;
                }
                self.sign(')')?;
                Ok(any)
            }
            Some(other) => Err(outside(&format!(
                "{path} is compared by {}, not by '='",
                other.shown()
            ))),
            None => Err(outside("it ends too early")),
        }
    }

    fn text(&mut self, path: &str) -> Result<String, Problem> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            Some(_) | None => Err(outside(&format!(
                "{path} is compared with something that is not a text"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str) -> Result<String, String> {
        let shown = |all: Vec<Comparison>| {
            let parts: Vec<String> = all
                .into_iter()
                .map(|one| format!("{}={}", one.path, one.value))
                .collect();
            parts.join("&")
        };
        alternatives(pattern)
            .map(|any| any.into_iter().map(shown).collect::<Vec<_>>().join(" "))
            .map_err(|problem| problem.message)
    }

    #[test]
    fn what_a_pattern_says() {
        for (pattern, said) in [
            (
                "[email-addr:value = 'a@example.com']",
                "email-addr:value=a@example.com",
            ),
            ("[ url:value=='x' ]", "url:value=x"),
            (
                "[a:b = 'x' OR a:b = 'y'] OR [c:d = 'z']",
                "a:b=x a:b=y c:d=z",
            ),
            ("[a:b IN ('x', 'y')]", "a:b=x a:b=y"),
            ("[text:value MATCHES '^x']", "text:value MATCHES=^x"),
            (r"[a:b = 'it\'s a \\']", r"a:b=it's a \"),
            ("[file:hashes.'SHA-256' = 'ff']", "file:hashes.SHA-256=ff"),
            (
                "[a:b = 'x' AND a:c = 'y' OR d:e = 'z']",
                "a:b=x&a:c=y d:e=z",
            ),
            (
                "[a:b = 'x' AND (a:c = 'y' OR a:c = 'z')]",
                "a:b=x&a:c=y a:b=x&a:c=z",
            ),
        ] {
            assert_eq!(read(pattern).as_deref(), Ok(said), "{pattern}");
        }
    }

    #[test]
    fn what_is_outside_is_named() {
        let deep = format!("[{}a:b = 'x'{}]", "(".repeat(50), ")".repeat(50));
        let wide: Vec<String> = (0..3_000).map(|at| format!("a:b = '{at}'")).collect();
        let wide = format!("[{}]", wide.join(" OR "));
        let grown = format!("[{}]", vec!["(a:b = '1' OR a:b = '2')"; 40].join(" AND "));
        for (pattern, why) in [
            ("[a:b != 'x']", "'!='"),
            ("[a:b LIKE 'x%']", "'LIKE'"),
            ("[NOT a:b = 'x']", "'NOT' is not a property"),
            ("[a:b = 5]", "not a text"),
            ("[a:b = 'x'] AND [c:d = 'y']", "'AND' between observations"),
            ("[a:b = 'x'] FOLLOWEDBY [c:d = 'y']", "'FOLLOWEDBY'"),
            ("[a:b = 'x'] WITHIN 5 SECONDS", "'WITHIN'"),
            ("([a:b = 'x'] OR [c:d = 'y'])", "'('"),
            ("[a:b = 'x", "never closed"),
            ("[a:b = 'x'", "it ends where ']'"),
            ("", "it ends where '['"),
            (deep.as_str(), "nested"),
            (wide.as_str(), "2,000"),
            (grown.as_str(), "2,000"),
        ] {
            let said = read(pattern).unwrap_err();
            assert!(said.contains(why), "'{said}' does not say '{why}'");
        }
    }
}
