//! Digits and letters in other styles, widths and scripts, and characters that cannot be seen.

use sightline_model::StepKind;
use unicode_normalization::UnicodeNormalization;

/// Characters without width or ink, as people hide them inside numbers and words.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{20e3}' | '\u{2800}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Which scripts' letters a text holds: its own digits are no disguise.
pub(super) struct Scripts {
    /// By 256 characters: bit n is set where a letter of U+nn00 to U+nnFF stands in the text, for the first 64.
    low: u64,
    has_wide: bool,
}

impl Scripts {
    pub fn of(text: &str) -> Self {
        let mut scripts = Self {
            low: 0,
            has_wide: false,
        };
        for letter in text.chars().filter(|letter| !letter.is_ascii()) {
            let code = letter as u32;
            if code >> 8 < 64 && letter.is_alphabetic() {
                scripts.low |= 1 << (code >> 8);
            }
            scripts.has_wide |= matches!(code, 0x3041..=0x9fff | 0xac00..=0xd7af);
        }
        scripts
    }

    fn has(&self, code: u32) -> bool {
        code >> 8 < 64 && self.low >> (code >> 8) & 1 == 1
    }
}

/// True for spaces that are none of ASCII's.
pub(super) fn is_thin_space(letter: char) -> bool {
    matches!(
        letter,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// True where such spaces stand between single characters, as those of one word written apart.
pub(super) fn has_thin_gaps(text: &str) -> bool {
    let mut before = [' '; 4];
    text.chars().any(|letter| {
        before = [before[1], before[2], before[3], letter];
        is_thin_space(letter)
            && before[1] == letter
            && before[0].is_alphanumeric()
            && before[2].is_ascii_graphic()
    })
}

/// True for marks that are set over, under, through or around another character: lines, dots, circles.
pub(super) fn is_mark_on_digit(letter: char) -> bool {
    matches!(letter as u32, 0x300..0x370 | 0x20d0..0x20f1 | 0xfe20..0xfe30)
}

/// True where [`fold`] may change the character, or it cannot be seen.
pub(super) fn is_styled(letter: char) -> bool {
    !letter.is_ascii() && (is_invisible(letter) || may_be_styled(letter))
}

fn may_be_styled(letter: char) -> bool {
    let code = letter as u32;
    match code {
        0xb2 | 0xb3 | 0xb9 => true,
        0xa0..0x250 => false,
        0x250..0x300 => small_capital(letter).is_some(),
        0x300..0x370 | 0x20d0..0x20f1 | 0xfe20..0xfe30 => true,
        0x370..0x600 => false,
        0x660..0x2000 => true,
        0x2000..0x2070 => false,
        0x2070..0x20a0 | 0x2100..0x2190 | 0x2460..0x2500 | 0x2776..0x2794 => true,
        // Chinese numerals between brackets and in rings.
        0x3220..0x3229 | 0x3280..0x3289 => true,
        // Numerals of the markets of Suzhou, and dice.
        0x3021..0x302a | 0x2680..0x2686 => true,
        0x2c00..0xa700 => false,
        0xa700..0xa800 | 0xa900..0xac00 | 0xff01..0xffef => true,
        0x10000.. => true,
        _ => false,
    }
}

/// What a character is folded to, and the step that this is. Only what has the same meaning and can be told without
/// its surroundings.
pub(super) fn fold(letter: char, scripts: &Scripts) -> Option<(String, StepKind)> {
    if !may_be_styled(letter) {
        return None;
    }
    let code = letter as u32;
    if let Some(value) = script_digit(code) {
        let step = match scripts.has(code) {
            true => StepKind::NativeDigits,
            false => StepKind::ForeignDigits,
        };
        return Some((value.to_string(), step));
    }
    let one = |letter: char, step| Some((letter.to_string(), step));
    match code {
        // Full-width forms: ！ to ～ stand as far from ! to ~ as the blocks do.
        0xff01..=0xff5e => {
            let plain = char::from_u32(code - 0xfee0)?;
            let step = match (plain.is_ascii_alphanumeric(), scripts.has_wide) {
                (_, true) => StepKind::NativeDigits,
                (true, false) if plain.is_ascii_alphabetic() => StepKind::StyledLetters,
                _ => StepKind::FullWidth,
            };
            one(plain, step)
        }
        0x1f51f => Some(("10".to_owned(), StepKind::Keycaps)),
        // Digits in black and white circles: none of these is decomposed by Unicode.
        0x24ea | 0x24ff | 0x1f10b | 0x1f10c => one('0', StepKind::Circled),
        0x2776..=0x2793 => {
            let value = (code - 0x2776) % 10 + 1;
            Some((value.to_string(), StepKind::Circled))
        }
        0x3021..0x302a => Some(((code - 0x3021 + 1).to_string(), StepKind::ForeignDigits)),
        0x2680..0x2686 => Some(((code - 0x2680 + 1).to_string(), StepKind::Keycaps)),
        0x3220..0x3229 => Some(((code - 0x3220 + 1).to_string(), StepKind::Circled)),
        0x3280..0x3289 => Some(((code - 0x3280 + 1).to_string(), StepKind::Circled)),
        0x24eb..=0x24f4 => Some(((code - 0x24eb + 11).to_string(), StepKind::Circled)),
        0x24f5..=0x24fe => Some(((code - 0x24f5 + 1).to_string(), StepKind::Circled)),
        // Letters in black circles and squares.
        0x1f150..=0x1f169 => one(capital(code - 0x1f150)?, StepKind::StyledLetters),
        0x1f170..=0x1f189 => one(capital(code - 0x1f170)?, StepKind::StyledLetters),
        _ => match small_capital(letter) {
            Some(plain) => one(plain, StepKind::StyledLetters),
            None => compatible(letter),
        },
    }
}

fn capital(index: u32) -> Option<char> {
    char::from_u32(u32::from(b'A') + index)
}

/// What Unicode itself calls compatible: mathematical, circled, bracketed, raised and lowered digits and letters.
fn compatible(letter: char) -> Option<(String, StepKind)> {
    let code = letter as u32;
    let step = match code {
        0xb2 | 0xb3 | 0xb9 | 0x2070..=0x2079 | 0x2080..=0x2089 => StepKind::Superscript,
        0x1d7ce..=0x1d7ff | 0x1fbf0..=0x1fbf9 => StepKind::Mathematical,
        0x2460..=0x249b | 0x1f100..=0x1f10a => StepKind::Circled,
        0x249c..=0x24e9
        | 0x1d400..=0x1d6a5
        | 0x1f110..=0x1f12c
        | 0x1f130..=0x1f149
        | 0x2100..=0x2149
        | 0x1d2c..=0x1d6a
        | 0x207f
        | 0x2090..=0x209c
        | 0xab5b..=0xab5e => StepKind::StyledLetters,
        _ => return None,
    };
    // `⒜` is `(a)`, `⒈` is `1.`: the sign is a part of the style.
    let plain: String = std::iter::once(letter)
        .nfkc()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    // `№`, `℡` and `℃` are words of their own.
    let is_letter = step == StepKind::StyledLetters;
    (plain.len() == 1 || !plain.is_empty() && !is_letter).then_some((plain, step))
}

/// The plain letter of a small capital, as phonetic alphabets have them and fancy texts use them.
fn small_capital(letter: char) -> Option<char> {
    Some(match letter {
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' => 'm',
        'ɴ' => 'n',
        'ᴏ' => 'o',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ꜱ' => 's',
        'ᴛ' => 't',
        'ᴜ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

/// The value of a decimal digit of another script (general category Nd).
fn script_digit(code: u32) -> Option<u32> {
    /// Where each run of ten digits begins.
    const ZEROS: [u32; 40] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xaa50, 0xabf0, 0x104a0,
        0x11066, 0x110f0, 0x11136, 0x111d0, 0x1e950,
    ];
    let above = ZEROS.partition_point(|&zero| zero <= code);
    let zero = ZEROS[above.checked_sub(1)?];
    (code - zero < 10).then_some(code - zero)
}

/// True where a sign that stands for a plus begins a number: figures stand right behind, and none before. Among figures it is
/// decoration.
pub(super) fn begins_number(before: &str, behind: &str) -> bool {
    let bare = behind.trim_start_matches('\u{fe0f}');
    let figure = bare.strip_prefix(' ').unwrap_or(bare);
    figure.starts_with(|letter: char| letter.is_numeric())
        && !before
            .trim_end_matches(' ')
            .ends_with(|letter: char| letter.is_numeric())
}

/// True where keycaps stand on either side of a sign, or several on one, with other such signs and spaces between.
pub(super) fn is_among_keycaps(text: &str, start: usize, end: usize) -> bool {
    /// How far they are looked for, in characters.
    const NEAR: usize = 24;
    let is_part = |letter: &char| {
        letter.is_ascii_digit()
            || matches!(
                letter,
                '\u{20e3}' | '\u{fe0f}' | '⭕' | '🅾' | '🎱' | '🔟' | ' ' | '-' | '.' | '❤'
            )
    };
    let before = text[..start].chars().rev().take(NEAR).take_while(is_part);
    let behind = text[end..].chars().take(NEAR).take_while(is_part);
    before
        .chain(behind)
        .filter(|letter| *letter == '\u{20e3}')
        .count()
        >= 2
}
