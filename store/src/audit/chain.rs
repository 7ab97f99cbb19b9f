//! The chain of deeds: each carries the hash of the one before it and its own, which is its leaf in the tree of all.
//!
//! Deeds are written when their transaction is committed, after all else in it. So whoever holds an organisation's head
//! waits for nothing any more, and two that wait for the same head do not hold what the other needs.

use sightline_model::{Digest, OrganisationId, Timestamp};

use super::{
    Deed,
    tree::{self, Hash, Tree},
};
use crate::{
    Result, StoreError, Tx,
    cell::{Cells, Record},
    tx::AuditId,
};

/// The deed that says that those before a place were let go.
pub(super) const PURGED: &str = "audit.purge";
/// Deeds of before that are chained by one statement.
const AT_ONCE: i64 = 1_000;

/// Where the chain of an organisation begins and ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The tree of the deeds before the first that is still kept.
    pub start: Tree,
    /// The tree of all deeds that there ever were.
    pub tree: Tree,
    /// The hash of the last.
    pub hash: String,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            start: Tree::default(),
            tree: Tree::default(),
            // As before the first there is nothing.
            hash: Digest::of_hash(&[0; 32]).0,
        }
    }
}

impl Record for Head {
    fn read(cells: &mut Cells) -> Result<Self> {
        let mut tree = |at| {
            let (size, text): (i64, String) = (cells.next()?, cells.next()?);
            let size = u64::try_from(size).unwrap_or(u64::MAX);
            Tree::read(size, &text).ok_or_else(|| {
                let why = format!("'{text}' are not the parts of a tree of {size}");
                crate::cell::unreadable(at, why)
            })
        };
        Ok(Self {
            start: tree(1)?,
            tree: tree(3)?,
            hash: cells.next()?,
        })
    }
}

/// A deed at its place in the chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Link {
    pub seq: i64,
    pub id: i64,
    pub deed: Deed,
    pub previous: String,
    pub hash: String,
}

impl Record for Link {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            seq: cells.next()?,
            id: cells.next()?,
            deed: Deed {
                at: cells.next()?,
                who: cells.next()?,
                what: cells.next()?,
                subject: cells.next()?,
                detail: cells.next()?,
            },
            previous: cells.next()?,
            hash: cells.next()?,
        })
    }
}

/// The columns of a [`Link`].
pub(super) const LINK: &str = "seq, id, at, who, what, subject, detail, previous, hash";

/// The leaf of a deed: the hash of all that its row says. Each part is written with its length before it, so that there is
/// one way to read it.
pub(super) fn leaf(
    organisation: OrganisationId,
    seq: i64,
    id: i64,
    deed: &Deed,
    previous: &str,
) -> Hash {
    let Deed {
        at: Timestamp(at),
        who,
        what,
        subject,
        detail,
    } = deed;
    let numbers = [seq, id, *at].map(|number| number.to_string());
    let organisation = organisation.to_string();
    let [seq, id, at] = numbers.each_ref().map(String::as_str);
    let mut bytes = b"sightline audit 1\n".to_vec();
    for part in [
        &organisation,
        seq,
        id,
        at,
        who,
        what,
        subject,
        detail,
        previous,
    ] {
        bytes.extend(format!("{}:{part},", part.len()).as_bytes());
    }
    tree::leaf(&bytes)
}

impl Head {
    /// Adds a deed to the chain, and gives its link.
    fn add(&mut self, organisation: OrganisationId, id: i64, deed: Deed) -> Link {
        // One deed a nanosecond would take three centuries.
        let seq = self.tree.size() as i64;
        let previous = self.hash.clone();
        let leaf = leaf(organisation, seq, id, &deed, &previous);
        self.tree.push(leaf);
        self.hash = Digest::of_hash(&leaf).0;
        Link {
            seq,
            id,
            deed,
            previous,
            hash: self.hash.clone(),
        }
    }
}

/// The head of the organisation's chain; none where there is no chain yet.
pub async fn head(tx: &mut Tx) -> Result<Option<Head>> {
    read(tx, "").await
}

async fn read(tx: &mut Tx, lock: &'static str) -> Result<Option<Head>> {
    tx.sql("SELECT start, start_tree, size, tree, hash FROM audit_head WHERE organisation = ?")
        .bind(tx.org)
        .push(lock)
        .optional(tx)
        .await
}

/// The head, kept to this transaction until its commit.
async fn hold(tx: &mut Tx) -> Result<Head> {
    let lock = tx.lock(" FOR UPDATE");
    let head = read(tx, lock).await?;
    head.ok_or(StoreError::NoChain)
}

/// Keeps the log to this transaction until its commit: nobody else's deeds come in meanwhile.
pub(crate) async fn keep(tx: &mut Tx) -> Result<()> {
    hold(tx).await.map(|_| ())
}

async fn set(tx: &mut Tx, head: &Head) -> Result<()> {
    tx.sql("UPDATE audit_head SET size = ?, hash = ?, tree = ? WHERE organisation = ?")
        .bind(head.tree.size() as i64)
        .bind(&head.hash)
        .bind(&head.tree.text())
        .bind(tx.org)
        .run(tx)
        .await?;
    Ok(())
}

/// Writes deeds to the end of the chain. The last that a transaction does.
pub(crate) async fn write(tx: &mut Tx, deeds: Vec<Deed>) -> Result<()> {
    let mut head = hold(tx).await?;
    let ids = tx.reserve::<AuditId>(deeds.len()).await?;
    let organisation = tx.organisation();
    let links = ids.into_iter().zip(deeds);
    let links: Vec<Link> = links
        .map(|(AuditId(id), deed)| head.add(organisation, id, deed))
        .collect();
    for links in tx.chunks(&links) {
        let text = format!("INSERT INTO audit (organisation, {LINK}) VALUES ");
        tx.sql(&text)
            .rows(links, |link, row| {
                row.put(tx.org).put(link.seq).put(link.id).put(link.deed.at);
                row.put(&link.deed.who)
                    .put(&link.deed.what)
                    .put(&link.deed.subject)
                    .put(&link.deed.detail);
                row.put(&link.previous).put(&link.hash);
            })
            .run(tx)
            .await?;
    }
    set(tx, &head).await
}

