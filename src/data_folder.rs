//! Whether the data folder is the one that belongs to the store: evidence, the signing key and the checkpoints lie in it. A machine
//! that shares the store and has a folder of its own would keep evidence where nobody else finds it, and sign with another key.

use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use sightline_model::{Clock, Digest, Mint, OrganisationId};
use sightline_proof::once;
use sightline_store::{
    Store, StoreError,
    data_folder::{self, DataFolder},
    health,
};

use crate::{output::when, settings::Settings};

/// The file in the folder that has its identifier.
pub const FILE: &str = "folder-id";
/// Of random bytes, so that no two folders ever have the same.
const LENGTH: usize = 16;
/// No identifier is longer, in bytes; what is longer is something else.
const LONGEST: usize = 128;

/// Why the data folder can't be used with the store.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Another folder belongs to the store.
    #[error(
        "{} is not the data folder that belongs to this store: that one has the identifier {}, was {} on {}, and holds the evidence, the \
         signing key and the checkpoints; this one has {}. Machines that share a store share its data folder: mount it, and name it as \
         instance.data. If it is lost for good, go on without what was in it: write that identifier into {}",
        folder.display(), known.identifier, known.place, when::exact(known.since),
        found.as_deref().map_or_else(|| "none".to_owned(), |found| format!("'{found}'")), folder.join(FILE).display()
    )]
    Another {
        /// The folder that the settings name.
        folder: PathBuf,
        /// Its identifier, where it has one.
        found: Option<String>,
        /// The one that belongs to the store.
        known: Box<DataFolder>,
    },
    /// The store is not there, or empty, and something is left of one.
    #[error(
        "{} is left of a store that kept evidence or was to, and {} is none: that store is gone, was emptied, or has another \
         name. Name it as store.url, or bring the latest backup back (`sightline restore`, or `pg_restore` into an empty database); whoever means to begin anew names \
         another folder as instance.data, and another file as proof.checkpoints where that is written",
        left.display(), store
    )]
    StoreGone {
        /// What is left.
        left: PathBuf,
        /// Where the store is.
        store: String,
    },
    /// The identifier can't be read or written.
    #[error("{}: {cause}; give the user that runs Sightline permission to read and write it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The store can't be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Refuses a store that was never made where something is left of one, before one is made: nobody should go on with an empty
/// one unawares, and a dump can't be brought back over one.
///
/// # Errors
/// It is so; or the folder or the store can't be read.
pub async fn refuse_without_store(
    settings: &Settings,
    password: Option<&SecretString>,
) -> Result<(), DataFolderError> {
    let database = &settings.store.store;
    match left_of_a_store(settings)? {
        Some(left) if !health::is_made(database, password).await? => {
            Err(DataFolderError::StoreGone {
                left,
                store: database.url.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// What only stands where there was a store: evidence, the identifier by which the store knew the folder, or checkpoints, which may
/// lie elsewhere.
fn left_of_a_store(settings: &Settings) -> Result<Option<PathBuf>, DataFolderError> {
    let archive = settings.archive_folder();
    let is_evidence = |file: &io::Result<DirEntry>| {
        // What a file system puts there by itself is none.
        file.as_ref().map_or(true, |file| {
            file.file_name().to_string_lossy().contains(".warc.gz")
        })
    };
    let found = match fs::read_dir(&archive) {
        Ok(mut files) => files.find(is_evidence).transpose(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    let found = found.map_err(|cause| DataFolderError::File {
        path: archive.clone(),
        cause,
    })?;
    if found.is_some() {
        return Ok(Some(archive));
    }
    let others = [settings.instance.data.join(FILE), settings.checkpoints()];
    Ok(others.into_iter().find(|file| file.exists()))
}

/// Sees to it that `folder` is the one that belongs to the organisation's rows; the first that is ever used comes to belong to
/// them. `place` says where it is, and on which machine.
///
/// # Errors
/// Another folder belongs to them; or the folder or the store can't be read or written.
pub async fn verify(
    folder: &Path,
    place: &str,
    store: &Store,
    organisation: OrganisationId,
    clock: &dyn Clock,
    mint: &Mint,
) -> Result<(), DataFolderError> {
    let file = folder.join(FILE);
    let failed = |cause| DataFolderError::File {
        path: file.clone(),
        cause,
    };
    let known = known(store, organisation).await?;
    let mut found = read(&file).map_err(failed)?;
    let known = match known {
        Some(known) => known,
        None => {
            // The folder first: one that has an identifier can still come to belong to the store if this is cut off, and a
            // store that knows of a folder refuses every other.
            let identifier = match found {
                Some(identifier) => identifier,
                None => make(&file, mint).map_err(failed)?,
            };
            found = Some(identifier.clone());
            let folder = DataFolder {
                identifier,
                place: place.to_owned(),
                since: clock.now(),
            };
            claim(store, organisation, folder).await?
        }
    };
    if found.as_ref() == Some(&known.identifier) {
        return Ok(());
    }
    Err(DataFolderError::Another {
        folder: folder.to_owned(),
        found,
        known: Box::new(known),
    })
}

async fn known(
    store: &Store,
    organisation: OrganisationId,
) -> Result<Option<DataFolder>, StoreError> {
    data_folder::get(&mut store.read(organisation).await?).await
}

/// The folder that belongs to the rows once this one was offered: another process may have been quicker.
async fn claim(
    store: &Store,
    organisation: OrganisationId,
    folder: DataFolder,
) -> Result<DataFolder, StoreError> {
    let mut tx = store.write(organisation).await?;
    data_folder::claim(&mut tx, &folder).await?;
    let known = data_folder::get(&mut tx).await?;
    tx.commit().await?;
    Ok(known.unwrap_or(folder))
}

/// The identifier in the file; none where there is no file, or nothing in it.
fn read(file: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => {
            let shown = text.trim().chars().filter(|c| !c.is_control());
            let identifier: String = shown.take(LONGEST).collect();
            Ok((!identifier.is_empty()).then_some(identifier))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives the folder an identifier; another process may have been quicker, and then it is that one's.
fn make(file: &Path, mint: &Mint) -> io::Result<String> {
    let mut bytes = [0; LENGTH];
    mint.fill(&mut bytes);
    let identifier = Digest::of_hash(&bytes).0;
    once::make(file, &format!("{identifier}\n"), mint)?;
    read(file)?.ok_or_else(|| {
        let empty = "it is there and says nothing; remove it";
        io::Error::new(io::ErrorKind::InvalidData, empty)
    })
}
