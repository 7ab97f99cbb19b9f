//! From a message to the bytes of an e-mail (RFC 5322, MIME): the same on every try.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use sightline_model::Topic;

use crate::{inert::one_line, message::Message};

/// Recipients up to this number see each other in To; more are addressed in the envelope alone.
const MOST_IN_TO: usize = 10;

/// The last second that a Date header can tell: 9999-12-31T23:59:59Z.
const LAST_DATE_MS: i64 = 253_402_300_799_000;

/// The longest header value, in characters.
const HEADER_LIMIT: usize = 500;

/// Who writes, and to whom.
#[derive(Clone, Debug)]
pub(super) struct Letterhead {
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
}

impl Letterhead {
    /// `message` as an e-mail, all of it in ASCII.
    ///
    /// Message-ID is the delivery's, so that a receiver can drop repeats. All messages of an alert or a notice, and all
    /// digests of a watchlist, refer to one that was never sent, by which mail clients gather them in one thread.
    pub fn write(&self, message: &Message) -> Result<Vec<u8>, lettre::error::Error> {
        let domain = self.from.email.domain();
        let (thread, about) = match (message.digest_of, message.topic) {
            (Some(list), _) => (
                format!("<digest.{list}@{domain}>"),
                header("X-Sightline-Watchlist", list.to_string()),
            ),
            (None, Topic::Alert(alert)) => (
                format!("<alert.{alert}@{domain}>"),
                header("X-Sightline-Alert", alert.to_string()),
            ),
            (None, Topic::Notice(notice)) => (
                format!("<notice.{notice}@{domain}>"),
                header("X-Sightline-Notice", notice.to_string()),
            ),
        };
        let date = Duration::from_millis(message.created_at.0.clamp(0, LAST_DATE_MS) as u64);
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .subject(one_line(&message.subject, HEADER_LIMIT))
            .date(UNIX_EPOCH + date)
            .message_id(Some(format!("<{}@{domain}>", message.delivery)))
            .in_reply_to(thread.clone())
            .references(thread)
            .envelope(Envelope::new(
                Some(self.from.email.clone()),
                self.to.iter().map(|to| to.email.clone()).collect(),
            )?)
            // RFC 3834, and Exchange's own: no holiday notices in answer.
            .raw_header(header("Auto-Submitted", "auto-generated".into()))
            .raw_header(header("X-Auto-Response-Suppress", "All".into()))
            .raw_header(about)
            .raw_header(header("X-Sightline-Delivery", message.delivery.to_string()));
        if self.to.len() <= MOST_IN_TO {
            for to in &self.to {
                builder = builder.to(to.clone());
            }
        } else {
            builder = builder.raw_header(header("To", "undisclosed-recipients:;".into()));
        }
        let parts = MultiPart::alternative()
            .boundary(format!("sightline-{}", message.delivery.0.simple()))
            .singlepart(SinglePart::plain(message.text.clone()))
            .singlepart(SinglePart::html(message.html.clone()));
        Ok(builder.multipart(parts)?.formatted())
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sightline_model::{AlertId, DeliveryId, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn message(subject: &str, text: &str) -> Message {
        Message {
            delivery: DeliveryId(Uuid::from_u128(7)),
            topic: Topic::Alert(AlertId(Uuid::from_u128(8))),
            digest_of: None,
            created_at: Timestamp(1_795_428_000_000),
            subject: subject.into(),
            text: text.into(),
            html: format!("<p>{text}</p>"),
            payload: "{}".into(),
            body: None,
        }
    }

    fn letterhead(recipients: usize) -> Letterhead {
        Letterhead {
            from: "Sightline <alerts@sightline.example.org>".parse().unwrap(),
            to: (0..recipients)
                .map(|n| format!("desk{n}@example.org").parse().unwrap())
                .collect(),
        }
    }

    fn head(letter: &[u8]) -> String {
        let text = String::from_utf8(letter.to_vec()).unwrap();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn a_letter_says_who_what_and_which_thread() {
        let letter = letterhead(2)
            .write(&message("Grave: back", "one\ntwo"))
            .unwrap();
        let head = head(&letter);
        for line in [
            "From: Sightline <alerts@sightline.example.org>",
            "To: desk0@example.org, desk1@example.org",
            "Subject: Grave: back",
            "Date: Mon, 23 Nov 2026 10:00:00 +0000",
            "Message-ID: <00000000-0000-0000-0000-000000000007@sightline.example.org>",
            "References: <alert.00000000-0000-0000-0000-000000000008@sightline.example.org>",
            "In-Reply-To: <alert.00000000-0000-0000-0000-000000000008@sightline.example.org>",
            "Auto-Submitted: auto-generated",
            "X-Sightline-Alert: 00000000-0000-0000-0000-000000000008",
            "MIME-Version: 1.0",
        ] {
            assert!(
                head.lines().any(|found| found == line),
                "{line} is not in\n{head}"
            );
        }
        let text = String::from_utf8(letter).unwrap();
        assert!(text.contains("text/plain; charset=utf-8") && text.contains("one\r\ntwo"));
        assert!(text.contains("text/html; charset=utf-8"));
    }

    #[test]
    fn many_recipients_are_not_shown_to_each_other() {
        let head = head(&letterhead(11).write(&message("s", "t")).unwrap());
        assert!(head.contains("To: undisclosed-recipients:;") && !head.contains("desk"));
    }

    #[test]
    fn every_try_writes_the_same_bytes() {
        let write = || letterhead(1).write(&message("s", "Grüße")).unwrap();
        assert_eq!(write(), write());
    }

    proptest! {
        #[test]
        fn no_subject_adds_a_header_or_leaves_ascii(subject in any::<String>(), text in any::<String>()) {
            let plain = head(&letterhead(1).write(&message("", "")).unwrap());
            let letter = letterhead(1).write(&message(&format!("{subject}\r\nBcc: x@example.com"), &text)).unwrap();
            prop_assert!(letter.is_ascii());
            let names = |head: &str| {
                head.split("\r\n")
                    .filter(|line| !line.starts_with([' ', '\t']))
                    .map(|line| line.split(':').next().unwrap_or_default().to_owned())
                    .collect::<Vec<_>>()
            };
            prop_assert_eq!(names(&head(&letter)), names(&plain));
        }

        #[test]
        fn no_instant_is_too_odd(at in any::<i64>()) {
            let odd = Message { created_at: Timestamp(at), ..message("s", "t") };
            prop_assert!(letterhead(1).write(&odd).is_ok());
        }
    }
}
