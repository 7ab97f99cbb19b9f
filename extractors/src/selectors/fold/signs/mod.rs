//! Signs written as words, in brackets or apart, as addresses are disguised: `rose (at) example [dot] com`,
//! `rose arroba example punto com`, `rose @ example . com`, `hxxps://rose[.]example[.]com`, `rose underscore lane`.
//!
//! A chain of words with such signs between is read as a whole, since "at" and "point" are words of their own: "look at
//! this point in time" has no ending that domains have. What is certain without it, because it stands in brackets,
//! is written out anyway.

mod around;
mod chain;
mod dialled;
mod everyday;
mod hosts;
mod letters;
mod mail;
mod names;
mod parted;
mod reach;
mod removed;
mod replaced;
mod schemes;
mod sites;
mod spoken;
mod told;

use sightline_model::StepKind;

use super::{Edit, Folded, spaced};
use crate::selectors::{known, skim::Skim};

pub(in crate::selectors) use sites::{may_be_sign, may_be_told};

/// A text with its signs written out.
pub(in crate::selectors) struct View {
    pub folded: Folded<'static>,
    /// True where letters that stood apart were joined, or taken out of a number.
    pub has_joined: bool,
}

/// The text with its signs written out; None where it has none to write. `skim` is of the text as it is, `skim_of` tells
/// of others.
pub(in crate::selectors) fn view(
    folded: &Folded<'_>,
    skim: &Skim,
    skim_of: impl Fn(&str) -> Skim,
) -> Option<View> {
    let apart = spaced::edits(&folded.text, skim);
    let mut joined = (!apart.is_empty()).then(|| folded.edited(&apart));
    let has_joined = joined.is_some();
    // Hosts first, since an address is only one where its host is.
    let text = joined.as_ref().map_or(&*folded.text, |joined| &joined.text);
    let joined_skim = joined.as_ref().map(|joined| skim_of(&joined.text));
    let skim = joined_skim.as_ref().unwrap_or(skim);
    let mut sites = sites::sites(text, skim);
    let mut told = mail::mail(text, &sites);
    told.extend(hosts::web(text));
    told.extend(hosts::spaced(text));
    told.extend(hosts::platforms(text));
    told.extend(mail::named(text, &sites));
    told.extend(hosts::endings(text, &sites));
    told.extend(removed::edits(text));
    told.extend(replaced::edits(text));
    told.extend(told::dots(text));
    told.extend(told::parts(text, &sites));
    let letters = letters::edits(text, skim);
    let has_letters = !letters.is_empty();
    told.extend(letters);
    let garlands = parted::garlands(text, skim);
    let counted = parted::counted(text);
    let has_letters = has_letters || !garlands.is_empty() || !counted.is_empty();
    told.extend(garlands);
    told.extend(counted);
    told.sort_by_key(|edit| (edit.start, edit.end));
    told.dedup_by(|later, earlier| later.start < earlier.end);
    if !told.is_empty() {
        let written = match &joined {
            Some(joined) => joined.edited(&told),
            None => folded.edited(&told),
        };
        sites = sites::sites(&written.text, &skim_of(&written.text));
        joined = Some(written);
    }
    let text = joined.as_ref().map_or(&*folded.text, |joined| &joined.text);
    let mut edits = chain::edits(text, &sites);
    edits.extend(schemes::edits(text));
    edits.sort_by_key(|edit| (edit.start, edit.end));
    // A sign that two rules wrote out is written once.
    edits.dedup_by(|later, earlier| later.start < earlier.end);
    if !edits.is_empty() {
        joined = Some(match &joined {
            Some(joined) => joined.edited(&edits),
            None => folded.edited(&edits),
        });
    }
    // A stroke may stand apart behind a host that was only now written out.
    let text = joined.as_ref().map_or(&*folded.text, |joined| &joined.text);
    let slashes = slashes(text);
    if !slashes.is_empty() {
        joined = Some(match &joined {
            Some(joined) => joined.edited(&slashes),
            None => folded.edited(&slashes),
        });
    }
    let text = joined.as_ref().map_or(&*folded.text, |joined| &joined.text);
    let groups = dialled::groups(text);
    if !groups.is_empty() {
        joined = Some(match &joined {
            Some(joined) => joined.edited(&groups),
            None => folded.edited(&groups),
        });
    }
    Some(View {
        folded: joined?,
        has_joined: has_joined || has_letters,
    })
}

/// True for the steps that only this view takes.
pub(in crate::selectors) fn is_step_here(step: StepKind) -> bool {
    matches!(
        step,
        StepKind::AtAndDot
            | StepKind::Defanged
            | StepKind::SignWords
            | StepKind::Spaced
            | StepKind::Lines
    )
}

fn is_path_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '~')
}

