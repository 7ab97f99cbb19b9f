//! Images as people name them: by the SHA-256 of the bytes, or by a PDQ hash.

use super::Refused;

/// `sha256/` or `pdq/` and 64 hexadecimal digits in lower case. The digits alone are taken for a SHA-256.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    let folded = written.to_ascii_lowercase();
    let (scheme, digits) = folded
        .split_once(['/', ':'])
        .unwrap_or(("sha256", folded.as_str()));
    let is_hash = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match scheme.trim() {
        scheme @ ("sha256" | "pdq") if is_hash => Ok(format!("{scheme}/{digits}")),
        "sha256" | "pdq" => Err(Refused::new(
            format!("'{digits}' is not 64 hexadecimal digits"),
            "write the whole hash, e.g. as sha256sum prints it",
        )),
        other => Err(Refused::new(
            format!("'{other}' is not a hash of images that is known here"),
            "write `sha256/…` or `pdq/…`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_named_and_folded() {
        let digits = "ABCDEF0123456789".repeat(4);
        let folded = digits.to_lowercase();
        for (written, read) in [
            (digits.clone(), Some(format!("sha256/{folded}"))),
            (format!("SHA256:{digits}"), Some(format!("sha256/{folded}"))),
            (format!("pdq/{digits}"), Some(format!("pdq/{folded}"))),
            (format!("md5/{digits}"), None),
            (format!("sha256/{}", &digits[1..]), None),
        ] {
            assert_eq!(canonical(&written).ok(), read, "{written}");
        }
    }
}
