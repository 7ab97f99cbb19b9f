//! Cells: how each of the model's types is written into a column, and read from one.
//!
//! Columns are TEXT, BIGINT, DOUBLE PRECISION or BLOB/BYTEA alone, which both engines have; so every type has one
//! form here: instants are milliseconds, flags 0 or 1, words their word, structures JSON.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use sightline_model::*;
use sqlx::{Row, any::AnyRow};
use url::Url;

use crate::{Result, StoreError, purges::Class, sql::Values};

/// A value that can be put into a column.
pub(crate) trait Put {
    /// Adds it.
    fn put(self, values: &mut Values);
    /// Adds the absence of one, of the same type: PostgreSQL wants to know of what.
    fn put_null(values: &mut Values);
}

/// A value that can be got out of a column.
pub(crate) trait Get: Sized {
    /// Reads it from the column at `at`.
    fn get(row: &AnyRow, at: usize) -> Result<Self>;
}

/// A row's cells, read from left to right.
pub(crate) struct Cells<'r> {
    row: &'r AnyRow,
    at: usize,
}

impl<'r> Cells<'r> {
    /// The cells of `row`.
    pub(crate) fn of(row: &'r AnyRow) -> Self {
        Self { row, at: 0 }
    }

    /// The next one.
    pub(crate) fn next<T: Get>(&mut self) -> Result<T> {
        self.at += 1;
        T::get(self.row, self.at - 1)
    }

    /// The next one, of a JSON column.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        let text: String = self.next()?;
        serde_json::from_str(&text).map_err(|error| unreadable(self.at - 1, error))
    }

    /// The next one, of a JSON column that may be empty.
    pub(crate) fn optional_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        let text: Option<String> = self.next()?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| unreadable(self.at - 1, error))
    }
}

/// What a row is read as.
pub(crate) trait Record: Sized {
    /// Reads its columns in the order in which its family selects them.
    fn read(cells: &mut Cells) -> Result<Self>;
}

impl<A: Get> Record for (A,) {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok((cells.next()?,))
    }
}

impl<A: Get, B: Get> Record for (A, B) {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok((cells.next()?, cells.next()?))
    }
}

impl<A: Get, B: Get, C: Get> Record for (A, B, C) {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok((cells.next()?, cells.next()?, cells.next()?))
    }
}

impl<A: Get, B: Get, C: Get, D: Get> Record for (A, B, C, D) {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok((cells.next()?, cells.next()?, cells.next()?, cells.next()?))
    }
}

/// What was found on a page, after the page's number.
pub(crate) struct OnPage<T>(pub(crate) PageId, pub(crate) T);

impl<T: Record> Record for OnPage<T> {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self(cells.next()?, T::read(cells)?))
    }
}

/// JSON, put into a TEXT column.
pub(crate) struct Json<'a, T>(pub(crate) &'a T);

impl<T: Serialize> Put for Json<'_, T> {
    fn put(self, values: &mut Values) {
        // The model's types have string keys and no failing serialiser; anything else would read as null.
        let text = serde_json::to_string(self.0).unwrap_or_else(|_| "null".to_owned());
        values.add(text);
    }

    fn put_null(values: &mut Values) {
        values.add(None::<String>);
    }
}

pub(crate) fn unreadable(column: usize, why: impl ToString) -> StoreError {
    StoreError::Unreadable {
        column,
        why: why.to_string(),
    }
}

impl Put for i64 {
    fn put(self, values: &mut Values) {
        values.add(self);
    }

    fn put_null(values: &mut Values) {
        values.add(None::<i64>);
    }
}

impl Get for i64 {
    fn get(row: &AnyRow, at: usize) -> Result<Self> {
        Ok(row.try_get(at)?)
    }
}

impl Put for &str {
    fn put(self, values: &mut Values) {
        // PostgreSQL's TEXT cannot hold NUL, and a stranger's page can. A space of the same length keeps spans right.
        if self.contains('\0') {
            values.add(self.replace('\0', " "));
        } else {
            values.add(self);
        }
    }

    fn put_null(values: &mut Values) {
        values.add(None::<String>);
    }
}

impl Put for &String {
    fn put(self, values: &mut Values) {
        self.as_str().put(values);
    }

    fn put_null(values: &mut Values) {
        <&str>::put_null(values);
    }
}

impl Get for String {
    fn get(row: &AnyRow, at: usize) -> Result<Self> {
        Ok(row.try_get(at)?)
    }
}

impl<T: Put> Put for Option<T> {
    fn put(self, values: &mut Values) {
        match self {
            Some(value) => value.put(values),
            None => T::put_null(values),
        }
    }

    fn put_null(values: &mut Values) {
        T::put_null(values);
    }
}

impl<T: Get> Get for Option<T> {
    fn get(row: &AnyRow, at: usize) -> Result<Self> {
        use sqlx::ValueRef;
        if row.try_get_raw(at)?.is_null() {
            return Ok(None);
        }
        T::get(row, at).map(Some)
    }
}

