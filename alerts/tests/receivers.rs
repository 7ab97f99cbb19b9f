//! The channels against real receivers: PyPI aiosmtpd and npm standardwebhooks, each in a process of its own.

#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use sightline_alerts::{
    channels::{
        Channel, ChannelSettings, Letter, Surroundings, Told, Verdict,
        email::{EmailSettings, Encryption},
        webhook::WebhookSettings,
    },
    message::Message,
};
use sightline_egress::{Egress, EgressSettings};
use sightline_model::{AlertId, Clock, DeliveryId, SystemClock, Topic};
use support::{
    Tools,
    hook::Hook,
    mailbox::{Mailbox, Protection},
};
use uuid::Uuid;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh";

fn build(settings: ChannelSettings, secrets: &str, ca_files: Vec<PathBuf>) -> Channel {
    let egress = Egress::new(&EgressSettings {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ca_files,
        ..EgressSettings::default()
    })
    .unwrap();
    let surroundings = Surroundings {
        egress: &egress,
        folder: Path::new(""),
        environment: &|name| (name == "SECRET").then(|| secrets.to_owned()),
    };
    Channel::build("test", &settings, &surroundings).unwrap()
}

fn message(number: u128) -> Message {
    Message {
        delivery: DeliveryId(Uuid::from_u128(number)),
        topic: Topic::Alert(AlertId(Uuid::from_u128(2))),
        digest_of: None,
        created_at: SystemClock.now(),
        subject: "Grave: «back» after 41 days".into(),
        text: "first line\n.\nlast line, with 5 €".into(),
        html: "<p>first line".into(),
        payload: "{\"type\":\"alert.opened\",\"note\":\"5 €\"}".into(),
        body: None,
    }
}

async fn send(channel: &Channel, number: u128) -> Verdict {
    channel.send_one(&message(number), SystemClock.now()).await
}

/// Tries a message of which this is kept.
async fn try_on(channel: &Channel, number: u128, progress: Option<&str>) -> Told {
    let message = message(number);
    let letter = Letter {
        message: &message,
        progress,
    };
    let (verdicts, mut told) = tokio::sync::mpsc::unbounded_channel();
    channel.send(&[letter], SystemClock.now(), &verdicts).await;
    told.recv().await.unwrap()
}

fn email(mailbox: &Mailbox) -> EmailSettings {
    EmailSettings {
        host: Some("127.0.0.1".into()),
        port: Some(mailbox.port()),
        encryption: Encryption::None,
        allow_unencrypted: true,
        from: "Sightline <alerts@sightline.example.org>".into(),
        to: vec!["one@example.org".into(), "Two <two@example.org>".into()],
        ..EmailSettings::default()
    }
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let Some(tools) = Tools::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::start(&tools, folder.path());
    let channel = build(ChannelSettings::Email(email(&mailbox)), "", vec![]);
    assert!(matches!(send(&channel, 1).await, Verdict::Delivered { .. }));
    let [letter] = &mailbox.letters()[..] else {
        panic!("one letter: {:?}", mailbox.letters());
    };
    assert_eq!(letter.defects, Vec::<String>::new());
    assert_eq!(letter.from, "alerts@sightline.example.org");
    assert_eq!(letter.to, ["one@example.org", "two@example.org"]);
    assert_eq!(
        letter.header("subject"),
        Some("Grave: «back» after 41 days")
    );
    assert_eq!(
        letter.header("message-id"),
        Some("<00000000-0000-0000-0000-000000000001@sightline.example.org>")
    );
    let text = letter.text.as_deref().unwrap();
    assert_eq!(text.trim_end(), "first line\n.\nlast line, with 5 €");
    assert_eq!(letter.html.as_deref().unwrap().trim_end(), "<p>first line");
}

