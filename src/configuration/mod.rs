//! Configuration: the settings and all sources, read from their files with every problem in any of them.
//!
//! The settings are one thing and the sources another: a command that needs no source reads none, and a source that is
//! wrong keeps no other from being crawled. Nor does a channel that is wrong keep anything else from being done.

mod places;
mod sources;

use std::{
    collections::BTreeSet,
    env, fmt, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use sightline_config::{Layers, LeftOut, Loaded, Located};
use sightline_egress::{Egress, EgressError, read_text};
use sightline_model::{Problem, counted};

use crate::{settings::Settings, warning_lists};

pub use self::{
    places::{missing_folders, missing_secrets, strange_templates},
    sources::{Broken, Sources},
};

/// The lowest layer of the settings: every default.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");
/// What variables of the environment begin with that set something.
pub const PREFIX: &str = "SIGHTLINE__";

/// The settings.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The settings' file.
    pub file: PathBuf,
    /// Its folder, which relative paths are relative to.
    pub folder: PathBuf,
    /// The settings, every path rooted.
    pub settings: Settings,
    /// The channels that are written wrongly, each with what is wrong. They are out of use, and nothing else is.
    pub broken_channels: LeftOut,
    /// As they were written.
    loaded: Loaded<Settings>,
    /// The gate to the network, once somebody has needed it: what it permits is told as it is made.
    gate: OnceLock<Egress>,
}

/// Everything that is wrong with a configuration; at least one thing.
#[derive(Debug, thiserror::Error)]
#[error("{}", words(.0))]
pub struct Unsound(pub Vec<Located>);

/// Each problem with its place and remedy, and then how many there are.
fn words<'p>(problems: impl IntoIterator<Item = &'p Located>) -> String {
    let problems: Vec<&Located> = problems.into_iter().collect();
    let mut words: String = problems
        .iter()
        .map(|problem| format!("{problem}\n\n"))
        .collect();
    words.push_str(&format!(
        "the configuration has {}",
        counted(problems.len(), "problem", "problems")
    ));
    words
}

/// The environment as settings are read from it. What is not UTF-8 can't be one of ours.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// All that there is to say of a configuration.
pub struct Inspection {
    /// The settings, where they are sound.
    pub configuration: Option<Configuration>,
    /// The sources.
    pub sources: Sources,
    /// What is wrong, of the settings and then of each source.
    pub problems: Vec<Located>,
    /// What is wrong with warning lists, which are left out.
    pub unread: Vec<Located>,
    /// What may be meant, or right on another machine.
    pub notes: Vec<Located>,
}

/// The notes, and then the problems, with their count.
impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            write!(f, "{note}\n\n")?;
        }
        let problems = self.problems.iter().chain(&self.unread);
        match self.problems.is_empty() && self.unread.is_empty() {
            true => Ok(()),
            false => writeln!(f, "{}", words(problems)),
        }
    }
}

impl Configuration {
    /// The one gate to the network that these settings have.
    ///
    /// # Errors
    /// If a file of certificate authorities cannot be read, or name resolution cannot be set up.
    pub fn gate(&self) -> Result<Egress, EgressError> {
        if let Some(gate) = self.gate.get() {
            return Ok(gate.clone());
        }
        let gate = Egress::new(&self.settings.egress)?;
        Ok(self.gate.get_or_init(|| gate).clone())
    }

