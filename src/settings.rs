//! Settings: what an operator may set, composed of what each part of Sightline brings, and checked as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::{
    channels::ChannelSettings, notices::operators::OperatorSettings, render::Templates,
};
use sightline_crawler::{archive::ArchiveSettings, settings::FetchSettings};
use sightline_egress::EgressSettings;
use sightline_model::Problem;
use sightline_pipeline::{
    notices::ReviewSettings, retention::RetentionSettings, settings::WorkSettings,
};
use sightline_proof::ProofSettings;
use sightline_store::StoreSettings;
use sightline_web::WebSettings;
use url::Url;

/// The longest name of an organisation, in bytes.
const LONGEST_NAME: usize = 200;
/// The longest name of a channel, in characters.
const LONGEST_CHANNEL: usize = 64;

/// What an operator may set.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// This installation: whose it is and where its files are.
    pub instance: InstanceSettings,
    /// What is written to standard error while Sightline works.
    pub log: LogSettings,
    /// How much is done at once.
    pub work: WorkSettings,
    /// The database.
    pub store: DatabaseSettings,
    /// The gate to the network.
    pub egress: EgressSettings,
    /// How pages, images and robots.txt are fetched.
    pub fetch: FetchSettings,
    /// How captures are kept.
    pub archive: ArchiveSettings,
    /// For how long what is kept is kept.
    pub retention: RetentionSettings,
    /// How evidence and the audit log are proven to others.
    pub proof: ProofSettings,
    /// The console and the API.
    pub web: WebSettings,
    /// Whom to tell when Sightline itself is in trouble, and from when on it is.
    pub operators: OperatorSettings,
    /// When owners are told which of their entries are due for review, and where.
    pub reviews: ReviewSettings,
    /// Ways in which people are told, by names of your choice; the rules of a watchlist use these names.
    pub channels: BTreeMap<String, ChannelSettings>,
}

/// This installation. Relative paths, here and everywhere in the file, are relative to the file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct InstanceSettings {
    /// The organisation that everything belongs to.
    pub organisation: String,
    /// The folder for what Sightline keeps: evidence, keys, checkpoints. The database is where `store.url` says; whoever moves the
    /// one moves the other.
    pub data: PathBuf,
    /// The folder of sources, one TOML file for each.
    pub sources: PathBuf,
    /// The address of the console, for the links in messages: `https://sightline.example.org/`. Without it messages
    /// name the command that shows the alert instead.
    pub public_url: Option<Url>,
    /// A folder of message templates that take the place of those that Sightline brings.
    pub templates: Option<PathBuf>,
    /// A folder of warning lists in MISP's format, beside those that Sightline brings: what they name is recorded and
    /// raises no alert. A list of the same name takes the place of ours. Read as a process starts.
    pub warning_lists: Option<PathBuf>,
}

impl Default for InstanceSettings {
    fn default() -> Self {
        Self {
            organisation: "default".to_owned(),
            data: "data".into(),
            sources: "sources".into(),
            public_url: None,
            templates: None,
            warning_lists: None,
        }
    }
}

/// What is written to standard error while Sightline works. It never holds personal data or secrets.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogSettings {
    /// How much.
    pub level: LogLevel,
    /// For whom.
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// And what was odd.
    Warn,
    /// And what was done.
    #[default]
    Info,
    /// And how.
    Debug,
    /// And everything else.
    Trace,
}

/// For whom the log is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// People: a line for each event.
    #[default]
    Text,
    /// Programs: a JSON object for each event.
    Json,
}

/// The database, and where its password is.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DatabaseSettings {
    /// Where it is and how it is used.
    #[serde(flatten)]
    pub store: StoreSettings,
    /// The environment variable that holds its password.
    pub password_env: Option<String>,
    /// The file that holds its password.
    pub password_file: Option<PathBuf>,
}

impl Settings {
    /// What is wrong with these settings, beyond what their types say. A contact that is not written yet is left
    /// to [`crate::configuration`]: it is missing only where something is to be crawled. `channels` are those that are
    /// written, right or wrong.
    pub fn check(&self, channels: &[String]) -> Vec<Problem> {
        let mut problems = self.instance.check();
        let parts = [
            ("work", self.work.check()),
            ("store", self.store.check()),
            ("egress", self.egress.check()),
            ("fetch", self.fetch.check()),
            ("archive", self.archive.check()),
            ("retention", self.retention.check()),
            ("proof", self.proof.check()),
            ("web", self.web.check()),
        ];
        for (part, found) in parts {
            problems.extend(found.into_iter().map(|problem| problem.under(part)));
        }
        let known = self.channels.keys().chain(channels).map(String::as_str);
        let channels: Vec<&str> = known.collect::<BTreeSet<_>>().into_iter().collect();
        let notices = [
            ("operators", self.operators.check(&channels)),
            ("reviews", self.reviews.check(&channels)),
        ];
        for (part, found) in notices {
            problems.extend(found.into_iter().map(|problem| problem.under(part)));
        }
        if self.fetch.contact.is_empty() {
            problems.retain(|problem| problem.key != "fetch.contact");
        }
        problems.extend(channels.iter().filter_map(|name| check_name(name)));
        for (name, channel) in &self.channels {
            problems.extend(self.check_lease(name, channel));
            let found = channel.check().into_iter();
            problems.extend(found.map(|problem| problem.under(&format!("channels.{name}"))));
        }
        problems
    }

