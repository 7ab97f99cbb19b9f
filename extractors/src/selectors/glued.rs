//! Web and e-mail addresses between words of scripts that are written without spaces: `网站example.com点击`.

use super::url::parse;

/// True for letters of scripts that are written without spaces, and for their signs.
fn is_unspaced(letter: char) -> bool {
    matches!(letter as u32, 0xe00..0xf00 | 0x3001..0xa000 | 0xac00..0xd7b0 | 0xff01..0xff60)
}

/// The parts of `raw` that are addresses, as spans in it, where a label of its host mixes ASCII with letters of such a
/// script. None where it is one address, as `日本語.jp` and `example.com/日本語` are.
pub(super) fn parts(raw: &str) -> Option<Vec<(usize, usize)>> {
    if raw.is_ascii() || !raw.contains(is_unspaced) {
        return None;
    }
    let host_start = raw.find("://").map_or(0, |at| at + 3);
    let host_end = raw[host_start..]
        .find(['/', '?', '#'])
        .map_or(raw.len(), |at| host_start + at);
    let is_mixed = |part: &str| {
        part.contains(is_unspaced) && part.contains(|letter: char| letter.is_ascii_alphanumeric())
    };
    let mixes = raw[host_start..host_end].split('.').any(is_mixed);
    let has_scheme = host_start > 0;
    let path_mixes = !has_scheme && raw[host_end..].split('/').any(is_mixed);
    if !mixes && !path_mixes {
        return None;
    }
    let mut parts = Vec::new();
    let mut at = 0;
    for run in raw.split(is_unspaced) {
        let start = at;
        at += run.len();
        at += raw[at..].chars().next().map_or(0, char::len_utf8);
        let bare = run.trim_end_matches(['.', ',', ':', ';', '!', '?']);
        if bare.contains('.') && parse(bare).is_some() {
            parts.push((start, start + bare.len()));
        }
    }
    (!parts.is_empty()).then_some(parts)
}

/// The part of `raw` that is an e-mail address in ASCII, where letters of such a script touch it: `邮箱rose@example.com的`.
pub(super) fn address(raw: &str) -> Option<(usize, usize)> {
    if raw.is_ascii() || !raw.contains(is_unspaced) {
        return None;
    }
    let at = raw.rfind('@')?;
    let local = raw[..at].rfind(is_unspaced).map_or(0, |last| {
        last + raw[last..].chars().next().map_or(0, char::len_utf8)
    });
    let length = raw[at + 1..]
        .find(is_unspaced)
        .unwrap_or(raw.len() - at - 1);
    let domain = raw[at + 1..at + 1 + length].trim_end_matches(['.', '-', ':', ',']);
    let is_whole = |part: &str| part.contains('.') && parse(part).is_some();
    // `rose@日本語.jp` is one.
    let start = if raw[local..at].is_empty() { 0 } else { local };
    let end = match is_whole(domain) {
        true => at + 1 + domain.len(),
        false => raw.len(),
    };
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_out_of_sentences_without_spaces() {
        for (raw, found) in [
            ("网站example.com点击", Some(vec!["example.com"])),
            (
                "见https://rose.example.com的广告",
                Some(vec!["https://rose.example.com"]),
            ),
            ("日本語.jp", None),
            ("https://example.com/日本語", None),
            ("example.com/日本語", None),
            ("example.com", None),
        ] {
            let parts = parts(raw).map(|parts| {
                parts
                    .into_iter()
                    .map(|(start, end)| &raw[start..end])
                    .collect::<Vec<_>>()
            });
            assert_eq!(parts, found, "{raw}");
        }
    }
}
