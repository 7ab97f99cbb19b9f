//! A file that somebody names on the command line, or standard input: read, or told of with what to do.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::CommandError;

/// What a lone `-` stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dash {
    /// Standard input.
    Input,
    /// A file of that name.
    Name,
}

/// What is to be read. A pipe may be named as well as a file.
///
/// # Errors
/// There is no such file, it is a folder, or it may not be read.
pub fn open(file: &Path, dash: Dash) -> Result<Box<dyn Read>, CommandError> {
    if dash == Dash::Input && file.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let failed = |cause| failed(file, dash, &cause);
    let opened = File::open(file).map_err(failed)?;
    // A folder can be opened, and not be read.
    match opened.metadata().map_err(failed)?.is_dir() {
        true => Err(failed(io::ErrorKind::IsADirectory.into())),
        false => Ok(Box::new(opened)),
    }
}

/// All of it, or as much as is asked for at most.
///
/// # Errors
/// As [`open`], and where reading fails half-way.
pub fn read(file: &Path, dash: Dash, most: u64) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = open(file, dash)?.take(most).read_to_end(&mut bytes);
    read.map_err(|cause| failed(file, dash, &cause))?;
    Ok(bytes)
}

fn failed(file: &Path, dash: Dash, cause: &io::Error) -> CommandError {
    let input = match dash {
        Dash::Input => "; - reads standard input",
        Dash::Name => "",
    };
    let why = match cause.kind() {
        io::ErrorKind::NotFound => format!("there is no such file; look at the path{input}"),
        io::ErrorKind::IsADirectory => format!("it is a folder; name a file in it{input}"),
        _ => format!("it can't be read: {cause}; name a file that you may read{input}"),
    };
    CommandError::failed(file.display(), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_read_is_told_of_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.csv");
        for (file, dash, wanted) in [
            (
                missing.as_path(),
                Dash::Input,
                "missing.csv: there is no such file; look at the path; - reads standard input",
            ),
            (
                &missing,
                Dash::Name,
                "missing.csv: there is no such file; look at the path",
            ),
            (
                folder.path(),
                Dash::Name,
                ": it is a folder; name a file in it",
            ),
        ] {
            let told = read(file, dash, 10).unwrap_err();
            assert!(matches!(told, CommandError::Failed(_)), "{told}");
            assert!(told.to_string().ends_with(wanted), "{told}");
        }
    }

    #[test]
    fn no_more_is_read_than_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        std::fs::write(&file, "abcdef").unwrap();
        assert_eq!(read(&file, Dash::Input, 4).unwrap(), b"abcd");
    }
}
