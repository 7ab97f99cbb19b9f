//! Operators hear of what is wrong with the machinery from whichever command comes upon it, without a service.

use serde_json::Value;

use crate::{board::Board, program::lines, watching::text};

/// What operators were sent so far: the notices' type, kind and what they are of.
fn told(board: &Board) -> Vec<(String, String, String)> {
    let sent = std::fs::read_to_string(board.place.path("ops.jsonl")).unwrap_or_default();
    let mut told: Vec<_> = lines(&sent)
        .iter()
        .map(|line| {
            let data: &Value = &line["payload"]["data"];
            let field = |key| text(data, key).to_owned();
            (field("state"), field("kind"), field("name"))
        })
        .collect();
    told.sort();
    told
}

fn open(board: &Board) -> Vec<String> {
    let records = board.place.run(["notices", "--open", "--json"]).records();
    let mut kinds: Vec<String> = records
        .iter()
        .map(|notice| text(notice, "kind").to_owned())
        .collect();
    kinds.sort();
    kinds
}

fn all(told: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let told = told.iter().copied();
    told.map(|(state, kind, name)| (state.to_owned(), kind.to_owned(), name.to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crawl_alone_tells_operators_what_it_came_to() {
    let board = Board::open().await;
    let settings = std::fs::read_to_string(board.place.path("sightline.toml")).unwrap();
    let channels = "[channels.hook]\nkind = \"teams\"\nurl_file = \"room\"\nallow_unencrypted = true\n\
         [channels.ops]\nkind = \"file\"\npath = \"ops.jsonl\"\n\
         [operators]\nchannels = [\"ops\"]\n";
    board.place.write("room", &board.hook());
    board
        .place
        .write("sightline.toml", &format!("{settings}\n{channels}"));
    board
        .place
        .run(["watchlist", "set", "missing", "--channel", "hook"])
        .ok();
    board
        .show(&["<h1>Room</h1><p>Call (202) 555-0123.</p>".to_owned()])
        .await;
    board.watch("phone", "202-555-0123");

    // The receiver has gone for good: the crawl that finds so says so.
    board.answer(410).await;
    board.crawl_untold();
    let gone = ("begins", "endpoint_disabled", "hook");
    assert_eq!(told(&board), all(&[gone]));
    let shown = board.place.run(["notices"]);
    let waits = "; 1 message waits for it";
    assert!(shown.out.contains(waits), "{}", shown.out);
    assert!(!shown.err.contains("Nothing is wrong"), "{}", shown.err);

    // What waited is sent once the channel is on again; here it is too long for its receiver.
    board.place.run(["channel", "enable", "hook"]).ok();
    board.answer(413).await;
    assert_eq!(board.place.run(["deliver"]).status, 1);
    let dead = ("begins", "dead_letter", "hook");
    let over = ("recovered", "endpoint_disabled", "hook");
    let so_far = [dead, gone, over];
    assert_eq!(told(&board), all(&so_far));

    // What is tried again is not out yet, and the notice says nothing else until it is.
    board.answer(500).await;
    let given_up = board
        .place
        .run(["deliveries", "--state", "dead", "--json"])
        .records();
    let again = board
        .place
        .run(["deliver", "--replay", text(&given_up[0], "id")]);
    assert_eq!(again.status, 1, "{}", again.err);
    assert!(again.out.contains("to be tried again"), "{}", again.out);
    assert_eq!(open(&board), ["dead_letter"]);
    assert_eq!(told(&board), all(&so_far));

    // The site refuses: one crawl by hand, and nothing else, and operators know.
    board.refuse().await;
    assert_eq!(board.place.run(["crawl", "board"]).status, 1);
    assert_eq!(open(&board), ["dead_letter", "source_failing"]);
    // Whoever looks and crawls nothing says neither more nor less.
    board.place.run(["deliver"]);
    let failing = ("begins", "source_failing", "board");
    let so_far = [dead, gone, failing, over];
    assert_eq!(told(&board), all(&so_far));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_was_told_of_is_shown_all_the_same() {
    let board = Board::open().await;
    let shown = board.place.run(["notices"]);
    assert!(shown.err.contains("Nothing is wrong"), "{}", shown.err);
    board.place.write("sources/bent.toml", "start = 5\n");
    let shown = board.place.run(["notices"]);
    let said = "Wrong, and not told of yet: the source bent is not crawled";
    assert!(shown.err.contains(said), "{}", shown.err);
    assert!(!shown.err.contains("Nothing is wrong"), "{}", shown.err);
    // A crawl that has nothing sound to crawl tells as well.
    std::fs::remove_file(board.place.path("sources/board.toml")).unwrap();
    let crawled = board.place.run(["crawl", "--all"]);
    assert_eq!(crawled.status, 2, "{}", crawled.err);
    assert_eq!(open(&board), ["source_failing"]);
    let shown = board.place.run(["notices"]);
    assert!(!shown.err.contains("not told of yet"), "{}", shown.err);
}

/// Each of these is a mistake in one channel: that one is out of use, everybody says so, and nothing else stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_written_wrongly_is_out_of_use_alone() {
    let board = Board::open().await;
    let settings = std::fs::read_to_string(board.place.path("sightline.toml")).unwrap();
    // What stands in the settings is right, and what the secret names is not: nobody is told by it.
    let room = "[channels.room]\nkind = \"slack\"\nurl_file = \"room\"\n";
    board.place.write("room", "http://chat.example.org/hook");
    board
        .place
        .write("sightline.toml", &format!("{settings}\n{room}"));
    let checked = board.place.run(["check"]);
    assert_eq!(checked.status, 1, "{}\n{}", checked.out, checked.err);
    assert!(checked.out.contains("nothing can be sent by 1 channel"));
    assert!(!checked.out.contains("sound"), "{}", checked.out);
    let channels = "[channels.siem]\nkind = \"splunk\"\nurl = \"http://splunk.example.org:8088\"\ntoken_file = \"secret\"\n\
                    [channels.typo]\nkind = \"file\"\npaht = \"x.jsonl\"\n\
                    [channels.room]\nkind = \"slack\"\nurl_file = \"room\"\n\
                    [channels.ops]\nkind = \"file\"\npath = \"ops.jsonl\"\n\
                    [operators]\nchannels = [\"ops\", \"siem\"]\n";
    board.place.write("secret", "a token");
    board.place.write("room", "http://chat.example.org/hook");
    board
        .place
        .write("sightline.toml", &format!("{settings}\n{channels}"));
    let clear = "alerts would travel in the clear; write https, or allow_unencrypted = true";

    let checked = board.place.run(["check"]);
    assert_eq!(checked.status, 2);
    for part in ["channels.siem.url", "channels.typo.paht", clear] {
        assert!(
            checked.out.contains(part) || checked.err.contains(part),
            "{part}\n{}\n{}",
            checked.out,
            checked.err
        );
    }

    // Lists can be told by it, crawls go on, and the others are told.
    let set = ["watchlist", "set", "missing", "--channel", "siem"];
    board.place.run(set).ok();
    board
        .show(&["<h1>Room</h1><p>Call (202) 555-0123.</p>".to_owned()])
        .await;
    board.watch("phone", "202-555-0123");
    board.crawl_untold();
    board.place.run(["deliver"]);
    let begins = ["room", "siem", "typo"].map(|name| ("begins", "channel_unusable", name));
    let told = told(&board);
    let notices = told
        .iter()
        .filter(|(_, kind, _)| kind == "channel_unusable");
    assert_eq!(notices.cloned().collect::<Vec<_>>(), all(&begins));
    assert_eq!(open(&board), ["channel_unusable"; 3]);
    let sent = std::fs::read_to_string(board.place.path("ops.jsonl")).unwrap();
    assert!(
        sent.contains("out of use") && sent.matches("allow_unencrypted = true").count() >= 2,
        "{sent}"
    );

    let listed = board.place.run(["channel", "list", "--json"]).records();
    let states: Vec<_> = listed
        .iter()
        .map(|row| (text(row, "channel"), text(row, "state")))
        .collect();
    for name in ["siem", "typo", "room"] {
        assert!(states.contains(&(name, "unusable")), "{states:?}");
    }
    let siem = listed
        .iter()
        .find(|row| text(row, "channel") == "siem")
        .unwrap();
    // The alert, and what operators are told of the two others.
    assert_eq!(siem["waiting"], 3, "what is due to it waits");
    let doctor = board.place.run(["doctor"]);
    for name in ["siem", "typo", "room"] {
        let said = format!("the channel '{name}' cannot be used");
        assert!(doctor.out.contains(&said), "{said}\n{}", doctor.out);
    }
    // The list's investigators read there what is for operators.
    let shared = "siem tells operators what is wrong, and carries the alerts of missing too";
    assert!(doctor.out.contains(shared), "{}", doctor.out);
    assert!(
        !doctor.out.contains("no channel of that name"),
        "{}",
        doctor.out
    );

    // Mended, it is used, and its notice is over.
    let mended = channels.replace("paht", "path");
    board
        .place
        .write("sightline.toml", &format!("{settings}\n{mended}"));
    board.place.run(["deliver"]);
    assert_eq!(open(&board), ["channel_unusable"; 2]);
}
