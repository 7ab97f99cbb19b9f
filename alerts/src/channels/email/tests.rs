//! The e-mail channel against a mail server on loopback that answers as it is told.

use std::sync::{Arc, Mutex};

use sightline_egress::{Egress, EgressSettings};
use sightline_model::{AlertId, Timestamp, Topic};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use super::*;

/// What the server answers to commands that begin so; the first that fits, and else as a willing server would.
type Rules = Vec<(&'static str, &'static str)>;

/// A mail server for one test.
#[derive(Clone)]
struct Post {
    port: u16,
    rules: Arc<Mutex<Rules>>,
    commands: Arc<Mutex<Vec<String>>>,
}

impl Post {
    async fn open(rules: Rules) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let post = Self {
            port: listener.local_addr().unwrap().port(),
            rules: Arc::new(Mutex::new(rules)),
            commands: Arc::default(),
        };
        let served = post.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(served.clone().serve(stream));
            }
        });
        post
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let mut letter = false;
        let mut line = "CONNECT".to_owned();
        loop {
            let is_end_of_letter = line == ".";
            if !letter || is_end_of_letter {
                let Some(answer) = self.answer(&line) else {
                    return;
                };
                letter = line == "DATA" && answer.starts_with('3');
                self.commands.lock().unwrap().push(line.clone());
                let answered = stream
                    .get_mut()
                    .write_all(format!("{answer}\r\n").as_bytes())
                    .await;
                if answered.is_err() {
                    return;
                }
            }
            line.clear();
            if !matches!(stream.read_line(&mut line).await, Ok(1..)) {
                return;
            }
            line.truncate(line.trim_end().len());
        }
    }

    /// None: hangs up.
    fn answer(&self, line: &str) -> Option<&'static str> {
        let rules = self.rules.lock().unwrap();
        let told = rules.iter().find(|(start, _)| line.starts_with(start));
        let answer = told.map_or(
            match line.split(' ').next().unwrap_or_default() {
                "CONNECT" => "220 post.example ESMTP",
                "EHLO" => "250-post.example\r\n250 AUTH PLAIN LOGIN",
                "DATA" => "354 go on",
                "AUTH" => "235 welcome",
                "QUIT" => "221 bye",
                _ => "250 fine",
            },
            |(_, answer)| answer,
        );
        (answer != "hang up").then_some(answer)
    }

    /// How often a command of this beginning came.
    fn count(&self, start: &str) -> usize {
        let commands = self.commands.lock().unwrap();
        commands
            .iter()
            .filter(|command| command.starts_with(start))
            .count()
    }

    fn settings(&self, recipients: usize) -> EmailSettings {
        EmailSettings {
            host: Some("127.0.0.1".into()),
            port: Some(self.port),
            encryption: Encryption::None,
            allow_unencrypted: true,
            hello: Some("sightline.example.org".into()),
            timeout_seconds: 5.0,
            from: "Sightline <alerts@sightline.example.org>".into(),
            to: (0..recipients)
                .map(|n| format!("desk{n}@example.org"))
                .collect(),
            ..EmailSettings::default()
        }
    }
}

fn build(settings: &EmailSettings, allowed: &str, folder: &Path) -> EmailChannel {
    assert_eq!(settings.check(), []);
    let egress = Egress::new(&EgressSettings {
        allow_networks: vec![allowed.parse().unwrap()],
        ..EgressSettings::default()
    })
    .unwrap();
    let surroundings = Surroundings {
        egress: &egress,
        folder,
        environment: &|name| (name == "PASSWORD").then(|| "open sesame".to_owned()),
    };
    EmailChannel::build(settings, &surroundings).unwrap()
}

fn message(number: u128) -> Message {
    Message {
        delivery: DeliveryId(Uuid::from_u128(number)),
        topic: Topic::Alert(AlertId(Uuid::from_u128(2))),
        digest_of: None,
        created_at: Timestamp(1_795_428_000_000),
        subject: "Grave: back".into(),
        text: "first\n.\n..second".into(),
        html: "<p>first".into(),
        payload: "{}".into(),
        body: None,
    }
}

impl EmailChannel {
    async fn try_first(&self, message: &Message) -> Verdict {
        self.send(message, None).await.0
    }
}

async fn send(rules: Rules, recipients: usize) -> (Verdict, Post) {
    let post = Post::open(rules).await;
    let channel = build(&post.settings(recipients), "127.0.0.0/8", Path::new(""));
    (channel.try_first(&message(1)).await, post)
}

