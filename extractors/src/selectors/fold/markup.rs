//! Tags and comments in texts that are no HTML: `202<b>555</b>`, `202<!-- 999 -->555`, `[b]202[/b]`.

/// Tags that do not break a line. Others, and what is no tag (`<tel:…>`, `a < b`), are left as they are.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "code", "em", "font", "i", "ins", "label", "mark", "s",
    "small", "span", "strong", "sub", "sup", "tt", "u", "wbr",
];
/// Tags that do.
const BLOCKS: [&str; 7] = ["br", "div", "li", "p", "td", "tr", "hr"];
/// The longest tag or comment that is taken for one, in bytes.
const LONGEST: usize = 200;

/// The length of the tag or comment at the beginning of `text`, and what it stands for.
pub(super) fn length(text: &str) -> Option<(usize, &'static str)> {
    if let Some(rest) = text.strip_prefix("<!--") {
        let window = &rest.as_bytes()[..rest.len().min(LONGEST)];
        let end = memchr::memmem::find(window, b"-->")?;
        return Some((4 + end + 3, ""));
    }
    let rest = text.strip_prefix('<')?;
    let name_start = usize::from(rest.starts_with('/'));
    let name = &rest.as_bytes()[name_start..];
    let name_length = name
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let name = &name[..name_length];
    let is = |tag: &&str| tag.as_bytes().eq_ignore_ascii_case(name);
    let stands_for = match () {
        () if INLINE.iter().any(is) => "",
        () if BLOCKS.iter().any(is) => "\n",
        () => return None,
    };
    let after = name_start + name_length;
    // A tag's name ends with white space, a slash, or the tag.
    if !matches!(
        rest.as_bytes().get(after),
        Some(b' ' | b'/' | b'>' | b'\t' | b'\n')
    ) {
        return None;
    }
    let window = &rest.as_bytes()[after..rest.len().min(after + LONGEST)];
    let end = memchr::memchr2(b'>', b'<', window)?;
    (window[end] == b'>').then_some((1 + after + end + 1, stands_for))
}
