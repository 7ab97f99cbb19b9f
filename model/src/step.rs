//! Steps: what was done between a selector as it stood and its canonical form. Each has a stable word for scripts, a
//! sentence for people, and says whether taking it means that somebody disguised the selector.
//!
//! The vocabulary is [`StepKind`], in one table. A step is stored as its word, so a record that a later or an earlier
//! version wrote still reads: a word that is not in the table is shown as it is.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One named step from raw to canonical, such as `region:US` or `number_words`: a word of [`StepKind`], and behind a
/// colon what it was about, where it was about something.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Step(pub Cow<'static, str>);

impl Step {
    /// A step with what it was about: `region:US`, `letters:O→0`.
    pub fn about(kind: StepKind, about: impl fmt::Display) -> Self {
        Self(Cow::Owned(format!("{}:{about}", kind.as_str())))
    }

    /// Its place in the vocabulary; None for a word of another version.
    pub fn kind(&self) -> Option<StepKind> {
        let (word, _) = self.parts();
        StepKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == word)
    }

    /// True where the step undid a disguise. Ordinary spelling (a region, separators, capitals, a label) is none.
    pub fn is_disguise(&self) -> bool {
        self.kind().is_some_and(StepKind::is_disguise)
    }

    /// The step in plain words, for alerts and letters: "number words → digits", "letters O → 0".
    pub fn in_words(&self) -> String {
        let Some(kind) = self.kind() else {
            return format!("step '{}'", self.0);
        };
        let (_, about) = self.parts();
        match kind {
            StepKind::Region | StepKind::RegionFromText if !about.is_empty() => {
                kind.words().replace("its country", country(about))
            }
            StepKind::Letters if !about.is_empty() => {
                format!("letters {}", about.replace('→', " → "))
            }
            StepKind::Misspelt if about.contains('→') => {
                let (word, meant) = about.split_once('→').unwrap_or_default();
                format!("misspelt number word {word} read as {meant}")
            }
            StepKind::TrailingDigits if !about.is_empty() => {
                format!("possible: same last {about} digits, country unknown")
            }
            StepKind::Mailbox if !about.is_empty() => {
                format!("possible: an address that {about} takes for the same mailbox")
            }
            StepKind::OtherPlatform if !about.is_empty() => {
                format!("possible: the same name on {about}")
            }
            _ => kind.words().to_owned(),
        }
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once(':').unwrap_or((&self.0, ""))
    }
}

/// True where any of these steps undid a disguise: a fact about the ad that is worth telling by itself.
pub fn is_disguised(steps: &[Step]) -> bool {
    steps.iter().any(Step::is_disguise)
}

impl From<StepKind> for Step {
    fn from(kind: StepKind) -> Self {
        Self(Cow::Borrowed(kind.as_str()))
    }
}

impl From<&'static str> for Step {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for Step {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a step is a disguise's.
const ORDINARY: bool = false;
const DISGUISE: bool = true;

