//! Which URLs belong to a source: hosts, paths, depth; and the shapes of address by which a site goes on for ever.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{Problem, VisitKind};
use url::Url;

use crate::robots::Pattern;

/// How far a crawl of a source may go.
///
/// Hosts are written as `ads.example`, as `ads.example:8080` for that port alone, or as `*.ads.example` for every name below
/// it (not `ads.example` itself). Path patterns are those of robots.txt: matched against path and query from the beginning,
/// with `*` for any run of characters and `$` for the end.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScopeSettings {
    /// Hosts whose pages belong to the source. Empty: the hosts of its start URLs.
    pub hosts: Vec<String>,
    /// Hosts that its images may come from besides; `*` alone is every host.
    pub image_hosts: Vec<String>,
    /// Paths that belong to it, such as `/ads/*`. Empty: all. Does not concern images.
    pub allow: Vec<String>,
    /// Paths that do not, whatever `allow` says, such as `/*/print$`.
    pub deny: Vec<String>,
    /// Links from a start page to the furthest page, pagination included: from 0 to 10,000.
    pub depth: u32,
    /// Pages fetched in one run, images not counted: from 1 to 1,000,000. A run that reaches it ends as partial.
    pub pages_per_run: u32,
}

impl Default for ScopeSettings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            image_hosts: vec!["*".to_owned()],
            allow: Vec::new(),
            deny: Vec::new(),
            depth: 100,
            pages_per_run: 2_000,
        }
    }
}

/// Why a URL does not belong to a source.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutOfScope {
    /// Neither http nor https.
    #[error("the scheme '{0}' is not crawled")]
    Scheme(String),
    /// Not on a host of the source.
    #[error("the host '{0}' is not one of the source's hosts")]
    Host(String),
    /// No allow pattern matches.
    #[error("no allow pattern matches the path")]
    NotAllowed,
    /// A deny pattern matches.
    #[error("the deny pattern '{0}' matches the path")]
    Denied(String),
    /// Too many links away.
    #[error("{depth} links from the start page; {limit} is the most")]
    Depth {
        /// Its distance.
        depth: u32,
        /// The most allowed.
        limit: u32,
    },
    /// Shaped like one of the endless addresses of a trap.
    #[error("the address looks like a trap: {0}")]
    Trap(&'static str),
}

/// A [`ScopeSettings`] ready to judge.
#[derive(Clone, Debug)]
pub struct Scope {
    hosts: Vec<HostPattern>,
    image_hosts: Vec<HostPattern>,
    allow: Vec<Pattern>,
    deny: Vec<Pattern>,
    depth: u32,
    pages_per_run: u32,
}

impl Scope {
    /// The scope of a source that starts at `start`; or all that is wrong with the settings.
    pub fn new(settings: &ScopeSettings, start: &[Url]) -> Result<Self, Vec<Problem>> {
        let problems = settings.check();
        if !problems.is_empty() {
            return Err(problems);
        }
        let hosts = if settings.hosts.is_empty() {
            start.iter().filter_map(HostPattern::of).collect()
        } else {
            hosts(&settings.hosts)
        };
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
        Ok(Self {
            hosts,
            image_hosts: hosts_or_all(&settings.image_hosts),
            allow: patterns(&settings.allow),
            deny: patterns(&settings.deny),
            depth: settings.depth,
            pages_per_run: settings.pages_per_run,
        })
    }

    /// Whether a visit of this kind to `url`, `depth` links from its start page, belongs to the source.
    pub fn admits(&self, url: &Url, depth: u32, kind: VisitKind) -> Result<(), OutOfScope> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OutOfScope::Scheme(url.scheme().to_owned()));
        }
        let is_image = kind == VisitKind::Image;
        let of = |patterns: &[HostPattern]| patterns.iter().any(|pattern| pattern.matches(url));
        if !(of(&self.hosts) || is_image && of(&self.image_hosts)) {
            return Err(OutOfScope::Host(sightline_model::visit::host_of(url)));
        }
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if let Some(pattern) = self.deny.iter().find(|deny| deny.matches(path.as_bytes())) {
            return Err(OutOfScope::Denied(pattern.to_string()));
        }
        if let Some(shape) = trap(url) {
            return Err(OutOfScope::Trap(shape));
        }
        if is_image {
            return Ok(());
        }
        if depth > self.depth {
            let limit = self.depth;
            return Err(OutOfScope::Depth { depth, limit });
        }
        let allowed = |allow: &Pattern| allow.matches(path.as_bytes());
        if !(self.allow.is_empty() || depth == 0 || self.allow.iter().any(allowed)) {
            return Err(OutOfScope::NotAllowed);
        }
        Ok(())
    }

    /// Pages fetched in one run, images not counted.
    pub fn pages_per_run(&self) -> u32 {
        self.pages_per_run
    }
}

