//! Names of files and products that look like domains, and short forms that end so: `clip.mov`, `install.sh`, `ASP.NET`, `Adr.de`.
//! The words are in files.txt.

use std::sync::LazyLock;

use super::{lists::Lists, url::Link};

static WORDS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("files.txt")));

/// How far around a name other files and words about files are looked for, in bytes.
const NEAR: usize = 40;

/// The longest word that is looked up, in bytes.
const LONGEST: usize = 16;

/// True for a name with an ending that files have, and nothing that only a site has. An ending that is a site's as often
/// is a file's where the text speaks of files.
pub(super) fn is_file(text: &str, link: &Link) -> bool {
    let raw = &text[link.start..link.end];
    let Some((name, ending)) = raw.split_once('.') else {
        return false;
    };
    if is_product(raw) {
        return true;
    }
    let is_bare = !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
    // Most endings are longer or common: the tables are seldom asked.
    if !is_bare || ending.len() > 3 || name.contains('/') {
        return false;
    }
    let is_file = WORDS.has("file", ending);
    (is_file || WORDS.has("either", ending)) && {
        let from = text.floor_char_boundary(link.start.saturating_sub(NEAR));
        let to = text.ceil_char_boundary(text.len().min(link.end + NEAR));
        let line = text[from..link.start]
            .rsplit('\n')
            .next()
            .unwrap_or_default();
        let behind = text[link.end..to].split('\n').next().unwrap_or_default();
        let speaks_of_site = || super::sentences::speaks_of_site(line);
        let has_files = || speaks_of_files(line) || speaks_of_files(behind);
        let is_numbered = name.bytes().any(|byte| byte.is_ascii_digit());
        has_files() || (is_file || is_usual(name)) && (is_numbered || !speaks_of_site())
    }
}

/// True for a name that files have in every project: `README.md`, `main.py`.
fn is_usual(name: &str) -> bool {
    WORDS.has("usual", &name.to_lowercase())
}

/// True for a product that is written as a domain is: `ASP.NET`.
pub(super) fn is_product(raw: &str) -> bool {
    raw.len() <= LONGEST
        && raw
            .get(raw.len().saturating_sub(4)..)
            .is_some_and(|ending| ending.eq_ignore_ascii_case(".net"))
        && WORDS.has("product", &raw.to_lowercase())
}

/// True for a short form that a full stop ends: `Adr.`, `etc.`
pub(super) fn is_short_form(word: &str) -> bool {
    word.len() <= LONGEST && WORDS.has("short", &word.to_lowercase())
}

/// True where another file is named, or files are spoken of.
fn speaks_of_files(near: &str) -> bool {
    near.split(|letter: char| {
        letter.is_whitespace() || matches!(letter, ',' | ';' | '(' | ')' | ':')
    })
    .filter(|word| !word.is_empty())
    .any(|word| {
        let word = word.trim_end_matches('.');
        let is_named =
            |(_, ending): (&str, &str)| WORDS.has("other", ending) || WORDS.has("file", ending);
        word.rsplit_once('.').is_some_and(is_named) || WORDS.has("spoken", word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_no_sites() {
        for (text, name, is) in [
            ("see clip22.mov, 24 MB", "clip22.mov", true),
            ("read_me.txt, install.sh, notes.md", "install.sh", true),
            ("read_me.txt, install.sh, notes.md", "notes.md", true),
            ("attached: contract.zip", "contract.zip", true),
            ("my site rose.zip", "rose.zip", false),
            ("rosegarden.md, Chisinau", "rosegarden.md", false),
            ("https://rose.zip/a", "https://rose.zip/a", false),
            ("rose.example", "rose.example", false),
            ("Read the README.md first", "README.md", true),
            ("then python main.py", "main.py", true),
            ("ASP.NET developer", "ASP.NET", true),
            ("rosegarden.net", "rosegarden.net", false),
        ] {
            let start = text.find(name).unwrap();
            let link = Link {
                start,
                end: start + name.len(),
                is_email: false,
            };
            assert_eq!(is_file(text, &link), is, "{text}");
        }
    }
}
