//! The rows of a file that were refused, given back to be corrected.

use sightline_watchlists::import;

use super::{CameOfIt, Read, Row, Said};

impl Read {
    /// The rows that were refused, by what came of each, as CSV with the reason: to be corrected, and imported.
    pub fn refused(&self, came: &[Row]) -> Vec<u8> {
        let rows = self.rows.iter().zip(came).enumerate();
        let refused = rows.filter_map(|(nth, ((place, said), row))| {
            let CameOfIt::Refused { problems } = &row.came_of_it else {
                return None;
            };
            let cells = match said {
                Said::Refused(_, cells) => Some(cells),
                // It could have been added, but for want of room.
                Said::Ready(_) | Said::Repeats(_) | Said::Gone => self.cells.get(&nth),
            };
            let reasons: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let cells = cells.map_or(&[][..], Vec::as_slice);
            Some((cells, reasons.join("; "), place.to_string()))
        });
        import::refused(&self.columns, refused)
    }
}
