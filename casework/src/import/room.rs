//! Rows for whose patterns there is no room beside those that are looked for: refused, each with why.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use sightline_model::{Problem, Timestamp};
use sightline_store::{StoreError, Tx};
use sightline_watchlists::Budget;

use super::{Read, Said};
use crate::patterns::{budget, held_budget, takes_room};

/// What was read, without the patterns for which there is no room now.
pub(super) async fn foreseen<'r>(
    tx: &mut Tx,
    read: Cow<'r, Read>,
    now: Timestamp,
) -> Result<Cow<'r, Read>, StoreError> {
    let patterns = patterns(&read, 0..read.ready.len(), now);
    Ok(match patterns.is_empty() {
        true => read,
        false => within(budget(tx, now).await?, read, patterns),
    })
}

/// What was read, without those patterns among `part` of the entries for which there is no room when that part is written, by
/// the same transaction.
pub(super) async fn held<'r>(
    tx: &mut Tx,
    read: Cow<'r, Read>,
    part: Range<usize>,
    now: Timestamp,
) -> Result<Cow<'r, Read>, StoreError> {
    let patterns = patterns(&read, part, now);
    Ok(match patterns.is_empty() {
        true => read,
        false => within(held_budget(tx, now).await?, read, patterns),
    })
}

/// The places of those that take room.
fn patterns(read: &Read, part: Range<usize>, now: Timestamp) -> Vec<usize> {
    part.filter(|index| takes_room(&read.ready[*index], now))
        .collect()
}

fn within(mut budget: Budget, read: Cow<'_, Read>, patterns: Vec<usize>) -> Cow<'_, Read> {
    let mut over = HashMap::new();
    for index in patterns {
        if let Err(problem) = budget.take(&read.ready[index].selector.value) {
            over.insert(index, problem);
        }
    }
    match over.is_empty() {
        true => read,
        false => Cow::Owned(read.into_owned().without(&over)),
    }
}

impl Read {
    /// With these of its entries refused, and the rows that say the same again.
    fn without(mut self, over: &HashMap<usize, Problem>) -> Self {
        let count = self.ready.len();
        let kept = (0..count).filter(|index| !over.contains_key(index));
        let now_at: HashMap<usize, usize> = kept.enumerate().map(|(new, old)| (old, new)).collect();
        self.ready = kept_of(self.ready, over);
        self.given = kept_of(self.given, over);
        self.told = std::mem::take(&mut self.told)
            .into_iter()
            .filter_map(|(old, told)| Some((*now_at.get(&old)?, told)))
            .collect();
        for (_, said) in &mut self.rows {
            let index = match said {
                Said::Ready(index) => index,
                Said::Repeats(repeat) => &mut repeat.index,
                Said::Refused(..) | Said::Gone => continue,
            };
            match (now_at.get(index), over.get(index)) {
                (Some(new), _) => *index = *new,
                (None, problem) => {
                    let problems = problem.cloned().into_iter().collect();
                    // What is in its cells is asked of what was read at first.
                    *said = Said::Refused(problems, Vec::new());
                }
            }
        }
        self
    }
}

fn kept_of<T>(all: Vec<T>, over: &HashMap<usize, Problem>) -> Vec<T> {
    let places = all.into_iter().enumerate();
    let kept = places.filter(|(index, _)| !over.contains_key(index));
    kept.map(|(_, one)| one).collect()
}
