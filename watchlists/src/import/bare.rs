//! Tables without a header: whether a first row is one like the others, and which column is the value, by what stands in
//! the rows. Where that does not tell, nothing is guessed.

use sightline_extractors::canonical;
use sightline_model::Kind;

use super::{ImportError, Place, cells::unguarded, words::Field};
use crate::entry;

/// The rows that are looked at.
pub(super) const LOOKED_AT: usize = 50;

/// True of a first row that is one like the others, although it may hold a word that a column has: `phone` beside a
/// telephone number. `kind` is that of rows that name none, `known` how many of its cells are names of columns.
pub(super) fn is_row(
    first: &[String],
    kind: Option<Kind>,
    known: usize,
    region: Option<&str>,
) -> bool {
    let told = first.iter().find_map(|cell| entry::kind(cell).ok());
    let reads = |kind: Option<Kind>| {
        let kind = kind.filter(|kind| !is_free(*kind));
        kind.is_some_and(|kind| first.iter().any(|cell| is_one(kind, cell, region)))
    };
    reads(told)
        || known == 0 && reads(told.or(kind))
        || known <= 1 && entry_in(first, region).is_some()
}

/// The column of a first row whose cell no header would hold, and what kind of entry it is.
pub(super) fn entry_in(first: &[String], region: Option<&str>) -> Option<(usize, Kind)> {
    let tells = |kind: Kind, cell: &str| match kind {
        Kind::Phone | Kind::Email | Kind::Wallet | Kind::Image => true,
        Kind::Url => cell.contains("://"),
        Kind::Handle => cell.starts_with('@') || cell.contains('/'),
        Kind::Domain | Kind::Phrase | Kind::Pattern => false,
    };
    first.iter().enumerate().find_map(|(at, cell)| {
        let cell = unguarded(cell).trim();
        let mut kinds = Kind::ALL.into_iter();
        let kind = kinds.find(|kind| tells(*kind, cell) && is_one(*kind, cell, region))?;
        Some((at, kind))
    })
}

/// Kinds of which anything could be one, a header among them; the others tell themselves.
fn is_free(kind: Kind) -> bool {
    matches!(kind, Kind::Phrase | Kind::Pattern | Kind::Handle)
}

fn is_one(kind: Kind, cell: &str, region: Option<&str>) -> bool {
    canonical(kind, unguarded(cell).trim(), region).is_ok()
}

/// Finds the column of values, and that of kinds where there is one, among those of `rows` that are `free`: nobody has said
/// what they mean. A column is of values where most of what stands in it reads as one.
pub(super) fn find(
    place: &Place,
    rows: &[Vec<String>],
    free: &[bool],
    kind: Option<Kind>,
    region: Option<&str>,
) -> Result<Vec<(usize, Field)>, ImportError> {
    let mostly = |at: usize, is_one: &dyn Fn(&[String], &str) -> bool| {
        let cells = rows.iter().filter_map(|row| {
            let cell = row.get(at)?.trim();
            (!cell.is_empty()).then_some((row.as_slice(), cell))
        });
        let (read, said) = cells.fold((0, 0), |(read, said), (row, cell)| {
            (read + usize::from(is_one(row, cell)), said + 1)
        });
        read * 2 > said
    };
    let free = || (0..free.len()).filter(|at| free[*at]);
    let kind_at = free().find(|at| mostly(*at, &|_, cell| entry::kind(cell).is_ok()));
    let reads = |row: &[String], cell: &str| {
        let own = kind_at.and_then(|at| entry::kind(row.get(at)?).ok());
        own.or(kind).is_some_and(|kind| is_one(kind, cell, region))
    };
    let mut values = free().filter(|at| Some(*at) != kind_at && mostly(*at, &reads));
    let Some(value) = values.next() else {
        let first = rows.first().map_or(&[][..], Vec::as_slice);
        return Err(match entry_in(first, region).filter(|_| kind.is_none()) {
            Some((at, kind)) => ImportError::NoKindNamed {
                place: place.clone(),
                column: at + 1,
                kind,
            },
            None => ImportError::NoValueNumber,
        });
    };
    if let Some(other) = values.next() {
        return Err(ImportError::SeveralMayBeValues {
            place: place.clone(),
            first: value + 1,
            second: other + 1,
        });
    }
    let kinds = kind_at.map(|at| (at, Field::Kind));
    Ok(kinds.into_iter().chain([(value, Field::Value)]).collect())
}
