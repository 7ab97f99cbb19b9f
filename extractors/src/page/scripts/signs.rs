//! The signs of a script: names, texts in quotes, numbers, and what stands between.

use super::value::{LONGEST, Value};

/// A script's text, and how far it was read.
pub(super) struct Signs<'s> {
    pub text: &'s str,
    pub at: usize,
}

impl<'s> Signs<'s> {
    /// The next sign behind white space and comments.
    pub fn next(&mut self) -> Option<u8> {
        loop {
            let rest = &self.text[self.at..];
            let bare = rest.trim_start();
            self.at = self.text.len() - bare.len();
            let end = match bare.as_bytes() {
                [b'/', b'/', ..] => bare.find('\n').unwrap_or(bare.len()),
                [b'/', b'*', ..] => bare.find("*/").map_or(bare.len(), |end| end + 2),
                other => return other.first().copied(),
            };
            self.at += end;
        }
    }

    pub fn name(&mut self) -> &'s str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|byte| is_name(*byte)).count();
        self.at += length;
        &rest[..length]
    }

    pub fn begins(&self, with: &str) -> bool {
        self.text[self.at..].starts_with(with)
    }

    /// Goes behind a sign; None where another stands.
    pub fn take(&mut self, sign: u8) -> Option<()> {
        (self.next()? == sign).then(|| self.at += 1)
    }

    /// A text in quotes.
    pub fn string(&mut self) -> Option<String> {
        let quote = self.text[self.at..].chars().next()?;
        self.at += 1;
        let mut out = String::new();
        let mut letters = self.text[self.at..].char_indices();
        let start = self.at;
        while let Some((at, letter)) = letters.next() {
            self.at = start + at + letter.len_utf8();
            match letter {
                '\\' => {
                    let (at, escaped) = letters.next()?;
                    self.at = start + at + escaped.len_utf8();
                    let digits = match escaped {
                        'x' => 2,
                        'u' => 4,
                        'n' | 't' | 'r' => {
                            out.push(' ');
                            continue;
                        }
                        _ => {
                            out.push(escaped);
                            continue;
                        }
                    };
                    let code = self.text.get(self.at..self.at + digits)?;
                    out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
                    for _ in 0..digits {
                        letters.next();
                    }
                    self.at += digits;
                }
                _ if letter == quote => return (out.len() <= LONGEST).then_some(out),
                '\n' if quote != '`' => return None,
                _ => out.push(letter),
            }
        }
        None
    }

    pub fn number(&mut self) -> Option<Value<'static>> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let digits = &rest[..length];
        self.at += length;
        let number = match digits.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        number.ok().map(Value::Number)
    }

    /// What stands before the bracket that closes the one that is open, and goes behind that.
    pub fn until_bracket(&mut self) -> Option<&'s str> {
        const CALLBACK: usize = 300;
        let rest = &self.text[self.at..];
        let mut open = 1;
        let end = rest.bytes().take(CALLBACK).position(|byte| {
            open += i32::from(byte == b'(') - i32::from(byte == b')');
            open == 0
        })?;
        self.at += end + 1;
        Some(&rest[..end])
    }
}

pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}
