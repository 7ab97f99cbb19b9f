//! Patterns: regular expressions over folded text, of bounded size. The `regex` crate takes time in proportion to the
//! text whatever the pattern, so what is bounded here is the factor.

mod holds;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::{
    ParserBuilder, ast,
    hir::{Class, Hir, HirKind},
};

use self::holds::{needles, tells};
use sightline_extractors::fold_text;

/// The most characters of a pattern.
pub const MOST_PATTERN: usize = 500;
/// The most bytes of a compiled pattern.
pub const MOST_COMPILED: usize = 1024 * 1024;
/// The most bytes of what is remembered while a text is searched.
const MOST_CACHE: usize = 256 * 1024;
/// The deepest nesting.
const MOST_NESTING: u32 = 50;
/// The fewest bytes that anything a pattern fits must have.
const LEAST_MATCH: usize = 3;
/// The fewest bytes of a text that every match holds, for it to be worth looking for.
const LEAST_NEEDLE: usize = 3;
/// The most such texts of a pattern.
const MOST_NEEDLES: usize = 16;

/// Why a pattern is refused, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refused {
    pub message: String,
    pub remedy: &'static str,
}

/// A pattern that is ready for use.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As it was written.
    pub value: Box<str>,
    /// Finds it in folded text.
    pub regex: Regex,
    /// Folded texts of which every match holds at least one; none where there are no such.
    pub needles: Option<Vec<String>>,
}

impl Pattern {
    /// Compiles a pattern that somebody wants on a list, or says why it may not stand there.
    pub fn admit(value: &str) -> Result<Self, Refused> {
        let pattern = Self::compile(value)?;
        if !parsed(value).is_ok_and(|hir| tells(&hir)) {
            return Err(refused(
                "the pattern needs no letter and no digit, nor any other sign of its own: it would match every listing"
                    .to_owned(),
                "write letters or digits that must stand there",
            ));
        }
        Ok(pattern)
    }

    /// Compiles a pattern, or says why it can't be used.
    pub fn compile(value: &str) -> Result<Self, Refused> {
        if value.chars().count() > MOST_PATTERN {
            return Err(refused(
                format!("the pattern has more than {MOST_PATTERN} characters"),
                "make several entries of it",
            ));
        }
        let other = value
            .chars()
            .filter(|letter| !letter.is_ascii())
            .find(|letter| {
                let folded = fold_text(&letter.to_string()).text;
                !letter.to_lowercase().eq(folded.chars())
            });
        if let Some(letter) = other {
            let folded = fold_text(&letter.to_string()).text;
            return Err(refused(
                format!("'{letter}' is compared as '{folded}', so the pattern would never fit"),
                "write it as it is compared: texts are folded (ß is ss, full-width letters are plain ones)",
            ));
        }
        is_without_case(value)?;
        let hir = parsed(value)?;
        match hir.properties().minimum_len() {
            None => {
                return Err(refused(
                    "the pattern fits no text at all".to_owned(),
                    "take out what contradicts itself",
                ));
            }
            Some(least) if least < LEAST_MATCH => {
                return Err(refused(
                    format!(
                        "the pattern fits texts of {least} characters: it would match nearly everything"
                    ),
                    "write more of what must stand there",
                ));
            }
            Some(_) => {}
        }
        let regex = RegexBuilder::new(value)
            .case_insensitive(true)
            .nest_limit(MOST_NESTING)
            .size_limit(MOST_COMPILED)
            .dfa_size_limit(MOST_CACHE)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(most) => refused(
                    format!(
                        "the pattern is too big: compiled, it takes more than {} KiB",
                        most / 1024
                    ),
                    "repeat less, or narrow classes such as \\w and \\pL: [a-z0-9] is far smaller",
                ),
                error => refused(
                    format!(
                        "the pattern can't be read: {}",
                        last_line(&error.to_string())
                    ),
                    "see the syntax in the manual",
                ),
            })?;
        Ok(Self {
            value: value.into(),
            regex,
            needles: needles(&hir).filter(|needles| {
                needles.len() <= MOST_NEEDLES
                    && needles.iter().all(|needle| needle.len() >= LEAST_NEEDLE)
            }),
        })
    }
}

fn parsed(value: &str) -> Result<Hir, Refused> {
    ParserBuilder::new()
        .case_insensitive(true)
        .nest_limit(MOST_NESTING)
        .build()
        .parse(value)
        .map_err(|error| unreadable(&error))
}

/// Patterns that nothing tells beforehand whether they fit, tried together: one pass for up to 64 of them.
#[derive(Debug)]
pub(crate) struct Together {
    sets: Vec<(RegexSet, Vec<usize>)>,
}

