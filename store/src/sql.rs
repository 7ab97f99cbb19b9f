//! Statements in one text for both engines, with many rows at a time.
//!
//! Every text has `?` where a value goes, in order. SQLite takes it as it is: a long list of `$1, $2, …` is five times
//! slower there, as those are names to SQLite, looked up one by one. PostgreSQL knows nothing else, so for it each
//! `?` becomes `$n`. No statement of ours has a `?` of another meaning.
//!
//! Where rows are found by another key, the predicate reads `+organisation = ?`: it says the same, but keeps SQLite from
//! taking an index that begins with the organisation, which it thinks selective and which holds everything. PostgreSQL
//! knows better by its statistics. For the same reason pairs are joined to `VALUES` (`CROSS JOIN` fixes the order) and
//! not asked for by `(a, b) IN (VALUES …)`, for which SQLite walks the whole table.

use std::fmt::Write;

use sqlx::{
    Any, Arguments, AssertSqlSafe, Encode, Type,
    any::{AnyArguments, AnyRow},
};

use crate::{
    Engine, Result, Tx,
    cell::{Cells, Get, Put, Record},
};

/// Rows in parts, each for one statement.
///
/// SQLite takes as long to prepare a statement of many rows as to run it, and keeps prepared ones by their text: so the
/// parts have few sizes, and their texts come again. On PostgreSQL it is the round trip that counts, so the parts are as
/// large as is useful. With at most 20 columns, both stay below the engines' 32,766 and 65,535 variables.
pub(crate) struct Parts<'r, T> {
    rest: &'r [T],
    engine: Engine,
}

impl<'r, T> Parts<'r, T> {
    pub(crate) fn of(rows: &'r [T], engine: Engine) -> Self {
        Self { rest: rows, engine }
    }
}

impl<'r, T> Iterator for Parts<'r, T> {
    type Item = &'r [T];

    fn next(&mut self) -> Option<Self::Item> {
        let most = self.rest.len();
        let size = match self.engine {
            Engine::Sqlite => *[128, 64, 16, 4, 1].iter().find(|&&size| size <= most)?,
            Engine::Postgres if most == 0 => return None,
            Engine::Postgres => most.min(500),
        };
        let (part, rest) = self.rest.split_at(size);
        self.rest = rest;
        Some(part)
    }
}

/// A text as a pattern of `LIKE ? ESCAPE '!'` has it, so that no sign of it stands for others.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_")
}

/// Values for a list that is made as long as the least of these lengths that holds them, so that prepared statements serve
/// again: the last stands there more than once, which changes nothing.
pub(crate) fn padded<T: Copy>(values: &[T], lengths: &[usize]) -> impl Iterator<Item = T> {
    let length = lengths.iter().find(|&&length| length >= values.len());
    let again = values.last().copied().into_iter().cycle();
    let padded = values.iter().copied().chain(again);
    padded.take(length.copied().unwrap_or(values.len()))
}

/// The values of a statement, in the order of their places.
#[derive(Default)]
pub(crate) struct Values(AnyArguments);

impl Values {
    /// Makes room for `more`.
    fn reserve(&mut self, more: usize) {
        self.0.reserve(more, 0);
    }

    /// Adds one.
    pub(crate) fn add<'v, T: Encode<'v, Any> + Type<Any>>(&mut self, value: T) {
        // Any keeps numbers, text and bytes as they are: its encoders have no way to fail.
        self.0.add(value).expect("plain values encode");
    }
}

/// A statement in the making.
pub(crate) struct Sql {
    engine: Engine,
    text: String,
    places: usize,
    values: Values,
    /// Kept prepared for the next time. Not worth it where the text will hardly come again.
    keep: bool,
}

impl Sql {
    pub(crate) fn new(engine: Engine, text: &str) -> Self {
        let empty = Self {
            engine,
            text: String::with_capacity(text.len() + 32),
            places: 0,
            values: Values::default(),
            keep: true,
        };
        empty.push(text)
    }

    /// Goes on with `text`; never anything but our own words, for values have their places.
    pub(crate) fn push(mut self, text: &str) -> Self {
        if self.engine == Engine::Sqlite {
            self.text.push_str(text);
            return self;
        }
        for (nth, part) in text.split('?').enumerate() {
            if nth > 0 {
                self.place();
            }
            self.text.push_str(part);
        }
        self
    }

    /// The value of the next place.
    pub(crate) fn bind(mut self, value: impl Put) -> Self {
        value.put(&mut self.values);
        self
    }

    /// Goes on with `text` and the value of its one place, if there is a value.
    pub(crate) fn push_if(self, text: &str, value: Option<impl Put>) -> Self {
        match value {
            Some(value) => self.push(text).bind(value),
            None => self,
        }
    }

    /// Its text will hardly come again, so that keeping it prepared would push out others.
    pub(crate) fn once(mut self) -> Self {
        self.keep = false;
        self
    }

