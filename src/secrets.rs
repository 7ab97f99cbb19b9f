//! Secrets: read from the environment or from a file, at the moment that they are needed, and never shown.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use secrecy::{SecretString, zeroize::Zeroizing};

/// Where the settings say that a secret is.
#[derive(Clone, Copy, Debug)]
pub struct SecretPlace<'a> {
    /// What the keys begin with, for messages: `store.password` for `store.password_env` and `store.password_file`.
    pub key: &'a str,
    /// The environment variable that holds it.
    pub variable: Option<&'a str>,
    /// The file that holds it.
    pub file: Option<&'a Path>,
}

/// A secret that is not where the settings say.
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
    #[error("{}, named by {key}_file, can't be read: {cause}; correct the path or its permissions", .file.display())]
    Unreadable {
        /// The secret's key.
        key: String,
        /// The file.
        file: PathBuf,
        /// Why.
        cause: io::Error,
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
    /// The secret without white space around it; None where the settings name no place.
    ///
    /// # Errors
    /// Where the place that is named holds none. The message names the place, never the secret.
    pub fn read(
        self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<SecretString>, SecretError> {
        let key = || self.key.to_owned();
        if let Some(variable) = self.variable {
            let value = environment(variable).map(Zeroizing::new);
            let value = value
                .as_deref()
                .map(|text| text.trim())
                .filter(|text| !text.is_empty());
            return value
                .map(|text| Some(text.into()))
                .ok_or_else(|| SecretError::Unset {
                    key: key(),
                    variable: variable.to_owned(),
                });
        }
        let Some(file) = self.file else {
            return Ok(None);
        };
        let text = fs::read_to_string(file)
            .map(Zeroizing::new)
            .map_err(|cause| SecretError::Unreadable {
                key: key(),
                file: file.to_owned(),
                cause,
            })?;
        match text.trim() {
            "" => Err(SecretError::Empty {
                key: key(),
                file: file.to_owned(),
            }),
            secret => Ok(Some(secret.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_found_or_its_place_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let full = folder.path().join("full");
        let empty = folder.path().join("empty");
        let absent = folder.path().join("absent");
        fs::write(&full, "open sesame\n").unwrap();
        fs::write(&empty, "\n").unwrap();
        let environment = |name: &str| (name == "SET").then(|| " from outside ".to_owned());
        let check = |variable, file: Option<&Path>, expected: Result<Option<&str>, &str>| {
            let place = SecretPlace {
                key: "store.password",
                variable,
                file,
            };
            match place.read(&environment) {
                Ok(found) => assert_eq!(
                    Ok(found.as_ref().map(|secret| secret.expose_secret())),
                    expected
                ),
                Err(error) => {
                    let part = expected.unwrap_err();
                    let error = error.to_string();
                    assert!(
                        error.contains(part) && error.contains("store.password_"),
                        "{error}"
                    );
                }
            }
        };
        check(None, None, Ok(None));
        check(Some("SET"), None, Ok(Some("from outside")));
        check(None, Some(&full), Ok(Some("open sesame")));
        check(Some("UNSET"), None, Err("UNSET"));
        check(None, Some(&absent), Err("correct the path"));
        check(None, Some(&empty), Err("is empty"));
    }
}
