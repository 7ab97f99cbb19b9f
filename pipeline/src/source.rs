//! Sources: what a person writes about a site that is watched, and the same checked and compiled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sightline_crawler::{
    budget::Politeness,
    proxy::ProxySettings,
    schedule::{Schedule, ScheduleSettings},
    scope::{OutOfScope, Scope, ScopeSettings},
    settings::check_contact,
    url::canonical,
    visit::{RobotsUse, SourceAccess},
};
use sightline_egress::{SecretError, Secrets};
use sightline_extractors::{Profile, ProfileSettings};
use sightline_model::{Digest, Problem, VisitKind};
use url::{Position, Url};

/// A site, feed or folder that is watched: one TOML file for each in the folder of sources.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SourceSettings {
    /// What it is called in commands, tables and alerts: lower-case letters, digits, `-` and `_`, up to 64. If left
    /// out: the name of its file without `.toml`.
    pub name: Option<String>,
    /// What sort of source it is.
    pub kind: SourceKind,
    /// False to leave it out of the schedule. It can still be crawled by name.
    pub enabled: bool,
    /// URLs of the first pages of listings.
    pub start: Vec<String>,
    /// The country by whose rules its national telephone numbers are read: two letters of ISO 3166-1, such as `GB`. Without it
    /// they count only as possible, and `sightline check` reminds you.
    pub region: Option<String>,
    /// Whom the site's operator can write to, in place of `fetch.contact`: an e-mail address or a URL.
    pub contact: Option<String>,
    /// When it is crawled.
    pub schedule: ScheduleSettings,
    /// How hard it is asked.
    pub politeness: Politeness,
    /// How far the crawl goes.
    pub scope: ScopeSettings,
    /// The proxy that it is fetched through.
    pub proxy: Option<ProxySettings>,
    /// Set where robots.txt is not to be obeyed. The reason is kept in the audit log.
    pub robots_override: Option<RobotsOverride>,
    /// How its pages are read.
    #[serde(flatten)]
    pub profile: ProfileSettings,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            name: None,
            kind: SourceKind::default(),
            enabled: true,
            start: Vec::new(),
            region: None,
            contact: None,
            schedule: ScheduleSettings::default(),
            politeness: Politeness::default(),
            scope: ScopeSettings::default(),
            proxy: None,
            robots_override: None,
            profile: ProfileSettings::default(),
        }
    }
}

impl SourceSettings {
    /// What may be meant, and is more often forgotten.
    pub fn advice(&self) -> Option<Problem> {
        self.region.is_none().then(|| {
            Problem::new(
                "region",
                "no region is named: telephone numbers without + and a country's code count only as possible",
                "write region = \"XX\", the two letters (ISO 3166-1) of the country whose numbers the site shows, such as \"GB\"",
            )
        })
    }
}

/// What sort of source it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A site with pages of listings that lead to the listings' own pages.
    #[default]
    Listing,
}

impl SourceKind {
    /// The word for it in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
        }
    }
}

/// An operator's written decision not to obey a source's robots.txt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RobotsOverride {
    /// Why, and who permits it: at least 20 characters.
    pub reason: String,
}

/// A source, ready to be planned and crawled.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is called; unique whatever the case.
    pub name: String,
    /// As it was written.
    pub settings: SourceSettings,
    /// The first pages, in canonical form.
    pub start: Vec<Url>,
    /// When it is due.
    pub schedule: Schedule,
    /// What belongs to it.
    pub scope: Scope,
    /// How its pages are read.
    pub profile: Profile,
    /// Of the settings: changes when they do.
    pub digest: Digest,
}

/// A source's proxy asks for a password that is not where the settings say.
#[derive(Debug, thiserror::Error)]
#[error("source '{source_name}', its proxy: {error}")]
pub struct NoPassword {
    source_name: String,
    error: SecretError,
}

/// Characters that a reason for an override has at least: a word is no reason.
const SHORTEST_REASON: usize = 20;
const LONGEST_NAME: usize = 64;

