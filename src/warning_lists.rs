//! The warning lists that are in force: those that Sightline brings, and the operator's own folder of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sightline_config::Located;
use sightline_egress::is_plain;
use sightline_model::Problem;
use sightline_watchlists::WarningLists;

/// The largest file that is read as a list: those of a million names have some 20 MB.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The lists, and what is wrong with those of the operator's folder, if there is one. What can't be used is left out.
pub fn read(folder: Option<&Path>) -> (WarningLists, Vec<Located>) {
    let mut lists = WarningLists::built_in();
    let Some(folder) = folder else {
        return (lists, Vec::new());
    };
    let files = match files(folder) {
        Ok(files) => files,
        Err(cause) => {
            let unreadable = Located::in_file(
                folder.display().to_string(),
                format!("the warning lists can't be read: {cause}"),
                "correct its permissions, or name another folder",
            );
            return (lists, vec![unreadable.of_key("instance.warning_lists")]);
        }
    };
    let mut problems = Vec::new();
    for file in files {
        let found = match text(&file) {
            Ok(text) => lists.add(&text),
            Err(cause) => vec![Problem::new(
                "",
                format!("it can't be read: {cause}"),
                "make it a plain file in UTF-8 that Sightline may read, or take it out",
            )],
        };
        let located = |problem: &Problem| {
            let place = file.display().to_string();
            Located::in_file(place, &problem.message, &problem.remedy).of_key(&problem.key)
        };
        problems.extend(found.iter().map(located));
    }
    (lists, problems)
}

/// The JSON files of a folder and of the folders in it, as MISP's repository has them, in the order of their names.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            for inner in fs::read_dir(&path)? {
                files.push(inner?.path());
            }
        } else {
            files.push(path);
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    Ok(files)
}

fn text(file: &Path) -> io::Result<String> {
    is_plain(file)?;
    if fs::metadata(file)?.len() > MOST_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {} MiB", MOST_BYTES / 1024 / 1024),
        ));
    }
    fs::read_to_string(file)
}
