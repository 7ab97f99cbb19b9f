//! Selectors: identifiers by kind and canonical value.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of identifier, and the form of each one's canonical value.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// E.164: `+12025550123`. Where nothing tells the country, the national digits alone, without the zeros that are dialled
    /// first: `2025550123`.
    Phone,
    /// Lower case, the domain in its ASCII form: `lotus@example.com`.
    Email,
    /// `platform/name` in lower case; `any/name` where the platform is unknown.
    Handle,
    /// Scheme and host in lower case, ASCII host, no default port, no fragment, no tracking parameters.
    Url,
    /// The registrable domain: `example.co.uk`.
    Domain,
    /// `chain/address`, only where its checksum holds: `btc/…`, `eth/0x…`, `ltc/…`, `tron/…`, `xmr/…`.
    Wallet,
    /// `sha256/…` of the bytes, or `pdq/…`.
    Image,
    /// Folded text: words and names that are watched, or several of them with what stands between and what does not.
    Phrase,
    /// A regular expression over folded text.
    Pattern,
}

impl Kind {
    /// Every kind, in the order in which people are shown them.
    pub const ALL: [Self; 9] = [
        Self::Phone,
        Self::Email,
        Self::Handle,
        Self::Url,
        Self::Domain,
        Self::Wallet,
        Self::Image,
        Self::Phrase,
        Self::Pattern,
    ];

    /// The word for it in tables, commands and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Url => "url",
            Self::Domain => "domain",
            Self::Wallet => "wallet",
            Self::Image => "image",
            Self::Phrase => "phrase",
            Self::Pattern => "pattern",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        find_word(text, &Self::ALL, |kind| kind.as_str(), "kind of selector")
    }
}

/// A word that is none of those a closed set has; the message lists them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{word}' is not a {what}; use one of {allowed}")]
pub struct UnknownWord {
    word: String,
    what: &'static str,
    allowed: String,
}

/// The member of `all` that `word_of` calls `text`, whatever the case. Shared by the closed sets of this crate.
pub(crate) fn find_word<T: Copy>(
    text: &str,
    all: &[T],
    word_of: impl Fn(T) -> &'static str,
    what: &'static str,
) -> Result<T, UnknownWord> {
    let folded = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    all.iter()
        .copied()
        .find(|&member| word_of(member) == folded)
        .ok_or_else(|| UnknownWord {
            word: text.to_owned(),
            what,
            allowed: all
                .iter()
                .map(|&member| word_of(member))
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Gives a closed set its words: `ALL`, `as_str`, `Display` and `FromStr`.
macro_rules! words {
    ($set:ident, $what:literal, $($member:ident => $word:literal),+ $(,)?) => {
        impl $set {
            /// Every member.
            pub const ALL: &[Self] = &[$(Self::$member),+];

            /// The word for it in tables, commands and JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)+
                }
            }
        }

        impl std::fmt::Display for $set {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $set {
            type Err = $crate::selector::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::selector::find_word(text, Self::ALL, |member| member.as_str(), $what)
            }
        }
    };
}
pub(crate) use words;

/// An identifier: its kind and canonical value. Made by the extractors, or by the watchlists' canonical form,
/// which is the same.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
pub struct Selector {
    /// What sort of identifier it is.
    pub kind: Kind,
    /// The canonical value; [`Kind`] has each one's form.
    pub value: String,
}

impl Selector {
    /// A selector of an already canonical value.
    pub fn new(kind: Kind, value: impl Into<String>) -> Self {
        Self {
            kind,
            value: value.into(),
        }
    }

    /// True for a telephone number of which nothing tells the country: its national digits are its value.
    pub fn lacks_country(&self) -> bool {
        self.kind == Kind::Phone && !self.value.starts_with('+')
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let error = "fone".parse::<Kind>().unwrap_err().to_string();
        assert!(
            error.contains("'fone'") && error.contains("phone, email"),
            "{error}"
        );
    }
}
