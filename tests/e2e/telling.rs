//! Who is told what, when it falls due without a crawl: digests, reminders, and what operators have to know; and what many
//! sightings of one entry come to.

use serde_json::Value;
use sightline_model::{Alert, Clock, Mint, SystemClock, Timestamp, Wait};
use sightline_store::{
    Filter, Store, StoreSettings, Tx, alerts,
    deliveries::{self, DeliveryEnd},
    waits,
};

use crate::{
    board::Board,
    program::Place,
    support::{Tools, hook::Hook, mailbox::Mailbox},
};

/// The secret that webhooks are signed with; of no worth outside the tests.
const SECRET: &str = "whsec_c2lnaHRsaW5lLXRlc3RzLW9ubHktMDEyMzQ1Njc4OQ==";

/// A transaction on an instance's store, for what a story can't wait for: time that passes.
pub async fn opened(place: &Place) -> Tx {
    let settings = StoreSettings {
        url: format!("sqlite:{}", place.path("data/sightline.db").display()),
        ..StoreSettings::default()
    };
    let store = Store::open(&settings, None).await.unwrap();
    let now = SystemClock.now();
    let organisation = store.organisation("default", now, &Mint::seeded(1)).await;
    store.write(organisation.unwrap()).await.unwrap()
}

async fn all_alerts(tx: &mut Tx) -> Vec<Alert> {
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    alerts::list(tx, &filter).await.unwrap()
}

fn hours_ago(hours: u32) -> Timestamp {
    SystemClock.now() - std::time::Duration::from_secs(3_600) * hours
}

/// A board with two numbers that are watched, told to a real mail server and a real webhook receiver.
async fn told_for_real(more: &str) -> Option<(Board, Mailbox, Hook)> {
    let tools = Tools::find()?;
    let board = Board::open().await;
    let place = &board.place;
    let mailbox = Mailbox::start(&tools, &place.path("mail"));
    let hook = Hook::start(&tools, &place.path("hook"), SECRET);
    let settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    let channels = format!(
        r#"
        [channels.desk]
        kind = "email"
        host = "127.0.0.1"
        port = {port}
        encryption = "none"
        allow_unencrypted = true
        from = "Sightline <sightline@example.org>"
        to = ["desk@example.org"]

        [channels.cases]
        kind = "webhook"
        url = "{hook}"
        allow_unencrypted = true
        secret_file = "secret"
        {more}
        "#,
        port = mailbox.port(),
        hook = hook.url(),
    );
    place.write("secret", SECRET);
    place.write("sightline.toml", &(settings + &channels));
    let ads = ["(202) 555-0147", "(202) 555-0123"];
    for number in ads {
        board.watch("phone", number);
    }
    board
        .show(&ads.map(|number| format!("<h1>Room</h1><p>Call {number}</p>")))
        .await;
    Some((board, mailbox, hook))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_goes_out_by_mail_and_webhook_once_it_is_due() {
    let Some((board, mailbox, hook)) = told_for_real("").await else {
        return;
    };
    let place = &board.place;
    let set = "watchlist set missing --digest weekly --channel desk --channel cases";
    place.run(set.split(' ')).ok();
    board.crawl();
    place.run(["deliver"]).ok();
    assert_eq!(mailbox.letters(), []);
    assert_eq!(hook.received(), []);

    let mut tx = opened(place).await;
    let waiting = all_alerts(&mut tx).await;
    assert_eq!(waiting.len(), 2);
    for alert in &waiting {
        let due = hours_ago(1);
        waits::hasten(&mut tx, alert.id, 1, due, Some(Wait::Digest))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    place.run(["deliver"]).ok();
    let letters = mailbox.letters();
    assert_eq!(letters.len(), 1, "one letter tells of both");
    assert_eq!(letters[0].to, ["desk@example.org"]);
    assert_eq!(letters[0].defects, Vec::<String>::new());
    let text = letters[0].text.as_deref().unwrap();
    let received = hook.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].verified, "{:?}", received[0].error);
    let told: Value = serde_json::from_str(&received[0].body).unwrap();
    assert_eq!(
        (&told["type"], &told["data"]["alerts"]),
        (&"digest".into(), &2.into())
    );
    for alert in &waiting {
        let id = alert.id.to_string();
        assert!(text.contains(&id), "{id} not in {text}");
        assert!(received[0].body.contains(&id), "{id}: {told}");
    }
    place.run(["deliver"]).ok();
    assert_eq!(mailbox.letters().len(), 1, "nothing twice");
}

