//! docs/cli.md, written from the command tree itself, so that the page can't say what the program does not.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory};

use crate::cli::Cli;

const HEAD: &str = "# The command line

Written by `SIGHTLINE_BLESS=1 cargo test -p sightline reference` from the program's own help; a test fails where this
page is stale.

On a terminal there are tables, colours (unless `NO_COLOR` is set) and progress bars. With `--json`, standard output
holds one JSON object a line and nothing else. Logs, notes and progress go to standard error. Times are RFC 3339 in UTC.

| exit status | means |
| --- | --- |
| 0 | done |
| 1 | it ran, and failed or found problems |
| 2 | it did not run: wrong usage, or a configuration with mistakes; `sightline check` ends so where there are any |

";

/// The whole page.
fn page() -> String {
    let mut root = Cli::command();
    root.build();
    let mut page = HEAD.to_owned();
    section(&mut page, &root, "Every command takes");
    line(&mut page, format_args!("| command | does |\n| --- | --- |"));
    for command in root.get_subcommands() {
        let about = command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        let name = command.get_name();
        line(
            &mut page,
            format_args!("| [`sightline {name}`](#sightline-{name}) | {about} |"),
        );
    }
    line(&mut page, format_args!(""));
    for command in root.get_subcommands() {
        chapter(&mut page, command, "sightline");
    }
    page
}

fn chapter(page: &mut String, command: &Command, parent: &str) {
    let name = format!("{parent} {}", command.get_name());
    let subcommands: Vec<&Command> = command.get_subcommands().collect();
    let level = "#".repeat(name.split(' ').count());
    line(page, format_args!("{level} {name}\n"));
    let about = command.get_long_about().or(command.get_about());
    line(
        page,
        format_args!(
            "{}\n",
            about.map(ToString::to_string).unwrap_or_default().trim()
        ),
    );
    let has_own = command
        .get_arguments()
        .any(|arg| !arg.is_global_set() && !is_common(arg));
    if subcommands.is_empty() || has_own {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        line(page, format_args!("```text\n{usage}\n```\n"));
        section(page, command, "");
    }
    if let Some(after) = command.get_after_long_help() {
        line(
            page,
            format_args!("```text\n{}\n```\n", after.to_string().trim()),
        );
    }
    for subcommand in subcommands {
        chapter(page, subcommand, &name);
    }
}

fn section(page: &mut String, command: &Command, heading: &str) {
    let is_root = !heading.is_empty();
    let rows: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| is_root || !arg.is_global_set())
        .filter(|arg| !is_common(arg) && !arg.is_hide_set())
        .collect();
    if rows.is_empty() {
        return;
    }
    if is_root {
        line(page, format_args!("## {heading}\n"));
    }
    line(page, format_args!("| argument | means |\n| --- | --- |"));
    for arg in rows {
        line(
            page,
            format_args!("| `{}` | {} |", spelling(arg), meaning(arg)),
        );
    }
    line(page, format_args!(""));
}

fn is_common(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "help" | "version")
}

fn spelling(arg: &Arg) -> String {
    let value = || {
        let names = arg.get_value_names().unwrap_or_default();
        names
            .iter()
            .map(|name| name.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let takes_value = arg.get_action().takes_values();
    match (arg.get_long(), takes_value) {
        (Some(long), true) => format!("--{long} {}", value()),
        (Some(long), false) => format!("--{long}"),
        (None, _) => value(),
    }
}

fn meaning(arg: &Arg) -> String {
    let help = arg
        .get_long_help()
        .or(arg.get_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut meaning = help
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|");
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if arg.get_action().takes_values() && !values.is_empty() {
        let _ = write!(meaning, "; one of {}", values.join(", "));
    }
    let default = arg.get_default_values();
    if arg.get_action().takes_values() && !default.is_empty() {
        let words: Vec<_> = default.iter().map(|word| word.to_string_lossy()).collect();
        let _ = write!(meaning, "; default `{}`", words.join(" "));
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(meaning, "; or ${}", variable.to_string_lossy());
    }
    meaning
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}

#[test]
fn the_reference_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    let page = page();
    if std::env::var_os("SIGHTLINE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, page,
        "docs/cli.md is stale; run SIGHTLINE_BLESS=1 cargo test -p sightline reference"
    );
}
