//! The files of the sources: which there are, what each says, and how one is written anew without anything being lost.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};
use sightline_config::{Layers, Located};
use sightline_egress::read_text;
use sightline_model::{Digest, Problem};

use crate::source::{Source, SourceSettings};

/// The largest file that is read, in bytes: real ones have a few dozen lines.
pub(crate) const LARGEST: usize = 64 * 1024;

/// The lowest layer of every source.
pub const SOURCE_DEFAULTS: &str = include_str!("../../config/source.toml");

/// What a file of the folder of sources says.
pub struct ReadSource {
    /// As the file says; where it can't be read, by the file's own name.
    pub name: String,
    /// The source; or all that is wrong with it.
    pub source: Result<Source, Vec<Located>>,
    /// What may be meant, and may be a slip.
    pub advice: Option<Located>,
    /// Its layers; none where the file can't be read.
    pub layers: Option<Layers>,
}

/// The TOML files of a folder, in order of their names. A folder that is not there holds none.
///
/// # Errors
/// Where it can't be read.
pub fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file, where it is not too large to be one.
fn text_of(file: &Path) -> io::Result<String> {
    if fs::metadata(file)?.len() > LARGEST as u64 {
        let why = format!("it is larger than {} KiB", LARGEST / 1024);
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    read_text(file)
}

/// Reads a file.
pub fn read(file: &Path) -> ReadSource {
    match text_of(file) {
        Ok(text) => judge(file, text),
        Err(error) => {
            let problem = Located::in_file(
                file.display().to_string(),
                format!("it can't be read: {error}"),
                "make it a plain file in UTF-8 that Sightline may read",
            );
            ReadSource {
                name: stem(file),
                source: Err(vec![problem]),
                advice: None,
                layers: None,
            }
        }
    }
}

/// What a file would say that had this text.
pub fn judge(file: &Path, text: String) -> ReadSource {
    let (stem, path) = (stem(file), file.display().to_string());
    let (mut name, mut compiled, mut advice) = (stem.clone(), None, None);
    let layers = Layers::new()
        .defaults("config/source.toml", SOURCE_DEFAULTS)
        .file(path.clone(), text);
    let loaded = layers.clone().load(|settings: &SourceSettings| {
        name = settings.name.clone().unwrap_or_else(|| stem.clone());
        advice = settings.advice();
        match Source::compile(settings, &stem) {
            Ok(source) => {
                compiled = Some(source);
                Vec::new()
            }
            Err(problems) => problems,
        }
    });
    let source = loaded.and_then(|_| compiled.ok_or_else(Vec::new));
    // A region that is written wrongly is told of as that, and what is not TOML may hold one.
    let is_told = |key: &str| {
        let mut problems = source.as_ref().err().into_iter().flatten();
        let meant = format!("did you mean `{key}`?");
        problems
            .any(|problem| problem.key == key || problem.key.is_empty() || problem.remedy == meant)
    };
    let advice = advice.filter(|advice| !is_told(&advice.key)).map(
        |Problem {
             key,
             message,
             remedy,
         }| {
            Located::in_file(path, message, remedy)
                .of_key(&key)
                .as_note()
        },
    );
    ReadSource {
        name,
        source,
        advice,
        layers: Some(layers),
    }
}

fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The folder of the sources' files, as people write into it.
#[derive(Debug, Default)]
pub struct SourceFiles {
    folder: PathBuf,
    /// One file is written at a time.
    writing: Mutex<()>,
}

/// A file as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

impl SourceFile {
    /// Tells whether it is still the same.
    pub fn digest(&self) -> Digest {
        digest(&self.text)
    }

    /// What it is called, without its folder.
    pub fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Of a file's text: another digest means that it was changed.
pub fn digest(text: &str) -> Digest {
    Digest::of_hash(&Sha256::digest(text))
}

/// Why a file was not written; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// It was changed since it was read.
    #[error("it was changed by other hands meanwhile")]
    Changed(SourceFile),
    /// It can't be written.
    #[error("{path}: {cause}; correct the permissions of the folder, or make room on the disk")]
    Failed {
        /// Where it lies.
        path: String,
        /// Why not.
        cause: io::Error,
    },
}

impl SourceFiles {
    /// Those of a folder.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            writing: Mutex::default(),
        }
    }

    /// The file of the source of this name: as it is called, or as another says that it is.
    ///
    /// # Errors
    /// Where it can't be read.
    pub fn find(&self, name: &str) -> io::Result<Option<SourceFile>> {
        let files = in_folder(&self.folder)?;
        let (likely, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| stem(file) == name);
        for path in likely.into_iter().chain(others) {
            let text = match text_of(&path) {
                Ok(text) => text,
                Err(error) if stem(&path) == name => return Err(error),
                Err(_) => continue,
            };
            if judge(&path, text.clone()).name == name {
                return Ok(Some(SourceFile { path, text }));
            }
        }
        Ok(None)
    }

    /// The names of the sources whose files keep them from being crawled, in the order of the files. What can't be read is none.
    ///
    /// # Errors
    /// Where the folder can't be read.
    pub fn disabled(&self) -> io::Result<Vec<String>> {
        let read = in_folder(&self.folder)?.into_iter().map(|path| read(&path));
        let sound = read.filter_map(|one| one.source.ok());
        let disabled = sound.filter(|source| !source.is_enabled());
        Ok(disabled.map(|source| source.name).collect())
    }

    /// Writes a text into a file that still says what `before` says: whole, or not at all, even where the machine fails.
    ///
    /// # Errors
    /// Where it says something else by now, or can't be written.
    pub fn write(&self, before: &SourceFile, text: &str) -> Result<(), NotWritten> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |cause: io::Error| NotWritten::Failed {
            path: before.path.display().to_string(),
            cause,
        };
        // Where it is a link, what it leads to is written, and the link stays.
        let path = fs::canonicalize(&before.path).map_err(failed)?;
        let now = text_of(&path).map_err(failed)?;
        if now != before.text {
            return Err(NotWritten::Changed(SourceFile {
                path: before.path.clone(),
                text: now,
            }));
        }
        // Hidden, so that nobody takes it for a source.
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(".new");
        let beside = path.with_file_name(name);
        let written = write_whole(&beside, &path, text);
        if written.is_err() {
            // Nothing more can be done about it where this fails.
            let _ = fs::remove_file(&beside);
        }
        written.map_err(failed)
    }
}