impl ScopeSettings {
    /// What is wrong with these values; empty when nothing is.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, texts) in [("hosts", &self.hosts), ("image_hosts", &self.image_hosts)] {
            for (index, text) in texts.iter().enumerate() {
                let every_host = key == "image_hosts" && text == "*";
                if !every_host && HostPattern::parse(text).is_none() {
                    problems.push(Problem::new(
                        format!("{key}[{index}]"),
                        format!("'{text}' is not a host"),
                        "write a name without scheme or path, such as ads.example, ads.example:8080 or *.ads.example",
                    ));
                }
            }
        }
        for (key, texts) in [("allow", &self.allow), ("deny", &self.deny)] {
            for (index, text) in texts.iter().enumerate() {
                if !text.starts_with(['/', '*']) {
                    problems.push(Problem::new(
                        format!("{key}[{index}]"),
                        format!("'{text}' can match no path, since every path begins with '/'"),
                        "begin it with '/' or '*', such as /ads/* or */print$",
                    ));
                }
            }
        }
        if self.depth > 10_000 {
            problems.push(Problem::new(
                "depth",
                format!("a depth of {} is out of range", self.depth),
                "write a whole number from 0 to 10000",
            ));
        }
        if !(1..=1_000_000).contains(&self.pages_per_run) {
            problems.push(Problem::new(
                "pages_per_run",
                format!("{} pages per run is out of range", self.pages_per_run),
                "write a whole number from 1 to 1000000",
            ));
        }
        problems
    }
}

/// A host of a scope.
#[derive(Clone, PartialEq, Eq, Debug)]
enum HostPattern {
    Every,
    One { name: String, port: Option<u16> },
    Below { suffix: String, port: Option<u16> },
}

impl HostPattern {
    fn parse(text: &str) -> Option<Self> {
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        // The URL parser brings a name into the form that URLs have it in: lower case, ASCII. An explicit default port is
        // lost on the way, so http and https are both asked.
        let [plain, tls] =
            ["http", "https"].map(|scheme| Url::parse(&format!("{scheme}://{name}")).ok());
        let (plain, tls) = (plain?, tls?);
        let bare = plain.path() == "/" && plain.query().is_none() && plain.fragment().is_none();
        if !bare || !plain.username().is_empty() || name.ends_with(['/', ':']) || name.contains('*')
        {
            return None;
        }
        let has_port = plain.port().or(tls.port());
        let name = plain.host_str()?.to_owned();
        Some(match below {
            true => Self::Below {
                suffix: format!(".{name}"),
                port: has_port,
            },
            false => Self::One {
                name,
                port: has_port,
            },
        })
    }

    /// The host of a start URL: its port counts where it isn't the scheme's own.
    fn of(url: &Url) -> Option<Self> {
        Some(Self::One {
            name: url.host_str()?.to_owned(),
            port: url.port(),
        })
    }

    fn matches(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let on = |port: &Option<u16>| port.is_none() || *port == url.port_or_known_default();
        match self {
            Self::Every => true,
            Self::One { name, port } => host == name && on(port),
            Self::Below { suffix, port } => host.ends_with(suffix) && on(port),
        }
    }
}

fn hosts(texts: &[String]) -> Vec<HostPattern> {
    texts
        .iter()
        .filter_map(|text| HostPattern::parse(text))
        .collect()
}

fn hosts_or_all(texts: &[String]) -> Vec<HostPattern> {
    if texts.iter().any(|text| text == "*") {
        return vec![HostPattern::Every];
    }
    hosts(texts)
}

