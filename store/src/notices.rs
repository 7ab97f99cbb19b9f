//! Notices: what people are told that belongs to no alert; and whose turn it is to look whether any is due.

use sightline_model::{Notice, NoticeId, Timestamp};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, Record},
};

const COLUMNS: &str = "id, kind, subject, told, opened_at, batch, told_at, resolved_at";

impl Record for Notice {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            kind: cells.next()?,
            subject: cells.next()?,
            told: cells.json()?,
            opened_at: cells.next()?,
            batch: cells.next()?,
            told_at: cells.next()?,
            resolved_at: cells.next()?,
        })
    }
}

/// Keeps other processes from deciding on notices until this transaction ends.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    tx.sql(
        "INSERT INTO generation (organisation, name, number) VALUES (?, 'notices', 0)
         ON CONFLICT (organisation, name) DO UPDATE SET number = generation.number + 1",
    )
    .bind(tx.org)
    .run(tx)
    .await?;
    Ok(())
}

/// The instant of the last digest of reviews that was told; none before the first.
pub async fn reviewed_until(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let found: Option<(Timestamp,)> = tx
        .sql("SELECT number FROM generation WHERE organisation = ? AND name = 'reviews'")
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(found.map(|(at,)| at))
}

/// Takes the digest of this instant. False where it was taken, or a later one: then another process was quicker.
pub async fn take_review(tx: &mut Tx, planned_at: Timestamp) -> Result<bool> {
    tx.sql(
        "INSERT INTO generation (organisation, name, number) VALUES (?, 'reviews', ?)
             ON CONFLICT (organisation, name) DO UPDATE SET number = excluded.number
             WHERE generation.number < excluded.number",
    )
    .bind(tx.org)
    .bind(planned_at)
    .changes(tx)
    .await
}

/// Stores new notices. Of one kind, there is one about one subject that is not resolved: hold them first.
pub async fn insert(tx: &mut Tx, notices: &[Notice]) -> Result<()> {
    for notices in tx.chunks(notices) {
        let text = format!("INSERT INTO notice (organisation, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(notices, |notice, row| {
                row.put(tx.org)
                    .put(notice.id)
                    .put(notice.kind)
                    .put(&notice.subject)
                    .put(Json(&notice.told));
                row.put(notice.opened_at)
                    .put(notice.batch)
                    .put(notice.told_at)
                    .put(notice.resolved_at);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Brings a notice up to date: what it tells, its batch, and whether it is over. One that is over stays as it was told.
pub async fn update(tx: &mut Tx, notice: &Notice) -> Result<bool> {
    tx.sql(
        "UPDATE notice SET told = ?, batch = ?, told_at = ?, resolved_at = ?
             WHERE organisation = ? AND id = ? AND resolved_at IS NULL",
    )
    .bind(Json(&notice.told))
    .bind(notice.batch)
    .bind(notice.told_at)
    .bind(notice.resolved_at)
    .bind(tx.org)
    .bind(notice.id)
    .changes(tx)
    .await
}

/// The notice of this identifier.
pub async fn get(tx: &mut Tx, id: NoticeId) -> Result<Option<Notice>> {
    let text = format!("SELECT {COLUMNS} FROM notice WHERE organisation = ? AND id = ?");
    tx.sql(&text).bind(tx.org).bind(id).optional(tx).await
}

/// The notices that are not resolved, the first one first.
pub async fn open(tx: &mut Tx) -> Result<Vec<Notice>> {
    let text = format!(
        "SELECT {COLUMNS} FROM notice WHERE organisation = ? AND resolved_at IS NULL ORDER BY id"
    );
    tx.sql(&text).bind(tx.org).all(tx).await
}

/// Notices, the latest first, all or those that are not over; `since` is of the last time that they were told, `state`
/// their kind.
pub async fn list(tx: &mut Tx, filter: &Filter<NoticeId>, only_open: bool) -> Result<Vec<Notice>> {
    let open = match only_open {
        true => " AND resolved_at IS NULL",
        false => "",
    };
    let text = format!("SELECT {COLUMNS} FROM notice WHERE organisation = ?{open}");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND told_at >= ?", filter.since)
        .push_if(" AND kind = ?", filter.state)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