    fn check_lease(&self, name: &str, channel: &ChannelSettings) -> Option<Problem> {
        let (longest, lease) = (channel.longest_try(), self.work.lease_seconds);
        // What is no sensible number is told of where it stands.
        (longest.is_finite() && longest >= lease as f64).then(|| {
            Problem::new(
                format!("channels.{name}"),
                format!(
                    "a try may take {longest} seconds, and a message is another worker's after {lease}: it would go out twice"
                ),
                "lower timeout_seconds, or raise work.lease_seconds above it",
            )
        })
    }

    /// What is wrong with the files that rooted settings name: certificates and templates.
    pub fn check_files(&self) -> Vec<Problem> {
        let certificates = self.egress.check_files().into_iter();
        let mut problems: Vec<_> = certificates
            .map(|problem| problem.under("egress"))
            .collect();
        if let Some(folder) = &self.instance.templates {
            let faults = Templates::faults(folder);
            problems.extend(
                faults
                    .iter()
                    .map(|fault| fault.problem("instance.templates")),
            );
        }
        problems
    }

    /// The same settings with every path made absolute, or at least relative to where `folder` is.
    pub fn rooted_at(mut self, folder: &Path) -> Self {
        let root = |path: &mut PathBuf| *path = folder.join(&path);
        root(&mut self.instance.data);
        root(&mut self.instance.sources);
        self.instance.templates.iter_mut().for_each(root);
        self.instance.warning_lists.iter_mut().for_each(root);
        self.proof.checkpoints.iter_mut().for_each(root);
        self.egress.ca_files.iter_mut().for_each(root);
        if let Some(file) = self.store.store.url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            self.store.store.url = format!("sqlite:{}", folder.join(file).display());
        }
        self
    }

    /// The file that checkpoints of the audit log are appended to.
    pub fn checkpoints(&self) -> PathBuf {
        let named = self.proof.checkpoints.clone();
        named.unwrap_or_else(|| self.instance.data.join("audit-checkpoints.txt"))
    }

    /// The folder that captures are kept in.
    pub fn archive_folder(&self) -> PathBuf {
        self.instance.data.join("archive")
    }
}

/// A channel's name is typed on command lines, stands in rules and in tables.
fn check_name(name: &str) -> Option<Problem> {
    let is_fit = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let is_short = (1..=LONGEST_CHANNEL).contains(&name.chars().count());
    (!is_short || !name.chars().all(is_fit)).then(|| {
        Problem::new(
            format!("channels.{name}"),
            format!(
                "a channel's name has letters, digits, - and _ alone, {LONGEST_CHANNEL} at most"
            ),
            "write one such as [channels.desk], and the same name in the rules of watchlists",
        )
    })
}

impl InstanceSettings {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.organisation.trim().is_empty() {
            problems.push(Problem::new(
                "instance.organisation",
                "the organisation has no name",
                "write one, such as \"Example Trust\"",
            ));
        }
        if self.organisation.chars().any(char::is_control) || self.organisation.len() > LONGEST_NAME
        {
            problems.push(Problem::new(
                "instance.organisation",
                format!("the name has control characters, or more than {LONGEST_NAME} bytes"),
                "write a name as people write it, on one line",
            ));
        }
        let web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
        if self.public_url.as_ref().is_some_and(|url| !web(url)) {
            problems.push(Problem::new(
                "instance.public_url",
                "this is not the address of a web page",
                "begin with https://, such as \"https://sightline.example.org/\"",
            ));
        }
        problems
    }
}

impl DatabaseSettings {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let url = &self.store.url;
        let is_known = ["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if !is_known {
            problems.push(Problem::new(
                "url",
                "this names no database that Sightline can use",
                "write \"sqlite:data/sightline.db\", or \"postgres://USER@HOST:5432/DATABASE\"",
            ));
        }
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            let message = match file {
                "" => Some("it names no file"),
                file if file.contains(":memory:") => Some(
                    "a database in memory is gone when Sightline stops, and no other command sees it",
                ),
                _ => None,
            };
            problems.extend(message.map(|message| {
                Problem::new(
                    "url",
                    message,
                    "name a file, such as \"sqlite:data/sightline.db\"",
                )
            }));
        }
        if holds_password(url) {
            problems.push(Problem::new(
                "url",
                "it holds a password, and none may stand here",
                "take it out of the URL, and name its place: store.password_env or store.password_file",
            ));
        }
        if self.password_env.is_some() && self.password_file.is_some() {
            problems.push(Problem::new(
                "password_file",
                "password_env and password_file both say where the password is",
                "keep one of them",
            ));
        }
        problems
    }
}

/// True where the URL of a server tells a password, before its host or among its parameters.
fn holds_password(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_address_of_the_store_is_refused_and_not_told() {
        for (url, is_refused) in [
            ("postgres://app@db.example/sightline", false),
            ("sqlite:data/a:b@c.db", false),
            ("postgres://app:sesame@db.example/sightline", true),
            ("postgres://app@db.example/sightline?password=sesame", true),
        ] {
            let mut settings = Settings::default();
            url.clone_into(&mut settings.store.store.url);
            let said: Vec<String> = settings.check(&[]).iter().map(Problem::to_string).collect();
            assert_eq!(said.len(), usize::from(is_refused), "{url}: {said:?}");
            assert!(!said.concat().contains("sesame"), "{said:?}");
        }
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let settings = Settings::default().rooted_at(Path::new("/srv/sightline"));
        assert_eq!(settings.instance.data, Path::new("/srv/sightline/data"));
        assert_eq!(
            settings.store.store.url,
            "sqlite:/srv/sightline/data/sightline.db"
        );
        assert_eq!(
            settings.archive_folder(),
            Path::new("/srv/sightline/data/archive")
        );
        let again = settings.clone().rooted_at(Path::new("/elsewhere"));
        assert_eq!(again, settings);
    }

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Settings::default().check(&[]), []);
    }
}