/// Types that stand in a BIGINT column.
macro_rules! as_bigint {
    ($($type:ty: $value:ident => $number:expr, $read:expr;)*) => {$(
        impl Put for $type {
            fn put(self, values: &mut Values) {
                let $value = self;
                values.add($number);
            }

            fn put_null(values: &mut Values) {
                values.add(None::<i64>);
            }
        }

        impl Get for $type {
            fn get(row: &AnyRow, at: usize) -> Result<Self> {
                let number = i64::get(row, at)?;
                let read: fn(i64) -> Option<Self> = $read;
                read(number).ok_or_else(|| unreadable(at, format!("{number} is out of range")))
            }
        }
    )*};
}

as_bigint! {
    bool: flag => i64::from(flag), |number| Some(number != 0);
    u16: number => i64::from(number), |number| number.try_into().ok();
    u32: number => i64::from(number), |number| number.try_into().ok();
    Timestamp: at => at.0, |millis| Some(Timestamp(millis));
    Duration: length => i64::try_from(length.as_millis()).unwrap_or(i64::MAX),
        |millis| millis.try_into().ok().map(Duration::from_millis);
    VisitId: id => id.0, |number| Some(VisitId(number));
    CaptureId: id => id.0, |number| Some(CaptureId(number));
    PageId: id => id.0, |number| Some(PageId(number));
    ListingId: id => id.0, |number| Some(ListingId(number));
    SelectorId: id => id.0, |number| Some(SelectorId(number));
    ObservationId: id => id.0, |number| Some(ObservationId(number));
    ImageId: id => id.0, |number| Some(ImageId(number));
}

/// Types that stand in a TEXT column and read back by `FromStr`.
macro_rules! as_text {
    ($($type:ty: $value:ident => $text:expr;)*) => {$(
        impl Put for $type {
            fn put(self, values: &mut Values) {
                let $value = self;
                values.add($text);
            }

            fn put_null(values: &mut Values) {
                values.add(None::<String>);
            }
        }

        impl Get for $type {
            fn get(row: &AnyRow, at: usize) -> Result<Self> {
                let text: &str = row.try_get(at)?;
                text.parse().map_err(|error| unreadable(at, error))
            }
        }
    )*};
}

as_text! {
    OrganisationId: id => id.to_string();
    SourceId: id => id.to_string();
    RunId: id => id.to_string();
    WatchlistId: id => id.to_string();
    EntryId: id => id.to_string();
    SightingId: id => id.to_string();
    AlertId: id => id.to_string();
    DeliveryId: id => id.to_string();
    SilenceId: id => id.to_string();
    NoticeId: id => id.to_string();
    AccountId: id => id.to_string();
    SessionId: id => id.to_string();
    TokenId: id => id.to_string();
    InvitationId: id => id.to_string();
    HoldId: id => id.to_string();
    ErasureId: id => id.to_string();
    ReceiptId: id => id.to_string();
    Class: word => word.as_str();
    Role: word => word.as_str();
    Stage: word => word.as_str();
    RunState: word => word.as_str();
    RunOutcome: word => word.as_str();
    VisitState: word => word.as_str();
    VisitKind: word => word.as_str();
    Outcome: word => word.as_str();
    Kind: word => word.as_str();
    Confidence: word => word.as_str();
    Category: word => word.as_str();
    Tlp: word => word.as_str();
    EntryState: word => word.as_str();
    Way: word => word.as_str();
    Certainty: word => word.as_str();
    EntryDeed: word => word.as_str();
    Severity: word => word.as_str();
    Reason: word => word.as_str();
    Verdict: word => word.as_str();
    AlertState: word => word.as_str();
    Closed: word => word.as_str();
    AlertDeed: word => word.as_str();
    NoticeKind: word => word.as_str();
    DeliveryState: word => word.as_str();
    FurnitureState: word => word.as_str();
    Purpose: word => word.as_str();
    Wait: word => word.as_str();
    Group: group => group.to_string();
}

impl Put for &Url {
    fn put(self, values: &mut Values) {
        values.add(self.as_str());
    }

    fn put_null(values: &mut Values) {
        <&str>::put_null(values);
    }
}

impl Get for Url {
    fn get(row: &AnyRow, at: usize) -> Result<Self> {
        let text: &str = row.try_get(at)?;
        Url::parse(text).map_err(|error| unreadable(at, error))
    }
}

impl Put for &Digest {
    fn put(self, values: &mut Values) {
        self.0.as_str().put(values);
    }

    fn put_null(values: &mut Values) {
        <&str>::put_null(values);
    }
}

impl Get for Digest {
    fn get(row: &AnyRow, at: usize) -> Result<Self> {
        String::get(row, at).map(Digest)
    }
}