/// Gives the vocabulary its words, its sentences, and whether each step is a disguise's.
macro_rules! vocabulary {
    ($($(#[$doc:meta])* $kind:ident, $word:literal, $disguise:ident, $words:literal;)+) => {
        /// Every step that the extractors and the matcher take.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum StepKind {
            $($(#[$doc])* $kind,)+
        }

        impl StepKind {
            /// Every step, disguises first.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The word that is stored and that scripts test for.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }

            /// True where the step undoes a disguise.
            pub fn is_disguise(self) -> bool {
                match self {
                    $(Self::$kind => $disguise,)+
                }
            }

            /// The step in plain words. [`Step::in_words`] also says what it was about.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$kind => $words,)+
                }
            }
        }
    };
}

vocabulary! {
    /// `&#50;` in a text that is no HTML.
    Entities, "entities", DISGUISE, "HTML codes → characters";
    /// `202<b></b>555` in a text that is no HTML.
    Markup, "markup", DISGUISE, "tags and comments left out";
    /// Characters without width or ink.
    Invisible, "invisible", DISGUISE, "invisible characters left out";
    /// Text that is shown from its end to its beginning.
    Reversed, "reversed", DISGUISE, "written backwards";
    /// `２０２` where nothing around it is full-width.
    FullWidth, "full_width", DISGUISE, "full-width digits → digits";
    /// `𝟚𝟘𝟚`.
    Mathematical, "mathematical", DISGUISE, "mathematical digits → digits";
    /// `②⓪②`, also in brackets or squares.
    Circled, "circled", DISGUISE, "circled digits → digits";
    /// `²⁰²` and `₂₀₂`.
    Superscript, "superscript", DISGUISE, "raised or lowered digits → digits";
    /// `2️⃣0️⃣2️⃣`.
    Keycaps, "keycaps", DISGUISE, "keycap emoji → digits";
    /// Digits of a script in which the rest of the text is not written.
    ForeignDigits, "foreign_digits", DISGUISE, "digits of another script → digits";
    /// `𝓻𝓸𝓼𝓮`, `ｒｏｓｅ`, `ⓡⓞⓢⓔ`.
    StyledLetters, "styled_letters", DISGUISE, "fancy letters → plain letters";
    /// Letters of another script, or with strokes, that look like others.
    LookAlikes, "look_alikes", DISGUISE, "look-alike letters of another script → Latin letters";
    /// Letters among digits: `2O2`. About which ones.
    Letters, "letters", DISGUISE, "letters that look like digits → digits";
    /// `two oh two`.
    NumberWords, "number_words", DISGUISE, "number words → digits";
    /// `for fve sx`, among number words that are right. About which one, and the word that it was read as.
    Misspelt, "misspelt", DISGUISE, "misspelt number words → digits";
    /// `two0two`, `2oh2`.
    Glued, "glued", DISGUISE, "words and digits that run together taken apart";
    /// `1-800-555-ROSE`.
    Keypad, "keypad", DISGUISE, "letters of a telephone's keypad → digits";
    /// `dash`, `plus`, `underscore`.
    SignWords, "sign_words", DISGUISE, "signs written as words → signs";
    /// `2 0 2 5 5 5`, `r o s e`.
    Spaced, "spaced", DISGUISE, "characters written apart joined";
    /// Signs that numbers are not written with stand between the digits.
    Decoration, "decoration", DISGUISE, "signs between the parts left out";
    /// Words stand between the digits.
    Fillers, "fillers", DISGUISE, "words between the parts left out";
    /// The parts stand on several lines.
    Lines, "lines", DISGUISE, "parts on several lines joined";
    /// `(at)`, `arroba`, `[dot]`.
    AtAndDot, "at_and_dot", DISGUISE, "'at' and 'dot' in words or brackets → @ and .";
    /// `hxxp://`, `[.]`.
    Defanged, "defanged", DISGUISE, "a link made unclickable → a link";

    /// Digits of the script, or of the width, that the rest of the text is written in.
    NativeDigits, "native_digits", ORDINARY, "digits of the text's own script → digits";
    /// A national number, read by the source's region. About which.
    Region, "region", ORDINARY, "written as a national number of its country";
    /// A national number, read by a country that the text names. About which.
    RegionFromText, "region_from_text", ORDINARY, "read as a national number of its country, which the text names";
    /// An international number.
    International, "international", ORDINARY, "written as an international number";
    /// An international number without its plus sign.
    PlusLeftOut, "plus_left_out", ORDINARY, "an international number whose + was left out";
    /// A national number, and neither the source nor the text names a country.
    NoCountry, "no_country", ORDINARY, "written as a national number, and nothing tells its country";
    /// Spaces, hyphens, brackets, dots.
    Separators, "separators", ORDINARY, "written with separators";
    /// An extension stood behind the number.
    Extension, "extension", ORDINARY, "written with an extension, which was left out";
    /// `+52 1 …`: a prefix that is no longer dialled.
    OldPrefix, "old_prefix", ORDINARY, "a prefix that is no longer dialled was left out";
    /// In no range that is known to be given out.
    Possible, "possible", ORDINARY, "of a possible form, though not known to be in use";
    /// A word before or behind says what it is.
    Label, "label", ORDINARY, "stood beside a word that says what it is";
    /// Behind an at sign, near a platform's word.
    Near, "near", ORDINARY, "stood after an @, near a platform's name";
    /// Behind an at sign.
    AtSign, "at_sign", ORDINARY, "stood after an @";
    /// In the address of a link.
    Link, "link", ORDINARY, "stood in a link";
    /// Capitals made small.
    LowerCase, "lower_case", ORDINARY, "written with other capitals";
    /// Capitals that are a checksum.
    Capitals, "capitals", ORDINARY, "written with other capitals";
    /// A domain that is not ASCII.
    Idn, "idn", ORDINARY, "a domain in letters beyond ASCII";
    /// No `https://`.
    Scheme, "scheme", ORDINARY, "written without https://";
    /// Another spelling of the same web address.
    Spelling, "spelling", ORDINARY, "a web address in another spelling";
    /// `#…` at the end of a web address.
    Fragment, "fragment", ORDINARY, "what follows the # was left out";
    /// `utm_source=…`.
    Tracking, "tracking", ORDINARY, "parameters that only track readers were left out";
    /// The domain under which a web address is.
    Registrable, "registrable", ORDINARY, "the domain of a web address";
    /// The domain of an e-mail address.
    EmailDomain, "email_domain", ORDINARY, "the domain of an e-mail address";
    /// The host of a web or e-mail address, under the one that is looked for.
    Host, "host", ORDINARY, "a host under the one that is looked for";
    /// A web address that leads to the same page as the one that is looked for.
    SamePage, "same_page", ORDINARY, "the same page under another spelling: http or https, www., a last slash";
    /// A web address below the one that is looked for.
    Prefix, "prefix", ORDINARY, "a web address below the one that is looked for";
    /// The same last digits in another country. About how many.
    TrailingDigits, "trailing_digits", ORDINARY, "possible: the same last digits, country unknown";
    /// Another spelling that the provider takes for the same mailbox. About its domain.
    Mailbox, "mailbox", ORDINARY, "possible: an address that its provider takes for the same mailbox";
    /// One of two names says no platform.
    AnyPlatform, "any_platform", ORDINARY, "the same name, where one of the two names no platform";
    /// The same name on another platform. About which.
    OtherPlatform, "other_platform", ORDINARY, "possible: the same name on another platform";
    /// A phrase, compared in its folded form.
    Folded, "folded", ORDINARY, "compared without regard to capitals, widths and spaces";
    /// A regular expression, compared with folded text.
    Pattern, "pattern", ORDINARY, "fits the pattern, without regard to capitals and widths";
    /// Several phrases with few words between.
    Together, "together", ORDINARY, "phrases near each other";
    /// A picture.
    Image, "image", ORDINARY, "a picture";
}

/// How much these steps leave in doubt, to choose between finds that are as sure otherwise: 0 nothing, 1 which country a number
/// or which platform a name is of, 2 whether there is such a number at all, or that name there.
pub fn doubt<'s>(steps: impl IntoIterator<Item = &'s Step>) -> u8 {
    let of_kind = |kind| match kind {
        StepKind::Possible | StepKind::OtherPlatform => 2,
        StepKind::NoCountry
        | StepKind::RegionFromText
        | StepKind::PlusLeftOut
        | StepKind::AnyPlatform => 1,
        _ => 0,
    };
    let kinds = steps.into_iter().filter_map(Step::kind);
    kinds.map(of_kind).max().unwrap_or(0)
}

