//! The crash harness: the program is killed, cut off from power, refused its disk and its database, and told to stop, at
//! every bad moment there is. Each story has a twin in which a promise is broken on purpose, and which must find fault.
//!
//! What runs with every test is the short form; `scripts/crash-test` runs the full one. How often each thing is done stands
//! in [`rounds`].

mod backups;
mod disk;
mod erasures;
mod errors;
mod farm;
mod judge;
mod kills;
mod machine;
mod many;
mod polite;
mod postgres;
mod power;
#[path = "../e2e/program.rs"]
mod program;
mod random;
mod root;
mod rounds;
mod stops;
#[path = "../support/mod.rs"]
mod support;
#[path = "../e2e/watching.rs"]
mod watching;
mod writes;
