//! Selectors: identifiers by kind and canonical value, each stored once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_model::{Kind, Selector, SelectorId};

use crate::{Result, Tx, sql::escaped};

/// The identifiers of selectors, in their order; those that were not met before are stored.
pub async fn intern(tx: &mut Tx, selectors: &[Selector]) -> Result<Vec<SelectorId>> {
    let wanted: BTreeSet<&Selector> = selectors.iter().collect();
    let mut known = find(tx, &wanted).await?;
    let new: BTreeSet<&Selector> = wanted
        .into_iter()
        .filter(|selector| !known.contains_key(*selector))
        .collect();
    if !new.is_empty() {
        known.extend(add(tx, &new).await?);
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
    for part in tx.chunks(&numbered) {
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

async fn add<'s>(
    tx: &mut Tx,
    selectors: &BTreeSet<&'s Selector>,
) -> Result<BTreeMap<&'s Selector, SelectorId>> {
    let ids = tx.reserve::<SelectorId>(selectors.len()).await?;
    let rows: Vec<(SelectorId, &Selector)> =
        ids.into_iter().zip(selectors.iter().copied()).collect();
    let mut added = 0;
    for rows in tx.chunks(&rows) {
        added += tx
            .sql("INSERT INTO selector (organisation, id, kind, value, kin) VALUES ")
            .rows(rows, |(id, selector), row| {
                row.put(tx.org)
                    .put(*id)
                    .put(selector.kind)
                    .put(&selector.value)
                    .put(selector.kin().as_deref());
            })
            .push(" ON CONFLICT (organisation, kind, value) DO NOTHING")
            .run(tx)
            .await?;
    }
    if added < rows.len() as u64 {
        // Another process was quicker with some: theirs stand.
        return find(tx, selectors).await;
    }
    Ok(rows
        .into_iter()
        .map(|(id, selector)| (selector, id))
        .collect())
}

/// The selectors of these identifiers; those that are unknown are missing.
pub async fn get(tx: &mut Tx, ids: &[SelectorId]) -> Result<HashMap<SelectorId, Selector>> {
    let mut found = HashMap::new();
    for ids in tx.chunks(ids) {
        let rows: Vec<(SelectorId, Kind, String)> = tx
            .sql("SELECT id, kind, value FROM selector WHERE +organisation = ? AND id IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .all(tx)
            .await?;
        found.extend(
            rows.into_iter()
                .map(|(id, kind, value)| (id, Selector { kind, value })),
        );
    }
    Ok(found)
}

/// The selectors of a kind that share one of these with others, as [`Selector::kin`] tells: every number with the same
/// last digits, every address of a mailbox, every handle of a name, every URL of a host.
pub async fn of_kin(tx: &mut Tx, kind: Kind, kin: &[String]) -> Result<Vec<Selector>> {
    let mut found = Vec::new();
    for kin in tx.chunks(kin) {
        let values: Vec<(String,)> = tx
            .sql("SELECT value FROM selector WHERE organisation = ? AND kind = ? AND kin IN ")
            .bind(tx.org)
            .bind(kind)
            .list(kin.iter().map(String::as_str))
            .all(tx)
            .await?;
        found.extend(
            values
                .into_iter()
                .map(|(value,)| Selector::new(kind, value)),
        );
    }
    Ok(found)
}

/// The selectors of a kind whose value ends in one of these: every address of a mail domain. A scan of the kind, so for
/// questions that are asked seldom.
pub async fn ending_in(tx: &mut Tx, kind: Kind, endings: &[String]) -> Result<Vec<Selector>> {
    scan(tx, kind, "value", endings).await
}

/// The selectors of a kind whose kin ends in one of these: every URL of the hosts under a host. A scan as well.
pub async fn of_kin_ending_in(
    tx: &mut Tx,
    kind: Kind,
    endings: &[String],
) -> Result<Vec<Selector>> {
    scan(tx, kind, "kin", endings).await
}

async fn scan(
    tx: &mut Tx,
    kind: Kind,
    column: &'static str,
    endings: &[String],
) -> Result<Vec<Selector>> {
    let mut found = Vec::new();
    for endings in endings.chunks(100) {
        let mut sql = tx
            .sql("SELECT value FROM selector WHERE organisation = ? AND kind = ? AND (1 = 0")
            .bind(tx.org)
            .bind(kind);
        for ending in endings {
            sql = sql
                .push(&format!(" OR {column} LIKE ? ESCAPE '!'"))
                .bind(&format!("%{}", escaped(ending)));
        }
        let values: Vec<(String,)> = sql.push(")").once().all(tx).await?;
        found.extend(
            values
                .into_iter()
                .map(|(value,)| Selector::new(kind, value)),
        );
    }
    Ok(found)
}
