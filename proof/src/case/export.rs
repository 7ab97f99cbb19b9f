//! Exporting a case: gathered, packed, sealed and logged, in this order, so that no bundle leaves without a trace.

use std::{
    io::{self, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use sightline_casework::{By, Refused};
use sightline_crawler::archive::{ArchiveError, Whole};
use sightline_model::{AlertId, Evidence, Mint, OrganisationId};
use sightline_store::{Store, StoreError};
use tokio::task::spawn_blocking;

use super::{
    Case,
    payload::{self, Cover, Unwritten},
};
use crate::{
    bundle::{Packer, Sealed},
    key::{KeyError, SigningKey},
};

/// What is to be exported, by whom, from where.
pub struct Asked<'a> {
    /// The alert.
    pub alert: AlertId,
    /// Who asks, and when.
    pub by: By,
    /// By which means, for the audit log: the name of a token, or nothing.
    pub means: &'a str,
    /// The store.
    pub store: &'a Store,
    /// Whose rows are seen.
    pub organisation: OrganisationId,
    /// What the organisation is called.
    pub organisation_name: &'a str,
    /// The folder for what the instance keeps: the key is there, and the bundle is written there under no name.
    pub folder: &'a Path,
    /// Where a key comes from that is not there yet.
    pub mint: &'a Mint,
}

/// A bundle that was exported.
#[derive(Debug)]
pub struct Exported {
    /// The bundle, at its beginning: a file that has no name, and is gone when it is closed.
    pub file: std::fs::File,
    /// A good name for it.
    pub name: String,
    /// What is in it.
    pub sealed: Sealed,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// There is no such alert, or the store failed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The archive has not what the store says.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The bundle can't be written.
    #[error("the bundle can't be written: {0}; look whether the disk is full")]
    Io(#[from] io::Error),
}

impl From<StoreError> for NotExported {
    fn from(error: StoreError) -> Self {
        Self::Refused(Refused::Store(error))
    }
}

impl From<Unwritten> for NotExported {
    fn from(error: Unwritten) -> Self {
        match error {
            Unwritten::Archive(error) => Self::Archive(error),
            Unwritten::Io(error) => Self::Io(error),
        }
    }
}

/// Exports a case. `whole` reads what the archive keeps; it blocks, and is called where that is allowed.
///
/// # Errors
/// Nothing was exported then, and nothing is left of it.
pub async fn export(
    asked: Asked<'_>,
    whole: impl Fn(&Evidence) -> Result<Whole, ArchiveError> + Send + 'static,
) -> Result<Exported, NotExported> {
    let By { who, at } = asked.by.clone();
    let mut tx = asked.store.read(asked.organisation).await?;
    let case = Case::read(&mut tx, asked.alert, at).await?;
    drop(tx);
    let key = Arc::new(SigningKey::open_or_make(asked.folder, asked.mint)?);
    let id = asked.alert.to_string();
    let folder = format!("sightline-alert-{id}");
    let organisation = asked.organisation_name.to_owned();
    let to = tempfile::tempfile_in(asked.folder)?;
    let name = format!("{folder}.zip");
    let (who_packs, signer) = (who.clone(), Arc::clone(&key));
    let packed = spawn_blocking(move || -> Result<_, NotExported> {
        let cover = Cover {
            organisation: &organisation,
            who: &who_packs,
            at: at.to_string(),
            signed_by: signer.public().fingerprint(),
        };
        let mut packer = Packer::new(io::BufWriter::new(to), &folder);
        payload::write(&case, &cover, whole, &mut packer)?;
        let day = at.to_utc().format("%Y-%m-%d").to_string();
        let info = [
            ("Source-Organization", organisation.clone()),
            ("Contact-Name", who_packs.clone()),
            ("External-Identifier", id.clone()),
            (
                "External-Description",
                format!("What lies behind alert {id}: see data/README.txt"),
            ),
            ("Bagging-Date", day),
            ("Exported-At", at.to_string()),
            (
                "Bag-Software-Agent",
                format!("Sightline/{}", env!("CARGO_PKG_VERSION")),
            ),
        ];
        Ok(packer.seal(&info, &signer)?)
    });
    let packed = packed
        .await
        .unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()));
    let (file, sealed) = packed?;
    let mut file = file.into_inner().map_err(|error| error.into_error())?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut tx = asked.store.write(asked.organisation).await?;
    let detail = format!(
        "{} files, {} bytes, tagmanifest sha256:{}, signed by {}{}",
        sealed.files,
        sealed.bytes,
        sealed.digest,
        sealed.signed_by,
        match asked.means {
            "" => String::new(),
            means => format!("; {means}"),
        }
    );
    asked
        .by
        .log(&mut tx, "evidence.export", asked.alert.to_string(), &detail)
        .await?;
    tx.commit().await?;
    Ok(Exported { file, name, sealed })
}
