//! What was remembered of entries before a run came upon them: in which order it visits ads is chance, so none of them is told to
//! come a moment after another of the same run.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use sightline_model::{Certainty, EntryId, Previous, RunId, SourceId};

/// Runs that are remembered at once: the oldest is forgotten beyond that, where nobody told its end.
const MOST: usize = 1_000;

/// When and where entries were last seen before each run that is under way in this process.
#[derive(Debug, Default)]
pub(crate) struct BeforeRuns(Mutex<BTreeMap<RunId, LastSeen>>);

/// By the entry, and whether by what was certain alone.
type LastSeen = HashMap<(EntryId, bool), Previous>;

impl BeforeRuns {
    /// When and where an entry was last seen before `run` came upon it on `source`; `last` is the last time of all. What another
    /// source showed meanwhile stands.
    pub fn last_seen(
        &self,
        run: RunId,
        (entry, certainty): (EntryId, Certainty),
        source: SourceId,
        last: &Previous,
    ) -> Previous {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while runs.len() >= MOST && !runs.contains_key(&run) {
            runs.pop_first();
        }
        let key = (entry, certainty == Certainty::Certain);
        let before = runs.entry(run).or_default().entry(key);
        let before = before.or_insert_with(|| last.clone());
        match last.source == source {
            true => before.clone(),
            false => last.clone(),
        }
    }

    /// The runs of which anything is remembered.
    pub fn remembered(&self) -> Vec<RunId> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.keys().copied().collect()
    }

    /// Forgets a run that has ended.
    pub fn forget(&self, run: RunId) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(&run);
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::{ListingId, Mint, Timestamp};

    use super::*;

    #[test]
    fn what_a_run_saw_itself_was_not_before_it() {
        let mint = Mint::seeded(1);
        let start = Timestamp(1_795_428_000_000);
        let (run, next, entry) = (mint.id(start), mint.id(start), mint.id(start));
        let (here, there) = (mint.id(start), mint.id(start));
        let at = |minutes: i64, source| Previous {
            at: Timestamp(start.0 + minutes * 60_000),
            source,
            listing: ListingId(1),
        };
        let before = BeforeRuns::default();
        let seen =
            |run, last: &Previous| before.last_seen(run, (entry, Certainty::Certain), here, last);
        assert_eq!(seen(run, &at(0, here)), at(0, here));
        // The first ad of the run was stored; the second comes in another commit.
        assert_eq!(seen(run, &at(60, here)), at(0, here));
        assert_eq!(seen(run, &at(61, there)), at(61, there));
        assert_eq!(seen(next, &at(60, here)), at(60, here));
        let possible = (entry, Certainty::Possible);
        let possibly = before.last_seen(run, possible, here, &at(30, here));
        assert_eq!(possibly, at(30, here));
        assert!(before.remembered().contains(&run));
        before.forget(run);
        assert_eq!(before.remembered(), [next]);
        assert_eq!(seen(run, &at(60, here)), at(60, here));
    }
}
