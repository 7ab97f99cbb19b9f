//! Operations on an identifier, as families name them. What each does is in [`crate::disguise`].

use serde::Deserialize;

/// One thing that is done to an identifier.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Operation {
    /// Writes signs otherwise: by a table's row, one row for the whole identifier unless they are `mixed`.
    Replace {
        /// The table; `{lang}` is the ad's language.
        table: String,
        /// How many of the signs that the table has; at least one is replaced.
        #[serde(default = "all")]
        share: f64,
        /// Takes a row anew for every sign.
        #[serde(default)]
        mixed: bool,
        /// Only in these groups, the first of which is 0; in all of them where none is named.
        #[serde(default)]
        groups: Vec<usize>,
    },
    /// Replaces what stands between the signs: `with` between two of them, `groups` between two groups.
    Join {
        /// One of these, the same throughout.
        with: Vec<String>,
        /// One of these, drawn anew for each gap; the same as `with` where there are none.
        #[serde(default)]
        groups: Vec<String>,
    },
    /// Puts something between signs, or before the first and after the last, too, where they are to be `around`.
    Insert {
        /// One of these, drawn anew.
        what: Vec<String>,
        /// In how many of the places; at least in one.
        #[serde(default = "all")]
        share: f64,
    },
    /// Parts the signs into groups of these sizes anew. What is left over makes the last group longer.
    Regroup {
        /// One of these.
        sizes: Vec<Vec<usize>>,
    },
    /// Reads each group of two as one number, by a list of the hundred words for 00 to 99.
    Pairs {
        /// The list; `{lang}` is the ad's language.
        list: String,
    },
    /// Says a sign once that stands twice: "double five".
    Doubles {
        /// The word and what is between it and the sign.
        word: String,
        /// The same for a sign that stands three times; without it, two of the three are said so and the last by itself.
        triple: Option<String>,
    },
    /// Spells each sign's own letters apart: "t-w-o". To be used before what parts the signs.
    Letters {
        /// One of these between two letters, the same throughout.
        with: Vec<String>,
    },
    /// Writes everything from its end to its beginning, for marks that turn it round again before a reader's eyes.
    Reverse,
    /// Puts a text around the whole; `{}` is the identifier.
    Wrap {
        /// One of these.
        with: Vec<String>,
    },
    /// Writes letters as capitals here and there.
    Capitals {
        /// How many.
        share: f64,
    },
    /// Markup: something between signs that a reader does not see, or that changes nothing. Patterns.
    Tags {
        /// One of these, drawn anew.
        with: Vec<String>,
        /// In how many of the places; at least in one.
        #[serde(default = "all")]
        share: f64,
    },
    /// Markup: each sign in an element; `{}` is the sign.
    Elements {
        /// One of these, the same throughout.
        with: Vec<String>,
    },
    /// Markup: each group in an element, with nothing between; `{}` is the group.
    Blocks {
        /// One of these, the same throughout.
        with: Vec<String>,
    },
    /// Markup: signs as character references; `{}` is the code point, `{x}` the same to the base of 16.
    Entities {
        /// One of these, drawn anew.
        with: Vec<String>,
        /// How many; at least one.
        #[serde(default = "all")]
        share: f64,
    },
}

fn all() -> f64 {
    1.0
}

impl Operation {
    /// True where it makes markup, after which the identifier is text no more.
    pub fn is_markup(&self) -> bool {
        matches!(
            self,
            Self::Tags { .. } | Self::Elements { .. } | Self::Blocks { .. } | Self::Entities { .. }
        )
    }
}
