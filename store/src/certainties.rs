//! What alerts come to: the best of their sightings.

use std::collections::HashMap;

use sightline_model::{AlertId, Certainty};

use crate::{Result, Tx};

/// What the sightings of alerts are worth, as their listings say it now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Certainties(HashMap<AlertId, Vec<(Option<i64>, Certainty)>>);

impl Certainties {
    /// Those of these alerts, without what is withheld or was rejected.
    pub async fn of(tx: &mut Tx, alerts: &[AlertId]) -> Result<Self> {
        let mut all = HashMap::<AlertId, Vec<(Option<i64>, Certainty)>>::new();
        for alerts in tx.chunks(alerts) {
            let sql = tx
                .sql(
                    "SELECT DISTINCT alert_sighting.alert, alert_sighting.batch, sighting.certainty
                     FROM alert_sighting CROSS JOIN sighting
                     WHERE sighting.id = alert_sighting.sighting
                       AND +alert_sighting.organisation = ? AND +sighting.organisation = ?
                       AND sighting.withheld = 0 AND sighting.rejected = 0 AND alert_sighting.alert IN ",
                )
                .bind(tx.org)
                .bind(tx.org)
                .list(alerts.iter().copied());
            let found: Vec<(AlertId, Option<i64>, Certainty)> = sql.all(tx).await?;
            for (alert, batch, certainty) in found {
                all.entry(alert).or_default().push((batch, certainty));
            }
        }
        Ok(Self(all))
    }

    /// What an alert comes to; nothing where none of its sightings stands.
    pub fn of_alert(&self, alert: AlertId) -> Option<Certainty> {
        Certainty::together(self.each(alert).map(|(_, certainty)| certainty))
    }

    /// What a batch of an alert comes to, or the alert where the batch tells of none that stands.
    pub fn of_batch(&self, alert: AlertId, batch: i64) -> Option<Certainty> {
        let told = self.each(alert).filter(|(of, _)| *of == Some(batch));
        let told = Certainty::together(told.map(|(_, certainty)| certainty));
        told.or_else(|| self.of_alert(alert))
    }

    fn each(&self, alert: AlertId) -> impl Iterator<Item = (Option<i64>, Certainty)> {
        self.0.get(&alert).into_iter().flatten().copied()
    }
}
