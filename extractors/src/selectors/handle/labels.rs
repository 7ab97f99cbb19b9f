//! Names by what stands around them: a platform's word and a sign before them, or an at sign of their own.

use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{
    Context, at_signs,
    before::{self, Told},
    behind::{self, Name},
    clauses,
    everyday::{is_everyday, is_ideographic, is_joint, is_picture, is_same, is_wide},
    find_at, marked,
    words::{self, Label},
};
use crate::selectors::skim::Skim;

/// How far around an at sign a platform's word is looked for, in bytes.
pub(super) const NEAR: usize = 40;
/// How many names one text gives.
pub(super) const NAMES: usize = 500;

/// Names with an at sign that are told to be on a platform, names beside labels, and then names behind at signs alone.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    let labels = labels(text, context.skim);
    let before = finds.len();
    let mut is_used = vec![false; labels.len()];
    let most = finds.len() + NAMES;
    at_signs::told(text, context, &labels, &mut is_used, finds);
    let mut index = 0;
    while index < labels.len() {
        // `IG / TikTok: name` is one name on both.
        let mut last = index;
        while labels
            .get(last + 1)
            .is_some_and(|next| share(text, &labels[last], next))
        {
            last += 1;
        }
        if is_used[index..=last].contains(&true) {
            index = last + 1;
            continue;
        }
        let is_everyday = is_everyday(&text[labels[index].start..labels[index].end]);
        let is_free = |name: &Name| {
            let overlaps = |find: &Find| find.start < name.end && name.start < find.end;
            !finds[before..].iter().any(overlaps)
        };
        // "rose_lane on IG" is told; what merely stands before a label may be another's.
        let told = |told: Told| {
            let name = before::name(text, &labels[index], &labels[last], context, told);
            name.filter(|_| !is_everyday || told != Told::Beside)
                .filter(is_free)
        };
        let name = told(Told::Plainly)
            .or_else(|| {
                behind::name(text, &labels[index..=last], context, labels.get(last + 1))
                    .filter(is_free)
            })
            .or_else(|| told(Told::InWords))
            .or_else(|| told(Told::Beside))
            .or_else(|| clauses::in_brackets(text, &labels[last], context).filter(is_free))
            .or_else(|| clauses::in_next_clause(text, &labels[last], context).filter(is_free));
        let group = index..=last;
        index = last + 1;
        let Some(name) = name else {
            continue;
        };
        let same = same_on(text, name.end, labels.get(index));
        if same.is_some() {
            index += 1;
        }
        for label in labels[group].iter().chain(same) {
            let Some(value) = label.word.platform.name_of(&text[name.start..name.end]) else {
                continue;
            };
            let end = name.start + value.len();
            finds.push(labelled(text, (name.start, end), label, &value));
        }
    }
    finds.truncate(most);
    let mut found: Vec<_> = finds[before..]
        .iter()
        .map(|find| (find.start, find.end))
        .collect();
    found.sort_unstable();
    at_signs::find(text, context, &labels, &is_used, &found, finds);
}

/// The label that is told to have the same name, where that is told right behind it: `ig: rose (same on tg)`.
fn same_on<'l>(text: &str, end: usize, label: Option<&'l Label>) -> Option<&'l Label> {
    let label = label?;
    let gap = text
        .get(end..label.start)
        .filter(|gap| gap.len() <= NEAR && !gap.contains('\n'))?;
    let mut words = gap
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    let behind = text[label.end..]
        .trim_start_matches([' ', ':', '-'])
        .to_lowercase();
    let is_told = words.peek().is_some() && words.all(is_same) && gap_says_same(gap);
    let is_behind = gap.chars().all(|letter| !letter.is_alphanumeric())
        && ["same", "igual", "idem", "pareil", "gleich", "stesso"]
            .iter()
            .any(|word| behind.starts_with(word));
    (is_told || is_behind).then_some(label)
}

fn gap_says_same(gap: &str) -> bool {
    let gap = gap.to_lowercase();
    [
        "same",
        "also",
        "igual",
        "también",
        "tambien",
        "também",
        "aussi",
        "auch",
        "anche",
        "ook",
        "też",
        "та же",
        "тот же",
        "также",
        "тоже",
        "même",
    ]
    .iter()
    .any(|word| gap.contains(word))
}

fn labelled(text: &str, span: (usize, usize), label: &Label, value: &str) -> Find {
    let selector = Selector::new(
        Kind::Handle,
        format!("{}/{value}", label.word.platform.name),
    );
    let mut steps: Vec<Step> = Vec::new();
    if label.word.is_spaced {
        steps.push(StepKind::Spaced.into());
    }
    steps.push(StepKind::Label.into());
    if value != &text[span.0..span.1] {
        steps.push("lower_case".into());
    }
    find_at(text, span, selector, Confidence::Inferred, steps)
}

/// The platforms' words in the text that stand by themselves.
pub(super) fn labels(text: &str, skim: &Skim) -> Vec<Label> {
    let mut labels: Vec<Label> = words::find_iter(text, skim)
        .map(|found| inflected(text, found))
        .filter(|found| stands_apart(text, found))
        .collect();
    let mut parted = words::parted(text, skim);
    parted.extend(words::stretched(text, skim));
    parted.extend(marked::find(text, skim));
    if !parted.is_empty() {
        let apart = parted.into_iter().filter(|found| stands_apart(text, found));
        for found in apart {
            labels.retain(|label| label.end <= found.start || label.start >= found.end);
            labels.push(found);
        }
        labels.sort_by_key(|label| label.start);
    }
    labels
}

