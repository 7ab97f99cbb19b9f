//! Lists of words in text files beside the code: a name, a colon, and the words with commas between; a list may go on
//! in another line of the same name.

use std::{collections::HashMap, hash::BuildHasherDefault, sync::OnceLock};

use aho_corasick::AhoCorasick;

use super::words::{Fnv, Set, Sieve, Trace};

/// A list: its words as they stand, the same to look one up, and the same to look for in a text.
#[derive(Default)]
struct List {
    all: Vec<&'static str>,
    set: Set,
    /// In front of the set: most words that are asked for stand in no list.
    sieve: Sieve,
    finder: OnceLock<Option<AhoCorasick>>,
}

/// The lists of a file, by name.
pub(super) struct Lists {
    lists: HashMap<&'static str, List, BuildHasherDefault<Fnv>>,
    /// In front of all of them: most words that are asked for stand in none.
    sieve: Sieve,
}

impl Lists {
    /// Reads a file's text. Lines that begin with `#` say something about it.
    pub fn of(text: &'static str) -> Self {
        let mut lists: HashMap<&'static str, List, BuildHasherDefault<Fnv>> = HashMap::default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for (name, words) in lines.filter_map(|line| line.split_once(": ")) {
            let list = lists.entry(name).or_default();
            for word in words.split(", ").map(|word| word.trim_matches('"')) {
                if list.set.insert(word) {
                    list.all.push(word);
                }
            }
        }
        for list in lists.values_mut() {
            list.sieve = Sieve::of(list.all.iter().copied());
        }
        let all = lists.values().flat_map(|list| list.all.iter().copied());
        let sieve = Sieve::of(all);
        Self { lists, sieve }
    }

    /// True for a word of a list; words are in small letters.
    pub fn has(&self, name: &str, word: &str) -> bool {
        // Capitals of ASCII leave the same trace as small letters; others may not.
        let trace = Trace::of(word.as_bytes());
        if !self.sieve.may_hold(trace) && word.is_ascii() {
            return false;
        }
        let Some(List { set, sieve, .. }) = self.lists.get(name) else {
            return false;
        };
        if !sieve.may_hold(trace) && word.is_ascii() {
            return false;
        }
        match word
            .bytes()
            .any(|byte| byte.is_ascii_uppercase() || byte >= 128)
        {
            true => set.contains(word.to_lowercase().as_str()),
            false => set.contains(word),
        }
    }

    /// All words of a list, as they stand.
    pub fn all(&self, name: &str) -> &[&'static str] {
        self.lists.get(name).map_or(&[], |list| &list.all)
    }

    /// True where a text, in small letters, holds a word of a list anywhere.
    pub fn is_in(&self, name: &str, text: &str) -> bool {
        let Some(list) = self.lists.get(name) else {
            return false;
        };
        // A list that no automaton can be built of is looked for word by word.
        let finder = list.finder.get_or_init(|| AhoCorasick::new(&list.all).ok());
        match finder {
            Some(finder) => finder.is_match(text),
            None => list.all.iter().any(|word| text.contains(word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        let lists = Lists::of("# about\nfew: a, \" b\"\nfew: c\n");
        assert!(lists.has("few", "A") && lists.has("few", "c") && !lists.has("more", "a"));
        assert_eq!(lists.all("few"), ["a", " b", "c"]);
        assert!(lists.is_in("few", "x by") && !lists.is_in("few", "x, y"));
    }
}