/// The English name of a region by its code of ISO 3166-1, as it stands in a sentence; the code itself where it is
/// unknown.
fn country(code: &str) -> &str {
    const NAMES: &str = include_str!("countries.txt");
    NAMES
        .lines()
        .find_map(|line| line.strip_prefix(code)?.strip_prefix(' '))
        .unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn steps_in_words() {
        for (step, words) in [
            (
                "region:US",
                "written as a national number of the United States",
            ),
            ("region:FR", "written as a national number of France"),
            ("region:ZZ", "written as a national number of ZZ"),
            (
                "region_from_text:MX",
                "read as a national number of Mexico, which the text names",
            ),
            ("letters:O→0", "letters O → 0"),
            ("number_words", "number words → digits"),
            ("misspelt:sx→six", "misspelt number word sx read as six"),
            ("link", "stood in a link"),
            ("new-step", "step 'new-step'"),
        ] {
            assert_eq!(Step::from(step.to_owned()).in_words(), words);
        }
    }

    #[test]
    fn every_word_is_of_one_step() {
        let words: BTreeSet<_> = StepKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(words.len(), StepKind::ALL.len());
        for kind in StepKind::ALL {
            assert_eq!(Step::about(*kind, "x").kind(), Some(*kind));
        }
    }

    #[test]
    fn a_disguise_is_told_from_ordinary_spelling() {
        let ordinary = [Step::from("region:GB"), "separators".into(), "label".into()];
        assert!(!is_disguised(&ordinary));
        let disguised = [StepKind::NumberWords.into(), Step::from("region:GB")];
        assert!(is_disguised(&disguised));
        assert!(!is_disguised(&["from another version".into()]));
    }
}