impl Source {
    /// Checks and compiles what a person wrote. `stem` is the name of its file without `.toml`, and the source's
    /// name where none is written.
    ///
    /// # Errors
    /// All problems at once; their keys are paths such as `detail.fields.price.css`.
    pub fn compile(settings: &SourceSettings, stem: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let name = settings.name.as_deref().unwrap_or(stem);
        problems.extend(check_name(name, settings.name.is_some()));
        let start = start(&settings.start, &mut problems);
        problems.extend(settings.contact.as_deref().and_then(check_contact));
        let politeness = settings.politeness.check();
        problems.extend(
            politeness
                .into_iter()
                .map(|problem| problem.under("politeness")),
        );
        let proxy = settings
            .proxy
            .as_ref()
            .map_or_else(Vec::new, ProxySettings::check);
        problems.extend(proxy.into_iter().map(|problem| problem.under("proxy")));
        problems.extend(check_override(settings.robots_override.as_ref()));

        let schedule = keep(
            Schedule::parse(&settings.schedule),
            Some("schedule"),
            &mut problems,
        );
        let scope = keep(
            Scope::new(&settings.scope, &start),
            Some("scope"),
            &mut problems,
        );
        problems.extend(
            scope
                .iter()
                .flat_map(|scope| outside(&start, scope, settings)),
        );
        problems.extend(check_purpose(&settings.profile));
        let profile = Profile::compile(&settings.profile, settings.region.as_deref());
        let profile = keep(profile, None, &mut problems);
        match (schedule, scope, profile) {
            (Some(schedule), Some(scope), Some(profile)) if problems.is_empty() => Ok(Self {
                name: name.to_owned(),
                settings: settings.clone(),
                start,
                schedule,
                scope,
                profile,
                digest: digest(name, settings),
            }),
            _ => Err(problems),
        }
    }

    /// True where it is crawled on its schedule.
    pub fn is_enabled(&self) -> bool {
        self.settings.enabled
    }

    /// How the crawler is to reach it.
    ///
    /// # Errors
    /// Where the proxy's password is not where the settings say.
    pub fn access(&self, secrets: Secrets<'_>) -> Result<SourceAccess, NoPassword> {
        let proxy = self
            .settings
            .proxy
            .as_ref()
            .map(|proxy| proxy.load(secrets))
            .transpose()
            .map_err(|error| NoPassword {
                source_name: self.name.clone(),
                error,
            })?;
        Ok(SourceAccess {
            name: self.name.clone(),
            scope: self.scope.clone(),
            politeness: self.settings.politeness.clone(),
            proxy,
            contact: self.settings.contact.clone(),
            robots: match &self.settings.robots_override {
                None => RobotsUse::Obey,
                Some(decision) => RobotsUse::Override {
                    reason: decision.reason.clone(),
                },
            },
        })
    }

    /// The settings as JSON, as the store keeps them beside what was found with them.
    pub fn definition(&self) -> serde_json::Value {
        // Every key is a text and every value a plain one, so there is nothing that JSON can't hold.
        serde_json::to_value(&self.settings).unwrap_or_default()
    }
}

fn keep<T>(
    made: Result<T, Vec<Problem>>,
    under: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match made {
        Ok(made) => Some(made),
        Err(found) => {
            problems.extend(found.into_iter().map(|problem| match under {
                Some(parent) => problem.under(parent),
                None => problem,
            }));
            None
        }
    }
}

fn check_name(name: &str, written: bool) -> Option<Problem> {
    let allowed =
        |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_".contains(sign);
    let is_sound = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.starts_with(|sign: char| sign.is_ascii_alphanumeric())
        && name.chars().all(allowed);
    if is_sound {
        return None;
    }
    let remedy = match written {
        true => {
            "use lower-case letters, digits, - and _, a letter or digit first, such as \"north-ads\""
        }
        false => {
            "rename the file, or write name = \"north-ads\" in it: lower-case letters, digits, - and _"
        }
    };
    Some(Problem::new(
        "name",
        format!("'{name}' can't be the name of a source"),
        remedy,
    ))
}

fn start(written: &[String], problems: &mut Vec<Problem>) -> Vec<Url> {
    if written.is_empty() {
        problems.push(Problem::new(
            "start",
            "`start` is missing: there is no page to begin with",
            "write start = [\"https://ads.example/\"], with the site's first page of listings",
        ));
    }
    let mut start: Vec<Url> = Vec::new();
    for (at, text) in written.iter().enumerate() {
        let key = || format!("start[{at}]");
        let remedy = "write the whole address of a page, such as \"https://ads.example/listings\"";
        let read = Url::parse(text)
            .map_err(|error| error.to_string())
            .and_then(|base| canonical(&base, text).map_err(|error| error.to_string()));
        match read {
            Err(error) => problems.push(Problem::new(
                key(),
                format!("this is no address to start from: {error}"),
                remedy,
            )),
            Ok(url) if start.contains(&url) => problems.push(Problem::new(
                key(),
                "this address stands in the list already",
                "remove it",
            )),
            Ok(url) => start.push(url),
        }
    }
    start
}

