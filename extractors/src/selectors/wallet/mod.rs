//! Wallet addresses of five chains, each only where its own checksum holds, so that chance has no say.

mod parts;

use std::ops::Range;

use bech32::segwit;
use sha3::{Digest, Keccak256};
use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{Context, Refused, find_at};

/// The shortest and the longest address: a short Bitcoin one, and one of Monero with a payment id, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 26..=106;

/// Wallet addresses in the text: whole words of letters and digits, and parts of one.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    let mut done = 0;
    for others in &context.skim.others {
        done = find_within(text, others.start.max(done)..others.end, finds).max(done);
    }
}

/// Wallet addresses that begin within a part of the text; where the last of them ends.
fn find_within(text: &str, part: Range<usize>, finds: &mut Vec<Find>) -> usize {
    let bytes = text.as_bytes();
    let mut start = next_word(bytes, part.start, part.end);
    while start < part.end {
        let length = bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let end = start + length;
        if !may_begin(bytes[start]) {
            start = next_word(bytes, end, part.end);
            continue;
        }
        let found = match LENGTHS.contains(&length) && is_word(text, start, end) {
            true => read(&text[start..end])
                .map(|(value, steps)| (end, value, steps))
                .or_else(|| {
                    let value = parts::look_alike(&text[start..end])?;
                    Some((end, value, vec![StepKind::Letters.into()]))
                }),
            false => None,
        };
        let found = found.or_else(|| {
            let whole = parts::whole(text, start, end)?;
            Some((whole.end, whole.value, vec![whole.step.into()]))
        });
        match found {
            Some((end, value, steps)) => {
                let confidence = match steps.is_empty() {
                    true => Confidence::Exact,
                    false => Confidence::Normalised,
                };
                let selector = Selector::new(Kind::Wallet, value);
                finds.push(find_at(text, (start, end), selector, confidence, steps));
                start = end;
            }
            None => start = end,
        }
        start = next_word(bytes, start, part.end);
    }
    start
}

/// True for a plain word that an address may begin with, in one part or several.
pub(super) fn may_begin_with(word: &str) -> bool {
    word.bytes().next().is_some_and(may_begin) && parts::may_be_first(word)
}

/// True for what addresses begin with: `1`, `3`, `bc1`, `L`, `M`, `ltc1`, `0x`, `T`, `4`, `8`.
fn may_begin(byte: u8) -> bool {
    matches!(
        byte,
        b'0' | b'1' | b'3' | b'4' | b'8' | b'b' | b'B' | b'l' | b'L' | b'M' | b'T'
    )
}

/// Where the next word begins from `at` on, or `until` where none does before; bytes inside a character are never
/// alphanumeric ASCII. No part looks beyond its end: a text without such words would be gone through from each of them.
fn next_word(bytes: &[u8], at: usize, until: usize) -> usize {
    let rest = bytes.get(at..until).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| !byte.is_ascii_alphanumeric())
        .count()
}

/// The canonical form of an address that a person wrote, with or without its chain before it.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    // `ethereum:0x…@1?value=1`, `bitcoin:bc1…?amount=1`: the address is what stands before.
    let written = match written.split_once(':') {
        Some((_, rest)) => {
            &written[..written.len() - rest.len() + rest.find(['?', '@']).unwrap_or(rest.len())]
        }
        None => written,
    };
    let (chain, address) = match written.split_once(['/', ':']) {
        Some((chain, address)) => (Some(chain.trim().to_ascii_lowercase()), address.trim()),
        None => (None, written),
    };
    let refused = |message: String| {
        Refused::new(
            message,
            "copy the whole address; chains that are known here: btc, eth, ltc, tron, xmr",
        )
    };
    let joined: String = address
        .chars()
        .filter(|letter| !(letter.is_whitespace() || *letter == '-'))
        .collect();
    let (value, _) = read(&joined).ok_or_else(|| {
        refused(format!(
            "'{address}' is not a wallet address: its checksum does not hold"
        ))
    })?;
    let is_other = chain.as_deref().is_some_and(|chain| {
        let named = match chain {
            "bitcoin" => "btc",
            "ethereum" => "eth",
            "litecoin" => "ltc",
            "trx" => "tron",
            "monero" => "xmr",
            other => other,
        };
        !value.starts_with(&format!("{named}/"))
    });
    match is_other {
        true => Err(refused(format!(
            "'{written}' is an address of another chain: {value}"
        ))),
        false => Ok(value),
    }
}

/// True where no letter of any script touches the word.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    !text[..start].ends_with(char::is_alphanumeric)
        && !text[end..].starts_with(char::is_alphanumeric)
}

/// `chain/address`, and what was done to it; None where no checksum holds.
fn read(raw: &str) -> Option<(String, Vec<Step>)> {
    if !LENGTHS.contains(&raw.len()) || !raw.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match raw.as_bytes()[0] {
        b'1' | b'3' | b'L' | b'M' | b'T' if raw.len() <= 35 => base58(raw),
        b'4' | b'8' if raw.len() >= 95 => monero(raw),
        b'0' if raw.len() == 42 => ethereum(raw),
        b'b' | b'B' | b'l' | b'L' => witness(raw),
        _ => None,
    }
}

