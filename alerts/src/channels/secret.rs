//! Secrets of channels: from the environment or from a file, never from the configuration.

use std::{
    io,
    path::{Path, PathBuf},
};

use secrecy::{SecretString, zeroize::Zeroizing};
use sightline_model::Problem;

use super::Surroundings;

/// Where the settings say that a secret is: at most one of the two.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// What the keys begin with: `password` for `password_env` and `password_file`.
    pub key: &'static str,
    /// The environment variable that holds it.
    pub variable: Option<&'a str>,
    /// The file that holds it.
    pub file: Option<&'a Path>,
}

impl Place<'_> {
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

    /// The secret without the line break at its end; None where the settings name no place.
    pub fn read(
        &self,
        surroundings: &Surroundings<'_>,
    ) -> Result<Option<SecretString>, SecretError> {
        let key = self.key;
        if let Some(variable) = self.variable {
            let value = (surroundings.environment)(variable).map(Zeroizing::new);
            return match value.as_deref().map(|value| value.trim()) {
                None | Some("") => Err(SecretError::Unset {
                    key,
                    variable: variable.to_owned(),
                }),
                Some(value) => Ok(Some(value.into())),
            };
        }
        let Some(file) = self.file.map(|file| surroundings.path(file)) else {
            return Ok(None);
        };
        match std::fs::read_to_string(&file).map(Zeroizing::new) {
            Err(source) => Err(SecretError::Unreadable { key, file, source }),
            Ok(text) if text.trim().is_empty() => Err(SecretError::EmptyFile { key, file }),
            Ok(text) => Ok(Some(text.trim().into())),
        }
    }
}

/// A secret that is not where the settings say, or not of its form. The secret itself is never in the message.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set, or empty.
    #[error(
        "the environment variable {variable}, named by {key}_env, is not set; set it before starting Sightline"
    )]
    Unset {
        /// The secret's key.
        key: &'static str,
        /// The variable.
        variable: String,
    },
    /// The file cannot be read.
    #[error("{}, named by {key}_file, cannot be read: {source}; correct the path or its permissions", .file.display())]
    Unreadable {
        /// The secret's key.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is empty.
    #[error("{}, named by {key}_file, is empty; write the {key} into it", .file.display())]
    EmptyFile {
        /// The secret's key.
        key: &'static str,
        /// The file.
        file: PathBuf,
    },
    /// Not a signing secret.
    #[error(
        "signing secret number {number} is not `whsec_` followed by 24 to 64 bytes in base64; \
         make one with: echo whsec_$(openssl rand -base64 32)"
    )]
    NotASigningSecret {
        /// Which of those given, from 1.
        number: usize,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;
    use sightline_egress::{Egress, EgressSettings};

    use super::*;

    #[test]
    fn a_secret_comes_from_a_variable_or_a_file_and_its_absence_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key"), "open sesame\n").unwrap();
        fs::write(folder.path().join("empty"), "\n").unwrap();
        let egress = Egress::new(&EgressSettings::default()).unwrap();
        let surroundings = Surroundings {
            egress: &egress,
            folder: folder.path(),
            environment: &|name| match name {
                "SET" => Some("from the environment".into()),
                "BLANK" => Some(" ".into()),
                _ => None,
            },
        };
        let check = |variable, file: Option<&str>, expected: Result<Option<&str>, &str>| {
            let place = Place {
                key: "password",
                variable,
                file: file.map(Path::new),
            };
            match (place.read(&surroundings), expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!(
                        found.as_ref().map(|secret| secret.expose_secret()),
                        expected
                    );
                }
                (Err(error), Err(part)) => {
                    let error = error.to_string();
                    assert!(
                        error.contains(part) && error.contains("password_"),
                        "{error}"
                    );
                }
                (found, _) => panic!("{variable:?} {file:?}: {found:?}"),
            }
        };
        check(None, None, Ok(None));
        check(Some("SET"), None, Ok(Some("from the environment")));
        check(None, Some("key"), Ok(Some("open sesame")));
        check(Some("UNSET"), None, Err("UNSET"));
        check(Some("BLANK"), None, Err("BLANK"));
        check(None, Some("absent"), Err("correct the path"));
        check(None, Some("empty"), Err("is empty"));
    }
}
