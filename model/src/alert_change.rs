//! Changes of alerts: who did what to one, when, and what they said. Its raising is no change; the alert itself tells of
//! that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Alert, AlertId, AlertState, Closed, FieldChange, Timestamp, selector::words};

/// A change of an alert by a person, or by Sightline on its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AlertChange {
    /// The alert.
    pub alert: AlertId,
    /// When.
    pub at: Timestamp,
    /// By whom: a person's name, or `sightline`.
    pub who: String,
    /// What was done.
    pub deed: AlertDeed,
    /// What it was before and became.
    pub fields: Vec<FieldChange>,
    /// What was said: the comment, or why it was closed.
    pub text: Option<String>,
}

/// What is done to an alert after it was raised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertDeed {
    /// Somebody took it.
    Acknowledged,
    /// It was given to somebody, or taken from them.
    Assigned,
    /// Somebody said something on it.
    Commented,
    /// It was closed.
    Closed,
    /// It is open again: there was news that nobody meant who acknowledged it, or somebody opened it that was closed.
    Reopened,
    /// Who took it gave it back: nobody has it.
    HandedBack,
    /// Somebody took it from another who had it.
    TakenOver,
    /// It is graver than it was: there was news that is, or somebody made its entry or its list so.
    Graver,
    /// It is open: what kept it quiet is over, or there was news that nothing keeps quiet.
    Unsilenced,
}

words!(
    AlertDeed, "deed to an alert",
    Acknowledged => "acknowledged", Assigned => "assigned", Commented => "commented", Closed => "closed",
    Reopened => "reopened", HandedBack => "handed_back", TakenOver => "taken_over",
    Graver => "graver", Unsilenced => "unsilenced",
);

/// Who acts where no person does.
pub const SIGHTLINE: &str = "sightline";

impl AlertChange {
    /// `who` takes the alert, which stood like this.
    pub fn acknowledged(alert: &Alert, who: &str, at: Timestamp) -> Self {
        let state = field(
            "state",
            Some(alert.state.as_str()),
            Some(AlertState::Acknowledged.as_str()),
        );
        Self::new(alert, AlertDeed::Acknowledged, vec![state], who, at)
    }

    /// `who` takes the alert from whoever had it.
    pub fn taken_over(alert: &Alert, who: &str, at: Timestamp) -> Self {
        let had_it = alert
            .acknowledged
            .as_ref()
            .map(|(had_it, _)| had_it.as_str());
        let by = field("acknowledged_by", had_it, Some(who));
        Self::new(alert, AlertDeed::TakenOver, vec![by], who, at)
    }

    /// `who` gives back the alert that somebody had, and may say why.
    pub fn handed_back(alert: &Alert, why: Option<&str>, who: &str, at: Timestamp) -> Self {
        let had_it = alert
            .acknowledged
            .as_ref()
            .map(|(had_it, _)| had_it.as_str());
        let fields = vec![
            field(
                "state",
                Some(alert.state.as_str()),
                Some(AlertState::Open.as_str()),
            ),
            field("acknowledged_by", had_it, None),
        ];
        Self {
            text: why.map(str::to_owned),
            ..Self::new(alert, AlertDeed::HandedBack, fields, who, at)
        }
    }

    /// `who` opens the alert again, which was closed, and may say why.
    pub fn opened_again(alert: &Alert, why: Option<&str>, who: &str, at: Timestamp) -> Self {
        let was = alert.closed.map(|(how, _)| how.as_str());
        let fields = vec![
            field(
                "state",
                Some(alert.state.as_str()),
                Some(AlertState::Open.as_str()),
            ),
            field("closed_as", was, None),
        ];
        Self {
            text: why.map(str::to_owned),
            ..Self::new(alert, AlertDeed::Reopened, fields, who, at)
        }
    }

    /// What a field was before; none where it was empty, or is not among those that were changed.
    pub fn before(&self, field: &str) -> Option<&str> {
        let changed = self.fields.iter().find(|one| one.field == field);
        changed.and_then(|one| one.before.as_deref())
    }

    /// `who` gives the alert, which stood like this, to somebody; to nobody where there is none.
    pub fn assigned(alert: &Alert, to: Option<&str>, who: &str, at: Timestamp) -> Self {
        let assigned = field("assigned", alert.assigned.as_deref(), to);
        Self::new(alert, AlertDeed::Assigned, vec![assigned], who, at)
    }

    /// `who` says something on the alert.
    pub fn commented(alert: &Alert, text: &str, who: &str, at: Timestamp) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::new(alert, AlertDeed::Commented, Vec::new(), who, at)
        }
    }

    /// `who` closes the alert, which stood like this, or says another thing that it turned out to be, and may say why.
    pub fn closed(alert: &Alert, how: Closed, why: Option<&str>, who: &str, at: Timestamp) -> Self {
        let fields = vec![
            field(
                "state",
                Some(alert.state.as_str()),
                Some(AlertState::Closed.as_str()),
            ),
            field(
                "closed_as",
                alert.closed.map(|(before, _)| before.as_str()),
                Some(how.as_str()),
            ),
        ];
        Self {
            text: why.map(str::to_owned),
            ..Self::new(alert, AlertDeed::Closed, fields, who, at)
        }
    }

    /// What news makes of an alert that was there: graver, open again, quiet no longer. By each of these it comes into lists in
    /// which it did not stand.
    pub fn by_news(before: &Alert, now: &Alert, at: Timestamp) -> impl Iterator<Item = Self> {
        let graver = Self::graver(before, now, SIGHTLINE, at);
        graver.into_iter().chain(Self::opened(before, now, at))
    }

    /// The alert is graver than it was, by the deed of `who`; none where it is not.
    pub fn graver(before: &Alert, now: &Alert, who: &str, at: Timestamp) -> Option<Self> {
        let (was, is) = (before.severity, now.severity);
        (is > was).then(|| {
            let severity = field("severity", Some(was.as_str()), Some(is.as_str()));
            Self::new(before, AlertDeed::Graver, vec![severity], who, at)
        })
    }

    /// The alert is open, which was acknowledged or silenced; none where it is not, or was before.
    pub fn opened(before: &Alert, now: &Alert, at: Timestamp) -> Option<Self> {
        let deed = match (before.state, now.state) {
            (AlertState::Acknowledged, AlertState::Open) => AlertDeed::Reopened,
            (AlertState::Silenced, AlertState::Open) => AlertDeed::Unsilenced,
            _ => return None,
        };
        let (was, is) = (before.state.as_str(), now.state.as_str());
        let state = field("state", Some(was), Some(is));
        Some(Self::new(before, deed, vec![state], SIGHTLINE, at))
    }

    fn new(
        alert: &Alert,
        deed: AlertDeed,
        fields: Vec<FieldChange>,
        who: &str,
        at: Timestamp,
    ) -> Self {
        Self {
            alert: alert.id,
            at,
            who: who.to_owned(),
            deed,
            fields,
            text: None,
        }
    }
}

fn field(name: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange {
        field: name.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}
