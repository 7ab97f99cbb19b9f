//! Sources: every file in their folder, the sound ones compiled, the broken ones beside them with what is wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use sightline_config::{Layers, Located, Place, nearest};
use sightline_crawler::settings::check_contact;
use sightline_model::{Problem, counted};
use sightline_pipeline::{
    files,
    source::{Source, SourceSettings},
};

use super::{Configuration, Unsound, missing_secrets};

/// All sources of a folder.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Those that are sound, by name.
    pub sound: BTreeMap<String, Source>,
    /// Those that are not, in the order of their files.
    pub broken: Vec<Broken>,
    /// What of the sound ones may be meant, and may be a slip.
    pub advice: Vec<Located>,
    /// The folder.
    folder: PathBuf,
    /// Each file with its layers.
    written: Vec<(PathBuf, Layers)>,
}

/// A source whose file is wrong.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Its name: as its file says, or else as its file is called.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it; at least one thing.
    pub problems: Vec<Located>,
}

impl Broken {
    /// What is wrong, in a sentence.
    pub fn why(&self) -> String {
        let count = counted(self.problems.len(), "problem", "problems");
        let first = self.problems.first().map(|first| match &first.place {
            Place::Line { line, .. } => format!("; line {line}: {}", first.message),
            _ => format!("; {}", first.message),
        });
        let file = self.file.display();
        format!("{file} has {count}{}", first.unwrap_or_default())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the source '{}' is broken: {}", self.name, self.why())
    }
}

/// A source that is not there, or not fit to be used.
#[derive(Debug, thiserror::Error)]
pub enum UnknownSource {
    /// There is none of this name.
    #[error("there is no source '{name}'; {remedy}")]
    Absent {
        /// The name.
        name: String,
        /// What may be meant.
        remedy: String,
    },
    /// Its file is wrong.
    #[error("{}the source '{}' is broken; correct {}, and see: sightline check", shown(.0), .0.name, .0.file.display())]
    Broken(Broken),
}

fn shown(broken: &Broken) -> String {
    let problems = broken.problems.iter();
    problems.map(|problem| format!("{problem}\n\n")).collect()
}

impl Sources {
    /// Every source in a folder. A folder that is not there holds none.
    ///
    /// # Errors
    /// Where the folder can't be read.
    pub fn in_folder(folder: &Path) -> Result<Self, Unsound> {
        let files = files::in_folder(folder).map_err(|error| {
            let unreadable = Located::in_file(
                folder.display().to_string(),
                format!("the folder of sources can't be read: {error}"),
                "correct its permissions, or name another as instance.sources",
            );
            Unsound(vec![unreadable.of_key("instance.sources")])
        })?;
        let mut sources = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        // Names as people compare them, each with the file that had it first.
        let mut taken: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut claimed = BTreeSet::new();
        for file in files {
            let read = files::read(&file);
            let mut problems = Vec::new();
            let folded = read.name.to_lowercase();
            if let Some(other) = taken.get(&folded) {
                problems.push(Located::in_file(
                    file.display().to_string(),
                    format!("the name '{}' is taken by {}", read.name, other.display()),
                    "give one of the two another name: rename its file, or change its `name`",
                ));
                claimed.insert(folded.clone());
            }
            match read.source {
                Ok(source) if problems.is_empty() => {
                    sources.sound.insert(read.name.clone(), source);
                }
                Ok(_) => {}
                Err(found) => problems.extend(found),
            }
            if !problems.is_empty() {
                sources.broken.push(Broken {
                    name: read.name,
                    file: file.clone(),
                    problems,
                });
            }
            sources.advice.extend(read.advice);
            sources.written.extend(Some(file.clone()).zip(read.layers));
            taken.entry(folded).or_insert(file);
        }
        // Which of two is meant is not ours to guess: crawled by the wrong one, every listing would look removed.
        sources
            .sound
            .retain(|name, _| !claimed.contains(&name.to_lowercase()));
        Ok(sources)
    }

    /// The source of this name.
    ///
    /// # Errors
    /// Where there is none, the message naming the nearest if one is near; or where its file is wrong.
    pub fn named(&self, name: &str) -> Result<&Source, UnknownSource> {
        if let Some(source) = self.sound.get(name) {
            return Ok(source);
        }
        if let Some(broken) = self.broken.iter().find(|broken| broken.name == name) {
            return Err(UnknownSource::Broken(broken.clone()));
        }
        let names = self.sound.keys().map(String::as_str);
        let broken = self.broken.iter().map(|broken| broken.name.as_str());
        let remedy = match nearest(name, names.chain(broken)) {
            Some(nearest) => format!("did you mean '{nearest}'?"),
            None if self.is_empty() => {
                let folder = self.folder.display();
                format!("there is none yet: write one into {folder}")
            }
            None => "`sightline source list` shows all".to_owned(),
        };
        Err(UnknownSource::Absent {
            name: name.to_owned(),
            remedy,
        })
    }

    /// True where there is neither a sound one nor a broken one.
    pub fn is_empty(&self) -> bool {
        self.sound.is_empty() && self.broken.is_empty()
    }

    /// Those that are crawled on their schedules.
    pub fn enabled(&self) -> impl Iterator<Item = &Source> {
        self.sound.values().filter(|source| source.is_enabled())
    }

    /// What is wrong with any of them.
    pub fn problems(&self) -> impl Iterator<Item = &Located> {
        self.broken.iter().flat_map(|broken| &broken.problems)
    }

    /// The secrets that a source names and this machine does not have.
    pub fn missing_secrets(
        &self,
        folder: &Path,
        variable: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Vec<Located> {
        let layers = self.written.iter().map(|(_, layers)| layers);
        layers
            .flat_map(|layers| missing_secrets::<SourceSettings>(layers, folder, variable))
            .collect()
    }
}

impl Configuration {
    /// Some of these are to be crawled, and nobody is named whom the site's operator could write to.
    pub fn missing_contact<'s>(
        &self,
        sources: impl IntoIterator<Item = &'s Source>,
    ) -> Option<Located> {
        let contact = &self.settings.fetch.contact;
        if !contact.is_empty() {
            return None;
        }
        let mut sources = sources.into_iter();
        let without = sources.find(|source| source.settings.contact.is_none())?;
        let problem = check_contact(contact)?;
        let message = format!(
            "source '{}' is to be crawled, and {}",
            without.name, problem.message
        );
        let problem = Problem::new("fetch.contact", message, problem.remedy);
        Some(self.loaded.locate(&problem))
    }

    /// As [`Configuration::missing_contact`], as an error.
    ///
    /// # Errors
    /// Where nobody is named.
    pub fn answered_for<'s>(
        &self,
        sources: impl IntoIterator<Item = &'s Source>,
    ) -> Result<(), Unsound> {
        let missing = self.missing_contact(sources);
        missing.map_or(Ok(()), |missing| Err(Unsound(vec![missing])))
    }
}
