//! A transaction, bound to one organisation: the only way to ask the store anything.

use sightline_model::{
    CaptureId, ImageId, ListingId, ObservationId, OrganisationId, PageId, SelectorId, VisitId,
};
use sqlx::{Any, AnyConnection, Transaction};

use crate::{
    Engine, Result,
    audit::{self, Deed},
    cell::{Get, Put},
    explain::Plans,
    fullness::Fullness,
    sql::{Parts, Sql},
};

/// A transaction on the rows of one organisation. Dropped without [`Tx::commit`], it leaves no trace.
pub struct Tx {
    inner: Transaction<'static, Any>,
    engine: Engine,
    organisation: OrganisationId,
    /// The organisation's number, which stands in every row.
    pub(crate) org: i64,
    /// How the engine went about each statement that reads, where that is asked for.
    pub(crate) plans: Option<Plans>,
    /// What is known of the room on the disk, which what is done here adds to.
    fullness: Fullness,
    /// True once a statement has changed a row.
    wrote: bool,
    /// What was done in it, for the audit log.
    deeds: Vec<Deed>,
    /// What its statements forget, where a test has them do so.
    #[cfg(debug_assertions)]
    pub(crate) forgetting: Option<crate::forgetting::Forgetting>,
}

impl Tx {
    pub(crate) fn new(
        inner: Transaction<'static, Any>,
        engine: Engine,
        organisation: OrganisationId,
        org: i64,
        plans: Option<Plans>,
        fullness: Fullness,
    ) -> Self {
        Self {
            fullness,
            wrote: false,
            deeds: Vec::new(),
            inner,
            engine,
            organisation,
            org,
            plans,
            #[cfg(debug_assertions)]
            forgetting: None,
        }
    }

    #[cfg(debug_assertions)]
    pub(crate) fn forgetting(self, forgetting: Option<crate::forgetting::Forgetting>) -> Self {
        Self { forgetting, ..self }
    }

    /// From now on, keeps how SQLite goes about each statement that reads.
    pub fn explain(&mut self) -> Plans {
        self.plans.insert(Plans::default()).clone()
    }

    /// The organisation whose rows it sees.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// Keeps a deed for the audit log until the commit.
    pub(crate) fn log(&mut self, deed: Deed) {
        self.deeds.push(deed);
    }

    /// Makes what was written last, the audit log's part of it as the last of all: so whoever holds the log's head waits
    /// for nobody. On SQLite it is on the disk when this returns.
    pub async fn commit(mut self) -> Result<()> {
        let deeds = std::mem::take(&mut self.deeds);
        if !deeds.is_empty() {
            audit::write(&mut self, deeds).await?;
        }
        self.fullness.note(self.inner.commit().await)?;
        if self.wrote {
            self.fullness.stored();
        }
        Ok(())
    }

    /// Undoes what was written, and gives the connection back at once.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }

    /// Takes `count` fresh identifiers, in ascending order, so that rows which refer to each other can be built
    /// before any is stored. They are not given out again, whatever becomes of the transaction on PostgreSQL; on
    /// SQLite a rollback returns them.
    pub async fn reserve<Id: Numbered>(&mut self, count: usize) -> Result<Vec<Id>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        match self.engine {
            Engine::Sqlite => {
                let (first,): (i64,) = self
                    .sql("UPDATE counter SET next = next + ? WHERE name = ? RETURNING next - ?")
                    .bind(count)
                    .bind(Id::SEQUENCE)
                    .bind(count)
                    .one(self)
                    .await?;
                Ok((first..first + count).map(Id::from).collect())
            }
            // A sequence has no lock that lasts: two processes draw from it side by side.
            Engine::Postgres => {
                let mut drawn: Vec<(i64,)> = self
                    .sql("SELECT nextval(CAST(CAST(? AS TEXT) AS regclass)) FROM generate_series(1, ?)")
                    .bind(Id::SEQUENCE)
                    .bind(count)
                    .all(self)
                    .await?;
                drawn.sort_unstable();
                Ok(drawn
                    .into_iter()
                    .map(|(number,)| Id::from(number))
                    .collect())
            }
        }
    }

    /// Which engine it is of, for the one question that has a text for each.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// A statement that begins with `text`.
    pub(crate) fn sql(&self, text: &str) -> Sql {
        Sql::new(self.engine, text)
    }

    /// `rows` in parts, each for one statement.
    pub(crate) fn chunks<'r, T>(&self, rows: &'r [T]) -> Parts<'r, T> {
        Parts::of(rows, self.engine)
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// What came of a statement.
    pub(crate) fn note<T>(&self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        self.fullness.note(outcome)
    }

    /// A statement has changed rows, if `rows` is not 0.
    pub(crate) fn changed(&mut self, rows: u64) {
        self.wrote |= rows > 0;
    }

    /// `text` on PostgreSQL, nothing on SQLite: row locks, which SQLite's one writer has no need of.
    pub(crate) fn lock(&self, text: &'static str) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => text,
        }
    }
}

impl Tx {
    /// Keeps rows of `table` to this transaction until its commit, taken in the order of their keys so that two
    /// transactions wait for each other and never in a circle. Nothing on SQLite, which has one writer.
    pub(crate) async fn hold<Id: Put + Get + Copy + Ord>(
        &mut self,
        table: &'static str,
        ids: &[Id],
    ) -> Result<()> {
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        for ids in self.chunks(&sorted) {
            let text = format!("SELECT id FROM {table} WHERE organisation = ? AND id IN ");
            // NO KEY: rows that refer to these can be added meanwhile.
            self.sql(&text)
                .bind(self.org)
                .list(ids.iter().copied())
                .push(" ORDER BY id FOR NO KEY UPDATE")
                .all::<(Id,)>(self)
                .await?;
        }
        Ok(())
    }
}

/// Identifiers that the store gives out as numbers.
pub trait Numbered: From<i64> + private::Sealed {
    /// The sequence that they come from.
    #[doc(hidden)]
    const SEQUENCE: &'static str;
}

mod private {
    pub trait Sealed {}
}

macro_rules! numbered {
    ($($id:ty => $sequence:literal),* $(,)?) => {$(
        impl private::Sealed for $id {}

        impl Numbered for $id {
            const SEQUENCE: &'static str = $sequence;
        }
    )*};
}

numbered! {
    VisitId => "visit_id",
    CaptureId => "capture_id",
    PageId => "page_id",
    ListingId => "listing_id",
    SelectorId => "selector_id",
    ObservationId => "observation_id",
    ImageId => "image_id",
    AuditId => "audit_id",
    EntryChangeId => "entry_change_id",
    AlertChangeId => "alert_change_id",
    VerdictId => "verdict_id",
    SourceTextId => "source_text_id",
}

/// The number of a change of an entry; later changes have higher ones.
pub(crate) struct EntryChangeId(pub(crate) i64);

impl From<i64> for EntryChangeId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// The number of a change of an alert; later changes have higher ones.
pub(crate) struct AlertChangeId(pub(crate) i64);

impl From<i64> for AlertChangeId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// The number of something that was said of a sighting; later words have higher ones.
pub(crate) struct VerdictId(pub(crate) i64);

impl From<i64> for VerdictId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// The number of a deed in the audit log.
pub(crate) struct AuditId(pub(crate) i64);

impl From<i64> for AuditId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// The number of what a source's file said; later ones have higher ones.
pub(crate) struct SourceTextId(pub(crate) i64);

impl From<i64> for SourceTextId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}
