//! Wallet addresses that belong to nobody: drawn at random, with the checksum that their chain asks for.

use bech32::{Fe32, Hrp, segwit};
use sha3::{Digest, Keccak256};

use crate::chance::Chance;

/// The forms of address that there are.
#[cfg(test)]
const FORMS: [&str; 10] = [
    "btc-p2pkh",
    "btc-p2sh",
    "btc-segwit",
    "btc-taproot",
    "eth",
    "ltc-p2pkh",
    "ltc-segwit",
    "tron",
    "xmr",
    "xmr-sub",
];

/// Monero's base58 parts the bytes into eights, and writes each with this many signs; the last part is shorter.
const MONERO_SIGNS: [usize; 9] = [0, 2, 3, 5, 6, 7, 9, 10, 11];

/// An address of a form, and its canonical value. None where there is no such form.
pub fn address(form: &str, chance: &mut Chance) -> Option<(String, String)> {
    let (chain, address) = match form {
        "btc-p2pkh" => ("btc", base58(0x00, chance)),
        "btc-p2sh" => ("btc", base58(0x05, chance)),
        "btc-segwit" => ("btc", witness("bc", Fe32::Q, &chance.bytes::<20>())?),
        "btc-taproot" => ("btc", witness("bc", Fe32::P, &chance.bytes::<32>())?),
        "eth" => ("eth", ethereum(&chance.bytes())),
        "ltc-p2pkh" => ("ltc", base58(0x30, chance)),
        "ltc-segwit" => ("ltc", witness("ltc", Fe32::Q, &chance.bytes::<20>())?),
        "tron" => ("tron", base58(0x41, chance)),
        "xmr" => ("xmr", monero(18, &chance.bytes())),
        "xmr-sub" => ("xmr", monero(42, &chance.bytes())),
        _ => return None,
    };
    let value = format!("{chain}/{address}");
    Some((address, value))
}

/// Base58Check of a version byte and twenty more.
fn base58(version: u8, chance: &mut Chance) -> String {
    let bytes = [&[version][..], &chance.bytes::<20>()].concat();
    bs58::encode(bytes).with_check().into_string()
}

/// BIP 173 for version 0, BIP 350 for later ones.
fn witness(prefix: &str, version: Fe32, program: &[u8]) -> Option<String> {
    segwit::encode(Hrp::parse(prefix).ok()?, version, program).ok()
}

/// ERC-55: a letter is a capital where the hash of the address has a high nibble.
fn ethereum(bytes: &[u8; 20]) -> String {
    let lower: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = Keccak256::digest(lower.as_bytes());
    let nibble = |at: usize| {
        if at.is_multiple_of(2) {
            hash[at / 2] >> 4
        } else {
            hash[at / 2] & 15
        }
    };
    let signs = lower.chars().enumerate();
    let cased = signs.map(|(at, sign)| {
        if nibble(at) > 7 {
            sign.to_ascii_uppercase()
        } else {
            sign
        }
    });
    format!("0x{}", cased.collect::<String>())
}

/// A network byte, two keys, and four bytes of their Keccak-256.
fn monero(network: u8, keys: &[u8; 64]) -> String {
    let mut bytes = [&[network][..], keys].concat();
    let hash = Keccak256::digest(&bytes);
    bytes.extend_from_slice(&hash[..4]);
    let part = |part: &[u8]| {
        let mut number = part
            .iter()
            .fold(0_u128, |number, &byte| (number << 8) | u128::from(byte));
        let mut written = vec!['1'; MONERO_SIGNS[part.len()]];
        for place in written.iter_mut().rev() {
            *place = char::from(BASE58[(number % 58) as usize]);
            number /= 58;
        }
        written.into_iter().collect::<String>()
    };
    bytes.chunks(8).map(part).collect()
}

/// The digits of base 58, in the order that Bitcoin gave them.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_look_as_their_chains_ask() {
        let beginnings = ["1", "3", "bc1q", "bc1p", "0x", "L", "ltc1q", "T", "4", "8"];
        for (form, beginning) in FORMS.into_iter().zip(beginnings) {
            let (address, value) = address(form, &mut Chance::of(3, form)).unwrap();
            assert!(address.starts_with(beginning), "{form}: {address}");
            assert!(value.ends_with(&address), "{value}");
        }
        assert_eq!(address("doge", &mut Chance::of(3, "")), None);
    }

    #[test]
    fn the_examples_of_the_standards_come_out() {
        // ERC-55's first example.
        let bytes = [
            0x5a, 0xae, 0xb6, 0x05, 0x3f, 0x3e, 0x94, 0xc9, 0xb9, 0xa0, 0x9f, 0x33, 0x66, 0x94,
            0x35, 0xe7, 0xef, 0x1b, 0xea, 0xed,
        ];
        assert_eq!(
            ethereum(&bytes),
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
        );
        assert_eq!(monero(18, &[0; 64]).len(), 95);
    }
}
