//! A site whose footer carries a hotline that is on the watchlist: told of once, then known for what it is.

use serde_json::Value;

use crate::{board::Board, watching::text};

/// The site's own number, and that of one seller.
const HOTLINE: &str = "+12025550100";
const SELLER: &str = "+12065550107";

/// So many ads, each of a seller of its own; the site's hotline stands under each.
fn ads(count: usize) -> Vec<String> {
    (1..=count)
        .map(|nth| {
            format!(
                "<h1>Room {nth}</h1><p>Nice and quiet. Call 206-555-01{nth:02}.</p>\
                 <footer>Trouble with an ad? Our hotline: (202) 555-0100</footer>"
            )
        })
        .collect()
}

/// What `sightline … --json` prints.
fn records(board: &Board, arguments: &[&str]) -> Vec<Value> {
    let arguments = arguments.iter().copied().chain(["--json"]);
    board.place.run(arguments).records()
}

/// How many sightings there are, and how many alerts in this state.
fn standing(board: &Board, state: &str) -> (usize, usize) {
    let alerts = records(board, &["alerts"]);
    let in_state = alerts.iter().filter(|alert| text(alert, "state") == state);
    (records(board, &["sightings"]).len(), in_state.count())
}

fn overrule(board: &Board, word: &str) -> String {
    let said = ["furniture", word, "board", "phone", "202-555-0100"];
    let why = ["--reason", "looked at the page", "--by", "O. Perator"];
    board.place.run(said.into_iter().chain(why)).ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hotline_that_nobody_looked_for_is_learned_told_of_and_overruled() {
    let board = Board::open().await;
    board.show(&ads(24)).await;
    board.watch("phone", SELLER);
    board.crawl();
    assert_eq!(standing(&board, "open"), (1, 1));

    let learned = records(&board, &["furniture", "--source", "board"]);
    assert_eq!(learned.len(), 1, "{learned:?}");
    assert_eq!(text(&learned[0], "value"), HOTLINE);
    assert_eq!(text(&learned[0], "state"), "learned");
    assert_eq!(
        (&learned[0]["shown_on"], &learned[0]["listings"]),
        (&24.into(), &24.into())
    );
    assert!(learned[0]["sellers"].as_i64() >= Some(20), "{learned:?}");

    // Nobody is left to think that silence means absence, before they add it and after.
    let test = ["watchlist", "backtest", "missing", "phone", HOTLINE];
    let foretold = board.place.run(test).ok();
    for part in [
        "would have raised 0 alerts with 0 messages on 0 listings",
        "Mind: it is the site's own on source 'board': it stands on 100 % of the listings",
        "sightline furniture release 'board' phone '+12025550100' --reason",
        "Were it released, it would have raised 1 alert with 1 message on 24 listings",
    ] {
        assert!(foretold.contains(part), "{part}\n{foretold}");
    }
    let added = board.watch("phone", HOTLINE);
    let blind = "the site's own on source 'board': it stands on 100 % of the listings";
    for command in [&["watchlist", "show", "missing"][..], &["doctor"]] {
        let said = board.place.run(command).ok();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("raises nothing there"), "{command:?}: {said}");
    }
    assert!(added.contains(blind), "{added}");
    let entries = records(&board, &["watchlist", "show", "missing"]);
    assert_eq!(entries[0]["furniture"], Value::Array(Vec::new()));
    assert_eq!(entries[1]["furniture"][0]["state"], "learned");
    board
        .place
        .run([
            "watchlist",
            "create",
            "other",
            "--owner",
            "B",
            "--category",
            "other",
            "--review-days",
            "9",
            "--purpose",
            "x",
            "--legal-basis",
            "y",
        ])
        .ok();
    let added = board
        .place
        .run(["watchlist", "add", "other", "phone", HOTLINE])
        .ok();
    assert!(added.contains(blind), "{added}");

    // More of it raises nothing, and a hunt finds nothing.
    board.show(&ads(30)).await;
    board.crawl();
    board.place.run(["hunt"]).ok();
    assert_eq!(standing(&board, "open"), (1, 1));

    // Released, it comes as a hunt would have found it: once, and in one alert for each entry.
    overrule(&board, "release");
    assert_eq!(standing(&board, "open"), (1 + 2 * 30, 3));
    overrule(&board, "release");
    board.crawl();
    assert_eq!(standing(&board, "open"), (1 + 2 * 30, 3));
    let released = records(&board, &["furniture"]);
    assert_eq!(text(&released[0], "state"), "released");
    assert_eq!(text(&released[0], "who"), "O. Perator");

    // Declared, it goes again.
    overrule(&board, "declare");
    assert_eq!(standing(&board, "open"), (1, 1));
    board.crawl();
    assert_eq!(standing(&board, "open"), (1, 1));
    let deeds: Vec<String> = records(&board, &["furniture"])
        .iter()
        .map(|one| text(one, "state").to_owned())
        .collect();
    assert_eq!(deeds, ["declared"]);
}