/// Writes `text` beside a file, and puts it in its place once it is safe on the disk.
fn write_whole(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(beside)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ADS: &str = "start = [\"https://ads.example/\"]\n[list]\nlinks = [\"a\"]\n";

    #[test]
    fn a_source_is_found_by_its_name_and_not_by_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let named = format!("name = \"north\"\n{ADS}");
        for (file, text) in [
            ("ads.toml", ADS),
            ("other.toml", &named),
            ("broken.toml", "start = ["),
            (".hidden.toml", ADS),
        ] {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let files = SourceFiles::of(folder.path());
        let found = |name: &str| files.find(name).unwrap().map(|file| file.file_name());
        assert_eq!(found("ads").as_deref(), Some("ads.toml"));
        assert_eq!(found("north").as_deref(), Some("other.toml"));
        assert_eq!(found("broken").as_deref(), Some("broken.toml"));
        assert_eq!(found("other"), None);
        assert_eq!(found(".hidden"), None);
        assert_eq!(SourceFiles::of("/nowhere").find("ads").unwrap(), None);
    }

    #[test]
    fn what_is_too_large_to_be_a_source_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ads.toml");
        fs::write(&path, format!("{ADS}#{}", " ".repeat(LARGEST))).unwrap();
        let error = SourceFiles::of(folder.path()).find("ads").unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 64 KiB");
        let problems = read(&path).source.unwrap_err();
        assert!(problems[0].message.contains("larger"), "{problems:?}");
    }

    #[test]
    fn a_file_is_written_whole_and_never_over_another_hand() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (
            folder.path().join("real.toml"),
            folder.path().join("ads.toml"),
        );
        fs::write(&path, ADS).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let files = SourceFiles::of(folder.path());
        let before = files.find("ads").unwrap().unwrap();
        let text = format!("# night\n{ADS}");
        files.write(&before, &text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(link.is_symlink());
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        let refused = files.write(&before, "lost").unwrap_err();
        assert!(matches!(refused, NotWritten::Changed(now) if now.text == text));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(names.len(), 2, "nothing is left lying about");
        fs::remove_file(&path).unwrap();
        let gone = files.write(&SourceFile { path, text }, "x").unwrap_err();
        assert!(matches!(gone, NotWritten::Failed { .. }), "{gone}");
    }
}
