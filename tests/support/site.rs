//! A listing site that nobody here wrote (PyPI django-classified): 120 ads in eight groups, ten a page, with images.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::{Server, Tools, output, records, records_in};

/// The site; ends when it is dropped.
pub struct Site {
    server: Server,
    folder: PathBuf,
    python: PathBuf,
    scripts: PathBuf,
}

/// What an ad of the first day really holds.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Truth {
    /// The site's number for it.
    pub pk: i64,
    /// The path of its page.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Who posted it.
    pub user: String,
    /// The telephone number of that person's profile, which the site shows with every ad of theirs.
    pub profile_phone: String,
    /// The paths of its images.
    pub images: Vec<String>,
    /// The selectors in its text and images.
    pub selectors: Vec<TrueSelector>,
}

/// A selector that was put into an ad.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct TrueSelector {
    /// `phone`, `email`, `handle`, `url`, or `phone-in-image`.
    pub kind: String,
    /// As it stands in the ad.
    pub written: String,
    /// What it means; of a handle, the name alone.
    pub canonical: String,
}

/// A post as the site's own database has it now.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Post {
    /// The site's number for it.
    pub pk: i64,
    /// The path of its page.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub description: String,
    /// Its price, as `179.00`.
    pub price: String,
    /// The section that its group belongs to.
    pub section: String,
    /// Its group.
    pub group: String,
    /// Its place.
    pub area: String,
    /// Who posted it.
    pub user: String,
    /// When it was posted, RFC 3339.
    pub posted_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
    /// The paths of its images.
    pub images: Vec<String>,
}

/// A request as the site saw it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Request {
    /// When it came, in seconds since 1970.
    pub at: f64,
    /// How long the answer took, in seconds.
    pub took: f64,
    /// The method.
    pub method: String,
    /// The path and query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// The User-Agent header.
    pub user_agent: Option<String>,
    /// The If-None-Match header.
    pub if_none_match: Option<String>,
    /// The If-Modified-Since header.
    pub if_modified_since: Option<String>,
}

impl Site {
    /// Starts a site of its own in `folder`, filled as on its first day if the folder is empty.
    pub fn start(tools: &Tools, folder: &Path) -> Self {
        let scripts = tools.support("site");
        let mut command = Command::new(scripts.join("start"));
        command.arg(&tools.folder).arg(folder);
        Self {
            server: Server::start(&mut command),
            folder: folder.to_path_buf(),
            python: tools.python("python"),
            scripts,
        }
    }

    /// `http://127.0.0.1:PORT`, without a slash: paths begin with one.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port)
    }

    /// Replaces the text of a post, through the site's own form.
    pub fn edit(&self, pk: i64, text: &str) {
        self.mutate(&["edit", &pk.to_string(), text]);
    }

    /// Deletes a post, through the site's own form; its page then answers 404.
    pub fn delete(&self, pk: i64) {
        self.mutate(&["delete", &pk.to_string()]);
    }

    /// Posts, through the site's own form. Returns the new post's URL.
    pub fn create(&self, title: &str, text: &str) -> String {
        self.mutate(&["create", title, text])
    }

    fn mutate(&self, arguments: &[&str]) -> String {
        #[derive(Deserialize)]
        struct Led {
            url: String,
        }
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join("mutate.py")).arg(self.base());
        let printed = output(command.args(arguments));
        serde_json::from_str::<Led>(&printed)
            .expect("what mutate.py prints")
            .url
    }

    /// What each ad of the first day really holds; edits since then are not in it.
    pub fn truth(&self) -> Vec<Truth> {
        records_in(&self.folder.join("truth.jsonl"))
    }

    /// The present posts, from the site's own database.
    pub fn posts(&self) -> Vec<Post> {
        let mut command = Command::new(&self.python);
        command
            .arg("posts.py")
            .current_dir(self.scripts.join("app"))
            .env("SITE_DIR", &self.folder)
            .env("DJANGO_SETTINGS_MODULE", "settings")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        records(&output(&mut command))
    }

    /// Every request so far, in the order in which they ended: the judge of politeness.
    pub fn access_log(&self) -> Vec<Request> {
        records_in(&self.folder.join("access.jsonl"))
    }

    /// How many requests there were so far; cheap, for those who wait for some.
    pub fn requests(&self) -> usize {
        let log = std::fs::read(self.folder.join("access.jsonl")).unwrap_or_default();
        log.iter().filter(|byte| **byte == b'\n').count()
    }
}
