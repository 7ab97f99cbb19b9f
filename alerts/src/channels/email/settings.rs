//! What an operator may set about an e-mail channel.

use std::{net::IpAddr, path::PathBuf};

use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_egress::SecretPlace;
use sightline_model::Problem;
use url::Host;

use crate::{channels::check_seconds, message::Detail};

/// E-mail by an SMTP server, or as files in a folder: give `host` or `folder`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EmailSettings {
    /// The SMTP server: its name, which its certificate must bear.
    pub host: Option<String>,
    /// The server's port. Empty: 587 with `starttls`, 465 with `implicit`, 25 with `none`.
    pub port: Option<u16>,
    /// How the connection is protected: `starttls`, `implicit` (TLS from the first byte) or `none`.
    pub encryption: Encryption,
    /// Must be true where `encryption` is `none`: passwords and alerts then travel in the clear. For a relay on the
    /// same machine.
    pub allow_unencrypted: bool,
    /// The name to log in with, if the server asks for one.
    pub username: Option<String>,
    /// The environment variable that holds the password.
    pub password_env: Option<String>,
    /// The file that holds the password, relative to the configuration.
    #[schemars(with = "Option<String>")]
    pub password_file: Option<PathBuf>,
    /// What Sightline calls itself to the server (EHLO). Empty: the machine's name.
    pub hello: Option<String>,
    /// How long connecting may take, and then sending, each in seconds.
    pub timeout_seconds: f64,
    /// The folder that letters are put into as `.eml` files instead of being sent, relative to the configuration.
    #[schemars(with = "Option<String>")]
    pub folder: Option<PathBuf>,
    /// The sender: `Sightline <alerts@example.org>`. Its domain is part of each Message-ID.
    pub from: String,
    /// The recipients. Up to ten see each other's addresses; more do not.
    pub to: Vec<String>,
    /// How much the messages tell: `thin` or `full`. E-mail is read on many machines: think before writing `full`.
    pub detail: Detail,
}

/// How a mail connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// By STARTTLS, without which nothing is sent (RFC 3207).
    #[default]
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all.
    None,
}

impl Default for EmailSettings {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            encryption: Encryption::default(),
            allow_unencrypted: false,
            username: None,
            password_env: None,
            password_file: None,
            hello: None,
            timeout_seconds: 30.0,
            folder: None,
            from: String::new(),
            to: Vec::new(),
            detail: Detail::default(),
        }
    }
}

impl EmailSettings {
    pub(in crate::channels) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        match (&self.host, &self.folder) {
            (None, None) => problems.push(Problem::new(
                "host",
                "neither a server nor a folder is named",
                "write host = \"smtp.example.org\"",
            )),
            (Some(_), Some(_)) => problems.push(Problem::new(
                "folder",
                "both a server and a folder are named",
                "keep host or folder",
            )),
            _ => {}
        }
        problems.extend(self.host.as_deref().and_then(check_host));
        problems.extend(self.hello.as_deref().and_then(check_hello));
        if self.encryption == Encryption::None && self.host.is_some() && !self.allow_unencrypted {
            problems.push(Problem::new(
                "encryption",
                "passwords and alerts would travel in the clear",
                "write \"starttls\", or allow_unencrypted = true for a relay on the same machine",
            ));
        }
        problems.extend(self.check_login());
        if let Err(problem) = mailbox("from", &self.from) {
            problems.push(problem);
        }
        if self.to.is_empty() {
            problems.push(Problem::new(
                "to",
                "nobody is named",
                "write to = [\"desk@example.org\"]",
            ));
        }
        let recipients = self.to.iter().enumerate();
        problems.extend(
            recipients.filter_map(|(index, to)| mailbox(&format!("to[{index}]"), to).err()),
        );
        check_seconds("timeout_seconds", self.timeout_seconds, &mut problems);
        problems
    }

    fn check_login(&self) -> Vec<Problem> {
        let password = self.password();
        let half = match (&self.username, password.is_empty()) {
            (Some(_), true) => Some(Problem::new(
                "password_env",
                "a username without a password",
                "name the environment variable that holds it, such as password_env = \"SMTP_PASSWORD\"",
            )),
            (None, false) => Some(Problem::new(
                "username",
                "a password without a username",
                "write the name to log in with",
            )),
            _ => None,
        };
        half.into_iter().chain(password.check()).collect()
    }

    pub(super) fn password(&self) -> SecretPlace<'_> {
        SecretPlace {
            key: "password",
            variable: self.password_env.as_deref(),
            file: self.password_file.as_deref(),
        }
    }
}

/// A server's name or address, and nothing else: what comes with it would be taken for a part of the name.
fn check_host(written: &str) -> Option<Problem> {
    let is_address = written.parse::<IpAddr>().is_ok();
    // The parser forgives what is around a host in a URL; a name has none of it.
    let is_name = Host::parse(written).is_ok() && !written.contains(['%', '[']);
    (!is_address && !is_name).then(|| {
        Problem::new(
            "host",
            format!("{written:?} is not the name of a server"),
            "write its name alone, such as host = \"smtp.example.org\", and a port as port = 587",
        )
    })
}

/// What follows EHLO on its line, which must stay on it: a name, or an address in brackets (RFC 5321 §4.1.1.1).
fn check_hello(written: &str) -> Option<Problem> {
    let is_address = written
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .map(|address| address.strip_prefix("IPv6:").unwrap_or(address))
        .is_some_and(|address| address.parse::<IpAddr>().is_ok());
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let is_name = (1..=255).contains(&written.len()) && written.chars().all(is_fit);
    (!is_address && !is_name).then(|| {
        Problem::new(
            "hello",
            format!("{written:?} is no name that a machine can give itself"),
            "write this machine's name alone, such as hello = \"sightline.example.org\", or leave it out",
        )
    })
}

/// An address as people write it, with or without a name. ASCII alone, because few servers pass on anything else.
pub(super) fn mailbox(key: &str, written: &str) -> Result<Mailbox, Problem> {
    let remedy = "write one such as \"Duty desk <desk@example.org>\"";
    let mailbox: Mailbox = written
        .parse()
        .map_err(|_| Problem::new(key, format!("'{written}' is not an e-mail address"), remedy))?;
    if written.chars().any(char::is_control) {
        return Err(Problem::new(key, "it holds a control character", remedy));
    }
    if !AsRef::<str>::as_ref(&mailbox.email).is_ascii() {
        return Err(Problem::new(
            key,
            format!("'{}' is not in ASCII", mailbox.email),
            "write the domain in its xn-- form, and a local part in ASCII",
        ));
    }
    Ok(mailbox)
}
