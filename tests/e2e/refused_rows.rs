//! The file of rows that an import refused: what is in it, and what is told where it can't be written.

use std::process::Output;

use sightline_model::{Clock as _, Entry, Kind, Mint, Selector, SystemClock};
use sightline_store::{Filter, entries};
use sightline_watchlists::Budget;
use tokio::runtime::Runtime;

use crate::{
    program::{Ended, PROGRAM, Place, in_folder, lines},
    telling::opened,
};

fn place() -> Place {
    let place = Place::with_instance();
    let create = "watchlist create Lotus --owner Analyst --category suspect --review-days 90";
    let terms = ["--purpose", "find people", "--legal-basis", "order 1"];
    place.run(create.split(' ').chain(terms)).ok();
    place
}

const IMPORT: [&str; 7] = [
    "watchlist",
    "import",
    "Lotus",
    "list.csv",
    "--refused",
    "refused.csv",
    "--json",
];

/// Fills the list with patterns until there is no room for one more.
async fn fill_with_patterns(place: &Place) {
    let add = ["watchlist", "add", "Lotus", "pattern", r"lotus\s?spa"];
    place.run(add).ok();
    let mut tx = opened(place).await;
    let standing = entries::list(&mut tx, &Filter::default()).await.unwrap();
    let standing = &standing[0];
    let mut budget = Budget::of([standing.selector.value.clone()]);
    let big = (0..).map(|nth| format!("x{nth:03}(?:[a-z0-9]{{9}}){{200}}"));
    let big: Vec<String> = big.take_while(|one| budget.take(one).is_ok()).collect();
    let (mint, now) = (Mint::seeded(9), SystemClock.now());
    // A few more than there is room for, as they may have been added before there was a limit.
    let more = (0..20).map(|nth| format!("y{nth:03}(?:[a-z0-9]{{9}}){{200}}"));
    let added = big.into_iter().chain(more).map(|value| Entry {
        id: mint.id(now),
        selector: Selector::new(Kind::Pattern, value),
        ..standing.clone()
    });
    let added: Vec<Entry> = added.collect();
    entries::add(&mut tx, &added).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn patterns_for_which_there_is_no_room_are_in_the_file_of_refused_rows() {
    let place = place();
    Runtime::new().unwrap().block_on(fill_with_patterns(&place));
    place.write(
        "list.csv",
        "kind,value,note\npattern,rose\\s?spa,first\nphrase,blue lotus,\npattern,lotus\\s?spa,\nphone,nobody,\n",
    );
    let ended = place.run(IMPORT);
    assert_eq!(ended.status, 1, "{}", ended.err);
    let outcomes: Vec<_> = lines(&ended.out)
        .iter()
        .map(|row| row["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(outcomes, ["refused", "added", "duplicate", "refused"]);
    let refused = std::fs::read_to_string(place.path("refused.csv")).unwrap();
    let rows: Vec<&str> = refused.lines().collect();
    assert_eq!(rows.len(), 3, "{refused}");
    assert_eq!(rows[0], "kind,value,note,refused_because,refused_at");
    assert!(
        rows[1].starts_with("pattern,rose\\s?spa,first,"),
        "{refused}"
    );
    assert!(rows[1].contains("64 MiB are the most"), "{refused}");
    assert!(rows[2].starts_with("phone,nobody,,"), "{refused}");

    // As it is, with room again.
    place.meddle("UPDATE entry SET expires_at = 1 WHERE value LIKE 'y%'");
    place.meddle("UPDATE entry SET expires_at = 1 WHERE value LIKE 'x00%'");
    place.write("again.csv", &rows[..2].join("\r\n"));
    place
        .run(["watchlist", "import", "Lotus", "again.csv"])
        .ok();
}

#[test]
fn what_was_imported_is_told_though_the_file_of_refused_rows_cannot_be_written() {
    let place = place();
    let mut list = "kind,value,note\nphone,+12025550123,\n".to_owned();
    for _ in 0..2_000 {
        list.push_str("phone,nobody,");
        list.push_str(&"n".repeat(4_000));
        list.push('\n');
    }
    place.write("list.csv", &list);
    // No file may grow beyond 5 MiB: to the program that is a disk that takes no more.
    let limited = "trap '' XFSZ; ulimit -f 5120; exec \"$0\" \"$@\"";
    let mut program = in_folder(&place.path(""), "bash");
    program.args(["-c", limited, PROGRAM]).args(IMPORT);
    let ended: Output = program.output().unwrap();
    let ended = Ended::from(ended);
    assert_eq!(ended.status, 1, "{}", ended.err);
    let rows = lines(&ended.out);
    assert_eq!(rows.len(), 2_001);
    assert_eq!(rows[0]["outcome"], "added");
    assert!(ended.err.contains("1 added, 0 updated"), "{}", ended.err);
    assert!(ended.err.contains("2000 refused"), "{}", ended.err);
    assert!(!ended.err.contains("rows are in"), "{}", ended.err);
    let last = ended.err.lines().last().unwrap();
    for part in ["error: refused.csv", "import the file again"] {
        assert!(last.contains(part), "{part}: {last}");
    }
    let left = std::fs::read_dir(place.path("")).unwrap();
    let left = left.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("refused.csv")
    });
    assert_eq!(left.count(), 0, "nothing stays of what is not whole");

    // With room on the disk, it can be had again.
    let again = place.run(IMPORT);
    assert_eq!(lines(&again.out)[0]["outcome"], "duplicate");
    let refused = std::fs::read_to_string(place.path("refused.csv")).unwrap();
    assert_eq!(refused.lines().count(), 2_001);
}
