//! When sources were looked at: whether an entry was away for a while, or nobody looked.

use std::collections::HashMap;

use sightline_alerts::judge::Recollection;
use sightline_model::{EntryId, SourceId, Timestamp};
use sightline_store::{Tx, runs};

use super::{Shown, Sight};
use crate::PipelineError;

/// When those sources were looked at that show an entry after more than its list's gap: whether that was away, or nobody looked.
pub(super) async fn looks(
    tx: &mut Tx,
    sight: &Sight,
    shown: &[Shown],
    memory: &HashMap<EntryId, Recollection>,
) -> Result<HashMap<SourceId, Vec<Timestamp>>, PipelineError> {
    let mut since = HashMap::<SourceId, Timestamp>::new();
    for one in shown {
        let recollection = memory.get(&one.entry);
        let behind = recollection.and_then(|all| all.behind(one.explanation.certainty()));
        let Some(last) = behind.map(|memory| memory.last_seen.at) else {
            continue;
        };
        if one.at.since(last) > sight.rules(one.watchlist).gap() {
            let since = since.entry(one.source).or_insert(last);
            *since = (*since).min(last);
        }
    }
    let mut since: Vec<_> = since.into_iter().collect();
    since.sort_unstable();
    Ok(runs::looks(tx, &since).await?)
}
