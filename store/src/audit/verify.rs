//! Verifying the audit log: the chain from its beginning to its end, and what was signed of it on the way.

use std::fmt;

use sightline_model::Digest;

use super::{
    chain::{self, Head, LINK, Link, PURGED},
    tree::{Hash, Tree},
};
use crate::{Result, Tx};

/// Deeds that are read at once.
const PAGE: i64 = 1_000;

/// What somebody signed: so many deeds there were, and this was the root of their tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Signed {
    /// How many deeds.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

/// What was found of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Deeds before the first that is kept: they were purged.
    pub start: u64,
    /// Deeds that there ever were.
    pub size: u64,
    /// Signed trees that were met.
    pub met: usize,
    /// Deeds that a signed tree vouches for: of what came later, the chain alone tells.
    pub vouched: u64,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// What is wrong with a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// There is no chain.
    NoChain,
    /// A deed is not what was written.
    Changed {
        /// Its place.
        seq: i64,
        /// Its number.
        id: i64,
    },
    /// A deed does not follow the one before it.
    Unlinked {
        /// Its place.
        seq: i64,
        /// Its number.
        id: i64,
    },
    /// A deed is missing, and later ones are there.
    Missing {
        /// Its place.
        seq: i64,
    },
    /// The last deeds are missing.
    Cut {
        /// Those that are there.
        kept: u64,
        /// Those that there were.
        size: u64,
    },
    /// Rows that are in no place of the chain.
    Foreign {
        /// The number of the first, where one has no place at all.
        id: Option<i64>,
        /// How many rows there are more, or less, than places.
        more: i64,
    },
    /// The head is not that of the deeds.
    Head,
    /// Another tree was signed: the log was written anew.
    Signed {
        /// Up to here all was met.
        met: u64,
        /// At this size it was not.
        size: u64,
    },
    /// More deeds were signed than there are: the tail was cut.
    Tail {
        /// Those that were signed.
        signed: u64,
        /// Those that there are.
        size: u64,
    },
    /// The log says that more was signed than the file of checkpoints knows of.
    Behind {
        /// Deeds that the log says were signed.
        known: u64,
        /// Those that the file says were.
        found: Option<u64>,
    },
    /// The log has lost its head once, and nobody cleared that up.
    HeadLost,
    /// The instance has a key, and the log says nothing of it.
    KeyLost,
    /// The log says that a key was made, and the instance has none.
    KeyGone,
    /// The instance's key took the place of another, and nobody said why.
    KeyAnew,
    /// The file of checkpoints has some of this log, and none that a known key has signed.
    Strange,
    /// The log begins at a place that nobody signed.
    Start {
        /// The place.
        size: u64,
    },
    /// The log begins at a place up to which no deed says that it was purged.
    Unpurged {
        /// The place.
        size: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChain => f.write_str("there is no chain: its head was taken out"),
            Self::Changed { seq, id } => {
                write!(f, "deed {id}, at place {seq}, is not what was written")
            }
            Self::Unlinked { seq, id } => write!(
                f,
                "deed {id}, at place {seq}, does not follow the one before it: some were put in, taken out or moved"
            ),
            Self::Missing { seq } => write!(f, "the deed at place {seq} is missing"),
            Self::Cut { kept, size } => write!(
                f,
                "the deeds from place {kept} on are missing: there were {size}"
            ),
            Self::Foreign { id: Some(id), .. } => {
                write!(
                    f,
                    "deed {id} has no place in the chain: it was put in by other hands"
                )
            }
            Self::Foreign { id: None, more } => {
                write!(f, "there are {more} rows more than places in the chain")
            }
            Self::Head => f.write_str("the chain's head is not that of its deeds"),
            Self::Signed { met: 0, size } => write!(
                f,
                "of the first {size} deeds, something else was signed: the log was written anew"
            ),
            Self::Signed { met, size } => write!(
                f,
                "the first {met} deeds are as they were signed, but of the first {size} something else was signed: \
                 those between were written anew"
            ),
            Self::Tail { signed, size } => write!(
                f,
                "{signed} deeds were signed, and there are {size}: the tail was cut, or an older store was put back"
            ),
            Self::Behind {
                known,
                found: Some(found),
            } => write!(
                f,
                "{known} deeds were signed, and the file of checkpoints knows of {found} alone: its end was cut"
            ),
            Self::Behind { .. } => f.write_str(
                "it was signed, and the file of checkpoints has nothing of that: it is gone, or was changed",
            ),
            Self::HeadLost => f.write_str(
                "it lost its head, and went on behind the last deed that was there: others may have been cut off",
            ),
            Self::KeyLost => f.write_str(
                "it has no deed of the making of the instance's key: it is older than the key, or was cut",
            ),
            Self::KeyGone => f.write_str(
                "it says that a key was made for this instance, and `signing.key` is not there: bring it back from where it is kept",
            ),
            Self::KeyAnew => f.write_str(
                "another key was made for this instance before the one that is there, and nobody said why",
            ),
            Self::Strange => f.write_str(
                "the file of checkpoints has some of this log, and none that the instance's key, or one that the log knows, has \
                 signed: the key is gone, or the log was written anew",
            ),
            Self::Start { size } => write!(
                f,
                "the log begins at place {size}, and nobody signed that: its beginning was cut"
            ),
            Self::Unpurged { size } => write!(
                f,
                "the log begins at place {size}, and no deed says that those before were purged: its beginning was cut"
            ),
        }
    }
}

