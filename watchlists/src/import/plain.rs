//! Plain lists: one value a line, all of one kind.

use std::{
    borrow::Cow,
    io::{self, BufRead, Cursor},
};

use sightline_model::Kind;

use super::{
    ImportError, Place, Source,
    cells::{Cells, unguarded},
    row::Row,
    table::refused,
};
use crate::draft::EntryDraft;

/// Opens a plain list. Empty lines, and lines that begin with `# `, are passed over; `# TLP:GREEN` marks what follows.
pub(super) fn open(text: Cow<'_, [u8]>, kind: Kind) -> Source<'_> {
    Source {
        columns: vec!["value".to_owned()],
        ignored: Vec::new(),
        notes: Vec::new(),
        rows: Box::new(Values {
            cells: Cells::new(Cursor::new(text)),
            kind,
            tlp: None,
        }),
    }
}

struct Values<R> {
    cells: Cells<R>,
    kind: Kind,
    tlp: Option<String>,
}

impl<R: BufRead> Values<R> {
    fn next_row(&mut self) -> io::Result<Option<Row>> {
        let tlp = &mut self.tlp;
        let line = self.cells.value(|comment| {
            let comment = comment.trim();
            if comment
                .get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("tlp:"))
            {
                *tlp = Some(comment.to_owned());
            }
        })?;
        let Some(line) = line else { return Ok(None) };
        let place = Place::Line(line.line);
        Ok(Some(match line.cells {
            Err(broken) => refused(place, broken.problem, vec![broken.text]),
            Ok(value) => Row {
                cells: Some(vec![value.clone()]),
                ..Row::of(
                    place,
                    EntryDraft {
                        kind: Some(self.kind.to_string()),
                        value: Some(unguarded(&value).to_owned()),
                        tlp: self.tlp.clone(),
                        ..EntryDraft::default()
                    },
                )
            },
        }))
    }
}

impl<R: BufRead> Iterator for Values<R> {
    type Item = Result<Row, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_row().map_err(ImportError::from).transpose()
    }
}