/// Base58Check: a version byte, twenty bytes, and four of a double SHA-256.
fn base58(raw: &str) -> Option<(String, Vec<Step>)> {
    let decoded = bs58::decode(raw).with_check(None).into_vec().ok()?;
    let chain = match (decoded.len(), decoded[0]) {
        (21, 0x00 | 0x05) => "btc",
        (21, 0x30 | 0x32) => "ltc",
        (21, 0x41) => "tron",
        _ => return None,
    };
    Some((format!("{chain}/{raw}"), Vec::new()))
}

/// Segregated witness addresses: bech32 for version 0 (BIP 173), bech32m for later ones (BIP 350).
fn witness(raw: &str) -> Option<(String, Vec<Step>)> {
    let (prefix, _, _) = segwit::decode(raw).ok()?;
    let chain = match prefix.to_lowercase().as_str() {
        "bc" => "btc",
        "ltc" => "ltc",
        _ => return None,
    };
    let lower = raw.to_ascii_lowercase();
    let steps = match lower == raw {
        true => Vec::new(),
        false => vec!["lower_case".into()],
    };
    Some((format!("{chain}/{lower}"), steps))
}

/// Capitals as ERC-55 has them are the checksum. An address all in one case carries none, and is given it.
fn ethereum(raw: &str) -> Option<(String, Vec<Step>)> {
    let digits = raw.strip_prefix("0x").or_else(|| raw.strip_prefix("0X"))?;
    // Forty decimal digits are no more than a long number.
    let is_plain_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain_number || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let hash = Keccak256::digest(lower.as_bytes());
    let checked: String = lower
        .chars()
        .enumerate()
        .map(|(at, digit)| {
            let nibble = hash[at / 2] >> (4 * (1 - at % 2)) & 0xf;
            match nibble >= 8 {
                true => digit.to_ascii_uppercase(),
                false => digit,
            }
        })
        .collect();
    let in_one_case = digits == lower || digits == lower.to_ascii_uppercase();
    let value = format!("eth/0x{checked}");
    match digits == checked {
        true => Some((value, Vec::new())),
        false if in_one_case => Some((value, vec!["capitals".into()])),
        false => None,
    }
}

/// Monero's base58 goes by blocks of eight bytes; the last four bytes are of a Keccak-256.
fn monero(raw: &str) -> Option<(String, Vec<Step>)> {
    /// How many bytes a block of so many characters holds.
    const HOLDS: [usize; 12] = [0, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8];
    let mut decoded = Vec::with_capacity(80);
    for block in raw.as_bytes().chunks(11) {
        let size = HOLDS[block.len()];
        let mut value: u128 = 0;
        for byte in block {
            let digit = BASE58.iter().position(|known| known == byte)?;
            value = value * 58 + digit as u128;
        }
        if size == 0 || value >> (8 * size) != 0 {
            return None;
        }
        decoded.extend_from_slice(&value.to_be_bytes()[16 - size..]);
    }
    let is_known = matches!((decoded.len(), decoded.first()?), (69, 18 | 42) | (77, 19));
    let (payload, checksum) = decoded.split_at(decoded.len().checked_sub(4)?);
    (is_known && Keccak256::digest(payload)[..4] == *checksum)
        .then(|| (format!("xmr/{raw}"), Vec::new()))
}

/// The digits of base58, in order.
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    /// Examples of the standards' and the projects' own documents.
    const GOOD: [(&str, &str); 9] = [
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "btc"),
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "btc"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "btc"),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "btc",
        ),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "eth"),
        ("LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "ltc"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "tron"),
        (
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            "xmr",
        ),
        (
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
            "xmr",
        ),
    ];

    #[test]
    fn addresses_count_where_their_checksum_holds() {
        for (address, chain) in GOOD {
            let text = format!("send to {address}, thanks");
            let finds = find_all(&text, Some("US"));
            let values: Vec<_> = finds.iter().map(|find| find.selector.to_string()).collect();
            assert_eq!(values, [format!("wallet {chain}/{address}")]);
            // One character changed, and it is no address.
            let mut broken = address.as_bytes().to_vec();
            let last = broken.len() - 1;
            broken[last] = if broken[last] == b'4' { b'5' } else { b'4' };
            let broken = String::from_utf8(broken).unwrap();
            assert!(canonical(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn other_spellings_are_made_canonical() {
        let eth = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for (written, value) in [
            (eth.to_lowercase(), Some(format!("eth/{eth}"))),
            (format!("ETH/{eth}"), Some(format!("eth/{eth}"))),
            (format!("btc/{eth}"), None),
            (
                format!("ethereum:{eth}@1?value=1"),
                Some(format!("eth/{eth}")),
            ),
            (
                "bc1q w508 d6qe jxtd g4y5 r3za rvar y0c5 xw7k v8f3 t4".to_owned(),
                Some("btc/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_owned()),
            ),
            (
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4".to_owned(),
                Some("btc/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".to_owned()),
            ),
            (
                "0x1234567890123456789012345678901234567890".to_owned(),
                None,
            ),
        ] {
            assert_eq!(canonical(&written).ok(), value, "{written}");
        }
    }
}