/// Has every message that is to be tried again be due by now.
async fn next_tries_are_due(place: &Place) {
    let mut tx = opened(place).await;
    let again = DeliveryEnd::Retry {
        at: hours_ago(1),
        error: "later".to_owned(),
    };
    for alert in all_alerts(&mut tx).await {
        for one in deliveries::of_alerts(&mut tx, &[alert.id]).await.unwrap() {
            deliveries::finish(&mut tx, one.id, &again, SystemClock.now())
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
}

/// A board whose watchlist tells three people by one letter.
async fn three_are_told() -> Option<(Board, Mailbox, Hook)> {
    let (board, mailbox, hook) = told_for_real("").await?;
    let place = &board.place;
    let settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    let three = r#"["desk@example.org", "night@example.org", "grey@example.org"]"#;
    let settings = settings.replace(r#"["desk@example.org"]"#, three);
    place.write("sightline.toml", &settings);
    let set = "watchlist set missing --channel desk";
    place.run(set.split(' ')).ok();
    Some((board, mailbox, hook))
}

/// Holds only if each of the three has every one of so many letters, and none of them twice.
fn all_have_each_once(mailbox: &Mailbox, letters: usize) {
    let mut told = Vec::new();
    for letter in mailbox.letters() {
        let id = letter.header("message-id").unwrap().to_owned();
        told.extend(letter.to.into_iter().map(|to| (to, id.clone())));
    }
    told.sort();
    let all = told.len();
    told.dedup();
    assert_eq!(told.len(), all, "somebody has one twice");
    assert_eq!(all, 3 * letters, "all have all: {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_recipient_who_is_put_off_brings_the_others_no_second_letter() {
    let Some((board, mailbox, _hook)) = three_are_told().await else {
        return;
    };
    let place = &board.place;
    mailbox.answer(&[("RCPT grey@example.org", "451 come back later")]);
    // Each of these is a process of its own.
    board.crawl_untold();
    next_tries_are_due(place).await;
    assert_eq!(place.run(["deliver"]).status, 1);
    let letters = mailbox.letters();
    assert!(!letters.is_empty(), "the others have it");
    mailbox.answer(&[]);
    next_tries_are_due(place).await;
    place.run(["deliver"]).ok();
    all_have_each_once(&mailbox, letters.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_refused_is_asked_again_once_the_letter_is_put_back() {
    let Some((board, mailbox, _hook)) = three_are_told().await else {
        return;
    };
    let place = &board.place;
    mailbox.answer(&[
        ("RCPT night@example.org", "550 no such mailbox"),
        ("RCPT grey@example.org", "451 come back later"),
    ]);
    board.crawl_untold();
    let letters = mailbox.letters().len();
    assert!(letters > 0, "one of them has it");
    // As long as it is tried, the one who was refused is left alone; then it is given up.
    mailbox.answer(&[("DATA", "554 not this one")]);
    next_tries_are_due(place).await;
    assert_eq!(place.run(["deliver"]).status, 1);
    let dead = place.run(["deliveries", "--state", "dead", "--json"]);
    assert_eq!(dead.records().len(), letters);

    // Meanwhile somebody has made the mailbox.
    mailbox.answer(&[]);
    place.run(["deliver", "--replay", "--all"]).ok();
    all_have_each_once(&mailbox, letters);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_are_told_of_a_dead_letter_by_another_channel() {
    let operators = "[operators]\nchannels = [\"cases\", \"desk\"]";
    let Some((board, mailbox, hook)) = told_for_real(operators).await else {
        return;
    };
    let place = &board.place;
    let set = ["watchlist", "set", "missing", "--channel", "desk"];
    place.run(set).ok();
    mailbox.answer(&[("RCPT", "550 nobody of that name")]);
    place.run(["crawl", "board"]);
    place.run(["deliver"]);

    let received = hook.received();
    let told: Vec<Value> = received
        .iter()
        .map(|one| serde_json::from_str(&one.body).unwrap())
        .collect();
    assert!(!told.is_empty(), "nobody was told");
    assert!(received.iter().all(|one| one.verified));
    let of_operators = |one: &Value| one["type"] == "notice.operator";
    assert!(told.iter().all(of_operators), "{told:?}");
    let body = &received[0].body;
    assert!(
        body.contains("desk") && body.contains("deliveries --state dead"),
        "{body}"
    );
    assert!(!body.contains("5550147"), "{body}");
    mailbox.answer(&[]);
    place.run(["deliver"]);
    let letters = mailbox.letters();
    assert_eq!(letters, [], "a channel in trouble is not told of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliver_reminds_of_what_nobody_has_acknowledged() {
    let board = Board::open().await;
    let place = &board.place;
    let set = ["watchlist", "set", "missing", "--repeat-seconds", "3600"];
    place.run(set).ok();
    board.watch("phone", "+12025550147");
    board
        .show(&["<h1>Room</h1><p>Call (202) 555-0147</p>".to_owned()])
        .await;
    board.crawl();
    place.run(["deliver"]).ok();
    assert_eq!(board.letters().len(), 1);

    let mut tx = opened(place).await;
    let mut alert = all_alerts(&mut tx).await.remove(0);
    alert.notify_at = Some(hours_ago(2));
    alerts::update(&mut tx, &[alert]).await.unwrap();
    tx.commit().await.unwrap();
    place.run(["deliver"]).ok();
    assert_eq!(board.letters().len(), 2, "a reminder");
    place.run(["deliver"]).ok();
    assert_eq!(board.letters().len(), 2, "one reminder");
}

/// Sources in place of the one, each of which watches one of the board's ads.
fn sources(board: &Board, count: usize) {
    let file = |name: &str| board.place.path(&format!("sources/{name}.toml"));
    let whole = std::fs::read_to_string(file("board")).unwrap();
    let records = "record = { root = \"body\", title = \"h1\", body = \"p\" }";
    for number in 1..=count {
        let one = whole
            .replace("/\"]", &format!("/ads/{number}\"]"))
            .replace("links = [\"a.ad\"]", records);
        std::fs::write(file(&format!("ad{number}")), one).unwrap();
    }
    std::fs::remove_file(file("board")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_beyond_an_entrys_ceiling_is_told_in_one_alert() {
    let board = Board::open().await;
    let place = &board.place;
    sources(&board, 5);
    let set = "watchlist set missing --group-by source --ceiling 2";
    let said = place.run(set.split(' ')).ok();
    assert!(said.contains("ceiling_per_day: 20 → 2"), "{said}");
    board.watch("phone", "+12025550147");
    let ad = "<h1>Room</h1><p>Call (202) 555-0147</p>".to_owned();
    board.show(&vec![ad; 5]).await;
    place.run(["crawl", "--all"]).ok();

    assert_eq!(board.letters().len(), 2, "so many at once, and no more");
    let sightings = place.run(["sightings", "--json"]).records();
    let fates = |is: &str| {
        let of = sightings.iter().filter(|one| one["fate"]["is"] == is);
        of.collect::<Vec<_>>()
    };
    assert_eq!((fates("told").len(), fates("gathered").len()), (2, 3));
    let gathered = fates("gathered");
    let alert = gathered[0]["fate"]["alert"].as_str().unwrap();
    let words = format!(
        "not sent singly: the entry's ceiling of 2 messages a day was reached; gathered in alert {alert} with 3 sightings"
    );
    for one in &gathered {
        let told = one["told"].as_str().unwrap();
        assert!(told.starts_with(&words), "{told}");
    }
    let shown = place.run(["alert", "show", alert]).ok();
    assert_eq!(shown.matches(&words).count(), 3, "{shown}");
    assert!(shown.contains("gathers what comes until"), "{shown}");

    let mut tx = opened(place).await;
    let id = alert.parse().unwrap();
    waits::hasten(&mut tx, id, 1, hours_ago(1), Some(Wait::Ceiling))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    place.run(["deliver"]).ok();
    let letters = board.letters();
    assert_eq!(letters.len(), 3);
    let flood = letters
        .iter()
        .filter(|one| one.contains("3 sightings are gathered"));
    assert_eq!(flood.count(), 1, "{letters:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_tells_what_each_row_would_have_raised() {
    let board = Board::open().await;
    let ad = |number: &str| format!("<h1>Room</h1><p>Call {number}</p>");
    board
        .show(&[
            ad("(202) 555-0147"),
            ad("(202) 555-0147"),
            ad("(202) 555-0199"),
        ])
        .await;
    board.crawl();
    let place = &board.place;
    place.write(
        "list.csv",
        "kind,value\nphone,+12025550147\nphone,+12025550123\nphone,+12025550199\nphone,x\n",
    );
    let import = ["watchlist", "import", "missing", "list.csv", "--dry-run"];
    let dry = place.run(import);
    assert_eq!(dry.status, 1);
    assert!(
        dry.out
            .contains("would have raised 1 alert on 2 listings in the last 90 days"),
        "{}",
        dry.out
    );
    assert!(
        dry.err
            .contains("Together they would have raised 2 alerts on 3 listings in the last 90 days"),
        "{}",
        dry.err
    );
    let rows = crate::program::lines(&place.run(import.iter().chain(&["--json"])).out);
    let would: Vec<&Value> = rows
        .iter()
        .map(|row| &row["backtest"]["listings"])
        .collect();
    assert_eq!(would, [&2.into(), &Value::Null, &1.into(), &Value::Null]);
    assert_eq!(
        place.run(["watchlist", "show", "missing", "--json"]).ok(),
        ""
    );
    assert_eq!(place.run(["sightings", "--json"]).ok(), "");
}
