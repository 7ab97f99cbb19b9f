//! When listings were looked at: whether an entry was away from one for a while, or nobody saw it.

use std::collections::HashMap;

use sightline_alerts::judge::Recollection;
use sightline_model::{EntryId, ListingId, Timestamp};
use sightline_store::{Tx, listings};

use super::{Shown, Sight};
use crate::PipelineError;

/// When those listings were looked at that show an entry after more than its list's gap: whether that was away, or nobody looked.
pub(super) async fn looks(
    tx: &mut Tx,
    sight: &Sight,
    shown: &[Shown],
    memory: &HashMap<EntryId, Recollection>,
) -> Result<HashMap<ListingId, Vec<Timestamp>>, PipelineError> {
    let mut since = HashMap::new();
    for one in shown {
        let recollection = memory.get(&one.entry);
        let behind = recollection.and_then(|all| all.behind(one.explanation.certainty()));
        let Some(last) = behind.map(|memory| memory.last_seen.at) else {
            continue;
        };
        if one.at.since(last) > sight.rules(one.watchlist).gap() {
            let since = since.entry((one.source, one.listing)).or_insert(last);
            *since = last.min(*since);
        }
    }
    let mut since: Vec<_> = since.into_iter().collect();
    since.sort_unstable();
    let mut looks = HashMap::with_capacity(since.len());
    for ((source, listing), since) in since {
        let at = listings::looks_at(tx, source, listing, since).await?;
        looks.insert(listing, at);
    }
    Ok(looks)
}
