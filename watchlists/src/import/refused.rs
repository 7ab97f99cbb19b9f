//! The refused rows of a file as CSV, to be corrected and imported again.

use super::{
    cells::{guarded, unguarded},
    columns::{BEYOND, PLACE, REASON},
    words::folded,
};

/// Refused rows under the columns of their file, each with why it was refused and where it stood: RFC 4180, UTF-8, safe to
/// open in a spreadsheet. An import passes over the two columns that were added.
pub fn refused<'r>(
    columns: &[String],
    rows: impl IntoIterator<Item = (&'r [String], String, String)>,
) -> Vec<u8> {
    // What an earlier report added is replaced.
    let is_kept = |name: &str| !matches!(folded(name).as_str(), REASON | PLACE);
    let kept: Vec<usize> = (0..columns.len())
        .filter(|at| is_kept(&columns[*at]))
        .collect();
    let mut file = Vec::new();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut file);
    let rows: Vec<_> = rows.into_iter().collect();
    let beyond = |cells: &[String]| cells.get(columns.len()..).unwrap_or_default().join(",");
    // Few files have such rows; the others get no column for them.
    let has_beyond = rows.iter().any(|(cells, ..)| !beyond(cells).is_empty());
    let beyond_name = has_beyond.then_some(BEYOND);
    let header = kept
        .iter()
        .map(|at| columns[*at].trim())
        .chain(beyond_name)
        .chain([REASON, PLACE]);
    // Writing to memory does not fail.
    let _ = writer.write_record(header.map(|name| guarded(unguarded(name)).into_owned()));
    for (cells, reason, place) in rows {
        let of = |at: &usize| cells.get(*at).map_or("", String::as_str);
        let beyond = has_beyond.then(|| beyond(cells));
        let row = kept
            .iter()
            .map(of)
            .chain(beyond.as_deref())
            .chain([reason.as_str(), place.as_str()]);
        let _ = writer.write_record(row.map(|cell| guarded(unguarded(cell)).into_owned()));
    }
    let _ = writer.flush();
    drop(writer);
    file
}
