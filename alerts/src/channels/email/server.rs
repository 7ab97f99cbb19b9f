//! Letters over SMTP (RFC 5321), through the gate, one connection a letter.

use std::{cmp::Reverse, time::Duration};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Rcpt},
};
use secrecy::{ExposeSecret, SecretString};
use sightline_egress::{Egress, SmtpEncryption, SmtpServer};
use sightline_model::counted;
use tokio::time::timeout;

use super::{EmailSettings, Encryption, progress::Progress};
use crate::{
    channels::{Cause, Surroundings, Verdict, letter::Letterhead, seconds},
    inert::one_line,
};

/// A mail server that letters are handed to.
#[derive(Debug)]
pub(super) struct Server {
    egress: Egress,
    smtp: SmtpServer,
    login: Option<(String, SecretString)>,
}

impl Server {
    pub fn build(
        settings: &EmailSettings,
        host: &str,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Cause> {
        Ok(Self {
            egress: surroundings.egress.clone(),
            smtp: smtp(settings, host),
            login: settings
                .password()
                .read(surroundings.secrets())?
                .and_then(|password| Some((settings.username.clone()?, password))),
        })
    }

    /// Hands the letter over to those who are not settled in `progress`, and notes there who is by now.
    pub async fn post(
        &self,
        letterhead: &Letterhead,
        letter: &[u8],
        progress: &mut Progress,
    ) -> Verdict {
        let mut connection = match self.egress.smtp(&self.smtp).await {
            Ok(connection) => connection,
            // Whatever the server said before it knew our message, another hour may say otherwise.
            Err(failure) => return Verdict::retry(one_line(&failure.to_string(), 300)),
        };
        let conversation = self.converse(&mut connection, letterhead, letter, progress);
        let verdict = match timeout(self.smtp.timeout, conversation).await {
            Ok(verdict) => verdict,
            Err(_) => Verdict::retry(format!(
                "{}:{} took longer than {} to take the letter",
                self.smtp.host,
                self.smtp.port,
                counted(self.smtp.timeout.as_secs_f64(), "second", "seconds")
            )),
        };
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
                let why = words(&error, letterhead);
                return Verdict::retry(format!("the server refuses the log-in: {why}"));
            }
        }
        let sender = letterhead.from.email.clone();
        if let Err(error) = connection.command(Mail::new(Some(sender), vec![])).await {
            return refusal("the sender", &error, letterhead);
        }
        let mut accepted = Vec::new();
        let mut later = None;
        for (index, to) in letterhead.to.iter().enumerate() {
            if progress.has_reached(&to.email) || progress.refusal(&to.email).is_some() {
                continue;
            }
            let answer = connection
                .command(Rcpt::new(to.email.clone(), vec![]))
                .await;
            let recipient = format!("recipient {}", index + 1);
            match answer.map_err(|error| refusal(&recipient, &error, letterhead)) {
                Ok(_) => accepted.push(&to.email),
                Err(Verdict::Dead { why }) => progress.refuse(&to.email, why),
                Err(Verdict::Retry { why, .. }) => later = Some(why),
                Err(other) => return other,
            }
        }
        if !accepted.is_empty() {
            if let Err(error) = connection.command(Data).await {
                return refusal("the letter", &error, letterhead);
            }
            if let Err(error) = connection.message(letter).await {
                return refusal("the letter", &error, letterhead);
            }
            for address in accepted {
                progress.reach(address);
            }
        }
        conclude(progress, letterhead, later)
    }
}

/// The verdict once every recipient has been asked.
fn conclude(progress: &Progress, letterhead: &Letterhead, later: Option<String>) -> Verdict {
    let recipients = letterhead.to.len();
    let to = || letterhead.to.iter().map(|to| &to.email);
    let reached = to().filter(|to| progress.has_reached(to)).count();
    let refusals: Vec<&str> = to().filter_map(|to| progress.refusal(to)).collect();
    if let Some(why) = later {
        let had = (reached > 0).then(|| format!("{reached} of {recipients} recipients have it"));
        // Who is refused for good is not tried again, and who reads this is to know of them as well.
        let refused = refusals.into_iter().map(str::to_owned);
        let words: Vec<String> = had.into_iter().chain(refused).chain([why]).collect();
        return Verdict::retry(words.join("; "));
    }
    match (reached, refusals.is_empty()) {
        (0, _) => Verdict::dead(refusals.join("; ")),
        (_, true) => Verdict::delivered(format!("accepted for {reached}")),
        // One address that is gone must not keep the alert from the others.
        (_, false) => Verdict::Partly {
            note: format!(
                "accepted for {reached} of {recipients}; {}",
                refusals.join("; ")
            ),
        },
    }
}

/// What an error about `what` means: 4xx and broken connections pass; 5xx stays, but for those that ask for a log-in
/// or for encryption, which an operator can mend.
fn refusal(what: &str, error: &lettre::transport::smtp::Error, letterhead: &Letterhead) -> Verdict {
    let code = error.status().map(u16::from);
    let said = words(error, letterhead);
    let why = format!("the server refuses {what}: {said}");
    match code {
        Some(530 | 534 | 535 | 538) => Verdict::retry(why),
        Some(500..) => Verdict::dead(why),
        Some(_) => Verdict::retry(why),
        None => Verdict::retry(format!("the conversation broke off at {what}: {said}")),
    }
}

/// Servers like to repeat the addresses that they refuse, in whatever case; what is stored and shown names none of the recipients.
fn words(error: &lettre::transport::smtp::Error, letterhead: &Letterhead) -> String {
    let to = letterhead.to.iter().map(|to| to.email.as_ref());
    one_line(&without(error.to_string(), to.collect()), 300)
}

/// A text without these addresses; one that is part of another does not keep the rest of that one in.
fn without(text: String, mut addresses: Vec<&str>) -> String {
    addresses.sort_by_key(|address| Reverse(address.len()));
    addresses.into_iter().fold(text, |text, address| {
        // In ASCII alone, so that each byte stays where it is.
        let lower = text.to_ascii_lowercase();
        let mut rest = 0;
        let mut kept = String::with_capacity(text.len());
        for (at, found) in lower.match_indices(&address.to_ascii_lowercase()) {
            kept.push_str(&text[rest..at]);
            kept.push('…');
            rest = at + found.len();
        }
        kept + &text[rest..]
    })
}

fn smtp(settings: &EmailSettings, host: &str) -> SmtpServer {
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