#[tokio::test]
async fn refusals_of_a_real_server_are_read_right() {
    let Some(tools) = Tools::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::start(&tools, folder.path());
    let fresh = || build(ChannelSettings::Email(email(&mailbox)), "", vec![]);
    let channel = fresh();
    mailbox.answer(&[("DATA", "451 full")]);
    assert!(matches!(send(&channel, 1).await, Verdict::Retry { .. }));
    mailbox.answer(&[("RCPT", "550 nobody here")]);
    assert!(matches!(send(&channel, 2).await, Verdict::Dead { .. }));
    mailbox.answer(&[("RCPT two@example.org", "450 later")]);
    let first = try_on(&channel, 3, None).await;
    assert!(matches!(first.verdict, Verdict::Retry { .. }), "{first:?}");
    mailbox.answer(&[]);
    // As another process does: of the first try it knows what was kept.
    let second = try_on(&fresh(), 3, first.progress.as_deref()).await;
    assert!(
        matches!(second.verdict, Verdict::Delivered { .. }),
        "{second:?}"
    );
    assert_eq!(second.progress, None);
    let envelopes: Vec<_> = mailbox
        .letters()
        .into_iter()
        .map(|letter| letter.to)
        .collect();
    assert_eq!(envelopes, [["one@example.org"], ["two@example.org"]]);
}

#[tokio::test]
async fn encryption_and_log_in_work_with_a_real_server() {
    let Some(tools) = Tools::find() else { return };
    for (protection, encryption) in [
        (Protection::StartTls, Encryption::StartTls),
        (Protection::Implicit, Encryption::Implicit),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let login = Some(("alerts", "open sesame"));
        let mailbox = Mailbox::start_with(&tools, folder.path(), protection, login);
        let settings = EmailSettings {
            encryption,
            username: Some("alerts".into()),
            password_env: Some("SECRET".into()),
            ..email(&mailbox)
        };
        let trusting = |host: &str, password| {
            let host = Some(host.to_owned());
            let settings = EmailSettings {
                host,
                ..settings.clone()
            };
            build(
                ChannelSettings::Email(settings),
                password,
                vec![mailbox.certificate()],
            )
        };
        let verdict = send(&trusting("localhost", "open sesame"), 1).await;
        assert!(
            matches!(verdict, Verdict::Delivered { .. }),
            "{protection:?}: {verdict:?}"
        );
        let verdict = send(&trusting("localhost", "wrong"), 2).await;
        assert!(
            matches!(&verdict, Verdict::Retry { why, .. } if why.contains("535")),
            "{protection:?}: {verdict:?}"
        );
        let stranger = build(
            ChannelSettings::Email(settings.clone()),
            "open sesame",
            vec![],
        );
        let verdict = send(&stranger, 3).await;
        assert!(
            matches!(&verdict, Verdict::Retry { why, .. } if why.contains("certificate")),
            "{protection:?}: {verdict:?}"
        );
        assert_eq!(mailbox.letters().len(), 1, "{protection:?}");
    }
}

#[tokio::test]
async fn the_standards_own_library_accepts_our_signatures() {
    let Some(tools) = Tools::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let hook = Hook::start(&tools, folder.path(), SECRET);
    let settings = WebhookSettings {
        url: hook.url(),
        allow_unencrypted: true,
        secret_env: Some("SECRET".into()),
        timeout_seconds: 2.0,
        ..WebhookSettings::default()
    };
    let with = |secrets: &str| build(ChannelSettings::Webhook(settings.clone()), secrets, vec![]);
    let channel = with(SECRET);
    assert!(matches!(send(&channel, 1).await, Verdict::Delivered { .. }));
    let changing = with(&format!("{OLD_SECRET} {SECRET}"));
    assert!(matches!(
        send(&changing, 2).await,
        Verdict::Delivered { .. }
    ));
    assert!(matches!(
        send(&with(OLD_SECRET), 3).await,
        Verdict::Retry { .. }
    ));
    hook.answer(410, &[]);
    assert!(matches!(send(&channel, 4).await, Verdict::Disable { .. }));
    hook.answer(503, &[("Retry-After", "7")]);
    let verdict = send(&channel, 5).await;
    assert!(
        matches!(verdict, Verdict::Retry { after: Some(after), .. } if after.as_secs() == 7),
        "{verdict:?}"
    );
    let received = hook.received();
    let verified: Vec<_> = received.iter().map(|one| one.verified).collect();
    assert_eq!(verified, [true, true, false, true, true]);
    assert_eq!(received[0].body, message(1).payload);
    assert_eq!(received[0].id, Some(message(1).delivery.to_string()));
}
