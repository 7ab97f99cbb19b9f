//! What had been withdrawn and comes back by a file.

use std::borrow::Cow;

use sightline_model::Entry;
use sightline_store::{
    StoreError, Tx,
    entries::{self, Addition},
};
use sightline_watchlists::entry::{self, Given};

use super::{CameOfIt, Read, Row, Said};

/// These entries, with what protected people and what was known of those that were withdrawn before.
pub(super) async fn as_put_back<'r>(
    tx: &mut Tx,
    mut ready: Cow<'r, [Entry]>,
    given: &[Given],
) -> Result<Cow<'r, [Entry]>, StoreError> {
    let foreseen = entries::foresee(tx, &ready).await?;
    for (nth, addition) in foreseen.iter().enumerate() {
        if let Addition::Restored(before) = addition {
            ready.to_mut()[nth] = entry::put_back(before, &ready[nth], given[nth].by_file());
        }
    }
    Ok(ready)
}

impl Read {
    /// The entries that would be added by this report of a dry run, each as it would stand, with its row.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn added<'r>(
        &self,
        tx: &mut Tx,
        rows: &'r mut [Row],
    ) -> Result<Vec<(Entry, &'r mut Row)>, StoreError> {
        let mut added = Vec::new();
        let (mut ready, mut given) = (Vec::new(), Vec::new());
        for ((_, said), row) in self.rows.iter().zip(rows) {
            if let (Said::Ready(index), CameOfIt::Added { .. }) = (said, &row.came_of_it) {
                ready.push(self.ready[*index].clone());
                given.push(self.given[*index]);
                added.push(row);
            }
        }
        let ready = as_put_back(tx, Cow::Owned(ready), &given).await?;
        Ok(ready.into_owned().into_iter().zip(added).collect())
    }
}

/// What stood on the list before and was withdrawn, as it was and as it is now, under its old identifier.
pub(super) fn restored<'a>(ready: &[Entry], additions: &'a [Addition]) -> Vec<(&'a Entry, Entry)> {
    let pair = |(addition, entry): (&'a Addition, &Entry)| match addition {
        Addition::Restored(before) => {
            let id = before.id;
            Some((
                before.as_ref(),
                Entry {
                    id,
                    ..entry.clone()
                },
            ))
        }
        Addition::Added | Addition::Duplicate(_) => None,
    };
    additions.iter().zip(ready).filter_map(pair).collect()
}
