//! Where the demonstration's instance lies: an ordinary folder with an ordinary configuration.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use sightline_web::WebSettings;
use tempfile::TempDir;

/// Where letters are put instead of being sent, in the folder.
const OUTBOX: &str = "outbox";

/// The folder, and what must not outlive it.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    /// Present where nothing is kept: it takes the folder away in the end.
    _temporary: Option<TempDir>,
}

impl Place {
    /// An empty folder to be kept, or one that goes away.
    pub fn make(keep: Option<&Path>) -> io::Result<Self> {
        let Some(folder) = keep else {
            let temporary = tempfile::Builder::new()
                .prefix("sightline-demo-")
                .tempdir()?;
            return Ok(Self {
                folder: temporary.path().to_owned(),
                _temporary: Some(temporary),
            });
        };
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "is not empty; name a new folder",
            ));
        }
        Ok(Self {
            folder: folder.to_owned(),
            _temporary: None,
        })
    }

    /// Writes the configuration: the board as a source, a mail folder and a signed webhook as channels.
    pub fn furnish(&self, board: &str, hook: &str, key: &[u8]) -> io::Result<()> {
        fs::create_dir(self.folder.join("sources"))?;
        fs::create_dir(self.folder.join(OUTBOX))?;
        fs::write(self.config(), settings(hook))?;
        fs::write(self.folder.join("sources/board.toml"), source(board))?;
        let mut secret = File::create_new(self.folder.join("webhook.secret"))?;
        #[cfg(unix)]
        secret.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        writeln!(secret, "whsec_{}", BASE64_STANDARD.encode(key))
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.join("sightline.toml")
    }

    /// The letters so far, oldest first: their files and what is in them.
    pub fn letters(&self) -> io::Result<Vec<(PathBuf, String)>> {
        let mut letters = Vec::new();
        for file in fs::read_dir(self.folder.join(OUTBOX))? {
            let file = file?;
            let written = file.metadata()?.modified()?;
            letters.push((written, file.path()));
        }
        letters.sort();
        letters
            .into_iter()
            .map(|(_, path)| Ok((path.clone(), fs::read_to_string(path)?)))
            .collect()
    }
}

fn settings(hook: &str) -> String {
    // Where `serve` has its console if nothing else is said: whoever keeps the instance gets by the links of its letters.
    let listen = WebSettings::default().listen;
    format!(
        r#"# The settings of Sightline's demonstration.

[instance]
organisation = "Demonstration"
# Where `sightline serve` has the console, unless web.listen says otherwise.
public_url = "http://{listen}/"

[egress]
# The board and the receiver are on this machine. Sightline connects to no such address unless it is listed.
allow_networks = ["127.0.0.0/8"]

[fetch]
contact = "demo@example.org"

# Letters go into a folder instead of to a server.
[channels.mail]
kind = "email"
folder = "{OUTBOX}"
from = "Sightline <alerts@example.org>"
to = ["investigator@example.org"]
detail = "full"

# The receiver checks the signature. What it gets is thin: identifiers and reasons, nothing of what was found.
[channels.case-system]
kind = "webhook"
url = "{hook}"
allow_unencrypted = true
secret_file = "webhook.secret"
"#
    )
}

fn source(board: &str) -> String {
    format!(
        r#"# The demonstration's board of offers.

enabled = true
start = ["{board}"]
region = "US"

[schedule]
every = "1d"

[politeness]
# The board is this machine's own. Never on somebody else's.
unlimited = true

[list]
links = [".offer a"]
next = ["a[rel=next]"]

[detail]
root = "article"
title = "h1"
body = ".text"
images.css = ["img.picture"]
key.url = '/offers/(\d+)$'

[detail.fields]
price = {{ css = ".price", transform = "price" }}
town = ".town"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app;

    #[test]
    fn the_console_of_a_kept_instance_is_where_it_listens() {
        let folder = TempDir::new().unwrap();
        let place = Place::make(Some(folder.path())).unwrap();
        let (board, hook) = ("http://127.0.0.1:1/", "http://127.0.0.1:2/");
        place.furnish(board, hook, b"key").unwrap();
        let settings = app::configuration(&place.config()).unwrap().settings;
        let url = settings.instance.public_url.unwrap();
        assert_eq!(url.as_str(), format!("http://{}/", settings.web.listen));
    }
}
