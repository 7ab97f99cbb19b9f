//! Hosts that are told rather than written: `www rosegarden com`, `t me/rose`, `example .net`, `example точка ком`.

use sightline_model::StepKind;

use super::{super::Edit, sites::Site};
use crate::selectors::{known, sentences, words::Sign};

/// Endings of domains in the letters of other scripts, as they are spoken.
pub(super) const SPOKEN: [(&str, &str); 14] = [
    ("ком", "com"),
    ("нет", "net"),
    ("орг", "org"),
    ("ру", "ru"),
    ("юа", "ua"),
    ("컴", "com"),
    ("콤", "com"),
    ("คอม", "com"),
    ("コム", "com"),
    ("كوم", "com"),
    ("קום", "com"),
    ("κομ", "com"),
    ("ネット", "net"),
    ("넷", "net"),
];

/// Edits that write endings in Latin letters behind their dots: `example точка ком`.
pub(super) fn endings(text: &str, sites: &[Site]) -> Vec<Edit> {
    let dots = sites.iter().filter(|site| site.sign == Sign::Dot);
    dots.filter_map(|site| {
        let rest = &text[site.end..];
        let (spoken, ending) = SPOKEN.iter().find(|(spoken, _)| rest.starts_with(spoken))?;
        let ends = !rest[spoken.len()..].starts_with(char::is_alphabetic);
        ends.then(|| Edit {
            start: site.end,
            end: site.end + spoken.len(),
            to: (*ending).into(),
            step: StepKind::AtAndDot,
        })
    })
    .collect()
}

/// Edits that write out the dots of platforms' hosts before a stroke: `t me/rose`, `instagram com/rose`.
pub(super) fn platforms(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    for slash in memchr::memchr_iter(b'/', bytes) {
        let count = bytes[..slash]
            .iter()
            .rev()
            .take(4)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let gap = slash - count;
        if !(2..=3).contains(&count) || gap == 0 || bytes[gap - 1] != b' ' {
            continue;
        }
        let length = bytes[..gap - 1]
            .iter()
            .rev()
            .take(12)
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let start = gap - 1 - length;
        let host = format!("{}.{}", &text[start..gap - 1], &text[gap..slash]).to_lowercase();
        let is_apart = !text[..start]
            .ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '@'));
        if length > 0 && is_apart && known::is_platform_host(&host) {
            edits.push(Edit {
                start: gap - 1,
                end: gap,
                to: ".".into(),
                step: StepKind::AtAndDot,
            });
        }
    }
    edits
}

/// Edits that write out the dots of a host behind `www`.
pub(super) fn web(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let starts =
        memchr::memmem::find_iter(bytes, b"www").chain(memchr::memmem::find_iter(bytes, b"WWW"));
    starts
        .filter_map(|at| host_behind(text, at + 3))
        .flatten()
        .collect()
}

fn host_behind(text: &str, first: usize) -> Option<[Edit; 2]> {
    let is_sign = |letter: char| matches!(letter, ' ' | ',' | '.');
    let rest = &text[first..];
    let name = rest.trim_start_matches(is_sign);
    let length = name.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))?;
    let behind = &name[length..];
    let ending = behind.trim_start_matches([' ', ',', '.']);
    let ending_length = ending
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(ending.len());
    let (lead, gap) = (rest.len() - name.len(), behind.len() - ending.len());
    let signs = [&rest[..lead], &behind[..gap]];
    // What has plain dots is written as usual, and `www. See our page.` goes on in prose.
    let is_usual =
        || signs.contains(&".") && signs.iter().all(|signs| matches!(*signs, "." | ". "));
    let is_apart = !is_usual()
        && signs.iter().all(|signs| signs.matches('.').count() <= 1)
        // A path that is set apart, too, is read with its host.
        && !(signs.concat().contains('.') && ending[ending_length..].starts_with('/'));
    let is_told = (1..=3).contains(&lead) && (1..=3).contains(&gap) && is_apart;
    let host = format!("{}.{}", &name[..length], &ending[..ending_length]);
    let (second, end) = (first + lead + length, first + lead + length + gap);
    let edit = |start, end| Edit {
        start,
        end,
        to: ".".into(),
        step: StepKind::AtAndDot,
    };
    (is_told && known::is_common_ending(&host))
        .then(|| [edit(first, first + lead), edit(second, end)])
}