    /// Goes on with a list in parentheses, for `IN`.
    pub(crate) fn list<T: Put>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.keep &= self.engine == Engine::Sqlite;
        self.text.push('(');
        for (nth, value) in values.into_iter().enumerate() {
            if nth > 0 {
                self.text.push(',');
            }
            self.place();
            value.put(&mut self.values);
        }
        self.text.push(')');
        self
    }

    /// Goes on with one parenthesis for each row, for `VALUES`.
    pub(crate) fn rows<T>(
        mut self,
        rows: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut RowWriter),
    ) -> Self {
        self.keep &= self.engine == Engine::Sqlite;
        let mut rows = rows.into_iter();
        let Some(first) = rows.next() else {
            return self;
        };
        let before = (self.text.len(), self.places);
        self.row(first, &write);
        // The others are as long as the first, but for PostgreSQL's longer numbers.
        let more = rows.size_hint().0;
        self.text.reserve((self.text.len() - before.0 + 1) * more);
        self.values.reserve((self.places - before.1) * more);
        for row in rows {
            self.text.push(',');
            self.row(row, &write);
        }
        self
    }

    fn row<T>(&mut self, row: T, write: &impl Fn(T, &mut RowWriter)) {
        self.text.push('(');
        write(
            row,
            &mut RowWriter {
                sql: self,
                first: true,
            },
        );
        self.text.push(')');
    }

    fn place(&mut self) {
        self.places += 1;
        match self.engine {
            Engine::Sqlite => self.text.push('?'),
            // Writing to a String has no way to fail.
            Engine::Postgres => _ = write!(self.text, "${}", self.places),
        }
    }

    /// Runs it; how many rows it touched.
    pub(crate) async fn run(self, tx: &mut Tx) -> Result<u64> {
        let done = self.query(tx).execute(tx.connection()).await;
        let rows = tx.note(done)?.rows_affected();
        tx.changed(rows);
        Ok(rows)
    }

    /// Runs it; true where it touched a row.
    pub(crate) async fn changes(self, tx: &mut Tx) -> Result<bool> {
        Ok(self.run(tx).await? > 0)
    }

    /// Runs it; all its rows.
    pub(crate) async fn all<T: Record>(self, tx: &mut Tx) -> Result<Vec<T>> {
        self.explain(tx).await?;
        let rows = self.query(tx).fetch_all(tx.connection()).await;
        tx.note(rows)?.iter().map(read).collect()
    }

    /// Runs it; its first row, if there is one.
    pub(crate) async fn optional<T: Record>(self, tx: &mut Tx) -> Result<Option<T>> {
        self.explain(tx).await?;
        let row = self.query(tx).fetch_optional(tx.connection()).await;
        tx.note(row)?.as_ref().map(read).transpose()
    }

    /// Runs it; its one row.
    pub(crate) async fn one<T: Record>(self, tx: &mut Tx) -> Result<T> {
        self.explain(tx).await?;
        let row = self.query(tx).fetch_one(tx.connection()).await;
        read(&tx.note(row)?)
    }

    /// Keeps how SQLite would go about it, where the transaction was asked to.
    async fn explain(&self, tx: &mut Tx) -> Result<()> {
        let Some(plans) = tx.plans.clone().filter(|_| tx.engine() == Engine::Sqlite) else {
            return Ok(());
        };
        // The plan is the same whatever the values are: places that are not filled are null.
        let text = format!("EXPLAIN QUERY PLAN {}", self.text);
        let steps = sqlx::query(AssertSqlSafe(text))
            .fetch_all(tx.connection())
            .await?;
        let steps = steps.iter().map(|step| String::get(step, 3));
        plans.keep(&self.text, steps.collect::<Result<_>>()?);
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), expect(unused_variables))]
    fn query(self, tx: &Tx) -> sqlx::query::Query<'static, Any, AnyArguments> {
        debug_assert!(
            self.text.contains("organisation")
                || self.text.contains("counter")
                || self.text.contains("nextval")
                // Words are nobody's: who has said one, the search that asks for it tells.
                || self.text.contains("FROM listing_word"),
            "a statement without its organisation: {}",
            self.text
        );
        let text = self.text;
        #[cfg(debug_assertions)]
        let text = match &tx.forgetting {
            Some(forgetting) => forgetting.pass(text),
            None => text,
        };
        // Safe: the text is made of this crate's own literals and of places; every value is bound.
        sqlx::query_with(AssertSqlSafe(text), self.values.0).persistent(self.keep)
    }
}

fn read<T: Record>(row: &AnyRow) -> Result<T> {
    T::read(&mut Cells::of(row))
}

/// Writes one row of `VALUES`.
pub(crate) struct RowWriter<'s> {
    sql: &'s mut Sql,
    first: bool,
}

impl RowWriter<'_> {
    /// The next value.
    pub(crate) fn put(&mut self, value: impl Put) -> &mut Self {
        if !self.first {
            self.sql.text.push(',');
        }
        self.first = false;
        self.sql.place();
        value.put(&mut self.sql.values);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_serves_both_engines() {
        for (engine, expected) in [
            (
                Engine::Sqlite,
                "UPDATE t SET a = ? WHERE id IN (?,?) AND (b, c) IN (VALUES (?,?),(?,?))",
            ),
            (
                Engine::Postgres,
                "UPDATE t SET a = $1 WHERE id IN ($2,$3) AND (b, c) IN (VALUES ($4,$5),($6,$7))",
            ),
        ] {
            let sql = Sql::new(engine, "UPDATE t SET a = ? WHERE id IN ")
                .bind(1_i64)
                .list([2_i64, 3])
                .push(" AND (b, c) IN (VALUES ")
                .rows([(4_i64, "x"), (5, "y")], |(b, c), row| {
                    row.put(b).put(c);
                })
                .push(")");
            assert_eq!(sql.text, expected);
        }
    }

    #[test]
    fn parts_hold_every_row_once_in_few_sizes() {
        let rows: Vec<usize> = (0..1_203).collect();
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let mut sizes = std::collections::BTreeSet::new();
            for most in [0, 1, 2, 7, 127, 128, 500, 501, 1_203] {
                let parts: Vec<&[usize]> = Parts::of(&rows[..most], engine).collect();
                assert_eq!(parts.concat(), rows[..most]);
                if engine == Engine::Sqlite {
                    sizes.extend(parts.iter().map(|part| part.len()));
                }
            }
            assert!(sizes.len() <= 5, "{sizes:?}");
        }
    }
}
