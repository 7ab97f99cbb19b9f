//! Power cuts: a file system of the test's own is cut off in the middle of the work, and the machine is started again. What
//! was acknowledged is there.

use std::{path::Path, process::Command, thread, time::Duration};

use sqlx::{Connection, Executor, Row, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{
    farm::Farm,
    machine::{Machine, wait},
    program::Place,
    random::Random,
    root::Mounted,
    rounds::rounds,
};

/// Cuts in the short form.
const FEW: usize = 3;
/// Room for the store and the evidence, in MiB.
const ROOM: u64 = 160;
/// Ads that are crawled between two cuts, about.
const BETWEEN: usize = 12;

#[test]
fn what_was_acknowledged_is_there_after_a_power_cut() {
    let place = Place::empty();
    let Some(disk) = Mounted::ext4(&place.path("data"), ROOM) else {
        return;
    };
    let cuts = rounds("CUTS", FEW);
    let ads = BETWEEN * (cuts + 1);
    let machine = Machine::with(Farm::start(ads, Duration::ZERO), place, None);
    let mut random = Random(20_261_128);
    for cut in 1..=cuts {
        // Acknowledged: the command has ended well.
        let value = format!("added-{cut}@farm.example");
        machine
            .place
            .run(["watchlist", "add", "missing", "email", &value])
            .ok();
        let (pages, hooks) = machine.farm.count();
        let more = 1 + random.below(2 * BETWEEN as u64) as usize;
        let mut crawl = machine.crawl();
        wait(|| {
            let (now, told) = machine.farm.count();
            now - pages > more
                || told - hooks > more
                || crawl.try_wait().expect("it can be asked").is_some()
        });
        thread::sleep(Duration::from_millis(random.below(60)));
        // Power goes from program and disk at once: what the program makes of a disk that fails is another story.
        let id = crawl.id().to_string();
        _ = Command::new("kill").args(["-STOP", &id]).output();
        disk.cut();
        _ = crawl.kill();
        crawl.wait().expect("it was started");
        disk.restart();

        assert_eq!(machine.texts("PRAGMA integrity_check"), ["ok"], "cut {cut}");
        assert_eq!(
            machine.forgotten(),
            [""; 0],
            "cut {cut}: told, and not stored"
        );
        let added = machine.count("entry WHERE value LIKE 'added-%'");
        assert_eq!(
            added,
            i64::try_from(cut).expect("not that many"),
            "cut {cut}: added, and not stored"
        );
    }
    machine.finish();
    let seen = machine.seen(cuts, cuts);
    eprintln!("{seen}; {cuts} of the kills were power cuts");
    assert_eq!(seen.faults(), [""; 0]);
    machine.is_whole();
}

#[test]
fn a_store_that_does_not_wait_for_its_disk_loses_rows() {
    let place = Place::empty();
    let Some(disk) = Mounted::ext4(&place.path("data"), ROOM) else {
        return;
    };
    let runtime = Runtime::new().expect("a runtime");
    let rows = |mode| {
        let file = place.path("data").join(mode);
        let store = runtime.block_on(write(&file, mode));
        disk.cut();
        // It was open until the cut, for closing would write everything back; that it can't be closed in order is the point.
        _ = runtime.block_on(store.close());
        disk.restart();
        runtime.block_on(count(&file))
    };
    assert_eq!(rows("FULL"), ROWS);
    assert!(rows("NORMAL") < ROWS, "the cut has no teeth");
}

/// Rows that are written one by one, each acknowledged.
const ROWS: i64 = 100;

async fn write(file: &Path, synchronous: &str) -> SqliteConnection {
    let url = format!("sqlite:{}?mode=rwc", file.display());
    let mut store = SqliteConnection::connect(&url).await.expect("a new store");
    for pragma in [
        "PRAGMA journal_mode = WAL",
        &format!("PRAGMA synchronous = {synchronous}"),
    ] {
        let pragma = sqlx::AssertSqlSafe(pragma.to_owned());
        store
            .execute(sqlx::raw_sql(pragma))
            .await
            .expect("it is sound");
    }
    store
        .execute("CREATE TABLE row (id INTEGER)")
        .await
        .expect("it is sound");
    for _ in 0..ROWS {
        store
            .execute("INSERT INTO row VALUES (1)")
            .await
            .expect("there is room");
    }
    store
}

async fn count(file: &Path) -> i64 {
    let url = format!("sqlite:{}", file.display());
    let Ok(mut store) = SqliteConnection::connect(&url).await else {
        return 0;
    };
    match store.fetch_one("SELECT count(*) FROM row").await {
        Ok(row) => row.get(0),
        // Not even the table is left.
        Err(_) => 0,
    }
}
