//! Families of disguise, as their files have them: what is hidden, how, in which ads.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use sightline_model::Kind;

use crate::{operation::Operation, words::Table};

/// The families of one split, and the words that they use.
#[derive(Debug, Default)]
pub struct Split {
    /// In the order of their files, by name.
    pub families: Vec<Family>,
    /// The words and ads of each round, by what its files' names begin with.
    pub rounds: BTreeMap<String, Round>,
}

/// What was written together: `first_phones.toml` uses the words of `first_words.toml` and of no other round.
#[derive(Debug, Default)]
pub struct Round {
    /// Tables of spellings, by name.
    pub tables: BTreeMap<String, Table>,
    /// Lists of a hundred words, by name.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Ads by language. `{contact}` is where people are told how to get in touch.
    pub ads: BTreeMap<String, Vec<String>>,
    /// How people are told, by language and by what they are told: `{}` is the identifier.
    pub contact: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    family: Vec<Family>,
    #[serde(default)]
    tables: BTreeMap<String, Table>,
    #[serde(default)]
    lists: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    ads: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    contact: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// One way of hiding, or of looking like something that is hidden.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Whose words it uses: what its file's name begins with, up to `_`; nothing where there is none.
    #[serde(skip)]
    pub round: String,
    /// Its name, unique among both splits.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// How many documents it has.
    pub documents: usize,
    /// What is hidden.
    pub subject: Subject,
    /// The languages of its ads, in turn.
    #[serde(default = "english")]
    pub languages: Vec<String>,
    /// Whose numbers they are.
    #[serde(default = "america")]
    pub countries: Vec<String>,
    /// The region that a document names.
    #[serde(default)]
    pub region: Region,
    /// How the identifier is written before it is disguised: `national`, `international` or `groups` of a country, or a
    /// pattern.
    #[serde(default)]
    pub write: Vec<String>,
    /// For handles: how names are written, by platform.
    #[serde(default)]
    pub platforms: BTreeMap<String, Vec<String>>,
    /// For wallets: forms of address.
    #[serde(default)]
    pub chains: Vec<String>,
    /// Ads by language, instead of the round's: for families whose whole ads matter.
    #[serde(default)]
    pub ads: BTreeMap<String, Vec<String>>,
    /// How people are told, by language, instead of what the split has; `any` for all others.
    #[serde(default)]
    pub contact: BTreeMap<String, Vec<String>>,
    /// Patterns for further slots; `domain` are mail domains instead of the pool's, `host` hosts of URLs
    /// (`www.example.co.uk|example.co.uk`: the registrable domain stands behind the bar), `path` paths of URLs.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<String>>,
    /// How many identifiers stand in a row, from and to.
    #[serde(default = "one")]
    pub count: [usize; 2],
    /// What stands between them.
    #[serde(default)]
    pub joined: Vec<String>,
    /// Text or HTML.
    #[serde(default)]
    pub form: Form,
    /// For HTML: what is put around the identifier, raw. `{}` is the identifier, `{decoy}` another of the same sort. Of an
    /// e-mail address, `{local}` and `{domain}` are its parts, and `{ciphered}` is what a protecting proxy makes of it.
    #[serde(default)]
    pub snippet: Vec<String>,
    /// Whether the identifier is disguised. Left out where people may differ.
    pub disguised: Option<bool>,
    /// Kinds whose finds say nothing here, such as the URL that a handle is read from.
    #[serde(default)]
    pub unjudged: Vec<Kind>,
    /// What is done to it, in order.
    #[serde(default)]
    pub operations: Vec<Operation>,
}

/// What is hidden in a family's documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A name on a platform.
    Handle,
    /// A URL, and the domain that it is under.
    Url,
    /// A domain.
    Domain,
    /// A wallet address.
    Wallet,
    /// Nothing: whatever is found is false.
    Nothing,
}

impl Subject {
    /// The word for it in `contact`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Url | Self::Domain => "web",
            Self::Wallet => "wallet",
            Self::Nothing => "nothing",
        }
    }
}

/// The region that a document names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// The number's own.
    #[default]
    Home,
    /// Another: the number has to say where it belongs.
    Other,
    /// None.
    Unknown,
}

/// What a document is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Plain text.
    #[default]
    Text,
    /// A page.
    Html,
}

fn english() -> Vec<String> {
    vec!["en".to_owned()]
}

fn america() -> Vec<String> {
    vec!["US".to_owned()]
}

fn one() -> [usize; 2] {
    [1, 1]
}

/// What is wrong with the families.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct FamilyError {
    path: String,
    cause: String,
}

impl FamilyError {
    /// Something wrong in a place.
    pub fn new(path: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self {
            path: path.to_string(),
            cause: cause.to_string(),
        }
    }
}

impl Split {
    /// All files of a folder, in the order of their names.
    pub fn load(folder: &Path) -> Result<Self, FamilyError> {
        let at = |cause: &dyn std::fmt::Display| FamilyError::new(folder.display(), cause);
        let mut paths: Vec<_> = fs::read_dir(folder)
            .map_err(|cause| at(&cause))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .collect();
        paths.sort();
        let mut split = Self::default();
        for path in paths {
            let at = |cause: &dyn std::fmt::Display| FamilyError::new(path.display(), cause);
            let text = fs::read_to_string(&path).map_err(|cause| at(&cause))?;
            let mut file: File = toml::from_str(&text).map_err(|cause| at(&cause))?;
            let name = path.file_stem().and_then(|name| name.to_str());
            let round = name.and_then(|name| name.split_once('_'));
            let round = round.map(|(round, _)| round).unwrap_or_default();
            for family in &mut file.family {
                round.clone_into(&mut family.round);
            }
            split.families.extend(file.family);
            let words = split.rounds.entry(round.to_owned()).or_default();
            words.tables.extend(file.tables);
            words.lists.extend(file.lists);
            words.ads.extend(file.ads);
            words.contact.extend(file.contact);
        }
        split.check().map_err(|cause| at(&cause))?;
        Ok(split)
    }

    /// The words and ads of a family of this split.
    pub fn round(&self, family: &Family) -> &Round {
        &self.rounds[&family.round]
    }

    /// The ads of a family in a language: its own, or else its round's.
    pub fn ads<'a>(&'a self, family: &'a Family, language: &str) -> Option<&'a [String]> {
        let of_round = || self.round(family).ads.get(language);
        family
            .ads
            .get(language)
            .or_else(of_round)
            .map(Vec::as_slice)
    }

    /// What can be said about the families without making a document.
    fn check(&self) -> Result<(), String> {
        let mut tables = self.rounds.values().flat_map(|round| round.tables.values());
        if let Some(problem) = tables.find_map(Table::problem) {
            return Err(problem);
        }
        for (at, family) in self.families.iter().enumerate() {
            let name = &family.name;
            if self.families[..at].iter().any(|other| other.name == *name) {
                return Err(format!("two families are called '{name}'"));
            }
            let mut kinds = family.operations.iter().map(Operation::is_markup);
            if !kinds.by_ref().is_sorted() {
                return Err(format!("{name}: text operations come before markup"));
            }
            let has_markup = family.operations.iter().any(Operation::is_markup);
            if (has_markup || !family.snippet.is_empty()) && family.form == Form::Text {
                return Err(format!("{name}: markup needs form = \"html\""));
            }
            if let Some(language) = family
                .languages
                .iter()
                .find(|&language| self.ads(family, language).is_none())
            {
                return Err(format!("{name}: there are no ads in '{language}'"));
            }
        }
        Ok(())
    }
}
