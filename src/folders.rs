//! Folders on this machine: made for their owner alone, and looked at before something obscure fails in them.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Access, access},
    io::Errno,
};

impl Unusable {
    /// True where another place has to be named, whoever looks: it is missing, or something else stands there.
    pub fn is_misplaced(&self) -> bool {
        use io::ErrorKind::*;
        matches!(self.cause.kind(), NotFound | NotADirectory | IsADirectory)
    }

    /// What is wrong, without what to do.
    pub fn said(&self) -> String {
        format!("{}: {}", self.path.display(), self.cause)
    }

    /// What to do.
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }
}

const ELSEWHERE: &str = "make that folder, or name another place as store.url";

/// A folder or file that can't be used, with what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}; {remedy}", path.display())]
pub struct Unusable {
    path: PathBuf,
    cause: io::Error,
    remedy: &'static str,
}

/// Makes a folder for what is kept, where it is missing. That concerns people: only its owner may enter.
///
/// # Errors
/// Where it can't be made.
pub fn make_private(folder: &Path) -> Result<(), Unusable> {
    let mut maker = DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder).map_err(|cause| Unusable {
        path: folder.to_owned(),
        cause,
        remedy: "choose another folder as instance.data, or correct its permissions",
    })
}

/// Writes a file that only its owner may read; one that was there gives way, with whoever had it open.
///
/// # Errors
/// Where it can't be written.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut maker = OpenOptions::new();
    maker.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut maker, 0o600);
    maker.open(file)?.write_all(text.as_bytes())
}

/// Looks whether SQLite can work on `file`: it writes the file, two more beside it, and makes and removes those. Without
/// this look it would try until its time is up, and then not say why.
///
/// # Errors
/// The first path that stands in its way.
pub fn check_database(file: &Path) -> Result<(), Unusable> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if folder.is_file() {
        return Err(Unusable {
            path: folder.to_owned(),
            cause: io::ErrorKind::NotADirectory.into(),
            remedy: ELSEWHERE,
        });
    }
    writable(folder, Access::WRITE_OK | Access::EXEC_OK)?;
    let beside = ["", "-wal", "-shm"].map(|suffix| {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        PathBuf::from(path)
    });
    for path in beside {
        if path.is_dir() {
            return Err(Unusable {
                path,
                cause: io::ErrorKind::IsADirectory.into(),
                remedy: "name a file in it as store.url, such as \"sqlite:data/sightline.db\"",
            });
        }
        if path.exists() {
            // Asked, not opened: closing a file takes away the locks that this process may hold on it.
            writable(&path, Access::READ_OK | Access::WRITE_OK)?;
        }
    }
    Ok(())
}

fn writable(path: &Path, wanted: Access) -> Result<(), Unusable> {
    access(path, wanted).map_err(|cause| Unusable {
        path: path.to_owned(),
        cause: cause.into(),
        remedy: match cause {
            Errno::NOENT | Errno::NOTDIR => ELSEWHERE,
            Errno::ROFS => "its disk is mounted to be read only: mount it anew, or move it",
            _ => "run Sightline as the user that owns it, or give it to this one: chown -R USER",
        },
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_private_folder_is_its_owners_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a/data");
        make_private(&folder).unwrap();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_private_file_is_its_owners_alone() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("secret");
        fs::write(&file, "open").unwrap();
        write_private(&file, "shut").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "shut");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_stands_in_the_way_of_a_database_is_named() {
        let place = tempfile::tempdir().unwrap();
        let inside = |name: &str| place.path().join(name);
        fs::write(inside("file"), "").unwrap();
        fs::create_dir(inside("folder")).unwrap();
        fs::create_dir(inside("log.db-wal")).unwrap();
        for (name, expected) in [
            ("new.db", None),
            ("file", None),
            ("missing/new.db", Some("make that folder")),
            ("file/new.db", Some("make that folder")),
            ("folder", Some("name a file in it")),
            ("log.db", Some("log.db-wal")),
        ] {
            let said = check_database(&inside(name))
                .err()
                .map(|error| error.to_string());
            match (&said, expected) {
                (Some(said), Some(part)) => assert!(said.contains(part), "{name}: {said}"),
                (said, part) => assert_eq!(said.as_deref(), part, "{name}"),
            }
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_named() {
        // Nothing is refused to the superuser.
        if access("/", Access::WRITE_OK).is_ok() {
            return;
        }
        let place = tempfile::tempdir().unwrap();
        fs::set_permissions(place.path(), Permissions::from_mode(0o500)).unwrap();
        let said = check_database(&place.path().join("new.db"))
            .unwrap_err()
            .to_string();
        assert!(said.contains("run Sightline as the user"), "{said}");
    }
}