/// The shape of trap that an address has, if any.
fn trap(url: &Url) -> Option<&'static str> {
    if url.as_str().len() > crate::url::LONGEST {
        return Some("it is longer than 2,048 bytes");
    }
    let segments: Vec<&str> = url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if segments.len() > 20 {
        return Some("its path has more than 20 segments");
    }
    if repeats(&segments) {
        return Some("its path repeats itself");
    }
    let mut parameters: HashMap<&str, u32> = HashMap::new();
    for pair in url.query().unwrap_or_default().split('&') {
        *parameters
            .entry(pair.split('=').next().unwrap_or_default())
            .or_default() += 1;
    }
    if parameters.len() > 30 || parameters.values().any(|&times| times > 10) {
        return Some("its query keeps growing");
    }
    None
}

/// True where one run of segments stands three times in a row (`/a/b/a/b/a/b`), or one segment five times in all.
fn repeats(segments: &[&str]) -> bool {
    let in_a_row = (1..=segments.len() / 3).any(|length| {
        segments.windows(3 * length).any(|run| {
            run[..length] == run[length..2 * length] && run[..length] == run[2 * length..]
        })
    });
    let often = segments
        .iter()
        .any(|segment| segments.iter().filter(|other| *other == segment).count() > 4);
    in_a_row || often
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn scope(change: impl FnOnce(&mut ScopeSettings)) -> Scope {
        let mut settings = ScopeSettings::default();
        change(&mut settings);
        Scope::new(&settings, &[url("https://ads.example/list")]).unwrap()
    }

    fn admits(scope: &Scope, text: &str, kind: VisitKind) -> bool {
        scope.admits(&url(text), 1, kind).is_ok()
    }

    #[test]
    fn hosts_are_those_of_the_start_or_those_named() {
        let texts = |hosts: &[&str]| hosts.iter().map(|&host| host.to_owned()).collect();
        for (hosts, target, expected) in [
            (&[][..], "https://ads.example/post/1", true),
            (&[], "http://ads.example/post/1", true),
            (&[], "https://www.ads.example/", false),
            (&[], "https://ads.example.evil.example/", false),
            (&["www.ads.example"], "https://ads.example/", false),
            (&["*.ads.example"], "https://www.ads.example/", true),
            (&["*.ads.example"], "https://a.b.ads.example/", true),
            (&["*.ads.example"], "https://ads.example/", false),
            (&["*.ads.example"], "https://badads.example/", false),
            (&["ADS.example:8080"], "http://ads.example:8080/", true),
            (&["ads.example:8080"], "https://ads.example/", false),
            (&["ads.example:443"], "https://ads.example/", true),
            (&["ads.example:443"], "http://ads.example/", false),
            (&["bücher.example"], "https://xn--bcher-kva.example/", true),
            (&["127.0.0.1"], "http://127.0.0.1:4000/", true),
            (&["[2001:db8::1]"], "http://[2001:db8::1]/", true),
        ] {
            let scope = scope(|settings| settings.hosts = texts(hosts));
            assert_eq!(
                admits(&scope, target, VisitKind::Detail),
                expected,
                "{hosts:?} {target}"
            );
        }
        let start = [url("http://ads.example:8080/")];
        let scope = Scope::new(&ScopeSettings::default(), &start).unwrap();
        assert!(admits(&scope, "http://ads.example:8080/x", VisitKind::List));
    }

    #[test]
    fn images_may_come_from_elsewhere() {
        let elsewhere = "https://cdn.example/a.jpg";
        for (image_hosts, expected) in [
            (vec!["*"], true),
            (vec!["*.cdn.example"], false),
            (vec!["cdn.example"], true),
            (vec![], false),
        ] {
            let scope = scope(|settings| {
                settings.image_hosts = image_hosts.iter().map(|&host| host.to_owned()).collect();
                settings.allow = vec!["/ads/".to_owned()];
            });
            assert_eq!(
                admits(&scope, elsewhere, VisitKind::Image),
                expected,
                "{image_hosts:?}"
            );
            assert!(admits(
                &scope,
                "https://ads.example/img/1.jpg",
                VisitKind::Image
            ));
            assert!(!admits(&scope, elsewhere, VisitKind::Detail));
        }
    }

    #[test]
    fn paths_are_allowed_unless_denied() {
        let scope = scope(|settings| {
            settings.allow = vec!["/ads/*".to_owned(), "/list$".to_owned()];
            settings.deny = vec!["*/print$".to_owned(), "*?sort=".to_owned()];
        });
        for (path, expected) in [
            ("/ads/7", true),
            ("/list", true),
            ("/list?page=2", false),
            ("/about", false),
            ("/ads/7/print", false),
            ("/ads/7?sort=price", false),
        ] {
            let target = format!("https://ads.example{path}");
            assert_eq!(
                admits(&scope, &target, VisitKind::Detail),
                expected,
                "{path}"
            );
        }
        // What the operator named as a start page is allowed, unless denied.
        assert_eq!(
            scope.admits(&url("https://ads.example/"), 0, VisitKind::List),
            Ok(())
        );
        let denied = scope.admits(&url("https://ads.example/print"), 0, VisitKind::List);
        assert_eq!(denied, Err(OutOfScope::Denied("*/print$".to_owned())));
    }

    #[test]
    fn depth_ends_pages_but_not_images() {
        let scope = scope(|settings| settings.depth = 2);
        let target = url("https://ads.example/x");
        assert_eq!(scope.admits(&target, 2, VisitKind::Detail), Ok(()));
        let beyond = scope.admits(&target, 3, VisitKind::Detail);
        assert_eq!(beyond, Err(OutOfScope::Depth { depth: 3, limit: 2 }));
        assert_eq!(scope.admits(&target, 3, VisitKind::Image), Ok(()));
    }

    #[test]
    fn traps_end() {
        let scope = scope(|_| {});
        for (path, expected) in [
            ("/2026/11/23/post".to_owned(), true),
            ("/a/b/a/b/a".to_owned(), true),
            ("/a/b/a/b/a/b".to_owned(), false),
            ("/x/x/x".to_owned(), false),
            ("/a/x/b/x/c/x/d/x".to_owned(), true),
            ("/a/x/b/x/c/x/d/x/e/x".to_owned(), false),
            ((0..20).map(|n| format!("/{n}")).collect(), true),
            ((0..21).map(|n| format!("/{n}")).collect(), false),
            (format!("/?{}", "tag=1&".repeat(10)), true),
            (format!("/?{}", "tag=1&".repeat(11)), false),
            (
                format!(
                    "/?{}",
                    (0..29).map(|n| format!("k{n}=1&")).collect::<String>()
                ),
                true,
            ),
            (
                format!(
                    "/?{}",
                    (0..31).map(|n| format!("k{n}=1&")).collect::<String>()
                ),
                false,
            ),
            (format!("/{}", "a".repeat(2_028)), true),
            (format!("/{}", "a".repeat(2_029)), false),
        ] {
            let target = format!("https://ads.example{path}");
            assert_eq!(
                admits(&scope, &target, VisitKind::Detail),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let settings = ScopeSettings {
            hosts: texts(&[
                "ok.example",
                "https://ads.example",
                "ads.example/path",
                "*",
                "a b",
                "",
                "me@ads.example",
                "ads.example:",
            ]),
            image_hosts: texts(&["*", "*.*.example"]),
            allow: texts(&["ads/*", "/ads", ""]),
            deny: texts(&["*.pdf$", "print"]),
            depth: 10_001,
            pages_per_run: 0,
        };
        let keys: Vec<String> = settings
            .check()
            .into_iter()
            .map(|problem| problem.key)
            .collect();
        assert_eq!(
            keys,
            [
                "hosts[1]",
                "hosts[2]",
                "hosts[3]",
                "hosts[4]",
                "hosts[5]",
                "hosts[6]",
                "hosts[7]",
                "image_hosts[1]",
                "allow[0]",
                "allow[2]",
                "deny[1]",
                "depth",
                "pages_per_run"
            ]
        );
        assert!(Scope::new(&settings, &[]).is_err());
    }
}
