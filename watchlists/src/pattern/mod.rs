//! Patterns: regular expressions over folded text, of bounded size. The `regex` crate takes time in proportion to the
//! text whatever the pattern, so what is bounded here is the factor.

mod budget;
mod holds;
mod samples;

#[cfg(test)]
mod tests;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::{
    ParserBuilder, ast,
    hir::{Class, Hir, HirKind},
};
use sightline_model::Problem;

pub use self::budget::{Budget, MOST_TOGETHER};
use self::holds::{needles, tells};

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
        let hir = parsed(value)?;
        if !tells(&hir) {
            return Err(refused(
                "the pattern needs no letter and no digit, nor any other sign of its own: it would match every listing"
                    .to_owned(),
                "write letters or digits that must stand there",
            ));
        }
        if let Some(unfit) = samples::unfit(&hir, &pattern.regex) {
            return Err(unfitting(&unfit));
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

/// Why a pattern that stands on a list is not looked for: it can't be compiled, as those of an earlier version may not be.
/// None where it is.
pub fn unusable(value: &str) -> Option<Problem> {
    let refused = Pattern::compile(value).err()?;
    Some(Problem::new("value", refused.message, refused.remedy))
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

/// That no text fits a pattern once it is folded.
fn unfitting(unfit: &samples::Unfit) -> Refused {
    let differs = unfit.written.chars().zip(unfit.compared.chars());
    let same = differs.take_while(|(one, other)| one == other).count();
    let [written, compared] = [&unfit.written, &unfit.compared].map(|text| around(text, same));
    match written == compared {
        true => refused(
            format!("the pattern fits no text: not even '{written}'"),
            "take out what contradicts itself, such as a \\b between two letters, or a ^ behind something",
        ),
        false => refused(
            format!(
                "the pattern fits no text: it asks for '{written}', which is compared as '{compared}'"
            ),
            "write it as it is compared: white space is a single space (\\s+ fits it), a letter and its accent are one sign, ß is \
             ss, and what nobody sees is left out",
        ),
    }
}

/// The 40 signs around one, each by itself, so that an accent is told from a letter that bears it, and a space beside another
/// as `␠`, for a row of spaces looks like one.
fn around(text: &str, nth: usize) -> String {
    let signs: Vec<char> = text.chars().collect();
    let start = nth.saturating_sub(20).min(signs.len().saturating_sub(40));
    let end = signs.len().min(start + 40);
    let is_space = |at: Option<usize>| at.and_then(|at| signs.get(at)) == Some(&' ');
    let shown = (start..end).flat_map(|at| {
        let beside = is_space(at.checked_sub(1)) || is_space(Some(at + 1));
        let sign = match signs[at] {
            ' ' if beside => '␠',
            sign => sign,
        };
        sign.escape_debug()
    });
    let shown: String = shown.collect();
    let [before, behind] = [start > 0, end < signs.len()].map(|is_cut| match is_cut {
        true => "…",
        false => "",
    });
    format!("{before}{shown}{behind}")
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
