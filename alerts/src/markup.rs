//! Text made harmless for the markup of chat services, and cut to their limits without breaking it.
//!
//! What is printed by a template goes through the escaping of its medium, named by the template's ending: `.html`
//! (HTML), `.mrkdwn` (Slack and what is compatible with it), `.md` (the Markdown of Adaptive Cards); `.txt` is left as it
//! is.

use minijinja::{AutoEscape, Error, HtmlEscape, Output, State, Value};

use crate::inert::one_line;

/// The marks of escaping that minijinja does not know.
const MRKDWN: &str = "mrkdwn";
const MARKDOWN: &str = "markdown";

/// Which escaping a template of this name gets.
pub fn by_name(name: &str) -> AutoEscape {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => AutoEscape::Html,
        Some("mrkdwn") => AutoEscape::Custom(MRKDWN.into()),
        Some("md") => AutoEscape::Custom(MARKDOWN.into()),
        _ => AutoEscape::None,
    }
}

/// Prints a value as the template's medium wants it.
pub fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let escape = match state.auto_escape() {
        AutoEscape::Custom(name) if name == MRKDWN => mrkdwn,
        AutoEscape::Custom(name) if name == MARKDOWN => markdown,
        _ => return minijinja::escape_formatter(out, state, value),
    };
    if value.is_safe() || value.is_none() {
        return write!(out, "{value}").map_err(Error::from);
    }
    out.write_str(&escape(&value.to_string()))
        .map_err(Error::from)
}

/// The filter `code`: text in the medium's fixed-width type, in which nothing is read as markup.
pub fn code(state: &State<'_, '_>, text: &str) -> Value {
    Value::from_safe_string(match state.auto_escape() {
        AutoEscape::Html => format!("<code>{}</code>", HtmlEscape(text)),
        AutoEscape::Custom(name) if name == MRKDWN => mrkdwn_code(text),
        AutoEscape::Custom(name) if name == MARKDOWN => markdown(text),
        _ => text.to_owned(),
    })
}

/// For Slack's mrkdwn, and for the Markdown that Mattermost and Rocket.Chat make of it. `&`, `<` and `>` become
/// entities, so that no link and no mention can be written. Slack has no escape for its marks of emphasis: where one
/// could begin or end emphasis, a look-alike stands in for it. A mention that is plain text elsewhere (`@channel`) is
/// broken by a character of no width.
pub fn mrkdwn(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let is_inside = before.is_alphanumeric() && after.is_alphanumeric();
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' => out.push('ˋ'),
            '*' if !is_inside => out.push('∗'),
            '_' if !is_inside => out.push('ˍ'),
            '~' if !is_inside => out.push('∼'),
            ']' if after == '(' => out.push('］'),
            '@' if !before.is_alphanumeric() => out.push_str("@\u{200b}"),
            _ => out.push(character),
        }
        before = character;
    }
    out
}

/// Text between back-quotes, where Slack and its like read no emphasis.
fn mrkdwn_code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let mut out = String::with_capacity(text.len() + 16);
    out.push('`');
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' => out.push('ˋ'),
            _ => out.push(character),
        }
    }
    out.push('`');
    out
}

/// For the Markdown of Adaptive Cards: every character that could be markup is preceded by a backslash, which CommonMark
/// reads as that character alone. Braces too: `{{DATE(…)}}` is a function there.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '~' | '|' | '{' | '}' | '&'
        ) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// The paragraphs of a text that a template has made: runs of lines between blank ones. A line `---` is a paragraph of
/// its own.
pub fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines().map(str::trim_end) {
        let is_rule = is_rule(line);
        if (line.is_empty() || is_rule) && paragraphs.last().is_some_and(|last| !last.is_empty()) {
            paragraphs.push(Vec::new());
        }
        if let (false, Some(last)) = (line.is_empty(), paragraphs.last_mut()) {
            last.push(line);
        }
        if is_rule {
            paragraphs.push(Vec::new());
        }
    }
    paragraphs.retain(|lines| !lines.is_empty());
    paragraphs
}

/// True for a line that draws a rule.
pub fn is_rule(line: &str) -> bool {
    line == "---"
}

/// Lines packed into texts of at most `limit` characters each. A line that is longer by itself is cut: never inside an
/// entity, and with its back-quotes closed.
pub fn pack(lines: &[&str], limit: usize) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut room = 0;
    for line in lines {
        let line = cut(line, limit);
        let length = line.chars().count();
        match texts.last_mut() {
            Some(text) if length < room => {
                text.push('\n');
                text.push_str(&line);
                room -= length + 1;
            }
            _ => {
                texts.push(line);
                room = limit - length.min(limit);
            }
        }
    }
    texts
}

