//! A database that is killed and started again under the service: it waits, goes on, and nothing is lost.

use std::{path::PathBuf, process::Command, thread, time::Duration};

use crate::{
    farm::Farm,
    machine::{Machine, wait},
    program::{Place, Running},
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
    let kills = rounds("DATABASE", FEW);
    let Some(mut served) = Served::start(kills, Log::Written) else {
        return;
    };
    for kill in 1..=kills {
        served.kill();
        assert_eq!(served.machine.forgotten(), [""; 0], "kill {kill}");
    }
    let Served { machine, serve, .. } = &mut served;
    wait(|| machine.is_done());
    machine.stop(serve);
    let seen = machine.seen(kills + 1, kills);
    eprintln!("of the database: {seen}");
    assert_eq!(seen.faults(), [""; 0]);
    machine.is_whole();
}

#[test]
fn a_database_that_does_not_wait_for_its_log_is_found_out() {
    let Some(mut served) = Served::start(1, Log::LeftInMemory) else {
        return;
    };
    served.kill();
    let forgotten = served.machine.forgotten();
    assert!(
        !forgotten.is_empty(),
        "what was told is stored all the same"
    );
}

/// Where the database has its log by the time that it acknowledges a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Log {
    /// Where it outlives the database.
    Written,
    /// In its own memory.
    LeftInMemory,
}

/// The service at work, and its database.
struct Served {
    serve: Running,
    machine: Machine,
    database: Database,
    random: Random,
}

impl Served {
    /// With enough to do for so many kills. None where the tools are missing.
    fn start(kills: usize, log: Log) -> Option<Self> {
        let tools = Tools::find()?;
        let database = Database::start(&tools);
        let farm = Farm::start(BETWEEN * (kills + 1), Duration::from_millis(10));
        let machine = Machine::with(farm, Place::empty(), Some(&database.url));
        machine.begin();
        if log == Log::LeftInMemory {
            machine.sql("ALTER SYSTEM SET synchronous_commit = off");
            machine.sql("SELECT pg_reload_conf()");
            // Else it would be written as soon as a page of it is full.
            let writer =
                "SELECT CAST(pid AS TEXT) FROM pg_stat_activity WHERE backend_type = 'walwriter'";
            let writer = machine.texts(writer).pop().expect("there is one");
            let stopped = Command::new("kill").args(["-STOP", &writer]).status();
            assert!(stopped.expect("kill is there").success());
        }
        Some(Self {
            serve: machine.serve(),
            machine,
            database,
            random: Random(20_261_128),
        })
    }

    /// Kills the database after some more pages and messages, and starts it again.
    fn kill(&mut self) {
        let (pages, hooks) = self.machine.farm.count();
        let more = 1 + self.random.below(BETWEEN as u64) as usize;
        wait(|| {
            let (now, told) = self.machine.farm.count();
            (now - pages > more && told > hooks) || self.machine.is_done()
        });
        self.database.tell("kill");
        thread::sleep(Duration::from_millis(self.random.below(500)));
        self.database.tell("start");
    }
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