    /// Reads `file`, and the variables among `environment` that begin with [`PREFIX`].
    ///
    /// # Errors
    /// Every problem in them, ordered by line.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Unsound> {
        Written::read(file, environment)?
            .load(|_, _| Vec::new())
            .map_err(Unsound)
    }

    /// The same with settings that were read already: `file` is where they are to be.
    ///
    /// # Errors
    /// Every problem in them, ordered by line.
    pub fn of_text(
        file: &Path,
        text: String,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Unsound> {
        Written::of(file, text, environment)
            .load(|_, _| Vec::new())
            .map_err(Unsound)
    }

    /// Reads all that [`Configuration::load`] reads, every source, and the files that the settings name besides:
    /// certificates, templates, the database's folder. `variable` looks up what the environment has of secrets.
    ///
    /// # Errors
    /// Where the file itself can't be read.
    pub fn inspect(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        variable: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Inspection, Unsound> {
        let written = Written::read(file, environment)?;
        let (configuration, mut problems) = match written.load(places::check_files) {
            Ok(configuration) => {
                let broken = configuration.broken_channels.values().flatten();
                let mut problems: Vec<Located> = broken.cloned().collect();
                problems.sort_by(|one, other| one.place.cmp(&other.place));
                (Some(configuration), problems)
            }
            Err(problems) => (None, problems),
        };
        // Sources are read even where the settings are wrong, so that a person sees all mistakes at once.
        let folder = match &configuration {
            Some(configuration) => configuration.settings.instance.sources.clone(),
            None => written
                .named("sources")
                .unwrap_or_else(|| written.folder.join(Settings::default().instance.sources)),
        };
        let mut sources = Sources::in_folder(&folder).unwrap_or_else(|Unsound(unreadable)| {
            problems.extend(unreadable);
            Sources::default()
        });
        if let Some(configuration) = &configuration {
            problems.extend(configuration.missing_contact(sources.enabled()));
        }
        problems.extend(sources.problems().cloned());
        let mut notes = missing_secrets::<Settings>(&written.layers, &written.folder, variable);
        notes.append(&mut missing_folders(&written.layers, &written.folder));
        let templates = written.named("templates");
        notes.extend(
            templates
                .iter()
                .flat_map(|folder| strange_templates(folder)),
        );
        notes.append(&mut sources.missing_secrets(&written.folder, variable));
        notes.append(&mut sources.advice);
        Ok(Inspection {
            configuration,
            sources,
            problems,
            unread: warning_lists::read(written.named("warning_lists").as_deref()).1,
            notes,
        })
    }

    /// The names of all channels that are written, right or wrong: what waits for one that is wrong waits for it to be
    /// mended.
    pub fn channels(&self) -> BTreeSet<&str> {
        let channels = self.settings.channels.keys();
        let all = channels.chain(self.broken_channels.keys());
        all.map(String::as_str).collect()
    }

    /// Every source. One that is wrong stands beside the sound ones.
    ///
    /// # Errors
    /// Where nothing can be crawled: the folder can't be read, or something is enabled and nobody answers for the crawl.
    pub fn sources(&self) -> Result<Sources, Unsound> {
        let sources = Sources::in_folder(&self.settings.instance.sources)?;
        self.answered_for(sources.enabled())?;
        Ok(sources)
    }
}

/// The texts that settings come from.
struct Written {
    file: PathBuf,
    folder: PathBuf,
    text: String,
    variables: Vec<(String, String)>,
    layers: Layers,
}

impl Written {
    fn read(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Unsound> {
        let text =
            read_text(file).map_err(|error| Unsound(vec![unreadable_settings(file, &error)]))?;
        Ok(Self::of(file, text, environment))
    }

    fn of(
        file: &Path,
        text: String,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let variables: Vec<(String, String)> = environment.into_iter().collect();
        let layers = Layers::new()
            .defaults("config/default.toml", DEFAULTS)
            .file(file.display().to_string(), text.clone())
            .environment(PREFIX, variables.clone());
        Self {
            file: file.to_owned(),
            folder,
            text,
            variables,
            layers,
        }
    }

    /// The settings, judged by what they say and by `check_files`, which is given them with rooted paths.
    fn load(
        &self,
        check_files: fn(&Settings, &Path) -> Vec<Problem>,
    ) -> Result<Configuration, Vec<Located>> {
        let channels = self.channels();
        let check = |settings: &Settings| {
            let mut problems = settings.check(&channels);
            let rooted = settings.clone().rooted_at(&self.folder);
            problems.extend(check_files(&rooted, &self.folder));
            problems
        };
        let layers = self.layers.clone();
        let (loaded, broken_channels) = layers.load_but_for("channels", check)?;
        Ok(Configuration {
            file: self.file.clone(),
            settings: loaded.value.clone().rooted_at(&self.folder),
            folder: self.folder.clone(),
            broken_channels,
            loaded,
            gate: OnceLock::new(),
        })
    }

    /// A folder of `[instance]`, by settings that may be wrong elsewhere, so that what is in it is checked all the same.
    fn named(&self, key: &str) -> Option<PathBuf> {
        let variable = format!("{PREFIX}INSTANCE__{}", key.to_ascii_uppercase());
        let set = self.variables.iter().find(|(name, _)| *name == variable);
        let written = || {
            let table = self.table();
            Some(table.get("instance")?.get(key)?.as_str()?.to_owned())
        };
        let folder = set.map(|(_, value)| value.clone()).or_else(written)?;
        Some(self.folder.join(folder))
    }

    /// The names of all channels that are written, right or wrong: who names one that is wrong made no mistake.
    fn channels(&self) -> Vec<String> {
        let table = self.table();
        let channels = table.get("channels").and_then(toml::Value::as_table);
        channels
            .into_iter()
            .flat_map(|channels| channels.keys().cloned())
            .collect()
    }

    fn table(&self) -> toml::Table {
        self.text.parse().unwrap_or_default()
    }
}

fn unreadable_settings(file: &Path, error: &io::Error) -> Located {
    let name = file.display().to_string();
    if error.kind() == io::ErrorKind::NotFound {
        return Located::in_file(
            name,
            "there is no such file",
            "name another with --config FILE, or make one: sightline init",
        );
    }
    Located::in_file(
        name,
        format!("it can't be read: {error}"),
        "make it a plain file in UTF-8 that Sightline may read",
    )
}

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
