//! End to end: the program itself, from outside. One binary; every file of this folder is named here.

mod accounts;
mod api;
mod audit;
mod backup;
mod belonging;
mod board;
mod changing;
mod channels;
mod console;
mod crawl;
mod crossing;
mod demo;
mod difficult;
mod disguise;
mod doubted;
mod edited;
mod endpoints;
mod erased;
mod eval;
mod evidence;
mod extract;
mod furniture;
mod instance;
mod interchange;
mod keeping;
mod matching;
mod operators;
mod program;
mod readdressed;
mod records;
mod refused_rows;
mod shared;
#[path = "../support/mod.rs"]
mod support;
mod telling;
mod told;
mod tools;
mod unfit;
mod usage;
mod watching;
mod watchlist;

#[test]
fn no_story_is_forgotten() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e");
    let named = std::fs::read_to_string(here.join("main.rs")).unwrap();
    for file in std::fs::read_dir(here).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            name == "main" || named.contains(&format!("mod {name};")),
            "{name} is not in tests/e2e/main.rs, so it never runs"
        );
    }
}