/// At most `limit` characters of marked-up text, the cut marked with `…`.
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    // Two characters for what closes it.
    let mut kept: String = text.chars().take(limit.saturating_sub(2)).collect();
    if let Some(at) = kept.rfind('&')
        && kept[at..].len() < LONGEST_ENTITY
        && !kept[at..].contains(';')
    {
        kept.truncate(at);
    }
    // Half of a link leads nowhere, and where only its bracket is left, what follows would be read as one.
    for (opens, closes) in [('<', '>'), ('[', ')')] {
        if let Some(at) = unescaped(&kept, opens)
            && !kept[at..].contains(closes)
            && is_link(&text[at..], closes)
        {
            kept.truncate(at);
        }
    }
    // A backslash that escapes nothing would escape the mark.
    if kept.chars().rev().take_while(|&c| c == '\\').count() % 2 == 1 {
        kept.pop();
    }
    let is_open = ends_in_code(&kept);
    kept.push('…');
    if is_open {
        kept.push('`');
    }
    kept
}

/// True where code was opened and not closed. Outside of code, a backslash makes the next sign text; in code it is one itself.
fn ends_in_code(text: &str) -> bool {
    let (mut is_code, mut is_escaped) = (false, false);
    for c in text.chars() {
        match c {
            '`' if !is_escaped => is_code = !is_code,
            '\\' if !is_code && !is_escaped => {
                is_escaped = true;
                continue;
            }
            _ => {}
        }
        is_escaped = false;
    }
    is_code
}

/// The longest entity that a template writes, in bytes: `&quot;`, `&#x27;`.
const LONGEST_ENTITY: usize = 6;

/// Where this mark stands last without a backslash that makes it text.
fn unescaped(text: &str, mark: char) -> Option<usize> {
    let is_escaped =
        |at: usize| text[..at].bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1;
    let mut places = text.rmatch_indices(mark).map(|(at, _)| at);
    places.find(|&at| !is_escaped(at))
}

/// True where a text begins with a link: `<https://…|words>` or `[words](https://…)`. A bracket that somebody wrote is none.
fn is_link(text: &str, closes: char) -> bool {
    let line = text.lines().next().unwrap_or_default();
    match closes {
        '>' => line.starts_with("<http"),
        _ => line
            .split_once("](http")
            .is_some_and(|(words, _)| !words[1..].contains('[')),
    }
}

