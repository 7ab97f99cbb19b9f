//! The canary of the canaries: each statement in turn forgets its organisation, and the story of this module has to fail.
//!
//! On SQLite alone: on PostgreSQL the row-level policies stand behind the statements, so that nothing would show (`fences` tries
//! them). What can't be forgotten so: the values by which rows are inserted, and the organisation's word in the index of words,
//! which `searching` tries. Statements that the story does not come by are none of its canaries either: `unseen.txt` has those that
//! it comes by and does not notice, each with why.

use std::{
    cell::Cell,
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use sightline_store::{Engine, forgetting::Forgetting};

use super::organisations_do_not_see_each_other;
use crate::support::Place;

/// Statements that nothing notices, one a line, below why.
const UNSEEN: &str = include_str!("unseen.txt");
/// Threads that tell the story side by side.
const TELLERS: usize = 4;
/// Statements that the story comes by, at least.
const MANY: usize = 200;

pub async fn whoever_forgets_its_organisation_is_found_out(place: &Place) {
    if place.engine() == Engine::Postgres {
        return;
    }
    place.open().await.close().await;
    let empty = place.file();
    let nothing = Forgetting::default();
    organisations_do_not_see_each_other(&Place::forgetful(&empty, &nothing)).await;
    let met = nothing.met();
    assert!(met.len() > MANY, "{} statements", met.len());
    let count = met.len();
    let unseen = tokio::task::block_in_place(|| unnoticed(&empty, met));
    eprintln!(
        "{count} statements, {} of which nothing notices",
        unseen.len()
    );
    let known: BTreeSet<String> = UNSEEN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let new: Vec<&String> = unseen.difference(&known).collect();
    let noticed: Vec<&String> = known.difference(&unseen).collect();
    assert!(
        new.is_empty() && noticed.is_empty(),
        "not noticed, and not in unseen.txt: {new:#?}\nin unseen.txt, and noticed or gone: {noticed:#?}"
    );
}

/// Those of the statements that may forget their organisation without the story's failing, each on one line.
fn unnoticed(empty: &Path, statements: BTreeSet<String>) -> BTreeSet<String> {
    hush();
    let waiting = Mutex::new(statements.into_iter());
    let next = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.next()
    };
    let tell = || {
        HUSHED.set(true);
        let mut unnoticed = Vec::new();
        while let Some(statement) = next() {
            if !is_found_out(empty, &statement) {
                unnoticed.push(statement);
            }
        }
        unnoticed
    };
    let found = thread::scope(|scope| {
        let tellers = [(); TELLERS].map(|()| scope.spawn(tell));
        tellers.map(|teller| teller.join().unwrap())
    });
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    found.into_iter().flatten().map(one_line).collect()
}

/// Whether the story fails where this statement forgets.
fn is_found_out(empty: &Path, statement: &str) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let place = Place::forgetful(empty, &Forgetting::of(statement.to_owned()));
    let story = organisations_do_not_see_each_other(&place);
    catch_unwind(AssertUnwindSafe(|| runtime.block_on(story))).is_err()
}

thread_local! {
    static HUSHED: Cell<bool> = const { Cell::new(false) };
}

/// Threads that are to fail do so without a word.
fn hush() {
    let told = take_hook();
    set_hook(Box::new(move |panic| {
        if !HUSHED.get() {
            told(panic);
        }
    }));
}
