//! Which alerts a silence in force covers: what is news of them is recorded, nobody is told, and nobody is reminded.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use sightline_alerts::{decide::Silence, quiet::Quietness};
use sightline_model::{Alert, AlertId, AlertState, Gathered, SilenceId, Timestamp};
use sightline_store::{Result, Tx, inbox, silences};

/// Alerts that are looked through at once.
const PART: u32 = 500;
/// Alerts that are looked through to be counted: with more, a page would wait for a number that nobody needs.
const COUNTED: u32 = 10_000;

/// The silence that covers an alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SilencedBy")]
pub struct Quiet {
    /// The silence.
    pub silence: SilenceId,
    /// Until when.
    pub until: Timestamp,
    /// Who made it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What is silenced at a moment, as people are shown it: with who keeps it quiet, and why.
pub struct Silenced {
    stored: Vec<silences::Silence>,
    quietness: Quietness,
    now: Timestamp,
}

impl Silenced {
    /// Reads them.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn read(tx: &mut Tx, now: Timestamp) -> Result<Self> {
        Ok(Self::under(silences::in_force(tx, now).await?, now))
    }

    /// As if these were the silences in force.
    pub(crate) fn under(stored: Vec<silences::Silence>, now: Timestamp) -> Self {
        let in_force = stored.iter().map(|silence| Silence {
            id: silence.id,
            covers: silence.covers.clone(),
            until: silence.until,
        });
        Self {
            quietness: Quietness::new(in_force.collect(), now),
            stored,
            now,
        }
    }

    /// The instant that they were read at.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// True where any is in force.
    pub fn is_any(&self) -> bool {
        self.quietness.is_any()
    }

    /// The silence that covers each of these alerts. One that is closed is past all silence.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn over(&self, tx: &mut Tx, alerts: &[Alert]) -> Result<HashMap<AlertId, Quiet>> {
        if !self.quietness.is_any() {
            return Ok(HashMap::new());
        }
        let ids: Vec<AlertId> = alerts.iter().map(|alert| alert.id).collect();
        let gathered = silences::gathered(tx, &ids).await?;
        let quiet = alerts.iter().filter_map(|alert| {
            let found = self.of(alert, gathered.get(&alert.id)?)?;
            Some((alert.id, found))
        });
        Ok(quiet.collect())
    }

    fn of(&self, alert: &Alert, gathered: &[Gathered]) -> Option<Quiet> {
        if alert.state == AlertState::Closed {
            return None;
        }
        let by = self.quietness.over(alert, gathered).whole()?;
        let silence = self.stored.iter().find(|silence| silence.id == by.id)?;
        Some(Quiet {
            silence: silence.id,
            until: silence.until,
            by: silence.author.clone(),
            why: silence.reason.clone(),
        })
    }

    /// A page of the inbox. Silenced are those that were raised under a silence, and those that one covers now, whatever they
    /// were before: nobody hears of either.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn page(&self, tx: &mut Tx, wanted: &inbox::Wanted) -> Result<Vec<Alert>> {
        if wanted.state != Some(AlertState::Silenced) || !self.quietness.is_any() {
            return inbox::page(tx, wanted).await;
        }
        let mut part = inbox::Wanted {
            state: None,
            unclosed: true,
            limit: PART,
            ..wanted.clone()
        };
        let mut found = Vec::new();
        loop {
            let alerts = inbox::page(tx, &part).await?;
            part.after = alerts.last().map(inbox::Mark::of);
            if self.gather(tx, alerts, wanted.limit, &mut found).await? {
                return Ok(found);
            }
        }
    }

    /// How many alerts are silenced as [`Self::page`] has them; and whether there are more, which were not looked at.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn count(&self, tx: &mut Tx) -> Result<(usize, bool)> {
        let (alerts, are_more) = unclosed(tx).await?;
        let quiet = self.over(tx, &alerts).await?;
        let count = alerts.iter().filter(|one| is_silenced(one, &quiet)).count();
        Ok((count, are_more))
    }

    /// How many alerts are covered by these silences, whatever their state; and whether there are more, which were not
    /// looked at.
    pub(crate) async fn covered(&self, tx: &mut Tx) -> Result<(usize, bool)> {
        let (alerts, are_more) = unclosed(tx).await?;
        Ok((self.over(tx, &alerts).await?.len(), are_more))
    }

    /// Gathers those of a part that are silenced; true once there are `most`, or the part was the last.
    async fn gather(
        &self,
        tx: &mut Tx,
        part: Vec<Alert>,
        most: u32,
        found: &mut Vec<Alert>,
    ) -> Result<bool> {
        let is_last = part.len() < PART as usize;
        let quiet = self.over(tx, &part).await?;
        found.extend(part.into_iter().filter(|one| is_silenced(one, &quiet)));
        found.truncate(most as usize);
        Ok(is_last || found.len() == most as usize)
    }
}

/// Raised under a silence, or covered by one now.
fn is_silenced(alert: &Alert, quiet: &HashMap<AlertId, Quiet>) -> bool {
    alert.state == AlertState::Silenced || quiet.contains_key(&alert.id)
}

/// The alerts that are not closed, as many as are looked through to be counted; and whether there are more.
async fn unclosed(tx: &mut Tx) -> Result<(Vec<Alert>, bool)> {
    let wanted = inbox::Wanted {
        unclosed: true,
        limit: COUNTED + 1,
        ..inbox::Wanted::default()
    };
    let mut alerts = inbox::page(tx, &wanted).await?;
    let are_more = alerts.len() > COUNTED as usize;
    alerts.truncate(COUNTED as usize);
    Ok((alerts, are_more))
}
