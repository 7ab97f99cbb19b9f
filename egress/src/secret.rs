//! Secrets: what the outside asks of us, read from the environment or a file at the moment that it is needed, never from
//! the configuration, and never shown.

use std::{
    io,
    path::{Path, PathBuf},
};

use secrecy::{SecretString, zeroize::Zeroizing};
use sightline_model::Problem;

use crate::read_bytes;

/// Where the settings say that a secret is: at most one of the two.
#[derive(Clone, Copy, Debug)]
pub struct SecretPlace<'a> {
    /// What the keys begin with, for messages: `password` for `password_env` and `password_file`.
    pub key: &'a str,
    /// The environment variable that holds it.
    pub variable: Option<&'a str>,
    /// The file that holds it.
    pub file: Option<&'a Path>,
}

/// What a secret's place is looked up in.
#[derive(Clone, Copy)]
pub struct Secrets<'a> {
    /// What relative paths are relative to.
    pub folder: &'a Path,
    /// The value of an environment variable, if it is set.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

/// A secret that is not where the settings say. The secret itself is never in the message.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set, or empty.
    #[error(
        "the environment variable {variable}, named by {key}_env, is not set; set it before starting Sightline"
    )]
    Unset {
        /// The secret's key.
        key: String,
        /// The variable.
        variable: String,
    },
    /// The file can't be read.
    #[error("{}, named by {key}_file, can't be read: {source}; correct the path or its permissions", .file.display())]
    Unreadable {
        /// The secret's key.
        key: String,
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is empty.
    #[error("{}, named by {key}_file, is empty; write the secret into it", .file.display())]
    Empty {
        /// The secret's key.
        key: String,
        /// The file.
        file: PathBuf,
    },
}

impl SecretPlace<'_> {
    /// True where the settings name neither a variable nor a file.
    pub fn is_empty(&self) -> bool {
        self.variable.is_none() && self.file.is_none()
    }

    /// A problem where both are named.
    pub fn check(&self) -> Option<Problem> {
        let both = self.variable.is_some() && self.file.is_some();
        both.then(|| {
            let key = self.key;
            Problem::new(
                format!("{key}_file"),
                format!("{key}_env and {key}_file both say where the {key} is"),
                "keep one of them",
            )
        })
    }

    /// The secret without white space around it; None where the settings name no place.
    ///
    /// # Errors
    /// Where the place that is named holds none. The message names the place.
    pub fn read(&self, secrets: Secrets<'_>) -> Result<Option<SecretString>, SecretError> {
        let key = || self.key.to_owned();
        if let Some(variable) = self.variable {
            let value = (secrets.environment)(variable).map(Zeroizing::new);
            return match value.as_deref().map(|text| text.trim()) {
                None | Some("") => Err(SecretError::Unset {
                    key: key(),
                    variable: variable.to_owned(),
                }),
                Some(secret) => Ok(Some(secret.into())),
            };
        }
        let Some(file) = self.file.map(|file| secrets.folder.join(file)) else {
            return Ok(None);
        };
        let unreadable = |file: PathBuf, source| SecretError::Unreadable {
            key: key(),
            file,
            source,
        };
        let bytes = match read_bytes(&file).map(Zeroizing::new) {
            Ok(bytes) => bytes,
            Err(source) => return Err(unreadable(file, source)),
        };
        // No byte of a secret is in an error, nor where one stands.
        match str::from_utf8(&bytes).map(str::trim) {
            Err(_) => Err(unreadable(
                file,
                io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
            )),
            Ok("") => Err(SecretError::Empty { key: key(), file }),
            Ok(secret) => Ok(Some(secret.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_found_or_its_place_is_named() {
        let folder = std::env::temp_dir().join(format!("sightline-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("full"), "open sesame\n").unwrap();
        fs::write(folder.join("empty"), "\n").unwrap();
        fs::write(folder.join("latin"), b"s\xe9same").unwrap();
        let secrets = Secrets {
            folder: &folder,
            environment: &|name| match name {
                "SET" => Some(" from outside ".to_owned()),
                "BLANK" => Some(" ".to_owned()),
                _ => None,
            },
        };
        let check = |variable, file: Option<&str>, expected: Result<Option<&str>, &str>| {
            let place = SecretPlace {
                key: "store.password",
                variable,
                file: file.map(Path::new),
            };
            match (place.read(secrets), expected) {
                (Ok(found), Ok(expected)) => {
                    let found = found.as_ref().map(|secret| secret.expose_secret());
                    assert_eq!(found, expected);
                }
                (Err(error), Err(part)) => {
                    let error = error.to_string();
                    assert!(
                        error.contains(part) && error.contains("store.password_"),
                        "{error}"
                    );
                }
                (found, _) => panic!("{variable:?} {file:?}: {found:?}"),
            }
        };
        check(None, None, Ok(None));
        check(Some("SET"), None, Ok(Some("from outside")));
        check(None, Some("full"), Ok(Some("open sesame")));
        check(Some("UNSET"), None, Err("UNSET"));
        check(Some("BLANK"), None, Err("BLANK"));
        check(None, Some("absent"), Err("correct the path"));
        check(None, Some("empty"), Err("is empty"));
        // Not a byte of it is said, nor where it stands.
        check(None, Some("latin"), Err("it is not UTF-8;"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
