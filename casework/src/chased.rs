//! Which alerts nobody is reminded of any more, although they are not closed, and why.

use std::collections::HashMap;

use sightline_alerts::follow::{Holds, Unchased};
use sightline_model::{Alert, AlertId, AlertState, EntryId};
use sightline_store::{
    Result, Tx,
    alerts::{self, ToldIn},
};

/// Why those of these alerts that are not closed are chased no more; the others are, as their rules say.
pub(crate) async fn not(tx: &mut Tx, found: &[Alert]) -> Result<HashMap<AlertId, Unchased>> {
    let unclosed = found.iter();
    let unclosed = unclosed.filter(|alert| alert.state != AlertState::Closed);
    let ids: Vec<AlertId> = unclosed.map(|alert| alert.id).collect();
    let mut told = HashMap::<AlertId, Vec<ToldIn>>::new();
    for one in alerts::told_in(tx, &ids).await? {
        told.entry(one.alert).or_default().push(one);
    }
    let why = |told: &[ToldIn]| Holds::of(ToldIn::left(told)).unchased();
    Ok(told
        .iter()
        .filter_map(|(alert, told)| Some((*alert, why(told)?)))
        .collect())
}

/// The alerts of entries that were just withdrawn that nobody has closed, and of which for that nobody is reminded any more.
pub(crate) async fn left(tx: &mut Tx, withdrawn: &[EntryId]) -> Result<Vec<AlertId>> {
    let mut open = alerts::unclosed_of(tx, withdrawn).await?;
    open.sort_by_key(|alert| alert.id);
    let unchased = not(tx, &open).await?;
    let left = open.into_iter().map(|alert| alert.id);
    Ok(left
        .filter(|alert| unchased.get(alert) == Some(&Unchased::Withdrawn))
        .collect())
}
