//! What had been withdrawn and comes back by a file.

use std::borrow::Cow;

use sightline_model::Entry;
use sightline_store::{
    StoreError, Tx,
    entries::{self, Addition},
};
use sightline_watchlists::entry::{self, Given};

/// These entries, with what protected people and what was known of those that were withdrawn before.
pub(super) async fn as_put_back<'r>(
    tx: &mut Tx,
    ready: &'r [Entry],
    given: &[Given],
) -> Result<Cow<'r, [Entry]>, StoreError> {
    let mut put_back = Cow::Borrowed(ready);
    let foreseen = entries::foresee(tx, ready).await?;
    for (nth, addition) in foreseen.iter().enumerate() {
        if let Addition::Restored(before) = addition {
            put_back.to_mut()[nth] = entry::put_back(before, &ready[nth], given[nth].by_file());
        }
    }
    Ok(put_back)
}

/// What stood on the list before and was withdrawn, as it was and as it is now, under its old identifier.
pub(super) fn restored<'a>(ready: &[Entry], additions: &'a [Addition]) -> Vec<(&'a Entry, Entry)> {
    let pair = |(addition, entry): (&'a Addition, &Entry)| match addition {
        Addition::Restored(before) => {
            let id = before.id;
            Some((
                before.as_ref(),
                Entry {
                    id,
                    ..entry.clone()
                },
            ))
        }
        Addition::Added | Addition::Duplicate(_) => None,
    };
    additions.iter().zip(ready).filter_map(pair).collect()
}