#[tokio::test]
async fn answers_of_the_server_become_verdicts() {
    #[derive(PartialEq, Debug)]
    enum Kind {
        Delivered,
        Retry,
        Dead,
    }
    use Kind::{Dead, Delivered, Retry};
    for (start, answer, kind, words) in [
        ("never", "", Delivered, "accepted for 1"),
        ("CONNECT", "421 busy", Retry, "421"),
        ("CONNECT", "554 not you", Retry, "554"),
        ("CONNECT", "hang up", Retry, "127.0.0.1"),
        ("CONNECT", "HTTP/1.1 400 Bad Request", Retry, "127.0.0.1"),
        ("MAIL", "451 later", Retry, "the sender"),
        ("MAIL", "530 log in first", Retry, "log in first"),
        ("MAIL", "550 not you", Dead, "the sender"),
        ("RCPT", "450 greylisted", Retry, "recipient 1"),
        (
            "RCPT",
            "550 <desk0@example.org> is gone",
            Dead,
            "recipient 1",
        ),
        (
            "RCPT",
            "550 <Desk0@EXAMPLE.org> is gone: DESK0@example.org",
            Dead,
            "<…> is gone: …",
        ),
        ("DATA", "451 full", Retry, "the letter"),
        ("DATA", "hang up", Retry, "broke off"),
        (".", "452 full", Retry, "452"),
        (".", "554 looks like spam", Dead, "554"),
        (
            ".",
            "552 the box of Desk0@example.org is full",
            Dead,
            "box of …",
        ),
        (".", "hang up", Retry, "broke off"),
        ("QUIT", "hang up", Delivered, "accepted"),
    ] {
        let (verdict, _) = send(vec![(start, answer)], 1).await;
        let (found, why) = match verdict {
            Verdict::Delivered { note } => (Delivered, note),
            Verdict::Partly { note } => panic!("there is one recipient: {note}"),
            Verdict::Retry { why, .. } => (Retry, why),
            Verdict::Dead { why } => (Dead, why),
            Verdict::Disable { why } | Verdict::Untried { why } => {
                panic!("no mail server can say this: {why}")
            }
        };
        assert_eq!(found, kind, "{start} {answer}: {why}");
        assert!(why.contains(words), "{start} {answer}: {why}");
        let named = why.to_ascii_lowercase().contains("desk0@");
        assert!(!named, "names a recipient: {why}");
    }
}

#[tokio::test]
async fn one_address_that_is_gone_does_not_keep_the_alert_from_the_others() {
    let (verdict, post) = send(vec![("RCPT TO:<desk1@", "550 gone")], 3).await;
    assert!(
        matches!(&verdict, Verdict::Partly { note } if note.contains("2 of 3; the server refuses recipient 2")),
        "{verdict:?}"
    );
    assert_eq!(post.count("."), 1);
}

#[tokio::test]
async fn a_retry_goes_to_those_alone_that_the_first_try_did_not_reach() {
    let post = Post::open(vec![
        ("RCPT TO:<desk1@", "450 later"),
        ("RCPT TO:<desk2@", "550 gone"),
    ])
    .await;
    // Each by a channel that is built anew, as another process has it.
    let mut kept = None;
    let mut verdicts = Vec::new();
    for number in 0..3 {
        if number == 2 {
            post.rules.lock().unwrap().clear();
        }
        let channel = build(&post.settings(3), "127.0.0.0/8", Path::new(""));
        let (verdict, left) = channel.send(&message(1), kept.as_deref()).await;
        assert_eq!(left.is_some(), number < 2, "{verdict:?}: {left:?}");
        verdicts.push(verdict);
        kept = left;
    }
    let [
        Verdict::Retry { why, .. },
        Verdict::Retry { .. },
        Verdict::Partly { note },
    ] = &verdicts[..]
    else {
        panic!("{verdicts:?}");
    };
    for part in [
        "1 of 3 recipients have it",
        "refuses recipient 2",
        "refuses recipient 3",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    assert!(
        note.contains("2 of 3") && note.contains("recipient 3"),
        "{note}"
    );
    let asked = |n: u8| post.count(&format!("RCPT TO:<desk{n}@"));
    assert_eq!([asked(0), asked(1), asked(2)], [1, 3, 1]);
    assert_eq!(post.count("."), 2, "the second try had nobody to write to");
    // A server that does not answer makes nobody forget.
    let away = EmailSettings {
        port: Some(1),
        ..post.settings(3)
    };
    let mut progress = Progress::read(message(2).delivery, None);
    progress.reach(&"desk0@example.org".parse().unwrap());
    let kept = progress.kept(&Verdict::retry("later"));
    let channel = build(&away, "127.0.0.0/8", Path::new(""));
    let (verdict, left) = channel.send(&message(2), kept.as_deref()).await;
    assert!(matches!(verdict, Verdict::Retry { .. }), "{verdict:?}");
    assert_eq!(left, kept);
}

#[tokio::test]
async fn a_log_in_comes_first_and_a_wrong_password_is_not_the_end() {
    let post = Post::open(vec![]).await;
    let settings = EmailSettings {
        username: Some("alerts".into()),
        password_env: Some("PASSWORD".into()),
        ..post.settings(1)
    };
    let channel = build(&settings, "127.0.0.0/8", Path::new(""));
    assert!(matches!(
        channel.try_first(&message(1)).await,
        Verdict::Delivered { .. }
    ));
    assert_eq!(post.count("AUTH PLAIN AGFsZXJ0cwBvcGVuIHNlc2FtZQ=="), 1);
    assert!(!format!("{channel:?}").contains("sesame"), "{channel:?}");
    *post.rules.lock().unwrap() = vec![("AUTH", "535 wrong")];
    let verdict = channel.try_first(&message(1)).await;
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("refuses the log-in")),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn without_the_promised_encryption_nothing_is_sent() {
    let post = Post::open(vec![]).await;
    let settings = EmailSettings {
        encryption: Encryption::StartTls,
        ..post.settings(1)
    };
    let verdict = build(&settings, "127.0.0.0/8", Path::new(""))
        .try_first(&message(1))
        .await;
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("STARTTLS")),
        "{verdict:?}"
    );
    assert_eq!(post.count("MAIL"), 0);
}

