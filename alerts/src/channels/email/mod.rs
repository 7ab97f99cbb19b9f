//! The e-mail channel: SMTP through the gate, one connection a message, or letters put into a folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
    },
};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sightline_egress::{Egress, SmtpEncryption, SmtpServer};
use sightline_model::{DeliveryId, Problem};
use tokio::{io::AsyncWriteExt, time::timeout};

use super::{
    Cause, Surroundings, Verdict, check_seconds, letter::Letterhead, seconds, secret::Place,
};
use crate::{
    inert::one_line,
    message::{Detail, Message},
};

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
    pub(super) fn check(&self) -> Vec<Problem> {
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

    fn check_login(&self) -> Option<Problem> {
        let password = self.password();
        match (&self.username, password.is_empty()) {
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
            _ => password.check(),
        }
    }

    fn password(&self) -> Place<'_> {
        Place {
            key: "password",
            variable: self.password_env.as_deref(),
            file: self.password_file.as_deref(),
        }
    }
}

/// An address as people write it, with or without a name. ASCII alone, because few servers pass on anything else.
fn mailbox(key: &str, written: &str) -> Result<Mailbox, Problem> {
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

#[derive(Debug)]
pub(super) struct EmailChannel {
    letterhead: Letterhead,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Server(Server),
    Folder(PathBuf),
}

#[derive(Debug)]
struct Server {
    egress: Egress,
    smtp: SmtpServer,
    login: Option<(String, SecretString)>,
    progress: Mutex<BTreeMap<DeliveryId, Progress>>,
}

/// Deliveries whose progress is remembered; beyond it the oldest are forgotten, and may reach somebody twice.
const MOST_IN_PROGRESS: usize = 1_000;

/// Who needs not be tried again, where a message reached some recipients and others answered "later". It lives as
/// long as the process: after a restart a recipient may get a repeat, with the same Message-ID.
#[derive(Clone, Default, Debug)]
struct Progress {
    reached: Vec<Address>,
    refused: Vec<(Address, String)>,
}

impl Progress {
    fn is_open(&self, address: &Address) -> bool {
        !self.reached.contains(address)
            && self.refused.iter().all(|(refused, _)| refused != address)
    }
}

impl EmailChannel {
    pub fn build(settings: &EmailSettings, surroundings: &Surroundings<'_>) -> Result<Self, Cause> {
        let to: Result<_, _> = settings.to.iter().map(|to| mailbox("to", to)).collect();
        let letterhead = Letterhead {
            from: mailbox("from", &settings.from).map_err(Cause::Settings)?,
            to: to.map_err(Cause::Settings)?,
        };
        let way = match (&settings.folder, &settings.host) {
            (Some(folder), _) => Way::Folder(surroundings.path(folder)),
            (None, host) => Way::Server(Server {
                egress: surroundings.egress.clone(),
                smtp: server(settings, host.as_deref().unwrap_or_default()),
                login: settings
                    .password()
                    .read(surroundings)?
                    .and_then(|password| Some((settings.username.clone()?, password))),
                progress: Mutex::default(),
            }),
        };
        Ok(Self { letterhead, way })
    }

    pub async fn send(&self, message: &Message) -> Verdict {
        let letter = match self.letterhead.write(message) {
            Ok(letter) => letter,
            Err(error) => return Verdict::dead(format!("the letter cannot be written: {error}")),
        };
        match &self.way {
            Way::Folder(folder) => put_into(folder, message.delivery, &letter).await,
            Way::Server(server) => {
                server
                    .post(&self.letterhead, message.delivery, &letter)
                    .await
            }
        }
    }
}

fn server(settings: &EmailSettings, host: &str) -> SmtpServer {
    let (encryption, usual_port) = match settings.encryption {
        Encryption::StartTls => (SmtpEncryption::StartTls, 587),
        Encryption::Implicit => (SmtpEncryption::Implicit, 465),
        Encryption::None => (SmtpEncryption::None, 25),
    };
    SmtpServer {
        host: host.to_owned(),
        port: settings.port.unwrap_or(usual_port),
        encryption,
        hello: settings.hello.clone(),
        timeout: seconds(settings.timeout_seconds, Duration::from_secs(30)),
    }
}

/// Writes the letter whole or not at all; a repeat replaces it.
async fn put_into(folder: &Path, delivery: DeliveryId, letter: &[u8]) -> Verdict {
    let unfinished = folder.join(format!(".{delivery}.part"));
    let write = async {
        tokio::fs::create_dir_all(folder).await?;
        let mut file = tokio::fs::File::create(&unfinished).await?;
        file.write_all(letter).await?;
        file.sync_all().await?;
        tokio::fs::rename(&unfinished, folder.join(format!("{delivery}.eml"))).await
    };
    match write.await {
        Ok(()) => Verdict::delivered("put into the folder"),
        Err(error) => Verdict::retry(format!("{}: {error}", folder.display())),
    }
}

impl Server {
    async fn post(&self, letterhead: &Letterhead, delivery: DeliveryId, letter: &[u8]) -> Verdict {
        let mut connection = match self.egress.smtp(&self.smtp).await {
            Ok(connection) => connection,
            // Whatever the server said before it knew our message, another hour may say otherwise.
            Err(failure) => return Verdict::retry(one_line(&failure.to_string(), 300)),
        };
        let mut progress = self.recall(delivery);
        let conversation = self.converse(&mut connection, letterhead, letter, &mut progress);
        let verdict = match timeout(self.smtp.timeout, conversation).await {
            Ok(verdict) => verdict,
            Err(_) => Verdict::retry(format!(
                "{}:{} took longer than {} seconds to take the letter",
                self.smtp.host,
                self.smtp.port,
                self.smtp.timeout.as_secs_f64()
            )),
        };
        self.remember(delivery, progress, &verdict);
        // Courtesy alone: the letter's fate is known, and a server that does not answer QUIT changes nothing.
        let _ = timeout(Duration::from_secs(2), connection.quit()).await;
        verdict
    }

    /// From the log-in to the last word about the letter (RFC 5321).
    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        letterhead: &Letterhead,
        letter: &[u8],
        progress: &mut Progress,
    ) -> Verdict {
        if let Some((username, password)) = &self.login {
            let credentials = Credentials::from((username.as_str(), password.expose_secret()));
            if let Err(error) = connection.auth(DEFAULT_MECHANISMS, &credentials).await {
                // A wrong password is the operator's to mend, and then the message should still go out.
                return Verdict::retry(format!("the server refuses the log-in: {}", words(&error)));
            }
        }
        let sender = letterhead.from.email.clone();
        if let Err(error) = connection.command(Mail::new(Some(sender), vec![])).await {
            return refusal("the sender", &error);
        }
        let mut accepted = Vec::new();
        let mut later = None;
        for (index, to) in letterhead.to.iter().enumerate() {
            if !progress.is_open(&to.email) {
                continue;
            }
            let answer = connection
                .command(Rcpt::new(to.email.clone(), vec![]))
                .await;
            match answer.map_err(|error| refusal(&format!("recipient {}", index + 1), &error)) {
                Ok(_) => accepted.push(to.email.clone()),
                Err(Verdict::Dead { why }) => {
                    progress
                        .refused
                        .push((to.email.clone(), without(&why, &to.email)));
                }
                Err(Verdict::Retry { why, .. }) => later = Some(without(&why, &to.email)),
                Err(other) => return other,
            }
        }
        if !accepted.is_empty() {
            if let Err(error) = connection.command(Data).await {
                return refusal("the letter", &error);
            }
            if let Err(error) = connection.message(letter).await {
                return refusal("the letter", &error);
            }
            progress.reached.append(&mut accepted);
        }
        conclude(progress, letterhead.to.len(), later)
    }

    fn recall(&self, delivery: DeliveryId) -> Progress {
        let progress = self
            .progress
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        progress.get(&delivery).cloned().unwrap_or_default()
    }

    fn remember(&self, delivery: DeliveryId, made: Progress, verdict: &Verdict) {
        let mut progress = self
            .progress
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if !matches!(verdict, Verdict::Retry { .. }) || made.reached.is_empty() {
            progress.remove(&delivery);
            return;
        }
        progress.insert(delivery, made);
        if progress.len() > MOST_IN_PROGRESS {
            // Identifiers are UUIDv7, so the first is the oldest.
            progress.pop_first();
        }
    }
}

