//! A text read otherwise than it stands: from its end where it says so, with balls for noughts, with a number for a price, with
//! its area first.
//! What is found so is only taken where the edits are a part of it.

use super::{Edit, Folded, areas, backwards, balls, prices};

/// The text, read otherwise.
pub(in crate::selectors) struct Otherwise {
    pub folded: Folded<'static>,
    /// Where the original was read otherwise, and whether what is found there without that comes first.
    places: Vec<(usize, usize, bool)>,
}

/// The text read otherwise; None where nothing says that it is to be.
pub(in crate::selectors) fn view(folded: &Folded<'_>) -> Option<Otherwise> {
    let text = &*folded.text;
    let sure = backwards::edits(text).into_iter().map(|edit| (edit, false));
    let mut edits: Vec<(Edit, bool)> = sure.collect();
    edits.extend(areas::edits(text).into_iter().map(|edit| (edit, false)));
    edits.extend(balls::edits(text));
    edits.extend(prices::edits(text).into_iter().map(|edit| (edit, true)));
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|(edit, _)| edit.start);
    edits.dedup_by(|later, earlier| later.0.start < earlier.0.end);
    let places = edits.iter().map(|(edit, gives_way)| {
        let (start, end) = folded.origin(edit.start, edit.end);
        (start, end, *gives_way)
    });
    let places = places.collect();
    let edits: Vec<Edit> = edits.into_iter().map(|(edit, _)| edit).collect();
    Some(Otherwise {
        folded: folded.edited(&edits),
        places,
    })
}

impl Otherwise {
    /// Whether what was found at a place of the original was read otherwise, and then whether it gives way to what is
    /// found there without.
    pub fn is_of(&self, start: usize, end: usize) -> Option<bool> {
        let from = self.places.partition_point(|place| place.1 <= start);
        let mut places = self.places[from..]
            .iter()
            .take_while(|place| place.0 < end)
            .peekable();
        places.peek()?;
        Some(places.all(|place| place.2))
    }
}
