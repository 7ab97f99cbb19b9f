//! Rows taken out for good, each with whatever cannot stand without it: the same for purges and for erasures, which differ
//! in what they choose. Each takes the gate that commits take, so that nothing is built meanwhile on what goes.

use sightline_model::{
    AlertId, CaptureId, DeliveryId, EntryId, ImageId, ListingId, ObservationId, PageId, SelectorId,
    SightingId, Timestamp,
};

use crate::{
    Engine, Result, Tx,
    cell::{Get, Put},
    generation, pages,
};

/// Keeps commits waiting until this transaction ends.
pub(crate) async fn gate(tx: &mut Tx) -> Result<()> {
    generation::next(tx).await.map(|_| ())
}

/// Runs `text`, which ends in `IN` and has one place, for the organisation, with `keys` behind it.
async fn each<K: Put + Copy>(tx: &mut Tx, text: &str, keys: &[K]) -> Result<u64> {
    let mut rows = 0;
    for keys in tx.chunks(keys) {
        let sql = tx.sql(text).bind(tx.org).list(keys.iter().copied());
        rows += sql.run(tx).await?;
    }
    Ok(rows)
}

/// What `text`, as in [`each`], gives for `keys`, each once and in order.
async fn found<K: Put + Copy, Id: Get + Ord>(
    tx: &mut Tx,
    text: &str,
    keys: &[K],
) -> Result<Vec<Id>> {
    let mut found = Vec::new();
    for keys in tx.chunks(keys) {
        let sql = tx.sql(text).bind(tx.org).list(keys.iter().copied());
        found.extend(sql.all::<(Id,)>(tx).await?.into_iter().map(|(id,)| id));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Forgets every message that tells of these alerts, with what its receiver said: their own, and the digests of others that tell
/// of them too. What was not sent is written anew, without what goes; and what such a digest told beside is on its own, for
/// it would not be told again by one that is written anew.
pub(crate) async fn messages(tx: &mut Tx, alerts: &[AlertId]) -> Result<()> {
    let text =
        "SELECT DISTINCT coalesce(carrier, id) FROM delivery WHERE organisation = ? AND alert IN ";
    let messages: Vec<DeliveryId> = found(tx, text, alerts).await?;
    for text in [
        "UPDATE delivery SET rewritten = CASE WHEN message IS NULL THEN rewritten ELSE 1 END,
           message = NULL, progress = NULL, last_error = NULL WHERE organisation = ? AND id IN ",
        "UPDATE delivery SET carrier = CASE WHEN state IN ('pending', 'dead') THEN NULL ELSE carrier END, last_error = NULL
           WHERE organisation = ? AND carrier IN ",
    ] {
        each(tx, text, &messages).await?;
    }
    Ok(())
}

/// Alerts, with what people did to them and said on them, and their messages, as [`messages`] has it. Their sightings stay.
pub(crate) async fn alerts(tx: &mut Tx, ids: &[AlertId]) -> Result<()> {
    messages(tx, ids).await?;
    for text in [
        // What a message that goes carried is on its own from now on.
        "UPDATE delivery SET carrier = NULL WHERE organisation = ? AND carrier IN
           (SELECT own.id FROM delivery AS own WHERE own.organisation = delivery.organisation AND own.alert IN ",
        "DELETE FROM delivery WHERE organisation = ? AND alert IN ",
        "DELETE FROM alert_change WHERE organisation = ? AND alert IN ",
        "DELETE FROM silenced WHERE organisation = ? AND alert IN ",
        "DELETE FROM alert_sighting WHERE organisation = ? AND alert IN ",
        "DELETE FROM alert WHERE organisation = ? AND id IN ",
    ] {
        match text.starts_with("UPDATE") {
            true => {
                for ids in tx.chunks(ids) {
                    let sql = tx.sql(text).bind(tx.org).list(ids.iter().copied());
                    sql.push(")").run(tx).await?;
                }
            }
            false => _ = each(tx, text, ids).await?,
        }
    }
    Ok(())
}

/// Sightings, with what people made of them. Alerts forget them. Pages that still show them are read anew: who was seen there is
/// seen again.
pub(crate) async fn sightings(tx: &mut Tx, ids: &[SightingId]) -> Result<()> {
    let text = "SELECT DISTINCT listing_page.page FROM sighting JOIN listing_page ON listing_page.listing = sighting.listing
        WHERE sighting.organisation = ? AND sighting.id IN ";
    let shown_on: Vec<PageId> = found(tx, text, ids).await?;
    pages::forget(tx, &shown_on).await?;
    for ids in tx.chunks(ids) {
        tx.sql(
            "DELETE FROM verdict WHERE organisation = ? AND EXISTS (
               SELECT 1 FROM sighting WHERE sighting.organisation = ? AND sighting.entry = verdict.entry
                 AND sighting.listing = verdict.listing AND sighting.id IN ",
        )
        .bind(tx.org)
        .bind(tx.org)
        .list(ids.iter().copied())
        .push(")")
        .run(tx)
        .await?;
    }
    for text in [
        "DELETE FROM entry_begun WHERE organisation = ? AND sighting IN ",
        "DELETE FROM alert_sighting WHERE organisation = ? AND sighting IN ",
        "DELETE FROM sighting_before WHERE organisation = ? AND sighting IN ",
        "DELETE FROM sighting WHERE organisation = ? AND id IN ",
    ] {
        each(tx, text, ids).await?;
    }
    Ok(())
}

/// Observations, and selectors that nothing shows any more.
pub(crate) async fn observations(tx: &mut Tx, ids: &[ObservationId]) -> Result<()> {
    let text = "SELECT DISTINCT selector FROM observation WHERE organisation = ? AND id IN ";
    let selectors: Vec<SelectorId> = found(tx, text, ids).await?;
    each(
        tx,
        "DELETE FROM observation WHERE organisation = ? AND id IN ",
        ids,
    )
    .await?;
    unseen_selectors(tx, &selectors).await
}

/// Those of the selectors that nothing shows, and that are no source's own.
async fn unseen_selectors(tx: &mut Tx, ids: &[SelectorId]) -> Result<()> {
    each(
        tx,
        "DELETE FROM selector WHERE organisation = ?
           AND NOT EXISTS (SELECT 1 FROM observation WHERE observation.selector = selector.id)
           AND NOT EXISTS (SELECT 1 FROM furniture WHERE furniture.selector = selector.id) AND id IN ",
        ids,
    )
    .await?;
    Ok(())
}

/// Listings, with every version, their words in the index, their observations, and where they stood. Their sightings must be
/// gone before. Pages that still show them are read anew, or what stands there would never be known again.
pub(crate) async fn listings(tx: &mut Tx, ids: &[ListingId]) -> Result<()> {
    let text = "SELECT DISTINCT page FROM listing_page WHERE organisation = ? AND listing IN ";
    let shown_on: Vec<PageId> = found(tx, text, ids).await?;
    pages::forget(tx, &shown_on).await?;
    let text = "SELECT DISTINCT selector FROM observation WHERE organisation = ? AND listing IN ";
    let selectors: Vec<SelectorId> = found(tx, text, ids).await?;
    let words = match tx.engine() {
        Engine::Sqlite => {
            "DELETE FROM listing_search WHERE rowid IN (SELECT id FROM listing WHERE organisation = ? AND id IN "
        }
        Engine::Postgres => {
            "DELETE FROM listing_search WHERE listing IN (SELECT id FROM listing WHERE organisation = ? AND id IN "
        }
    };
    for ids in tx.chunks(ids) {
        let sql = tx.sql(words).bind(tx.org).list(ids.iter().copied());
        sql.push(")").run(tx).await?;
    }
    for text in [
        "DELETE FROM verdict WHERE organisation = ? AND listing IN ",
        "DELETE FROM observation WHERE organisation = ? AND listing IN ",
        "DELETE FROM listing_image WHERE organisation = ? AND listing IN ",
        "DELETE FROM listing_page WHERE organisation = ? AND listing IN ",
        "DELETE FROM listing_away WHERE organisation = ? AND listing IN ",
        "DELETE FROM listing_version WHERE organisation = ? AND listing IN ",
        "DELETE FROM listing WHERE organisation = ? AND id IN ",
    ] {
        each(tx, text, ids).await?;
    }
    unseen_selectors(tx, &selectors).await
}

/// Images that no listing shows.
pub(crate) async fn images(tx: &mut Tx, ids: &[ImageId]) -> Result<()> {
    each(
        tx,
        "DELETE FROM image WHERE organisation = ? AND id IN ",
        ids,
    )
    .await?;
    Ok(())
}

/// Captures. A tombstone takes the place of each, by which its record is found in the archive, to be taken out of it.
pub(crate) async fn captures(
    tx: &mut Tx,
    ids: &[CaptureId],
    cause: &str,
    now: Timestamp,
) -> Result<u64> {
    let mut gone = 0;
    for ids in tx.chunks(ids) {
        tx.sql(
            "INSERT INTO tombstone (organisation, record, body_digest, file, fetched_at, gone_at, cause)
             SELECT organisation, record, digest, file, fetched_at, CAST(? AS BIGINT), CAST(? AS TEXT) FROM capture
             WHERE organisation = ? AND id IN ",
        )
        .bind(now)
        .bind(cause)
        .bind(tx.org)
        .list(ids.iter().copied())
        .push(" ON CONFLICT (organisation, record) DO NOTHING")
        .run(tx)
        .await?;
        // What asked "has it changed?" by it asks for the whole next time.
        tx.sql(
            "UPDATE page SET etag = NULL, last_modified = NULL, digest = '', links = '[]'
             WHERE +organisation = ? AND capture IN ",
        )
        .bind(tx.org)
        .list(ids.iter().copied())
        .run(tx)
        .await?;
        let sql = tx.sql("DELETE FROM capture WHERE organisation = ? AND id IN ");
        gone += sql.bind(tx.org).list(ids.iter().copied()).run(tx).await?;
    }
    Ok(gone)
}

/// Entries that nobody looks for, with their changes and silences. Their sightings and alerts must be gone before.
pub(crate) async fn entries(tx: &mut Tx, ids: &[EntryId]) -> Result<()> {
    for ids in tx.chunks(ids) {
        tx.sql(
            "DELETE FROM silenced WHERE organisation = ? AND silence IN
               (SELECT silence.id FROM silence WHERE silence.organisation = ? AND silence.entry IN ",
        )
        .bind(tx.org)
        .bind(tx.org)
        .list(ids.iter().copied())
        .push(")")
        .run(tx)
        .await?;
    }
    for text in [
        "DELETE FROM silence WHERE organisation = ? AND entry IN ",
        "DELETE FROM entry_begun WHERE organisation = ? AND entry IN ",
        "DELETE FROM entry_change WHERE organisation = ? AND entry IN ",
        "DELETE FROM verdict WHERE organisation = ? AND entry IN ",
        "DELETE FROM entry WHERE organisation = ? AND id IN ",
    ] {
        each(tx, text, ids).await?;
    }
    Ok(())
}
