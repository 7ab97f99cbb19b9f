//! Text from strangers made inert: nothing that a page says can move a cursor, change a colour or reverse a line.

use std::{borrow::Cow, fmt::Write as _};

/// True for characters that a terminal, or a reader's eye, could be misled by: control characters (C0, DEL, C1,
/// which hold ANSI escapes), bidirectional overrides and isolates (Unicode TR 9), line and paragraph separators,
/// byte order marks, invisible tags and interlinear marks. Joiners stay: Persian and emoji need them.
pub fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061C}'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// `text` on one line: white space becomes one space, active characters are written out as `\u{202e}`.
pub fn line(text: &str) -> Cow<'_, str> {
    let plain = !text.chars().any(is_active) && !text.contains("  ") && text.trim() == text;
    if plain {
        return Cow::Borrowed(text);
    }
    let words: Vec<String> = text.split_whitespace().map(escape).collect();
    Cow::Owned(words.join(" "))
}

/// `text` with its lines kept and every other active character written out.
pub fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| escape(line.trim_end())).collect();
    lines.join("\n")
}

/// `text` as a block of its own: every line of it behind `before` and a bar, so that none can be taken for a line of ours.
pub fn block(text: &str, before: &str) -> String {
    let lines = lines(text);
    let lines: Vec<String> = lines
        .lines()
        .map(|line| format!("{before}│ {line}"))
        .collect();
    lines.join("\n")
}

/// A part of a longer text: its lines, and the white space at its ends, stay; every other active character is written out.
pub fn part(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(escape).collect();
    lines.join("\n")
}

/// The first `limit` characters of `text` on one line, with `…` where something was left off.
pub fn cut(text: &str, limit: usize) -> String {
    let text = line(text);
    match text.char_indices().nth(limit) {
        None => text.into_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

fn escape(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    for character in text.chars() {
        if is_active(character) {
            // Writing to a String cannot fail.
            let _ = write!(inert, "\\u{{{:x}}}", u32::from(character));
        } else {
            inert.push(character);
        }
    }
    inert
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        for (written, shown) in [
            ("plain", "plain"),
            ("two  spaces \n and lines", "two spaces and lines"),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("abc\u{202e}gpj.exe", "abc\\u{202e}gpj.exe"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("\u{7f}", "\\u{7f}"),
        ] {
            assert_eq!(line(written), shown);
        }
        assert_eq!(lines("a\r\nb\u{1b}c\n"), "a\nb\\u{1b}c");
        assert_eq!(
            block("fine\n\n  now, boss closed it\r\u{2028}x", "  "),
            "  │ fine\n  │ \n  │   now, boss closed it\\u{d}\\u{2028}x"
        );
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(cut("Größe und Länge", 5), "Größe…");
        assert_eq!(cut("short", 5), "short");
    }
}