#[tokio::test]
async fn no_mail_goes_to_an_inside_address() {
    let post = Post::open(vec![]).await;
    let verdict = build(&post.settings(1), "192.0.2.0/24", Path::new(""))
        .try_first(&message(1))
        .await;
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("allow_networks")),
        "{verdict:?}"
    );
    assert_eq!(post.count("CONNECT"), 0);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_tried_again() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = EmailSettings {
        port: Some(silent.local_addr().unwrap().port()),
        timeout_seconds: 0.2,
        ..Post::open(vec![]).await.settings(1)
    };
    let verdict = build(&settings, "127.0.0.0/8", Path::new(""))
        .try_first(&message(1))
        .await;
    assert!(
        matches!(&verdict, Verdict::Retry { why, .. } if why.contains("longer than 0.2 seconds")),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn letters_are_put_into_a_folder_and_a_repeat_replaces_them() {
    let folder = tempfile::tempdir().unwrap();
    let settings = EmailSettings {
        folder: Some("mail".into()),
        from: "alerts@example.org".into(),
        to: vec!["desk@example.org".into()],
        ..EmailSettings::default()
    };
    let channel = build(&settings, "127.0.0.0/8", folder.path());
    for _ in 0..2 {
        let verdict = channel.try_first(&message(1)).await;
        assert_eq!(verdict, Verdict::delivered("put into the folder"));
    }
    let files: Vec<_> = std::fs::read_dir(folder.path().join("mail"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let [file] = files.as_slice() else {
        panic!("one letter: {files:?}");
    };
    assert!(
        file.ends_with("00000000-0000-0000-0000-000000000001.eml"),
        "{file:?}"
    );
    let letter = std::fs::read_to_string(file).unwrap();
    assert!(letter.contains("Subject: Grave: back\r\n"), "{letter}");
}

#[test]
fn settings_are_checked() {
    let sound = EmailSettings {
        host: Some("smtp.example.org".into()),
        username: Some("alerts".into()),
        password_env: Some("SMTP_PASSWORD".into()),
        from: "Sightline <alerts@example.org>".into(),
        to: vec!["desk@example.org".into(), "Ann <ann@example.org>".into()],
        ..EmailSettings::default()
    };
    assert_eq!(sound.check(), []);
    let check = |change: &dyn Fn(&mut EmailSettings), key: &str| {
        let mut settings = sound.clone();
        change(&mut settings);
        let keys: Vec<_> = settings
            .check()
            .into_iter()
            .map(|problem| problem.key)
            .collect();
        assert_eq!(keys, [key]);
    };
    check(&|settings| settings.host = None, "host");
    for host in [
        "",
        " ",
        "smtp.example.org:25",
        "smtp://smtp.example.org",
        "smtp.example.org\r\nRSET",
        "[192.0.2.1]",
    ] {
        check(&|settings| settings.host = Some(host.into()), "host");
    }
    for hello in [
        "",
        "a b",
        "desk\r\nMAIL FROM:<a@example.org>",
        "müller",
        "[desk]",
    ] {
        check(&|settings| settings.hello = Some(hello.into()), "hello");
    }
    for (host, hello) in [
        ("192.0.2.1", "[192.0.2.1]"),
        ("2001:db8::1", "[IPv6:2001:db8::1]"),
        ("localhost", "desk.example.org"),
    ] {
        let mut settings = sound.clone();
        settings.host = Some(host.into());
        settings.hello = Some(hello.into());
        assert_eq!(settings.check(), [], "{host}");
    }
    check(&|settings| settings.folder = Some("mail".into()), "folder");
    check(
        &|settings| settings.encryption = Encryption::None,
        "encryption",
    );
    check(&|settings| settings.username = None, "username");
    check(&|settings| settings.password_env = None, "password_env");
    check(
        &|settings| settings.password_file = Some("password".into()),
        "password_file",
    );
    check(&|settings| settings.from.clear(), "from");
    check(
        &|settings| settings.from = "a@example.org\r\nBcc: x@example.org".into(),
        "from",
    );
    check(&|settings| settings.to.clear(), "to");
    check(&|settings| settings.to[1] = "nobody".into(), "to[1]");
    check(
        &|settings| settings.to[0] = "müller@example.org".into(),
        "to[0]",
    );
    check(
        &|settings| settings.timeout_seconds = 0.0,
        "timeout_seconds",
    );
}
