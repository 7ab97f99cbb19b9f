//! Configuration: the settings and all sources, read from their files with every problem in any of them.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
};

use sightline_config::{Layers, Loaded, Located, nearest};
use sightline_crawler::settings::check_contact;
use sightline_model::Problem;
use sightline_pipeline::source::{Source, SourceSettings};

use crate::settings::Settings;

/// The lowest layer of the settings: every default.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");
/// The lowest layer of every source.
pub const SOURCE_DEFAULTS: &str = include_str!("../../config/source.toml");
/// What variables of the environment begin with that set something.
pub const PREFIX: &str = "SIGHTLINE__";

/// The settings and all sources.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The settings' file.
    pub file: PathBuf,
    /// Its folder, which relative paths are relative to.
    pub folder: PathBuf,
    /// The settings, every path rooted.
    pub settings: Settings,
    /// The sources, by name.
    pub sources: BTreeMap<String, Source>,
}

/// Everything that is wrong with a configuration; at least one thing.
#[derive(Debug, thiserror::Error)]
#[error("{}", words(.0))]
pub struct Unsound(pub Vec<Located>);

/// Each problem with its place and remedy, and then how many there are.
fn words(problems: &[Located]) -> String {
    let mut words: String = problems
        .iter()
        .map(|problem| format!("{problem}\n\n"))
        .collect();
    match problems.len() {
        1 => words.push_str("the configuration has 1 problem"),
        number => words.push_str(&format!("the configuration has {number} problems")),
    }
    words
}

/// The environment as settings are read from it. What is not UTF-8 can't be one of ours.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// A source that is not there.
#[derive(Debug, thiserror::Error)]
#[error("there is no source '{name}'; {remedy}")]
pub struct UnknownSource {
    name: String,
    remedy: String,
}

impl Configuration {
    /// Reads `file`, the variables among `environment` that begin with [`PREFIX`], and every source.
    ///
    /// # Errors
    /// Every problem in any file, ordered by file and line.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Unsound> {
        Self::read(file, environment, |_| Vec::new())
    }

    /// As [`Configuration::load`], and looks at the files that the settings name besides: certificates and templates.
    ///
    /// # Errors
    /// As [`Configuration::load`].
    pub fn inspect(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Unsound> {
        Self::read(file, environment, Settings::check_files)
    }

    fn read(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        check_files: fn(&Settings) -> Vec<Problem>,
    ) -> Result<Self, Unsound> {
        let text = fs::read_to_string(file)
            .map_err(|error| Unsound(vec![unreadable_settings(file, &error)]))?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let variables: Vec<(String, String)> = environment.into_iter().collect();
        let layers = Layers::new()
            .defaults("config/default.toml", DEFAULTS)
            .file(file.display().to_string(), text.clone())
            .environment(PREFIX, variables.clone());
        let settings = layers.load(|settings: &Settings| {
            let mut problems = settings.check();
            problems.extend(check_files(&settings.clone().rooted_at(&folder)));
            problems
        });
        // Sources are read even where the settings are wrong, so that a person sees all mistakes at once.
        let sources_folder = match &settings {
            Ok(settings) => folder.join(&settings.value.instance.sources),
            Err(_) => folder.join(written_folder(&text, &variables)),
        };
        let (sources, source_problems) = read_sources(&sources_folder);
        let (settings, mut problems) = match settings {
            Ok(settings) => (Some(settings), Vec::new()),
            Err(problems) => (None, problems),
        };
        if let Some(settings) = &settings {
            problems.extend(missing_contact(settings, &sources));
        }
        problems.extend(source_problems);
        match settings {
            Some(settings) if problems.is_empty() => Ok(Self {
                file: file.to_owned(),
                settings: settings.value.rooted_at(&folder),
                folder,
                sources,
            }),
            _ => Err(Unsound(problems)),
        }
    }

    /// The source of this name.
    ///
    /// # Errors
    /// Where there is none; the message names the nearest, if one is near.
    pub fn source(&self, name: &str) -> Result<&Source, UnknownSource> {
        self.sources.get(name).ok_or_else(|| {
            let nearest = nearest(name, self.sources.keys().map(String::as_str));
            let remedy = match nearest {
                Some(nearest) => format!("did you mean '{nearest}'?"),
                None if self.sources.is_empty() => {
                    let folder = self.settings.instance.sources.display();
                    format!("there is none yet: write one into {folder}")
                }
                None => "`sightline source list` shows all".to_owned(),
            };
            UnknownSource {
                name: name.to_owned(),
                remedy,
            }
        })
    }
}

