//! The data folder: which folder on disk belongs to what is stored. Evidence, the signing key and the checkpoints lie there.

use sightline_model::Timestamp;

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// The folder on disk that belongs to an organisation's rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataFolder {
    /// What stands in the folder itself, too: by this it is known again, wherever it is mounted.
    pub identifier: String,
    /// Where it was, and on which machine, when it came to belong to them: for people who look for it.
    pub place: String,
    /// Since when it belongs to them.
    pub since: Timestamp,
}

impl Record for DataFolder {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            identifier: cells.next()?,
            place: cells.next()?,
            since: cells.next()?,
        })
    }
}

/// The folder that belongs to the organisation's rows, where one does.
pub async fn get(tx: &mut Tx) -> Result<Option<DataFolder>> {
    tx.sql("SELECT identifier, place, since FROM data_folder WHERE organisation = ?")
        .bind(tx.org)
        .optional(tx)
        .await
}

/// Makes a folder belong to the organisation's rows, unless one does already: that one stays.
pub async fn claim(tx: &mut Tx, folder: &DataFolder) -> Result<()> {
    tx.sql(
        "INSERT INTO data_folder (organisation, identifier, place, since) VALUES (?, ?, ?, ?)
         ON CONFLICT (organisation) DO NOTHING",
    )
    .bind(tx.org)
    .bind(&folder.identifier)
    .bind(&folder.place)
    .bind(folder.since)
    .run(tx)
    .await?;
    Ok(())
}
