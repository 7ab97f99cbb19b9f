//! Tags and comments in texts that are no HTML: `202<b>555</b>`, `202<!-- 999 -->555`; and of forums: `[b]202[/b]`.

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
    // A link's address is read where it stands.
    let leads = memchr::memmem::find(&window[..end], b"href").is_some();
    (window[end] == b'>' && !leads).then_some((1 + after + end + 1, stands_for))
}

/// The tags of forums: `[b]202[/b]`, `[url=…]`.
const FORUM: [&str; 14] = [
    "b", "i", "u", "s", "url", "email", "mail", "color", "size", "font", "center", "quote", "img",
    "tel",
];

/// The length of the forum's tag at the beginning of `text`.
pub(super) fn forum(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('[')?;
    let closes = rest.starts_with('/');
    let name = &rest[usize::from(closes)..];
    let length = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let is_known = FORUM
        .iter()
        .any(|tag| tag.eq_ignore_ascii_case(&name[..length]));
    let behind = &name.as_bytes()[length..];
    match behind.first()? {
        b']' if is_known => Some(1 + usize::from(closes) + length + 1),
        // What `[url=…]` leads to is read where it stands.
        b'=' if is_known && !closes && !name.starts_with("url") && !name.starts_with("email") => {
            let end = behind.iter().take(40).position(|byte| *byte == b']')?;
            Some(1 + length + end + 1)
        }
        _ => None,
    }
}