/// What a small site has under every ad may be its hotline, or the number of those who run it: whoever looks for it is told
/// of it until a person decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_somebody_looks_for_is_suspected_and_told_of_until_a_person_decides() {
    let board = Board::open().await;
    board.show(&ads(24)).await;
    board.watch("phone", HOTLINE);
    board.watch("phone", SELLER);
    board.crawl();
    assert_eq!(standing(&board, "open"), (25, 2));
    let suspected = records(&board, &["furniture", "--source", "board"]);
    assert_eq!(text(&suspected[0], "value"), HOTLINE);
    assert_eq!(text(&suspected[0], "state"), "suspected");
    assert!(suspected[0]["sellers"].as_i64() >= Some(20));
    let why = text(&suspected[0], "why");
    assert!(why.contains("a person decides"), "{why}");
    for command in [&["watchlist", "show", "missing"][..], &["doctor"]] {
        let said = board.place.run(command).ok();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains("it still raises alerts"),
            "{command:?}: {said}"
        );
    }
    board.show(&ads(30)).await;
    board.crawl();
    assert_eq!(standing(&board, "open"), (31, 2));

    // Declared, its alert is closed, and a second letter says why; the seller's stands.
    overrule(&board, "declare");
    assert_eq!(standing(&board, "open"), (1, 1));
    let closed = records(&board, &["alerts"])
        .into_iter()
        .find(|alert| text(alert, "state") == "closed")
        .unwrap();
    assert_eq!(text(&closed, "closed_as"), "furniture");
    board.place.run(["deliver"]).ok();
    let why = "the site's own: it stands on 100 % of a source's listings, and raises nothing there any more";
    let letters = board.letters();
    assert!(
        letters.iter().any(|letter| letter.contains(why)),
        "{letters:?}"
    );

    // Released, it comes once as a hunt would have found it; what was told stays told.
    let show_closed = ["alert", "show", text(&closed, "id")];
    for word in ["", "release"] {
        if !word.is_empty() {
            overrule(&board, word);
        }
        let told = board.place.run(show_closed).ok();
        assert!(told.contains("seen for the first time"), "{told}");
        assert!(!told.contains("already stored"), "{told}");
    }
    assert_eq!(standing(&board, "open"), (31, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_without_other_sellers_is_suspected_and_still_told_of() {
    let board = Board::open().await;
    let ads: Vec<String> = (1..=24)
        .map(|nth| format!("<h1>Girl {nth}</h1><p>Call (202) 555-0100, day and night.</p>"))
        .collect();
    board.show(&ads).await;
    board.watch("phone", HOTLINE);
    board.crawl();
    assert_eq!(standing(&board, "open"), (24, 1));
    let suspected = records(&board, &["furniture"]);
    assert_eq!(text(&suspected[0], "state"), "suspected");
    let doctor = board.place.run(["doctor"]).ok();
    assert!(doctor.contains("perhaps the site's own"), "{doctor}");

    // In the order in which it was seen: the first time first.
    let letter = &board.letters()[0];
    let place = |part: &str| letter.find(part).unwrap_or(usize::MAX);
    let first = place(">1. seen for the first time<");
    assert!(
        first < place(">2. one more listing") && first != usize::MAX,
        "{letter}"
    );
    assert!(
        place(">2. one more listing") < place(">24. one more listing"),
        "{letter}"
    );

    // Whoever has read the letter is told when it turns out to have told of nothing.
    assert_eq!(board.letters().len(), 1);
    overrule(&board, "declare");
    board.place.run(["deliver"]).ok();
    let letters = board.letters();
    let closing = "Sightline has closed this alert: what it told of is the site's own.";
    let closed = letters.iter().filter(|letter| letter.contains(closing));
    assert_eq!((letters.len(), closed.count()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hotline_that_the_site_gives_up_is_an_ordinary_number_again() {
    let board = Board::open().await;
    board.show(&ads(24)).await;
    board.crawl();
    board.watch("phone", HOTLINE);
    board.crawl();
    assert_eq!(standing(&board, "open"), (0, 0));
    // The footer has gone, and a seller has the number now.
    let changed: Vec<String> = ads(24)
        .iter()
        .enumerate()
        .map(|(nth, ad)| match nth {
            3 => ad.clone(),
            _ => ad.split("<footer>").next().unwrap_or_default().to_owned(),
        })
        .collect();
    board.show(&changed).await;
    board.crawl();
    assert_eq!(records(&board, &["furniture"]), Vec::<Value>::new());
    let (sightings, open) = standing(&board, "open");
    assert_eq!(
        (sightings, open),
        (24, 1),
        "what was withheld is told of as well"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_overruled_is_said() {
    let board = Board::open().await;
    board.show(&ads(1)).await;
    board.crawl();
    for (arguments, part) in [
        (["board", "phone", "nonsense", "because"], "phone"),
        (
            ["board", "phrase", "keep your passport", "because"],
            "ignore",
        ),
        (["nowhere", "phone", HOTLINE, "because"], "nowhere"),
        (["board", "phone", HOTLINE, " "], "--reason"),
    ] {
        let [source, kind, value, reason] = arguments;
        let said = [
            "furniture",
            "declare",
            source,
            kind,
            value,
            "--reason",
            reason,
        ];
        let ended = board.place.run(said);
        assert_eq!(ended.status, 2, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(part), "{arguments:?}: {}", ended.err);
    }
    let close = [
        "alert",
        "close",
        "00000000-0000-0000-0000-000000000001",
        "--as",
        "furniture",
    ];
    let ended = board.place.run(close);
    assert_eq!(ended.status, 2);
    assert!(
        ended.err.contains("sightline furniture declare"),
        "{}",
        ended.err
    );
}

/// A board whose source has no region shows its hotline as it is dialled there; whoever overrules it may write it in any
/// way, and is told what is true.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_overruled_in_any_spelling_where_nothing_tells_its_country() {
    for (spelling, read) in [
        ("+1 202 555 0100", ", which '+1 202 555 0100' is read as,"),
        ("(202) 555-0100", ", which '(202) 555-0100' is read as,"),
        ("2025550100", ""),
    ] {
        let board = Board::open().await;
        let source = std::fs::read_to_string(board.place.path("sources/board.toml")).unwrap();
        let source = source.replace("region = \"US\"\n", "");
        board.place.write("sources/board.toml", &source);
        board.show(&ads(3)).await;
        board.watch("phone", HOTLINE);
        board.crawl();
        assert_eq!(standing(&board, "open"), (3, 1));
        let say = |word: &str, value: &str| {
            let said = [
                "furniture",
                word,
                "board",
                "phone",
                value,
                "--reason",
                "looked",
            ];
            board.place.run(said).ok()
        };
        let said = say("declare", spelling);
        for part in [
            format!(
                "phone 2025550100{read} is declared on 'board': from now on it raises nothing there. It stands on 3 of 3 listings."
            ),
            "entries on other numbers that end so raise nothing by it, either".to_owned(),
            "3 sightings are withheld; 1 alert is closed that held nothing else.".to_owned(),
        ] {
            assert!(said.contains(&part), "{part}\n{said}");
        }
        assert_eq!(standing(&board, "open"), (0, 0));
        let shown = board.place.run(["watchlist", "show", "missing"]).ok();
        assert!(shown.contains("a site's own"), "{shown}");
        board.crawl();
        assert_eq!(standing(&board, "open"), (0, 0));
        let said = say("release", spelling);
        assert!(said.contains("it raises alerts there again"), "{said}");
        assert!(
            said.contains("3 sightings were withheld, and come now as what a hunt finds."),
            "{said}"
        );
        assert_eq!(standing(&board, "open"), (3, 1));
        let said = say("release", spelling);
        assert!(said.contains("it raises alerts there, as before"), "{said}");
        assert!(said.contains("Nothing was withheld."), "{said}");
        // What does not stand there is taken as it was written, and said not to.
        let said = say("declare", "+1 202 555 0177");
        for part in [
            "phone +12025550177",
            "None of its 3 listings shows it at present.",
            "No sighting was made by it.",
        ] {
            assert!(said.contains(part), "{part}\n{said}");
        }
    }
}

/// Where nothing tells the country, the site's number may be another's as well: an entry on one that ends alike is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_without_a_country_is_never_the_sites_own() {
    let board = Board::open().await;
    let source = std::fs::read_to_string(board.place.path("sources/board.toml")).unwrap();
    let source = source.replace("region = \"US\"\n", "");
    board.place.write("sources/board.toml", &source);
    board.show(&ads(24)).await;
    board.watch("phone", HOTLINE);
    board.crawl();

    let learned = records(&board, &["furniture", "--source", "board"]);
    assert!(learned.is_empty(), "{learned:?}");
    let seen = records(&board, &["sightings"]);
    assert_eq!(seen.len(), 24);
    assert!(seen.iter().all(|one| text(one, "certainty") == "possible"));
    assert_eq!(standing(&board, "open"), (24, 1));
}
