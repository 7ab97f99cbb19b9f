//! HTML's codes for characters, in texts that are no HTML: `&#50;`, `&#x32;`, `&commat;`.

/// The named codes that stand for what selectors are made of. The others only matter to HTML, whose parser knows them.
const NAMED: [(&str, char); 18] = [
    ("nbsp", ' '),
    ("amp", '&'),
    ("commat", '@'),
    ("period", '.'),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("ndash", '-'),
    ("minus", '-'),
    ("plus", '+'),
    ("lpar", '('),
    ("rpar", ')'),
    ("colon", ':'),
    ("sol", '/'),
    ("num", '#'),
    ("zwnj", '\u{200c}'),
    ("shy", '\u{ad}'),
];
/// The longest code: `&#x0001F51F;`.
const LONGEST: usize = 13;

/// The character that the code at the beginning of `text` stands for, and the code's length in bytes.
pub(super) fn read(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let letter = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| !letter.is_control())?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((letter, end + 1))
}

/// True for what stands behind a link to write to somebody.
pub(super) fn follows_mailto(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(80))..];
    near.rsplit(char::is_whitespace)
        .next()
        .is_some_and(|word| word.to_ascii_lowercase().contains("mailto:"))
}