/// Patterns that one set holds at most.
const AT_ONCE: usize = 64;
/// The most bytes of a compiled set.
const MOST_SET: usize = 4 * MOST_COMPILED;

impl Together {
    /// Of the patterns at these places.
    pub fn of(patterns: &[(usize, &str)]) -> Self {
        let mut sets = Vec::new();
        for part in patterns.chunks(AT_ONCE) {
            add(part, &mut sets);
        }
        Self { sets }
    }

    /// The places of the patterns that fit the text somewhere.
    pub fn fitting(&self, text: &str) -> impl Iterator<Item = usize> {
        self.sets
            .iter()
            .flat_map(|(set, places)| set.matches(text).into_iter().map(|nth| places[nth]))
    }
}

/// A set of these, or several smaller ones where they are too big together.
fn add(part: &[(usize, &str)], sets: &mut Vec<(RegexSet, Vec<usize>)>) {
    let built = RegexSetBuilder::new(part.iter().map(|(_, value)| value))
        .case_insensitive(true)
        .nest_limit(MOST_NESTING)
        .size_limit(MOST_SET)
        .dfa_size_limit(MOST_CACHE)
        .build();
    match built {
        Ok(set) => sets.push((set, part.iter().map(|(place, _)| *place).collect())),
        Err(_) if part.len() > 1 => {
            let (one, other) = part.split_at(part.len() / 2);
            add(one, sets);
            add(other, sets);
        }
        // It was compiled alone before with less room, so this does not come.
        Err(_) => {}
    }
}

/// Refuses what tells capitals from small letters: texts are compared without, so it would fit nothing, or anything.
fn is_without_case(value: &str) -> Result<(), Refused> {
    let ast = ast::parse::ParserBuilder::new()
        .nest_limit(MOST_NESTING)
        .build()
        .parse(value)
        .map_err(|error| unreadable(&error.into()))?;
    ast::visit(&ast, Cases { value })
}

/// Looks for what tells capitals from small letters.
struct Cases<'p> {
    value: &'p str,
}

impl Cases<'_> {
    fn refuse(&self, span: &ast::Span) -> Result<(), Refused> {
        let part = &self.value[span.start.offset..span.end.offset];
        Err(refused(
            format!("'{part}' tells capitals from small letters, and texts are compared without"),
            "leave it out, or write letters of either case: \\pL, [a-z]",
        ))
    }

    fn flags(&self, flags: &ast::Flags) -> Result<(), Refused> {
        match flags.flag_state(ast::Flag::CaseInsensitive) {
            Some(false) => self.refuse(&flags.span),
            Some(true) | None => Ok(()),
        }
    }

    /// A class with a name: it must hold both cases of a letter, or neither.
    fn class(&self, span: &ast::Span) -> Result<(), Refused> {
        let part = &self.value[span.start.offset..span.end.offset];
        let parsed = ParserBuilder::new().build().parse(&format!("[{part}]"));
        // What can't be read is refused with the whole pattern.
        let Ok(Some(class)) = parsed.map(|hir| match hir.into_kind() {
            HirKind::Class(Class::Unicode(class)) => Some(class),
            _ => None,
        }) else {
            return Ok(());
        };
        let holds = |letter: char| {
            let mut ranges = class.iter();
            ranges.any(|range| (range.start()..=range.end()).contains(&letter))
        };
        let pairs = [('A', 'a'), ('Ω', 'ω'), ('Я', 'я'), ('ǅ', 'ǆ')];
        match pairs
            .iter()
            .all(|(one, other)| holds(*one) == holds(*other))
        {
            true => Ok(()),
            false => self.refuse(span),
        }
    }
}

impl ast::Visitor for Cases<'_> {
    type Output = ();
    type Err = Refused;

    fn finish(self) -> Result<(), Refused> {
        Ok(())
    }

    fn visit_pre(&mut self, part: &ast::Ast) -> Result<(), Refused> {
        match part {
            ast::Ast::Flags(set) => self.flags(&set.flags),
            ast::Ast::Group(group) => group.flags().map_or(Ok(()), |flags| self.flags(flags)),
            ast::Ast::ClassUnicode(class) => self.class(&class.span),
            _ => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), Refused> {
        match item {
            ast::ClassSetItem::Ascii(class) => self.class(&class.span),
            ast::ClassSetItem::Unicode(class) => self.class(&class.span),
            _ => Ok(()),
        }
    }
}

fn refused(message: String, remedy: &'static str) -> Refused {
    Refused { message, remedy }
}

fn unreadable(error: &regex_syntax::Error) -> Refused {
    refused(
        format!(
            "the pattern can't be read: {}",
            last_line(&error.to_string())
        ),
        "see the syntax in the manual; there are no look-around and no back references",
    )
}

