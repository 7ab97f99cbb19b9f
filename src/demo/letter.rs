//! A letter's file as people read it: what its encoding did to the text is undone.

/// A letter of quoted-printable parts (RFC 2045, 6.7) with its soft line breaks joined and its bytes as they were. What is
/// not so encoded stays as it is.
pub fn as_read(letter: &str) -> String {
    let mut bytes = Vec::with_capacity(letter.len());
    let mut rest = letter;
    while let Some(at) = rest.find('=') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        let escaped = after
            .get(..2)
            .filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        rest = match (escaped, after.strip_prefix("\r\n")) {
            (_, Some(joined)) => joined,
            (Some(byte), None) => {
                bytes.push(byte);
                &after[2..]
            }
            (None, None) => {
                bytes.push(b'=');
                after
            }
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_encoding_did_is_undone() {
        for (written, read) in [
            ("number words =E2=86=92 digits", "number words → digits"),
            ("cut in =\r\ntwo\r\nlines", "cut in two\r\nlines"),
            ("a =3D b", "a = b"),
            (
                "Subject: =?utf-8?b?wrc=?= 41",
                "Subject: =?utf-8?b?wrc=?= 41",
            ),
            ("=é, and = at the end =", "=é, and = at the end ="),
            ("=+1", "=+1"),
        ] {
            assert_eq!(as_read(written), read, "{written}");
        }
    }
}
