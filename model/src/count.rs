//! Counts in sentences.

use std::fmt::Display;

/// A number and what is counted, in the form that goes with it: `1 problem`, `2 problems`, `1 visit waits`.
pub fn counted(number: impl Display, one: &str, many: &str) -> String {
    let number = number.to_string();
    let word = if number == "1" { one } else { many };
    format!("{number} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_with_their_number() {
        assert_eq!(counted(0_u32, "entry", "entries"), "0 entries");
        assert_eq!(
            counted(1_i64, "visit waits", "visits wait"),
            "1 visit waits"
        );
        assert_eq!(counted(2_usize, "message", "messages"), "2 messages");
    }
}
