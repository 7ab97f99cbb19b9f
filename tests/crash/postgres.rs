//! A database that is killed and started again under the service: it waits, goes on, and nothing is lost.

use std::{path::PathBuf, process::Command, thread, time::Duration};

use crate::{
    farm::Farm,
    machine::{Machine, wait},
    program::Place,
    random::Random,
    rounds::rounds,
    support::Tools,
};

/// Kills in the short form.
const FEW: usize = 3;
/// Pages that are crawled between two kills, about.
const BETWEEN: usize = 40;

#[test]
fn a_database_that_is_killed_is_waited_for() {
    let Some(tools) = Tools::find() else {
        return;
    };
    let kills = rounds("DATABASE", FEW);
    let database = Database::start(&tools);
    let farm = Farm::start(BETWEEN * (kills + 1), Duration::from_millis(10));
    let machine = Machine::with(farm, Place::empty(), Some(&database.url));
    let mut random = Random(20_261_128);
    machine.begin();
    let serve = machine.serve();
    for _ in 0..kills {
        let (before, _) = machine.farm.count();
        let more = 1 + random.below(BETWEEN as u64) as usize;
        wait(|| machine.farm.count().0 - before > more || machine.is_done());
        database.tell("kill");
        thread::sleep(Duration::from_millis(random.below(500)));
        database.tell("start");
    }
    wait(|| machine.is_done());
    machine.stop(serve);
    let seen = machine.seen(kills + 1, kills);
    eprintln!("of the database: {seen}");
    assert_eq!(seen.faults(), [""; 0]);
    machine.is_whole();
}

/// A PostgreSQL of the story's own.
struct Database {
    script: PathBuf,
    folder: Place,
    url: String,
}

impl Database {
    fn start(tools: &Tools) -> Self {
        let mut database = Self {
            script: tools.support("../../scripts/postgres"),
            folder: Place::empty(),
            url: String::new(),
        };
        database.url = database.tell("start");
        database
    }

    /// Has the script do this; what it says.
    fn tell(&self, what: &str) -> String {
        let ended = Command::new(&self.script)
            .arg(what)
            .arg(self.folder.path(""))
            .output();
        let ended = ended.expect("the script is there");
        assert!(
            ended.status.success(),
            "{what}: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
        String::from_utf8(ended.stdout)
            .expect("UTF-8")
            .trim()
            .to_owned()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        _ = Command::new(&self.script)
            .arg("stop")
            .arg(self.folder.path(""))
            .output();
    }
}
