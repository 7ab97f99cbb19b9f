//! Lists of words in text files beside the code: a name, a colon, and the words with commas between; a list may go on
//! in another line of the same name.

use std::collections::HashMap;

use super::words::Set;

/// The lists of a file, by name.
pub(super) struct Lists(HashMap<&'static str, (Vec<&'static str>, Set)>);

impl Lists {
    /// Reads a file's text. Lines that begin with `#` say something about it.
    pub fn of(text: &'static str) -> Self {
        let mut lists: HashMap<&'static str, (Vec<&'static str>, Set)> = HashMap::new();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for (name, words) in lines.filter_map(|line| line.split_once(": ")) {
            let (all, set) = lists.entry(name).or_default();
            for word in words.split(", ").map(|word| word.trim_matches('"')) {
                if set.insert(word) {
                    all.push(word);
                }
            }
        }
        Self(lists)
    }

    /// True for a word of a list; words are in small letters.
    pub fn has(&self, name: &str, word: &str) -> bool {
        let Some((_, set)) = self.0.get(name) else {
            return false;
        };
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
        self.0.get(name).map_or(&[], |(all, _)| all)
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
    }
}
