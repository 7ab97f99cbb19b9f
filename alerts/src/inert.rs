//! Crawled text made harmless: one line, no control or direction characters, nothing that a mail client turns
//! into a link.

/// `text` as one line of at most `limit` characters: runs of white space and control characters become one space;
/// characters that steer direction or take no width are dropped, so that what is read is what is there. A cut is
/// marked with `…`.
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 4));
    let mut length = 0;
    let mut gap = false;
    for character in text.chars().filter(|&c| !is_invisible(c)) {
        if character.is_whitespace() || character.is_control() {
            gap = length > 0;
            continue;
        }
        let needed = 1 + usize::from(gap);
        if length + needed > limit {
            line.push('…');
            return line;
        }
        if gap {
            line.push(' ');
        }
        line.push(character);
        length += needed;
        gap = false;
    }
    line
}

/// The longest run of crawled or written text that a message repeats, in characters.
const SHORT: usize = 200;

/// `text` as one line, as long as a message repeats crawled or written text.
pub fn short(text: &str) -> String {
    one_line(text, SHORT)
}

/// The most sentences that a message says of one alert, and the most characters of all of them.
const SENTENCES: usize = 8;
const SENTENCES_LENGTH: usize = 1_200;

/// Sentences of ours, each as one line and whole: what they quote was made [`short`] as they were made, and a remedy stands at
/// the end. They are bounded all the same, all together, far beyond what there is to say.
pub fn sentences(sentences: &[String]) -> Vec<String> {
    let mut room = SENTENCES_LENGTH;
    let mut lines = Vec::new();
    for sentence in sentences.iter().take(SENTENCES) {
        if room == 0 {
            break;
        }
        let line = one_line(sentence, room);
        room = room.saturating_sub(line.chars().count());
        lines.push(line);
    }
    lines
}

/// `text` with its links broken, as analysts write them: `https://ads.example/x` becomes `hxxps://ads[.]example/x`,
/// `ann@example.com` becomes `ann@example[.]com`. A dot between digits stays, so that prices and numbers read as
/// written.
pub fn defang(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    let mut previous = None;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        let starts_word = previous.is_none_or(|c: char| !c.is_alphanumeric());
        if starts_word && let Some(scheme) = web_scheme(rest) {
            out.push_str("hxxp");
            rest = &rest[4..];
            out.push_str(&rest[..scheme - 4]);
            rest = &rest[scheme - 4..];
            previous = out.chars().next_back();
            continue;
        }
        if is_dot(character) && joins_a_name(previous, after) {
            out.push_str("[.]");
        } else {
            out.push(character);
        }
        previous = Some(character);
        rest = after;
    }
    out
}

/// The length of `http` or `https` at the start of `text`, where `:` follows.
fn web_scheme(text: &str) -> Option<usize> {
    ["https:", "http:"]
        .into_iter()
        .find(|scheme| {
            text.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        })
        .map(|scheme| scheme.len() - 1)
}

/// The full stop, and those that IDNA reads as one.
fn is_dot(character: char) -> bool {
    matches!(character, '.' | '。' | '．' | '｡')
}

/// True for a dot inside something that reads as a host name: a letter or digit before it, and a label with a letter
/// after it.
fn joins_a_name(previous: Option<char>, after: &str) -> bool {
    if !previous.is_some_and(char::is_alphanumeric) {
        return false;
    }
    let label: &str = after
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .next()
        .unwrap_or_default();
    label.chars().any(char::is_alphabetic)
}

/// Characters that steer the direction of text or take no width (Unicode's bidirectional controls, joiners, soft
/// hyphen, variation selectors and tags).
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_becomes_one_plain_line() {
        for (text, limit, line) in [
            ("  two \r\n lines\t", 80, "two lines"),
            (
                "Subject\r\nBcc: x@example.com",
                80,
                "Subject Bcc: x@example.com",
            ),
            (
                "\u{202e}gnirts\u{202c} \u{200b}hidden\u{feff}",
                80,
                "gnirts hidden",
            ),
            ("ring\u{7}\u{1b}[31m", 80, "ring [31m"),
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abcdef…"),
            ("abc def", 4, "abc…"),
            ("\u{2028}\u{85}", 80, ""),
            ("anything", 0, "…"),
        ] {
            assert_eq!(one_line(text, limit), line, "{text:?}");
        }
    }

    #[test]
    fn our_sentences_are_whole_and_bounded_together() {
        let sentence = |length: usize| "a".repeat(length);
        for (lengths, expected) in [
            (&[300, 400][..], &[300, 400][..]),
            // The mark of a cut beside.
            (&[1_000, 300, 10], &[1_000, 201]),
            (&[1; 12], &[1; 8]),
        ] {
            let all: Vec<String> = lengths.iter().map(|length| sentence(*length)).collect();
            let lines = sentences(&all);
            let lengths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
            assert_eq!(lengths, expected);
        }
    }

    #[test]
    fn links_are_broken_and_numbers_are_not() {
        for (text, broken) in [
            (
                "https://ads.example/post/7.html",
                "hxxps://ads[.]example/post/7[.]html",
            ),
            ("HTTP://Ads.Example", "hxxp://Ads[.]Example"),
            ("see www.ads.example, 24h", "see www[.]ads[.]example, 24h"),
            ("ann@example.com", "ann@example[.]com"),
            ("call 202.555.0123 for 1.50", "call 202.555.0123 for 1.50"),
            ("End. Next", "End. Next"),
            ("http and https", "http and https"),
            ("ads。example", "ads[.]example"),
            ("", ""),
        ] {
            assert_eq!(defang(text), broken, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_holds_a_control_or_direction_character(text in any::<String>(), limit in 0_usize..200) {
            let line = one_line(&text, limit);
            let is_unfit = |c: char| c.is_control() || is_invisible(c) || (c.is_whitespace() && c != ' ');
            prop_assert!(!line.contains(is_unfit));
            prop_assert!(line.chars().count() <= limit + 1);
        }

        #[test]
        fn no_web_link_survives(
            before in "[ a-z(]{0,3}", host in "[a-z0-9]{1,5}\\.[a-z]{2,5}", path in "(/[a-z.]{0,6})?",
        ) {
            let text = defang(&format!("{before} https://{host}{path}"));
            prop_assert!(!text.contains("http") && !text.contains(&host), "{}", text);
        }
    }
}
