//! Many words at once, looked for where words begin: whoever asks wants no word that is a part of another.

use std::ops::Range;

use aho_corasick::{Anchored, Input, MatchKind, automaton::Automaton, nfa::contiguous::NFA};

use super::words::{Sieve, Trace};

/// How much of a word is looked at before the rest, at its beginning or its end, in bytes.
const BEGINNING: usize = 3;

/// A list of words and names, in all forms in which they are written.
pub(super) struct Forms {
    forms: NFA,
    /// How forms begin; the whole of shorter ones.
    beginnings: Sieve,
    /// How they end; the whole of shorter ones.
    endings: Sieve,
    /// True for the bytes that forms begin with.
    firsts: [bool; 256],
}

impl Forms {
    /// Forms that stand in the program: they are few enough for any machine.
    pub fn of<T: AsRef<[u8]>>(forms: &[T], is_case_ignored: bool) -> Self {
        // Few places are searched from, so what takes the least memory is fast enough.
        let finder = NFA::builder()
            .ascii_case_insensitive(is_case_ignored)
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms)
            .expect("the forms are constants, and few: a test builds each list");
        let beginnings = forms.iter().map(|form| {
            let form = form.as_ref();
            Trace::of(&form[..form.len().min(BEGINNING)])
        });
        let endings = forms.iter().map(|form| {
            let form = form.as_ref();
            Trace::of(&form[form.len().saturating_sub(BEGINNING)..])
        });
        let mut firsts = [false; 256];
        for first in forms.iter().filter_map(|form| form.as_ref().first()) {
            firsts[usize::from(*first)] = true;
            if is_case_ignored {
                firsts[usize::from(first.to_ascii_uppercase())] = true;
                firsts[usize::from(first.to_ascii_lowercase())] = true;
            }
        }
        Self {
            forms: finder,
            beginnings: Sieve::of_traces(beginnings),
            endings: Sieve::of_traces(endings),
            firsts,
        }
    }

    /// The places of forms in a text, apart from each other, each with the index of its form: where a word of ASCII
    /// letters and figures begins, a sign stands, or any other letter.
    pub fn find_iter<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (usize, Range<usize>)> + 't {
        self.find_at(text, |at| at)
    }

    /// The same, but only at some places: `next` tells of a place which is the next one where a form may begin.
    pub fn find_at<'t>(
        &'t self,
        text: &'t str,
        next: impl Fn(usize) -> usize + 't,
    ) -> impl Iterator<Item = (usize, Range<usize>)> + 't {
        let bytes = text.as_bytes();
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                at = next(at);
                let byte = bytes.get(at)?;
                let found = match self.firsts[usize::from(*byte)] {
                    true => self.at(bytes, at),
                    false => None,
                };
                at = found.as_ref().map_or(at + 1, |(_, place)| place.end);
                // What begins within a word is a part of it.
                if bytes[at - 1].is_ascii_alphanumeric() {
                    at += bytes[at..]
                        .iter()
                        .take_while(|byte| byte.is_ascii_alphanumeric())
                        .count();
                }
                if found.is_some() {
                    return found;
                }
            }
        })
    }

    /// False where no form ends as this text does: for most texts, and quickly.
    pub fn may_end(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        (1..=BEGINNING.min(bytes.len())).any(|length| {
            let ending = &bytes[bytes.len() - length..];
            self.endings.may_hold(Trace::of(ending))
        })
    }

    /// True for a byte that a form begins with.
    pub fn may_begin_from(&self, byte: u8) -> bool {
        self.firsts[usize::from(byte)]
    }

    /// True where a form may stand where this word of letters begins, whatever sign follows it.
    pub fn may_begin_with(&self, word: &str) -> bool {
        let forms = &self.forms;
        let next = |state, byte| forms.next_state(Anchored::Yes, state, byte);
        let Ok(mut state) = forms.start_state(Anchored::Yes) else {
            return true;
        };
        for (at, byte) in word.bytes().enumerate() {
            state = next(state, byte);
            if forms.is_dead(state) {
                return false;
            }
            if forms.is_match(state) && (at + 1 >= BEGINNING || at + 1 == word.len()) {
                return true;
            }
        }
        let signs = (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphabetic());
        let mut states = signs.map(|byte| next(state, byte));
        states.any(|state| !forms.is_dead(state))
    }

    /// The longest form that stands at `start`.
    fn at(&self, bytes: &[u8], start: usize) -> Option<(usize, Range<usize>)> {
        let rest = &bytes[start..];
        let may_be = |length: usize| {
            let beginning = rest.get(..length);
            beginning.is_some_and(|beginning| self.beginnings.may_hold(Trace::of(beginning)))
        };
        // Of fewer letters are only words that end there.
        let ends_at = |length: usize| !rest.get(length).is_some_and(u8::is_ascii_alphanumeric);
        let may_begin =
            may_be(BEGINNING) || (1..BEGINNING).any(|length| ends_at(length) && may_be(length));
        if !may_begin {
            return None;
        }
        let input = Input::new(bytes).range(start..).anchored(Anchored::Yes);
        let found = self.forms.try_find(&input).ok().flatten()?;
        Some((found.pattern().as_usize(), found.range()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_found_where_words_begin() {
        let forms = Forms::of(&["ig", "snap", "snap chat", "電報", "@tg"], true);
        for (text, found) in [
            ("IG, my snap", vec!["IG", "snap"]),
            ("Snap Chat", vec!["Snap Chat"]),
            ("big igloo resnap", vec![]),
            ("我的電報號", vec!["電報"]),
            ("on @tg now", vec!["@tg"]),
        ] {
            let places = forms.find_iter(text).map(|(_, place)| &text[place]);
            assert_eq!(places.collect::<Vec<_>>(), found, "{text}");
        }
    }
}