/// Goes on behind the deeds that are chained already, where only the head was lost. Whether they are right is for
/// [`verify`](super::verify()) to tell; here it counts that work goes on.
async fn resume(tx: &mut Tx, head: &mut Head, now: Timestamp) -> Result<()> {
    loop {
        let page: Vec<(i64, String)> = tx
            .sql(
                "SELECT seq, hash FROM audit WHERE organisation = ? AND seq >= ? AND hash IS NOT NULL ORDER BY seq LIMIT ?",
            )
            .bind(tx.org)
            .bind(head.tree.size() as i64)
            .bind(AT_ONCE)
            .all(tx)
            .await?;
        if page.is_empty() {
            return Ok(());
        }
        if head.tree.size() == 0 {
            tracing::error!("the audit log has lost its head; it goes on behind its last deed");
            // That stays to be seen, until somebody has cleared it up.
            tx.log(Deed {
                at: now,
                who: "sightline".to_owned(),
                what: "audit.head_lost".to_owned(),
                subject: String::new(),
                detail: "it went on behind the last deed that was there".to_owned(),
            });
        }
        for (_, hash) in page {
            head.tree.push(tree::hash(&hash).unwrap_or_default());
            head.hash = hash;
        }
    }
}

/// What the deed of a purge says of the deeds that went: by it, [`verify`](super::verify()) knows the beginning of the log for
/// one that was meant.
pub(super) fn gone(start: &Tree) -> String {
    let root = Digest::of_hash(&start.root());
    format!("root of the first {}: {root}", start.size())
}

/// Lets the deeds before place `size` go: the log begins there from now on, its head says what they were, and a deed that `who`
/// let them go. How many went. That this place was signed is for the caller to know: without it, the log looks as if its
/// beginning had been cut off, and [`verify`](super::verify()) says so.
///
/// # Errors
/// If the store fails, or a deed is missing that is to go.
pub async fn begin_at(tx: &mut Tx, size: u64, who: &str, at: Timestamp) -> Result<u64> {
    let Head {
        mut start, tree, ..
    } = hold(tx).await?;
    let first = start.size();
    let size = size.min(tree.size());
    while start.size() < size {
        let page: Vec<(i64, String)> = tx
            .sql(
                "SELECT seq, hash FROM audit WHERE organisation = ? AND seq >= ? AND seq < ? AND hash IS NOT NULL
                 ORDER BY seq LIMIT ?",
            )
            .bind(tx.org)
            .bind(start.size() as i64)
            .bind(size as i64)
            .bind(AT_ONCE)
            .all(tx)
            .await?;
        if page.is_empty() {
            return Err(StoreError::NoChain);
        }
        for (seq, hash) in page {
            let hash = tree::hash(&hash).filter(|_| seq == start.size() as i64);
            start.push(hash.ok_or(StoreError::NoChain)?);
        }
    }
    tx.log(Deed {
        at,
        who: who.to_owned(),
        what: PURGED.to_owned(),
        subject: format!("places {first} to {}", start.size().saturating_sub(1)),
        detail: gone(&start),
    });
    tx.sql("UPDATE audit_head SET start = ?, start_tree = ? WHERE organisation = ?")
        .bind(start.size() as i64)
        .bind(&start.text())
        .bind(tx.org)
        .run(tx)
        .await?;
    tx.sql("DELETE FROM audit WHERE organisation = ? AND seq < ?")
        .bind(tx.org)
        .bind(start.size() as i64)
        .run(tx)
        .await
}

/// Begins the chain of an organisation that has none, with the deeds that it has.
pub(crate) async fn begin(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let empty = Head::default();
    let inserted = tx
        .sql(
            "INSERT INTO audit_head (organisation, start, start_tree, size, hash, tree) VALUES (?, 0, '', 0, ?, '')
             ON CONFLICT (organisation) DO NOTHING",
        )
        .bind(tx.org)
        .bind(&empty.hash)
        .changes(tx)
        .await?;
    if !inserted {
        // Another process was quicker.
        return Ok(());
    }
    let mut head = empty;
    resume(tx, &mut head, now).await?;
    let organisation = tx.organisation();
    let mut after = i64::MIN;
    loop {
        let deeds: Vec<super::Logged> = tx
            .sql(
                "SELECT id, at, who, what, subject, detail FROM audit
                 WHERE organisation = ? AND hash IS NULL AND id > ? ORDER BY id LIMIT ?",
            )
            .bind(tx.org)
            .bind(after)
            .bind(AT_ONCE)
            .all(tx)
            .await?;
        let Some(last) = deeds.last() else { break };
        after = last.id;
        let links: Vec<Link> = deeds
            .into_iter()
            .map(|logged| head.add(organisation, logged.id, logged.deed))
            .collect();
        for links in tx.chunks(&links) {
            tx.sql("WITH link (id, seq, previous, hash) AS (VALUES ")
                .rows(links, |link, row| {
                    row.put(link.id).put(link.seq);
                    row.put(&link.previous).put(&link.hash);
                })
                .push(
                    ") UPDATE audit SET seq = link.seq, previous = link.previous, hash = link.hash FROM link
                     WHERE audit.organisation = ? AND audit.id = link.id",
                )
                .bind(tx.org)
                .run(tx)
                .await?;
        }
    }
    set(tx, &head).await
}
