//! Selectors: identifiers by kind and canonical value, each stored once.

use std::collections::{BTreeMap, BTreeSet};

use sightline_model::{Kind, Selector, SelectorId};

use crate::{Result, Tx, sql::chunks};

/// The identifiers of selectors, in their order; those that were not met before are stored.
pub async fn intern(tx: &mut Tx, selectors: &[Selector]) -> Result<Vec<SelectorId>> {
    let wanted: BTreeSet<&Selector> = selectors.iter().collect();
    let mut known = find(tx, &wanted).await?;
    let new: BTreeSet<&Selector> = wanted
        .into_iter()
        .filter(|selector| !known.contains_key(*selector))
        .collect();
    if !new.is_empty() {
        add(tx, &new).await?;
        // Asked again and not taken from what was inserted: another process may have been quicker with some.
        known.extend(find(tx, &new).await?);
    }
    let of = |selector| known.get(selector).copied();
    Ok(selectors.iter().filter_map(of).collect())
}

/// The identifiers of those selectors that are stored.
pub(crate) async fn find<'s>(
    tx: &mut Tx,
    selectors: &BTreeSet<&'s Selector>,
) -> Result<BTreeMap<&'s Selector, SelectorId>> {
    let numbered: Vec<(i64, &Selector)> = (0..).zip(selectors.iter().copied()).collect();
    let mut found = BTreeMap::new();
    for part in chunks(&numbered, 3) {
        let first = part.first().map_or(0, |(number, _)| *number);
        // CROSS JOIN fixes the order on SQLite: one step down the index for each that is wanted.
        let sql = tx
            .sql("WITH wanted (number, kind, value) AS (VALUES ")
            .rows(part, |(number, selector), row| {
                row.put(*number).put(selector.kind).put(&selector.value);
            })
            .push(
                ") SELECT wanted.number, selector.id FROM wanted CROSS JOIN selector
                   WHERE selector.organisation = ? AND selector.kind = wanted.kind AND selector.value = wanted.value",
            )
            .bind(tx.org);
        for (number, id) in sql.all::<(i64, SelectorId)>(tx).await? {
            if let Some((_, selector)) = usize::try_from(number - first)
                .ok()
                .and_then(|n| part.get(n))
            {
                found.insert(*selector, id);
            }
        }
    }
    Ok(found)
}

async fn add(tx: &mut Tx, selectors: &BTreeSet<&Selector>) -> Result<()> {
    let ids = tx.reserve::<SelectorId>(selectors.len()).await?;
    let rows: Vec<_> = ids.into_iter().zip(selectors).collect();
    for rows in chunks(&rows, 4) {
        tx.sql("INSERT INTO selector (organisation, id, kind, value) VALUES ")
            .rows(rows, |(id, selector), row| {
                row.put(tx.org)
                    .put(*id)
                    .put(selector.kind)
                    .put(&selector.value);
            })
            .push(" ON CONFLICT (organisation, kind, value) DO NOTHING")
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The selectors of a kind whose value ends in one of these: every handle of a name, every address of a mail domain. A
/// scan of the kind, so for questions that are asked seldom.
pub async fn ending_in(tx: &mut Tx, kind: Kind, endings: &[String]) -> Result<Vec<Selector>> {
    let mut found = Vec::new();
    for endings in chunks(endings, 1).flat_map(|part| part.chunks(100)) {
        let mut sql = tx
            .sql("SELECT value FROM selector WHERE organisation = ? AND kind = ? AND (1 = 0")
            .bind(tx.org)
            .bind(kind);
        for ending in endings {
            let escaped = ending
                .replace('!', "!!")
                .replace('%', "!%")
                .replace('_', "!_");
            sql = sql
                .push(" OR value LIKE ? ESCAPE '!'")
                .bind(&format!("%{escaped}"));
        }
        let values: Vec<(String,)> = sql.push(")").all(tx).await?;
        found.extend(
            values
                .into_iter()
                .map(|(value,)| Selector::new(kind, value)),
        );
    }
    Ok(found)
}
