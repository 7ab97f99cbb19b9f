//! Letters over SMTP (RFC 5321), through the gate, one connection a letter.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
    },
};
use secrecy::{ExposeSecret, SecretString};
use sightline_egress::{Egress, SmtpEncryption, SmtpServer};
use sightline_model::{DeliveryId, counted};
use tokio::time::timeout;

use super::{EmailSettings, Encryption};
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
    progress: Mutex<BTreeMap<DeliveryId, Progress>>,
}

/// Deliveries whose progress is remembered; beyond it the oldest are forgotten, and may reach somebody twice.
pub(super) const MOST_IN_PROGRESS: usize = 1_000;

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
            progress: Mutex::default(),
        })
    }

    pub async fn post(
        &self,
        letterhead: &Letterhead,
        delivery: DeliveryId,
        letter: &[u8],
    ) -> Verdict {
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
                "{}:{} took longer than {} to take the letter",
                self.smtp.host,
                self.smtp.port,
                counted(self.smtp.timeout.as_secs_f64(), "second", "seconds")
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

#[cfg(test)]
mod tests {
    use sightline_egress::EgressSettings;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_what_is_not_settled_is_remembered_and_not_without_end() {
        let egress = Egress::new(&EgressSettings::default()).unwrap();
        let server = Server {
            egress,
            smtp: smtp(&EmailSettings::default(), "smtp.example.org"),
            login: None,
            progress: Mutex::default(),
        };
        let reached = Progress {
            reached: vec!["desk@example.org".parse().unwrap()],
            refused: Vec::new(),
        };
        for number in 0..2_000 {
            let delivery = DeliveryId(Uuid::from_u128(number));
            server.remember(delivery, reached.clone(), &Verdict::retry("later"));
        }
        assert_eq!(server.progress.lock().unwrap().len(), MOST_IN_PROGRESS);
        let last = DeliveryId(Uuid::from_u128(1_999));
        assert_eq!(server.recall(last).reached.len(), 1);
        server.remember(last, reached, &Verdict::dead("gone"));
        assert!(server.recall(last).reached.is_empty());
    }
}