/// Start pages that the source's own scope leaves out: they would never be fetched.
fn outside(start: &[Url], scope: &Scope, settings: &SourceSettings) -> Vec<Problem> {
    let judge = |url: &Url| {
        let reason = scope.admits(url, 0, VisitKind::List).err()?;
        let patterns = &settings.scope.deny;
        Some(match &reason {
            OutOfScope::Host(_) => Problem::new(
                "scope.hosts",
                format!(
                    "the host of the start page {url} is left out, so it would never be fetched"
                ),
                format!(
                    "add \"{}\" to the list, or leave the list out: the hosts of `start` are its default",
                    &url[Position::BeforeHost..Position::AfterPort]
                ),
            ),
            OutOfScope::Denied(pattern) => Problem::new(
                match patterns.iter().position(|deny| deny == pattern) {
                    Some(at) => format!("scope.deny[{at}]"),
                    None => "scope.deny".to_owned(),
                },
                format!("'{pattern}' matches the start page {url}, so it would never be fetched"),
                "write a pattern that leaves the start page alone, such as \"*/print$\"",
            ),
            _ => Problem::new(
                "start",
                format!("the start page {url} would never be fetched: {reason}"),
                "start from another page",
            ),
        })
    };
    start.iter().filter_map(judge).collect()
}

/// A profile that leads to no listing is a source that tells nobody anything, without ever failing.
fn check_purpose(profile: &ProfileSettings) -> Option<Problem> {
    let list = &profile.list;
    let finds = !list.links.0.is_empty() || list.record.is_some();
    (!finds).then(|| {
        Problem::new(
            "list",
            "this source can find nothing: no selector leads from a list to its listings",
            "write list.links = [\"a.listing\"], or list.record where listings have no page of their own",
        )
    })
}

fn check_override(robots: Option<&RobotsOverride>) -> Option<Problem> {
    let reason = &robots?.reason;
    (reason.trim().chars().count() < SHORTEST_REASON).then(|| {
        Problem::new(
            "robots_override.reason",
            "the reason for not obeying robots.txt is too short",
            format!("write who permits it and why, in at least {SHORTEST_REASON} characters"),
        )
    })
}

fn digest(name: &str, settings: &SourceSettings) -> Digest {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update([0]);
    // A JSON object in serde_json has its keys in order, so equal settings give equal bytes.
    hash.update(
        serde_json::to_value(settings)
            .unwrap_or_default()
            .to_string(),
    );
    Digest::of_hash(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use sightline_extractors::profile::{ListSettings, TextList};

    use super::*;

    fn settings() -> SourceSettings {
        SourceSettings {
            start: vec!["https://ads.example/".to_owned()],
            profile: ProfileSettings {
                list: ListSettings {
                    links: TextList(vec!["a.listing".to_owned()]),
                    ..ListSettings::default()
                },
                ..ProfileSettings::default()
            },
            ..SourceSettings::default()
        }
    }

    #[test]
    fn a_source_is_named_by_its_file_unless_it_says_otherwise() {
        let mut settings = settings();
        assert_eq!(Source::compile(&settings, "north").unwrap().name, "north");
        settings.name = Some("south".to_owned());
        assert_eq!(Source::compile(&settings, "north").unwrap().name, "south");
    }

    #[test]
    fn the_digest_follows_the_settings() {
        let digest = |settings: &SourceSettings| Source::compile(settings, "north").unwrap().digest;
        let mut changed = settings();
        changed.politeness.concurrency = 2;
        assert_eq!(digest(&settings()), digest(&settings()));
        assert_ne!(digest(&settings()), digest(&changed));
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let mut wrong = settings();
        wrong.name = Some("North Ads".to_owned());
        wrong.start.extend([
            "ftp://ads.example/".to_owned(),
            "ads".to_owned(),
            "https://ads.example/".to_owned(),
        ]);
        wrong.region = Some("Utopia".to_owned());
        wrong.contact = Some("me".to_owned());
        wrong.politeness.concurrency = 0;
        wrong.schedule.zone = "Europe/Lundon".to_owned();
        wrong.robots_override = Some(RobotsOverride {
            reason: "because".to_owned(),
        });
        wrong.profile.list = ListSettings::default();
        wrong.profile.login = Some("div[".to_owned());
        let problems = Source::compile(&wrong, "north").unwrap_err();
        let mut keys: Vec<_> = problems
            .iter()
            .map(|problem| problem.key.as_str())
            .collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "contact",
                "list",
                "login",
                "name",
                "politeness.concurrency",
                "region",
                "robots_override.reason",
                "schedule.zone",
                "start[1]",
                "start[2]",
                "start[3]",
            ]
        );
    }
}
