//! The second factor: six digits every thirty seconds (RFC 6238), from a secret that an app keeps.

use qrcodegen::{QrCode, QrCodeEcc};
use sightline_model::{Mint, Timestamp};
use totp_rs::{Builder, Totp};

use crate::Error;

/// What apps show the secret under.
const ISSUER: &str = "Sightline";

/// A person's second factor.
pub struct SecondFactor(Totp);

impl SecondFactor {
    /// Draws a secret of 160 bits, in base 32.
    pub fn draw(mint: &Mint) -> String {
        let mut bytes = vec![0; 20];
        mint.fill(&mut bytes);
        totp_rs::Secret::new(bytes.into_boxed_slice()).to_base32()
    }

    /// The second factor of this secret, for this name.
    ///
    /// # Errors
    /// Where what is stored is no secret.
    pub fn new(secret: &str, name: &str) -> Result<Self, Error> {
        let secret = totp_rs::Secret::try_from_base32(secret).map_err(Error::internal)?;
        let totp = Builder::new()
            .with_secret(secret)
            .with_account_name(name)
            .with_issuer(Some(ISSUER))
            .build();
        totp.map(Self).map_err(Error::internal)
    }

    /// The step that this code belongs to, if it is one of now, or of thirty seconds before or after.
    pub fn step(&self, code: &str, now: Timestamp) -> Option<i64> {
        let digits: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
        let step = self.0.check(&digits, seconds(now))?;
        i64::try_from(step).ok()
    }

    /// The code of this instant: what an app shows. For tests.
    pub fn code(&self, now: Timestamp) -> String {
        self.0.generate(seconds(now)).to_string()
    }

    /// What the QR code holds: `otpauth://totp/…`.
    pub(crate) fn url(&self) -> Result<String, Error> {
        self.0.to_url().map_err(Error::internal)
    }

    /// The QR code as the path of an SVG, one unit a module, and its width with the quiet zone of four on each side.
    pub(crate) fn qr(&self) -> Result<(String, i32), Error> {
        const QUIET: i32 = 4;
        let code = QrCode::encode_text(&self.url()?, QrCodeEcc::Medium).map_err(Error::internal)?;
        let mut path = String::new();
        for (x, y) in (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))) {
            if code.get_module(x, y) {
                path.push_str(&format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
        Ok((path, code.size() + 2 * QUIET))
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B: the secret "12345678901234567890", SHA-1; the last six of its eight digits.
        let factor = SecondFactor::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "A. Analyst").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp(seconds * 1_000);
            assert_eq!(factor.code(now), code);
            assert_eq!(factor.step(code, now), Some(seconds / 30));
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            assert_eq!(factor.step(&spaced, now), Some(seconds / 30));
            let late = Timestamp((seconds + 90) * 1_000);
            assert_eq!(factor.step(code, late), None, "ninety seconds later");
        }
    }
}