/// Endings that say by themselves that a host is meant, where a dot touches them.
const SURE: [&str; 7] = ["com", "net", "org", "info", "biz", "example", "xyz"];

/// Edits that close up hosts with a space on one side of their dot: `example .net`, and where a site is spoken of and nothing
/// follows, `example. net`.
pub(super) fn spaced(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let mut edits = Vec::new();
    for dot in memchr::memchr_iter(b'.', bytes) {
        let has_space = |at: usize| bytes.get(at) == Some(&b' ');
        let (before, behind) = (
            dot.checked_sub(1).is_some_and(has_space),
            has_space(dot + 1),
        );
        if before == behind {
            continue;
        }
        let (end, start) = (dot - usize::from(before), dot + 1 + usize::from(behind));
        let length = |bytes: &mut dyn Iterator<Item = &u8>| {
            bytes.take(32).take_while(|byte| is_name(byte)).count()
        };
        // Most dots end a sentence, and what follows begins as no ending does.
        let begins = |ending: &&str| bytes.get(start) == ending.as_bytes().first();
        if !SURE.iter().any(begins) {
            continue;
        }
        let rest = &text[start..];
        let ending = &rest[..length(&mut rest.as_bytes().iter())];
        if !SURE.contains(&ending) {
            continue;
        }
        let name = &text[end - length(&mut bytes[..end].iter().rev())..end];
        if !name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            continue;
        }
        let from = end - name.len();
        // `ads .example .net/rates`: a name that is set apart from the one before it in the same way.
        let is_chained = before && text[..from].ends_with(" .");
        let is_apart = is_chained
            || (before || !rest[ending.len()..].starts_with('/'))
                && !text[..from].ends_with(|letter: char| {
                    letter.is_alphanumeric() || matches!(letter, '@' | '_' | '.')
                });
        // What goes on is a sentence: "See you there. Net income", "completo. com local".
        let follows =
            rest[ending.len()..].trim_start_matches(['.', '!', '?', ')', ',', ' ', '"', '*']);
        let is_last =
            follows.is_empty() || follows.starts_with(|letter: char| !letter.is_alphanumeric());
        let near = &text[text.floor_char_boundary(from.saturating_sub(24))..from];
        let near = near.rsplit('\n').next().unwrap_or(near);
        let is_meant = match behind {
            true => is_last && sentences::speaks_of_site(near),
            false => !rest[ending.len()..]
                .starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'),
        };
        if is_apart && is_meant && known::is_common_ending(&format!("{name}.{ending}")) {
            edits.push(Edit {
                start: end,
                end: start,
                to: ".".into(),
                step: StepKind::AtAndDot,
            });
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use crate::selectors::find_all;

    #[test]
    fn hosts_with_a_space_beside_their_dot_are_closed_up() {
        for (text, host) in [
            ("more at example .net", Some("example.net")),
            ("Xem example .net!", Some("example.net")),
            ("photos: example. com.", Some("example.com")),
            ("Vedi example. org", Some("example.org")),
            ("see www. example. com", Some("example.com")),
            ("www .example .com", Some("example.com")),
            ("see rooms .example .org/rates", Some("example.org")),
            ("pictures at example .com/gallery", Some("example.com")),
            ("atendimento no site. com local", None),
            ("see you there. net income 500", None),
            ("meet me. com", None),
            ("500 .net", None),
        ] {
            let finds = find_all(text, None);
            let found = finds
                .iter()
                .find(|find| find.selector.kind == sightline_model::Kind::Domain);
            assert_eq!(found.map(|find| &*find.selector.value), host, "{text}");
        }
    }
}
