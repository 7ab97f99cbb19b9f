//! Rows for whose patterns there is no room beside those that are looked for: refused, each with why.

use std::{borrow::Cow, collections::HashMap};

use sightline_model::Problem;
use sightline_store::{StoreError, Tx};

use super::{Read, Said};
use crate::patterns::{budget, takes_room};

/// What was read, without the patterns for which there is no room.
pub(super) async fn within<'r>(
    tx: &mut Tx,
    read: Cow<'r, Read>,
) -> Result<Cow<'r, Read>, StoreError> {
    if !read.ready.iter().any(takes_room) {
        return Ok(read);
    }
    let mut budget = budget(tx).await?;
    let ready = read.ready.iter().enumerate();
    let over: HashMap<usize, Problem> = ready
        .filter(|(_, entry)| takes_room(entry))
        .filter_map(|(index, entry)| {
            let problem = budget.take(&entry.selector.value).err()?;
            Some((index, problem))
        })
        .collect();
    Ok(match over.is_empty() {
        true => read,
        false => Cow::Owned(read.into_owned().without(&over)),
    })
}

impl Read {
    /// With these of its entries refused, and the rows that say the same again.
    fn without(mut self, over: &HashMap<usize, Problem>) -> Self {
        let stays = |index: &usize| !over.contains_key(index);
        let kept: Vec<usize> = (0..self.ready.len()).filter(stays).collect();
        let now_at: HashMap<usize, usize> = kept
            .iter()
            .enumerate()
            .map(|(new, old)| (*old, new))
            .collect();
        self.ready = kept.iter().map(|old| self.ready[*old].clone()).collect();
        self.given = kept.iter().map(|old| self.given[*old]).collect();
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
                    *said = Said::Refused(problems, Vec::new());
                }
            }
        }
        self
    }
}
