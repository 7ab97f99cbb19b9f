//! Backups that are made while the service crawls and tells: each is a state that was, with all that was stored before it was
//! begun, and what is restored from it is sound.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use crate::{
    farm::Farm,
    judge::bare,
    machine::{Machine, calls_good, wait},
    rounds::rounds,
};

/// In the short form.
const FEW: usize = 1;
/// Ads for each: more than are crawled while one is made.
const BETWEEN: usize = 100;
/// How long the farm thinks about a page, so that the load lasts as long as the backups do.
const THINKS: Duration = Duration::from_millis(30);

/// What was stored and told before a backup was begun, and stored once it was made.
struct Round {
    listings: i64,
    told: BTreeSet<String>,
    afterwards: i64,
}

#[test]
fn a_backup_under_load_restores_a_state_that_was() {
    let backups = rounds("BACKUPS", FEW);
    let machine = Machine::start(Farm::start(BETWEEN * backups, THINKS));
    machine.begin();
    let mut serve = machine.serve();
    let mut made = Vec::new();
    let mut by_hand = Vec::new();
    for nth in 0..backups {
        let last = made.last().map_or(0, |last: &Round| last.listings);
        wait(|| machine.count("listing") > last || is_over(&machine));
        let mut round = Round::begun(&machine);
        // Whoever copies the store's file by hand loses what stands in its log.
        let copy = machine.place.path(&format!("by-hand-{nth}.db"));
        fs::copy(machine.data().join("sightline.db"), &copy).expect("it can be copied");
        by_hand.push(round.faults(&machine, &copy));
        machine.place.run(["backup", &format!("{nth}.tar")]).ok();
        round.afterwards = machine.count("listing");
        made.push(round);
    }
    machine.stop(&mut serve);
    let under_load = made.iter().filter(|one| one.listings < one.afterwards);
    let under_load = under_load.count();
    for (nth, round) in made.iter().enumerate() {
        let folder = format!("again-{nth}");
        machine
            .place
            .run(["restore", &format!("{nth}.tar"), &folder])
            .ok();
        let data = machine.place.path(&folder).join("data");
        // It is in no backup. Nor are the checkpoints of the audit log, so that the doctor rightly asks for them.
        let key = "signing.key";
        fs::copy(machine.data().join(key), data.join(key)).expect("it can be copied");
        let faults = round.faults(&machine, &data.join("sightline.db"));
        assert_eq!(faults, [""; 0], "backup {nth}");
        let config = format!("{folder}/sightline.toml");
        let doctor = ["--config", &config, "doctor", "--all", "--json"];
        calls_good(&machine.place.run(doctor).out, &["store", "evidence"]);
        fs::remove_dir_all(machine.place.path(&folder)).expect("it is there");
    }
    let torn = by_hand.iter().filter(|faults| !faults.is_empty()).count();
    eprintln!(
        "{backups} backups, {under_load} with rows stored meanwhile: all sound; of as many copies by hand {torn} lack something"
    );
    assert!(under_load > 0, "nothing was written meanwhile");
    assert!(torn > 0, "the control found nothing");
}

impl Round {
    fn begun(machine: &Machine) -> Self {
        let told = machine.farm.seen().hooks.into_iter();
        let told = told.filter(|(_, accepted)| *accepted);
        Self {
            told: told.map(|(id, _)| bare(&id)).collect(),
            listings: machine.count("listing"),
            afterwards: i64::MAX,
        }
    }

    /// What is wrong with a copy of the store that was begun then.
    fn faults(&self, machine: &Machine, copy: &Path) -> Vec<String> {
        let number = |query: &str| -> Option<i64> {
            let texts = machine.texts_in(copy, &format!("SELECT CAST(({query}) AS TEXT)"))?;
            texts.first()?.parse().ok()
        };
        let Some(listings) = number("SELECT count(*) FROM listing") else {
            return vec!["it is no store".to_owned()];
        };
        let mut faults = Vec::new();
        if !(self.listings..=self.afterwards).contains(&listings) {
            faults.push(format!(
                "{listings} listings, where there were {} before and {} after",
                self.listings, self.afterwards
            ));
        }
        // What is stored in one commit is there as a whole.
        for table in ["listing_version", "alert", "delivery"] {
            let rows = number(&format!("SELECT count(*) FROM {table}"));
            if rows != Some(listings) {
                faults.push(format!("{rows:?} rows in {table}, for {listings} listings"));
            }
        }
        let stored = machine.texts_in(copy, "SELECT id FROM delivery");
        let stored = stored.unwrap_or_default();
        let forgotten = self.told.iter().filter(|id| !stored.contains(id)).count();
        if forgotten > 0 {
            faults.push(format!("{forgotten} messages were told and are not there"));
        }
        faults
    }
}

fn is_over(machine: &Machine) -> bool {
    machine.count("run WHERE state <> 'finished'") == 0
}