/// A word with the ending that its language gives it: `telegramie`, `instagramul`, `snap'im`, `телеграмом`.
fn inflected(text: &str, mut found: Label) -> Label {
    const ENDINGS: &[&str] = &[
        "ul", "ului", "ku", "ie", "em", "u", "a", "e", "im", "ım", "um", "da", "de", "dan", "ta",
        "ra", "on", "ek", "om", "ımız", "s", "я", "е", "у", "а", "ом", "ик", "ік", "і", "ами",
        "ıma", "uma", "ja", "en", "ik", "ika", "iku", "iczek", "uś", "iin", "issa", "ssa", "ban",
        "ben", "ém", "em",
    ];
    let label = &text[found.start..found.end];
    if label.chars().count() < 4 || is_everyday(label) || is_wide(label) || is_picture(label) {
        return found;
    }
    let rest = &text[found.end..];
    let bare = rest.strip_prefix(['\'', '’']).unwrap_or(rest);
    let length = bare
        .find(|letter: char| !letter.is_alphabetic())
        .unwrap_or(bare.len());
    let ends =
        !bare[length..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    if length > 0 && length <= 8 && ends && ENDINGS.contains(&&bare[..length]) {
        found.end = text.len() - bare.len() + length;
    }
    found
}

fn stands_apart(text: &str, found: &Label) -> bool {
    let before = text[..found.start].chars().next_back();
    let behind = text[found.end..].chars().next();
    let label = &text[found.start..found.end];
    let is_apart = |letter: Option<char>| {
        letter.is_none_or(|letter| {
            is_ideographic(letter)
                || is_wide(label)
                || is_picture(label)
                || !letter.is_alphanumeric()
        })
    };
    // `lotus.ig` and `my_snap` are parts of names; `_snap_:` is not.
    let is_ringed = before == Some('_')
        && behind == Some('_')
        && !text[..found.start - 1].ends_with(char::is_alphanumeric);
    // `s*x` is a six.
    let is_masked = before == Some('*')
        && text[..found.start - 1].ends_with(|letter: char| letter.is_alphanumeric())
        && label.len() < 3;
    is_apart(before)
        && is_apart(behind)
        && !is_masked
        && (is_ringed
            || before == Some('@') && is_placed_by_at(text, found)
            || !before.is_some_and(|letter| matches!(letter, '_' | '.' | '@' | '-'))
                && behind != Some('_'))
}

/// `rose_lane@telegram`.
fn is_placed_by_at(text: &str, found: &Label) -> bool {
    text[..found.start - 1]
        .ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
        && !text[found.end..].starts_with(['.', '_', '-'])
}

/// True where two labels share what follows.
fn share(text: &str, label: &Label, next: &Label) -> bool {
    let Some(between) = text.get(label.end..next.start) else {
        return false;
    };
    let is_plain =
        |label: &Label| !is_picture(&text[label.start..label.end]) && !label.word.is_weak;
    is_joint(between)
        || label.word.platform.name == next.word.platform.name
            && between.trim_matches([' ', '(', '[', '/']).is_empty()
            && !between.contains('\n')
        || between == " " && is_plain(label) && is_plain(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    #[test]
    fn names_are_found_by_labels_and_signs() {
        for (text, handles) in [
            ("IG @blue.lotus", vec!["instagram/blue.lotus"]),
            ("ig: blue.lotus", vec!["instagram/blue.lotus"]),
            ("insta - Blue_Lotus.", vec!["instagram/blue_lotus"]),
            ("Instagram blue_lotus22 now", vec!["instagram/blue_lotus22"]),
            ("snap: lotus_2klj", vec!["snapchat/lotus_2klj"]),
            ("snapchat name is: lotusblue", vec!["snapchat/lotusblue"]),
            ("telegram @blue_lotus", vec!["telegram/blue_lotus"]),
            (
                "TG: @blue_lotus / kik: lotus22",
                vec!["telegram/blue_lotus", "kik/lotus22"],
            ),
            ("telegram t.me/blue_lotus", vec!["telegram/blue_lotus"]),
            (
                "IG/TikTok: @bluelotus",
                vec!["instagram/bluelotus", "tiktok/bluelotus"],
            ),
            ("CashApp: $BlueLotus", vec!["cashapp/bluelotus"]),
            ("cash app $bluelotus", vec!["cashapp/bluelotus"]),
            ("wechat id: blue_lotus", vec!["wechat/blue_lotus"]),
            ("Line ID bluelotus9", vec!["line/bluelotus9"]),
            ("line: bluelotus", vec!["line/bluelotus"]),
            ("Телеграм: @blue_lotus", vec!["telegram/blue_lotus"]),
            ("follow @blue.lotus on insta", vec!["instagram/blue.lotus"]),
            ("find me @blue_lotus", vec!["any/blue_lotus"]),
            ("の@blue_lotusに", vec!["any/blue_lotus"]),
            ("a photo of @blue_lotus", vec!["any/blue_lotus"]),
            ("OF @blue_lotus", vec!["onlyfans/blue_lotus"]),
            ("add my snap and ig", vec![]),
            ("Snap: ask me", vec![]),
            ("Instagram: coming soon", vec![]),
            ("Facebook: Jane Doe", vec![]),
            ("a line of people, signal lost, of course", vec![]),
            ("meet @home or @ 5pm, a@b", vec![]),
            ("lotus@example.com", vec![]),
            ("@alíce", vec![]),
        ] {
            let finds = find_all(text, None);
            let mut values: Vec<_> = finds
                .iter()
                .filter(|find| find.selector.kind == Kind::Handle)
                .map(|find| find.selector.value.as_str())
                .collect();
            let mut handles = handles;
            values.sort_unstable();
            handles.sort_unstable();
            assert_eq!(values, handles, "{text}");
        }
    }
}