/// The sentence of the parser's error, which stands below a drawing of where it is.
fn last_line(error: &str) -> &str {
    let line = error.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or(error).trim().trim_start_matches("error: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_patterns_are_refused_with_a_clear_reason() {
        let long = "a".repeat(MOST_PATTERN + 1);
        let deep = format!("{}abc{}", "(".repeat(60), ")".repeat(60));
        for (pattern, words) in [
            ("(a*){1000}{1000}", "match nearly everything"),
            (
                "(abc+){1000}{1000}",
                "too big: compiled, it takes more than 1024 KiB",
            ),
            (r"(\pL\pN\pS){200}", "too big"),
            (r"[\w\W]{3,5000}", "too big"),
            (r"\w{1000}{50}", "too big"),
            ("(?i:abc|abd|abe){65000}", "too big"),
            (deep.as_str(), "nest"),
            (long.as_str(), "more than 500 characters"),
            ("a*", "fits texts of 0 characters"),
            ("x?y?z?", "fits texts of 0 characters"),
            (r"\b", "fits texts of 0 characters"),
            ("..", "fits texts of 2 characters"),
            ("...", "needs no letter and no digit"),
            (".*...", "it would match every listing"),
            ("[^a]{3}", "it would match every listing"),
            (r"\s+\S\s+", "it would match every listing"),
            (r"\W{3,9}", "it would match every listing"),
            (r"\w{3}", "it would match every listing"),
            ("---", "it would match every listing"),
            (r"[-. ]{3}|lotus", "it would match every listing"),
            ("(lotus)*....", "it would match every listing"),
            ("(unclosed", "unclosed group"),
            ("(?=look)ahead", "look-around"),
            (r"(abc)\1", "backreferences are not supported"),
            (r"abc[^\x00-\x{10FFFF}]", "fits no text at all"),
            ("straße", "'ß' is compared as 'ss'"),
            ("(?-i)Lotus", "'-i' tells capitals from small letters"),
            ("(?-i:LOTUS) spa", "'-i' tells capitals"),
            (r"room (?s-i)abc", "'s-i' tells capitals"),
            (r"\p{Lu}{3}", r"'\p{Lu}' tells capitals from small letters"),
            (r"\P{Ll}abc", r"'\P{Ll}' tells capitals"),
            (r"[\d\p{Uppercase}]{4}", r"'\p{Uppercase}' tells capitals"),
            (r"\p{gc=Lt}{3}", r"tells capitals"),
            ("[[:upper:]]{3}", "'[:upper:]' tells capitals"),
            ("[^[:lower:]]{3}", "'[:lower:]' tells capitals"),
        ] {
            let refused = Pattern::admit(pattern).err();
            let refused = refused.unwrap_or_else(|| panic!("{pattern} was taken"));
            assert!(
                refused.message.contains(words) && !refused.remedy.is_empty(),
                "{pattern}: {refused:?}"
            );
        }
    }

    #[test]
    fn what_must_hold_a_letter_a_digit_or_a_sign_of_its_own_is_taken() {
        for pattern in [
            r"room\s+\d{3}\b",
            r"\d{3}",
            "(?:lotus|rose).*",
            "...x",
            r"\pL{4}",
            "🌹🌹",
            "[🌹🌷]{2}.*[💎]",
            "[a-z0-9]{5}",
            ".*(?:ab|12)+.",
        ] {
            let taken = Pattern::admit(pattern);
            assert!(taken.is_ok(), "{pattern}: {:?}", taken.err());
        }
    }

    #[test]
    fn what_does_not_ask_for_capitals_is_taken() {
        for pattern in [
            r"\pL{3}",
            r"\p{Greek}{3}",
            r"[[:alpha:]]{3}",
            r"[\p{Cyrillic}\d]{5}",
            r"(?i)LOTUS",
            r"(?x) lotus \s spa",
            r"\w{4}[A-Z]",
            r"[^\p{Letter}]{3}",
        ] {
            assert!(Pattern::compile(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn what_every_match_holds_is_known_beforehand() {
        for (pattern, expected) in [
            (r"room\s+\d{3}", Some(vec!["room"])),
            (r"\d{3}\s*(roses|kisses)\b", Some(vec!["roses", "kisses"])),
            (
                r"(?:new|young) (?:girls?|ladies)",
                Some(vec!["girl", "ladies"]),
            ),
            (r"KISS[- ]?me", Some(vec!["kiss"])),
            (r"(lotus)+spa", Some(vec!["lotus"])),
            (r"\d{3}-\d{4}", None),
            (r"(ab|\d{4})xy", None),
            (r"(lotus)?\d{3}", None),
        ] {
            let needles = Pattern::compile(pattern).unwrap().needles;
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(needles, expected, "{pattern}");
        }
    }
}
