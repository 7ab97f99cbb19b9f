//! The commands in the documents, given to the program's own parser: none may ask for what does not exist.

use std::fs;

use clap::CommandFactory;

use crate::cli::Cli;

const PAGES: [&str; 6] = [
    "README.md",
    "docs/operator.md",
    "docs/analyst.md",
    "docs/investigator.md",
    "docs/messages.md",
    "docs/interchange.md",
];

/// What stands in a document for an identifier that is too long to show.
const ANY_ID: &str = "019aaf00-0000-7000-8000-000000000000";

#[test]
fn every_command_in_the_documents_is_one() {
    let mut commands = 0;
    let mut wrong = Vec::new();
    for page in PAGES {
        for command in in_blocks(&fs::read_to_string(page).unwrap()) {
            let words: Vec<_> = words(&command)
                .into_iter()
                .map(|word| {
                    if word.contains('…') {
                        ANY_ID.to_owned()
                    } else {
                        word
                    }
                })
                .collect();
            commands += 1;
            if let Err(error) = Cli::command().try_get_matches_from(words)
                && error.use_stderr()
            {
                wrong.push(format!("{page}: {command}\n{error}"));
            }
        }
    }
    assert!(commands > 40, "only {commands} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each call of the program in the blocks of shell commands, without comments.
fn in_blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let mut commands = Vec::new();
    for block in blocks {
        for line in block.replace("\\\n", " ").lines() {
            let line = line.split(" #").next().unwrap_or_default();
            let parts = line.split(['|', '&']).map(str::trim);
            commands.extend(
                parts
                    .filter(|part| part.starts_with("sightline "))
                    .map(str::to_owned),
            );
        }
    }
    commands
}

/// The words of a command as a shell parts them, single quotes heeded.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => quoted = !quoted,
            '<' | '>' if !quoted => break,
            letter if letter.is_whitespace() && !quoted => words.push(String::new()),
            letter => {
                if let Some(word) = words.last_mut() {
                    word.push(letter);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
