//! A plain list: one value a line, the marking in a comment above those that have it.

use std::{collections::BTreeSet, io::Write};

use sightline_model::{Entry, Kind, Tlp};

use super::{Export, ExportError, holds, marking};
use crate::import::Format;

/// Writes the entries by marking, the least strict first; within one, in their order. An import reads the markings.
pub(super) fn write(export: &Export<'_>, mut output: impl Write) -> Result<(), ExportError> {
    let entries: Vec<&Entry> = export
        .entries
        .iter()
        .filter(|entry| holds(Format::Plain, entry, export.now))
        .collect();
    let kinds: BTreeSet<Kind> = entries.iter().map(|entry| entry.selector.kind).collect();
    if let (Some(first), true) = (kinds.first(), kinds.len() > 1) {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        return Err(ExportError::SeveralKinds {
            kinds: words.join(", "),
            first: *first,
        });
    }
    for tlp in Tlp::ALL {
        let of_it = || entries.iter().filter(|entry| entry.tlp == *tlp);
        if of_it().next().is_some() {
            writeln!(output, "# {}", marking(*tlp))?;
        }
        for entry in of_it() {
            writeln!(output, "{}", entry.selector.value)?;
        }
    }
    output.flush()?;
    Ok(())
}