/// The verdict once every recipient has been asked.
fn conclude(progress: &Progress, recipients: usize, later: Option<String>) -> Verdict {
    let reached = progress.reached.len();
    if let Some(why) = later {
        return Verdict::retry(match reached {
            0 => why,
            _ => format!("{reached} of {recipients} recipients have it; {why}"),
        });
    }
    let refusals = progress
        .refused
        .iter()
        .map(|(_, why)| why.as_str())
        .collect::<Vec<_>>();
    match (reached, refusals.is_empty()) {
        (0, _) => Verdict::dead(refusals.join("; ")),
        (_, true) => Verdict::delivered(format!("accepted for {reached}")),
        // One address that is gone must not keep the alert from the others.
        (_, false) => Verdict::delivered(format!(
            "accepted for {reached} of {recipients}; {}",
            refusals.join("; ")
        )),
    }
}

/// What an error about `what` means: 4xx and broken connections pass; 5xx stays, but for those that ask for a log-in
/// or for encryption, which an operator can mend.
fn refusal(what: &str, error: &lettre::transport::smtp::Error) -> Verdict {
    let code = error.status().map(u16::from);
    let why = format!("the server refuses {what}: {}", words(error));
    match code {
        Some(530 | 534 | 535 | 538) => Verdict::retry(why),
        Some(500..) => Verdict::dead(why),
        Some(_) => Verdict::retry(why),
        None => Verdict::retry(format!(
            "the conversation broke off at {what}: {}",
            words(error)
        )),
    }
}

fn words(error: &lettre::transport::smtp::Error) -> String {
    one_line(&error.to_string(), 300)
}

/// Servers like to repeat the address that they refuse; what is stored and shown names nobody.
fn without(why: &str, address: &Address) -> String {
    why.replace(AsRef::<str>::as_ref(address), "…")
}

#[cfg(test)]
mod tests;