/// Verifies the organisation's log, and that it is what was signed. Reads all of it.
///
/// # Errors
/// If the store can't be read. What is wrong with the log is no error, but the report's fault.
pub async fn verify(tx: &mut Tx, signed: &[Signed]) -> Result<Report> {
    let Some(head) = chain::head(tx).await? else {
        return Ok(Report {
            start: 0,
            size: 0,
            met: 0,
            vouched: 0,
            fault: Some(Fault::NoChain),
        });
    };
    let mut signed = signed.to_vec();
    signed.sort_unstable();
    let mut walk = Walk {
        start: head.start.size(),
        tree: head.start.clone(),
        hash: (head.start.size() == 0).then(|| Head::default().hash),
        signed: &signed,
        met: 0,
        vouched: 0,
        gone: (head.start.size() > 0).then(|| chain::gone(&head.start)),
    };
    let mut fault = walk.start();
    while fault.is_none() && walk.tree.size() < head.tree.size() {
        let sql = format!(
            "SELECT {LINK} FROM audit WHERE organisation = ? AND seq >= ? AND seq < ? AND hash IS NOT NULL
             ORDER BY seq, id LIMIT ?"
        );
        let page: Vec<Link> = tx
            .sql(&sql)
            .bind(tx.org)
            .bind(walk.tree.size() as i64)
            .bind(head.tree.size() as i64)
            .bind(PAGE)
            .all(tx)
            .await?;
        if page.is_empty() {
            fault = Some(Fault::Cut {
                kept: walk.tree.size(),
                size: head.tree.size(),
            });
        }
        let organisation = tx.organisation();
        fault = fault.or_else(|| page.iter().find_map(|link| walk.step(organisation, link)));
    }
    if fault.is_none() {
        fault = match walk.hash.as_ref().is_none_or(|hash| *hash == head.hash)
            && walk.tree == head.tree
        {
            true => foreign(tx).await?,
            false => Some(Fault::Head),
        };
    }
    let fault = fault.or_else(|| walk.unsaid()).or_else(|| walk.rest());
    Ok(Report {
        start: head.start.size(),
        size: head.tree.size(),
        met: walk.met,
        vouched: walk.vouched,
        fault,
    })
}

/// Rows that are in no place of the chain. Asked in one statement, for others may write meanwhile.
async fn foreign(tx: &mut Tx) -> Result<Option<Fault>> {
    let (rows, places): (i64, i64) = tx
        .sql("SELECT (SELECT count(*) FROM audit WHERE organisation = ?), size - start FROM audit_head WHERE organisation = ?")
        .bind(tx.org)
        .bind(tx.org)
        .one(tx)
        .await?;
    if rows == places {
        return Ok(None);
    }
    let first: Option<(i64,)> = tx
        .sql("SELECT id FROM audit WHERE organisation = ? AND (seq IS NULL OR hash IS NULL) ORDER BY id LIMIT 1")
        .bind(tx.org)
        .optional(tx)
        .await?;
    Ok(Some(Fault::Foreign {
        id: first.map(|(id,)| id),
        more: rows - places,
    }))
}

/// A walk along the chain.
struct Walk<'s> {
    /// Where it begins.
    start: u64,
    tree: Tree,
    /// The hash of the deed before; none where that was purged.
    hash: Option<String>,
    /// What was signed and is not met yet, the smallest first.
    signed: &'s [Signed],
    met: usize,
    vouched: u64,
    /// What the deed of the purge says up to which the log begins; none where there was no purge, or the deed was met.
    gone: Option<String>,
}

impl Walk<'_> {
    /// Whether the place at which the log begins was signed, if something was before it.
    fn start(&mut self) -> Option<Fault> {
        let size = self.tree.size();
        let before = self.signed.iter().take_while(|signed| signed.size < size);
        self.signed = &self.signed[before.count()..];
        let fault = self.meet();
        fault.or_else(|| (size > 0 && self.vouched < size).then_some(Fault::Start { size }))
    }

    /// One deed further.
    fn step(
        &mut self,
        organisation: sightline_model::OrganisationId,
        link: &Link,
    ) -> Option<Fault> {
        let Link { seq, id, .. } = *link;
        let expected = self.tree.size() as i64;
        if seq > expected {
            return Some(Fault::Missing { seq: expected });
        }
        let leaf = chain::leaf(organisation, seq, id, &link.deed, &link.previous);
        let hash = Digest::of_hash(&leaf).0;
        if hash != link.hash {
            return Some(Fault::Changed { seq, id });
        }
        let follows = self
            .hash
            .as_ref()
            .is_none_or(|before| *before == link.previous);
        if seq < expected || !follows {
            return Some(Fault::Unlinked { seq, id });
        }
        self.tree.push(leaf);
        self.hash = Some(hash);
        self.gone
            .take_if(|gone| link.deed.what == PURGED && link.deed.detail == *gone);
        self.meet()
    }

    /// Compares the tree as it stands with what was signed of this size.
    fn meet(&mut self) -> Option<Fault> {
        while let [first, rest @ ..] = self.signed {
            if first.size != self.tree.size() {
                break;
            }
            if first.root != self.tree.root() {
                return Some(Fault::Signed {
                    met: self.vouched,
                    size: first.size,
                });
            }
            self.signed = rest;
            self.met += 1;
            self.vouched = first.size;
        }
        None
    }

    /// A purge says in a deed behind it what went: whoever cuts the log's beginning off, at a place that was signed, says nothing.
    fn unsaid(&self) -> Option<Fault> {
        self.gone
            .as_ref()
            .map(|_| Fault::Unpurged { size: self.start })
    }

    /// What was signed and never met: more than there is.
    fn rest(&self) -> Option<Fault> {
        let last = self.signed.last()?;
        Some(Fault::Tail {
            signed: last.size,
            size: self.tree.size(),
        })
    }
}
