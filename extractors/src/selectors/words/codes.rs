//! Codes of letters, five bits each, by which it is asked what words begin with.

/// Five bits for a letter: small and capital alike, and one for all that is not ASCII.
pub(super) fn code(byte: u8) -> usize {
    usize::from(CODES[usize::from(byte)])
}

/// The codes of all bytes, since every word of every text is asked for.
const CODES: [u8; 256] = {
    let mut codes = [31; 256];
    let mut byte = 0;
    while byte < 256 {
        codes[byte] = match byte as u8 {
            letter @ b'a'..=b'z' => letter - b'a',
            letter @ b'A'..=b'Z' => letter - b'A',
            // Digits that stand for letters in words: `f1ve`.
            b'0'..=b'9' => 29,
            128.. => 30,
            _ => 31,
        };
        byte += 1;
    }
    codes
};

/// The codes that a letter may have: all of them where there is none.
pub(super) fn choices(byte: Option<&u8>) -> std::ops::Range<usize> {
    match byte {
        Some(byte) => {
            let code = code(*byte);
            code..code + 1
        }
        None => 0..32,
    }
}
