//! What a labelled document says of itself: what is to be found in it, and where it belongs.

use serde::Deserialize;
use sightline_model::Kind;

/// The labels of a document, on the line that holds it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Labels {
    /// Which disguise, or which look-alike, it is an example of.
    #[serde(default = "unnamed")]
    pub family: String,
    /// Whether its family was looked at while the extractors were tuned.
    #[serde(default = "unnamed")]
    pub split: String,
    /// What is to be found, and nothing else is.
    pub expect: Vec<Expected>,
    /// Kinds whose finds say nothing here, such as the URL that a handle is read from.
    #[serde(default)]
    pub unjudged: Vec<Kind>,
}

/// A selector that a document has.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Expected {
    /// Its kind.
    pub kind: Kind,
    /// Its canonical value.
    pub value: String,
    /// Whether somebody disguised it, where that is beyond doubt.
    #[serde(default)]
    pub disguised: Option<bool>,
}

fn unnamed() -> String {
    "unnamed".to_owned()
}