/// One line of plain text of at most `limit` characters, its `…` included.
pub fn plain(text: &str, limit: usize) -> String {
    one_line(text, limit.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_slack_would_read_as_markup_is_text() {
        for (text, written) in [
            (
                "<!channel> & <@U024BE7LH>",
                "&lt;!channel&gt; &amp; &lt;@\u{200b}U024BE7LH&gt;",
            ),
            (
                "<https://evil.example|click>",
                "&lt;https://evil.example|click&gt;",
            ),
            (
                "@here now, ann@example.com",
                "@\u{200b}here now, ann@example.com",
            ),
            ("*bold* 2*3 _it_ a_b ~no~", "∗bold∗ 2*3 ˍitˍ a_b ∼no∼"),
            ("```code```", "ˋˋˋcodeˋˋˋ"),
            ("![x](hxxps://evil) [y]", "![x］(hxxps://evil) [y]"),
            ("Grüße", "Grüße"),
        ] {
            assert_eq!(mrkdwn(text), written);
        }
        assert_eq!(mrkdwn_code("a`b <c> *d*"), "`aˋb &lt;c&gt; *d*`");
        assert_eq!(mrkdwn_code(" "), "");
    }

    #[test]
    fn what_a_card_would_read_as_markup_is_text() {
        for (text, written) in [
            ("**b** [x](u)", r"\*\*b\*\* \[x\](u)"),
            (
                "{{DATE(2026-01-01T00:00:00Z)}}",
                r"\{\{DATE(2026-01-01T00:00:00Z)\}\}",
            ),
            (r"a\b &lt; <at>", r"a\\b \&lt; \<at\>"),
            ("+1 202-555-0123", "+1 202-555-0123"),
        ] {
            assert_eq!(markdown(text), written);
        }
    }

    #[test]
    fn text_falls_into_paragraphs_and_rules() {
        let text = "\none\ntwo \n\n\nthree\n---\nfour\n";
        let expected = [vec!["one", "two"], vec!["three"], vec!["---"], vec!["four"]];
        assert_eq!(paragraphs(text), expected);
        assert!(paragraphs("\n\n").is_empty());
    }

    #[test]
    fn a_cut_leaves_no_half_markup() {
        for (text, limit, kept) in [
            ("short", 5, "short"),
            ("a &amp; b and more", 8, "a …"),
            ("`code that is long`", 10, "`code th…`"),
            // What somebody wrote opens no code, and gets nothing that would close some.
            (r"say \`hello there", 12, r"say \`hell…"),
            (r"\` and `code that is long`", 16, r"\` and `code t…`"),
            (r"`c:\` and more of it", 12, r"`c:\` and …"),
            (r"ab\\\*cd", 7, r"ab\\…"),
            (r"ab\\cd", 5, r"ab…"),
            ("see <https://a.example/1|it> now", 28, "see …"),
            ("see <https://a.example/1|it> now", 9, "see …"),
            ("see <https://a.example/1|it> now", 7, "see …"),
            ("see [it](https://a.example/1) now", 8, "see …"),
            ("see [it](https://a.example/1) now", 30, "see …"),
            // What somebody wrote is no link, and is not lost with all that follows it.
            ("see [here is more to read", 20, "see [here is more …"),
            (r"a \< b is not a link of ours", 20, r"a \< b is not a li…"),
            (r"R \& D is not an entity", 20, r"R \& D is not an e…"),
            (
                "see <https://a.example/1|it> now",
                30,
                "see <https://a.example/1|it>…",
            ),
        ] {
            assert_eq!(cut(text, limit), kept);
        }
        assert_eq!(
            pack(&["aa", "bb", "cc", "ddddddddd"], 5),
            ["aa\nbb", "cc", "ddd…"]
        );
    }

    proptest! {
        #[test]
        fn nothing_that_is_packed_is_too_long(lines in proptest::collection::vec("[a-z&;`\\\\]{0,40}", 0..20), limit in 8_usize..60) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            for text in pack(&lines, limit) {
                prop_assert!(text.chars().count() <= limit, "{text}");
            }
        }

        #[test]
        fn wherever_it_is_cut_no_link_is_left_in_half(
            before in "[a-z &<>;`]{0,12}", after in "[a-z &<>;`]{0,12}", limit in 2_usize..60,
        ) {
            for (link, escape) in [
                ("<https://a.example/1|Read it>", mrkdwn as fn(&str) -> String),
                ("[Read it](https://a.example/1)", markdown),
            ] {
                let text = cut(&format!("{}{link}{}", escape(&before), escape(&after)), limit);
                prop_assert!(text.chars().count() <= limit);
                let rest = text.replace(link, "");
                let marks = ['<', '['];
                prop_assert!(marks.iter().all(|mark| unescaped(&rest, *mark).is_none()), "{}", text);
                for (at, _) in rest.match_indices('&').filter(|_| link.starts_with('<')) {
                    let whole = ["&amp;", "&lt;", "&gt;"].iter().any(|whole| rest[at..].starts_with(whole));
                    prop_assert!(whole, "{}", text);
                }
            }
        }

        #[test]
        fn wherever_it_is_cut_code_is_closed_and_none_is_opened(
            before in "[a-z \\\\`]{0,12}", code in "[a-z]{1,9}", after in "[a-z \\\\`]{0,12}", limit in 2_usize..60,
        ) {
            let text = cut(&format!("{}`{code}`{}", markdown(&before), markdown(&after)), limit);
            prop_assert!(text.chars().count() <= limit);
            // In what is left, each sign of code is one that a template wrote: none, or both.
            let plain = text.replace(r"\\", "").replace(r"\`", "");
            prop_assert!(matches!(plain.matches('`').count(), 0 | 2), "{}", text);
        }

        #[test]
        fn no_mention_and_no_link_gets_through(text in "\\PC{0,60}") {
            let written = mrkdwn(&text);
            prop_assert!(!written.contains(['<', '>', '`']) && !written.contains("]("));
            let is_word = |c: char| c.is_alphanumeric();
            let starts = written.match_indices('@').filter(|(at, _)| !written[..*at].ends_with(is_word));
            for (at, _) in starts {
                prop_assert!(written[at..].starts_with("@\u{200b}"), "{}", written);
            }
        }
    }
}
