//! The index of words made anew where an upgrade has emptied it: a part at a time, so that it goes on where it was stopped, and
//! no other process waits for more than a part.

use sightline_model::{ListingId, OrganisationId};

use super::index;
use crate::{Result, Store, Tx, cell::unreadable};

/// Listings that are indexed anew in one transaction: others wait no longer than that takes.
const ANEW: u32 = 500;

/// Makes it anew for every organisation for which that is not done, and says so first to `begins`.
///
/// # Errors
/// Where the store fails. What is done stays done.
pub(crate) async fn index_anew(store: &Store, mut begins: impl FnMut()) -> Result<()> {
    let organisations: Vec<String> = sqlx::query_scalar("SELECT id FROM organisation")
        .fetch_all(store.readers())
        .await?;
    for organisation in organisations {
        let organisation: OrganisationId =
            organisation.parse().map_err(|error| unreadable(0, error))?;
        let mut tx = store.read(organisation).await?;
        let mut is_due = done_to(&mut tx).await?.is_some();
        drop(tx);
        if is_due {
            begins();
        }
        while is_due {
            let mut tx = store.write(organisation).await?;
            is_due = next_part(&mut tx).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Indexes the next listings of an organisation anew, where an upgrade has emptied the index: true while there are more. Where
/// it was stopped, it goes on; what was written since by others is the same.
async fn next_part(tx: &mut Tx) -> Result<bool> {
    // Written first, so that another process that does the same waits here.
    tx.sql("UPDATE search_rebuild SET done_to = done_to WHERE organisation = ?")
        .bind(tx.org)
        .run(tx)
        .await?;
    let Some(done_to) = done_to(tx).await? else {
        return Ok(false);
    };
    let next: Vec<(ListingId,)> = tx
        .sql("SELECT id FROM listing WHERE +organisation = ? AND id > ? ORDER BY id LIMIT ?")
        .bind(tx.org)
        .bind(done_to)
        .bind(i64::from(ANEW))
        .all(tx)
        .await?;
    let listings: Vec<ListingId> = next.into_iter().map(|(id,)| id).collect();
    let Some(last) = listings.last() else {
        tx.sql("DELETE FROM search_rebuild WHERE organisation = ?")
            .bind(tx.org)
            .run(tx)
            .await?;
        return Ok(false);
    };
    index(tx, &listings).await?;
    tx.sql("UPDATE search_rebuild SET done_to = ? WHERE organisation = ?")
        .bind(*last)
        .bind(tx.org)
        .run(tx)
        .await?;
    Ok(true)
}

/// Up to which listing the index was made anew, where an upgrade has emptied it and it is not whole again.
async fn done_to(tx: &mut Tx) -> Result<Option<ListingId>> {
    let done_to: Option<(ListingId,)> = tx
        .sql("SELECT done_to FROM search_rebuild WHERE organisation = ?")
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(done_to.map(|(listing,)| listing))
}