/// The folder of sources by settings that are wrong elsewhere, so that its files are checked all the same.
fn written_folder(text: &str, environment: &[(String, String)]) -> PathBuf {
    let variable = format!("{PREFIX}INSTANCE__SOURCES");
    let set = environment.iter().find(|(name, _)| *name == variable);
    let written = || {
        let table: toml::Table = text.parse().ok()?;
        Some(table.get("instance")?.get("sources")?.as_str()?.to_owned())
    };
    match set.map(|(_, value)| value.clone()).or_else(written) {
        Some(folder) => PathBuf::from(folder),
        None => Settings::default().instance.sources,
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
        "correct its permissions or its encoding (UTF-8)",
    )
}

/// Something is to be crawled, and nobody is named whom the site's operator could write to.
fn missing_contact(
    settings: &Loaded<Settings>,
    sources: &BTreeMap<String, Source>,
) -> Option<Located> {
    let without = sources
        .values()
        .find(|source| source.is_enabled() && source.settings.contact.is_none())?;
    let contact = &settings.value.fetch.contact;
    if !contact.is_empty() {
        return None;
    }
    let problem = check_contact(contact)?;
    let message = format!(
        "source '{}' is enabled, and {}",
        without.name, problem.message
    );
    Some(settings.locate(&Problem::new("fetch.contact", message, problem.remedy)))
}

/// Every source in a folder, and every problem. A folder that is not there holds none.
fn read_sources(folder: &Path) -> (BTreeMap<String, Source>, Vec<Located>) {
    let mut sources = BTreeMap::new();
    let mut problems = Vec::new();
    let files = files(folder).unwrap_or_else(|error| {
        let message = format!("the folder of sources can't be read: {error}");
        problems.push(Located::in_file(
            folder.display().to_string(),
            message,
            "correct its permissions",
        ));
        Vec::new()
    });
    // Names as people compare them, each with the file that had it first.
    let mut taken: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files {
        let read = read_source(&file);
        let folded = read.name.to_lowercase();
        if let Some(other) = taken.get(&folded) {
            problems.push(Located::in_file(
                file.display().to_string(),
                format!("the name '{}' is taken by {}", read.name, other.display()),
                "give one of the two another name: rename its file, or change its `name`",
            ));
        }
        match read.source {
            Ok(source) if !taken.contains_key(&folded) => {
                sources.insert(read.name, source);
            }
            Ok(_) => {}
            Err(found) => problems.extend(found),
        }
        taken.entry(folded).or_insert(file);
    }
    (sources, problems)
}

/// One file of the folder of sources.
struct ReadSource {
    /// As the file says; where it can't be read, by the file's own name.
    name: String,
    source: Result<Source, Vec<Located>>,
}

fn read_source(file: &Path) -> ReadSource {
    let stem = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let path = file.display().to_string();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("it can't be read: {error}");
            let problem = Located::in_file(
                path,
                message,
                "correct its permissions or its encoding (UTF-8)",
            );
            return ReadSource {
                name: stem,
                source: Err(vec![problem]),
            };
        }
    };
    let (mut name, mut compiled) = (stem.clone(), None);
    let loaded = Layers::new()
        .defaults("config/source.toml", SOURCE_DEFAULTS)
        .file(path, text)
        .load(|settings: &SourceSettings| {
            name = settings.name.clone().unwrap_or_else(|| stem.clone());
            match Source::compile(settings, &stem) {
                Ok(source) => {
                    compiled = Some(source);
                    Vec::new()
                }
                Err(problems) => problems,
            }
        });
    let source = loaded.and_then(|_| compiled.ok_or_else(Vec::new));
    ReadSource { name, source }
}

/// The TOML files of a folder, in order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