/// `t.me / rose`: a slash that stands apart behind a domain.
fn slashes(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (at, _) in text.match_indices('/') {
        let before = text[..at].trim_end_matches(' ');
        let rest = text[at + 1..].trim_start_matches(' ');
        let (start, end) = (before.len(), text.len() - rest.len());
        // Where readers are told to close gaps, a path goes on behind them.
        let goes_on = || {
            let chain = edits.last().map(|edit: &Edit| edit.end);
            chain.is_some_and(|chain| {
                chain <= start
                    && start - chain <= 100
                    && !text[chain..start].contains(char::is_whitespace)
            })
        };
        // `example . com / en / contact`: set apart as the stroke before was, and nothing of the sentence stands behind.
        let is_path = || {
            let length = rest.find(|letter: char| !is_path_letter(letter));
            let behind = &rest[length.unwrap_or(rest.len())..];
            start + 1 == at
                && end == at + 2
                && edits.last().is_some_and(|edit| edit.end - edit.start == 3)
                && (behind.is_empty()
                    || behind.starts_with(['\n', ',', '.', ')'])
                    || behind.starts_with(" / "))
        };
        let tells = (start < at || end > at + 1)
            && rest
                .starts_with(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit())
            && everyday::tells_of_gaps(&told::line(text, start, end));
        if (tells || is_path()) && goes_on() {
            edits.push(Edit {
                start,
                end,
                to: "/".into(),
                step: StepKind::Spaced,
            });
            continue;
        }
        // Without a space before it, the slash is the address's last: `example.com/ and more`.
        let is_name = || {
            let length =
                rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
            let name = &rest[..length.unwrap_or(rest.len())];
            let host = before
                .rsplit([' ', '\n', '(', '/'])
                .next()
                .unwrap_or_default();
            end == at + 2
                && name
                    .bytes()
                    .any(|byte| byte == b'_' || byte.is_ascii_digit())
                && name.len() > 4
                && known::is_platform_host(&host.to_lowercase())
        };
        if start == at && !(tells && end > at + 1) && !is_name()
            || start + 2 < at
            || !rest.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        {
            continue;
        }
        let window = start.saturating_sub(64);
        let word = before.get(window..).unwrap_or_default();
        let host = &word[word.rfind([' ', '\n', '(', '/']).map_or(0, |at| at + 1)..];
        if host.contains('.')
            && (known::is_platform_host(host)
                || known::is_domain(host) && !known::is_everyday_ending(host))
        {
            edits.push(Edit {
                start,
                end,
                to: "/".into(),
                step: StepKind::Spaced,
            });
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::{fold::fold, skim_of};

    #[test]
    fn signs_are_written_out_where_an_address_comes_of_it() {
        for (text, plain) in [
            ("rose (at) example [dot] com", Some("rose@example.com")),
            ("rose [@] example {.} com", Some("rose@example.com")),
            ("rose at example dot com", Some("rose@example.com")),
            (
                "rose.lane AT example DOT co DOT uk",
                Some("rose.lane@example.co.uk"),
            ),
            ("roseATexampleDOTcom", Some("rose@example.com")),
            ("rose arroba example punto com", Some("rose@example.com")),
            ("rose (ät) example (punkt) de", Some("rose@example.de")),
            (
                "роза rose собака example точка com",
                Some("роза rose@example.com"),
            ),
            (
                "rose dot lane at example dot com",
                Some("rose.lane@example.com"),
            ),
            ("rose underscore lane", Some("rose_lane")),
            ("rose @ example . com", Some("rose@example.com")),
            ("rose@example dot com", Some("rose@example.com")),
            ("rose_at_example_dot_com", Some("rose@example.com")),
            (
                "r o s e @ e x a m p l e . c o m now",
                Some("rose@example.com now"),
            ),
            (
                "hxxps://rose[.]example[.]com/x",
                Some("https://rose.example.com/x"),
            ),
            (
                "www dot rose dot com slash oakland",
                Some("www.rose.com/oakland"),
            ),
            (
                "find me at rosegarden dot com",
                Some("find me at rosegarden.com"),
            ),
            (
                "rose(at)example(dot)com. Open 7 days",
                Some("rose@example.com. Open 7 days"),
            ),
            (
                "rose AT mail DOT example. Haus 3",
                Some("rose@mail.example. Haus 3"),
            ),
            ("look at this point in time", None),
            ("meet me at the hotel at 5. Come alone", None),
            ("a polka dot dress", None),
            ("contact at https://example.com/", None),
        ] {
            let folded = fold(text);
            let view = view(&folded, &skim_of(&folded.text), skim_of);
            assert_eq!(
                view.as_ref().map(|view| &*view.folded.text),
                plain,
                "{text}"
            );
        }
    }
}
