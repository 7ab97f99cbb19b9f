//! A mail server (PyPI aiosmtpd) that answers as it is told and reads each letter as a mail client would.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Server, Tools, output};

/// The server; ends when it is dropped.
pub struct Mailbox {
    server: Server,
    folder: PathBuf,
}

/// How a mailbox protects its connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Not at all.
    None,
    /// It takes nothing before STARTTLS.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// A letter as a mail client reads it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Letter {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The headers, decoded, in order.
    pub headers: Vec<(String, String)>,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
    /// What the parser found wrong with it.
    pub defects: Vec<String>,
}

impl Letter {
    /// The header of this name, if there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }
}

impl Mailbox {
    /// Starts one without encryption or log-in, which keeps its letters in `folder`.
    pub fn start(tools: &Tools, folder: &Path) -> Self {
        Self::start_with(tools, folder, Protection::None, None)
    }

    /// Starts one that asks for this protection, and for this name and password.
    pub fn start_with(
        tools: &Tools,
        folder: &Path,
        protection: Protection,
        login: Option<(&str, &str)>,
    ) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let mut command = Command::new(tools.python("python"));
        command.arg(tools.support("receivers/mail.py")).arg(folder);
        let flag = match protection {
            Protection::None => None,
            Protection::StartTls => Some("--starttls"),
            Protection::Implicit => Some("--tls"),
        };
        if let Some(flag) = flag {
            make_certificate(folder);
            command
                .arg(flag)
                .arg(folder.join(CERTIFICATE))
                .arg(folder.join(KEY));
        }
        if let Some((name, password)) = login {
            command.args(["--login", name, password]);
        }
        Self {
            server: Server::start(&mut command),
            folder: folder.to_path_buf(),
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// The certificate of a protected mailbox: its own authority.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join(CERTIFICATE)
    }

    /// From now on it answers these commands so, and all others with yes: `[("RCPT", "550 gone")]`, `[("DATA", "451
    /// later")]`, `[("RCPT two@example.org", "450 later")]`.
    pub fn answer(&self, answers: &[(&str, &str)]) {
        let answers: Map<_, _> = answers
            .iter()
            .map(|(command, answer)| ((*command).to_owned(), Value::from(*answer)))
            .collect();
        let unfinished = self.folder.join("answers.part");
        fs::write(&unfinished, Value::from(answers).to_string()).expect("a file");
        fs::rename(unfinished, self.folder.join("answers.json")).expect("a file");
    }

    /// The letters that it has accepted, in order.
    pub fn letters(&self) -> Vec<Letter> {
        let files = fs::read_dir(&self.folder).expect("the mailbox has its folder");
        let mut files: Vec<_> = files
            .map(|file| file.expect("a readable folder").path())
            .filter(|file| is_letter(file))
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| {
                let text = fs::read_to_string(file).expect("a whole file, for it was renamed");
                serde_json::from_str(&text).expect("what mail.py writes")
            })
            .collect()
    }
}

const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

/// True for `0001.json`.
fn is_letter(file: &Path) -> bool {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.extension()
        .is_some_and(|extension| extension == "json")
        && stem.parse::<u32>().is_ok()
}

/// A certificate for localhost that is its own authority, for a day.
fn make_certificate(folder: &Path) {
    output(
        Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-nodes", "-days", "1", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-out")
            .arg(folder.join(CERTIFICATE))
            .arg("-keyout")
            .arg(folder.join(KEY)),
    );
}
