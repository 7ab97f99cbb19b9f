//! `sightline alert show`: one alert with all that a person needs to judge it.

use clap::Args;
use serde::Serialize;
use sightline_alerts::words;
use sightline_model::{AlertId, Delivery, Entry, Sighting, Timestamp};
use sightline_store::{alerts, deliveries, entries};
use sightline_watchlists::explain;

use crate::{
    app::App,
    commands::{
        CommandError, Context, Ended, Status,
        records::{self, Names, alerts::Row, sightings::marked},
    },
    output::{inert, when},
};

/// Show one alert in full: the entry, each sighting with the text that matched, and the messages
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The alert's id, as `sightline alerts` and every message give it
    id: AlertId,
}

/// An alert in full, as programs are given it.
#[derive(Serialize)]
pub(crate) struct Full {
    #[serde(flatten)]
    alert: Row,
    entry: Option<Entry>,
    seen: Vec<Seen>,
    deliveries: Vec<Delivery>,
}

/// A sighting with its reason in a sentence.
#[derive(Serialize)]
struct Seen {
    source_name: String,
    why: String,
    disguised: bool,
    how: String,
    #[serde(flatten)]
    sighting: Sighting,
}

/// Runs the command.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let full = read(show.id, app).await?;
    context.out.record(&full)?;
    context.out.say(in_words(&full, app.clock.now()))?;
    Ok(Status::Done)
}

/// Reads an alert with all that a person needs to judge it.
pub(crate) async fn read(id: AlertId, app: &App) -> Result<Full, CommandError> {
    let mut tx = app.read().await?;
    let Some(alert) = alerts::get(&mut tx, &[id]).await?.into_iter().next() else {
        return Err(CommandError::Failed(format!(
            "there is no alert {id}; `sightline alerts` lists them"
        )));
    };
    let names = Names::read(&mut tx, app).await?;
    let entry = entries::get(&mut tx, &[alert.entry])
        .await?
        .into_iter()
        .next();
    let sightings = alerts::sightings_of(&mut tx, id, None).await?;
    let deliveries = deliveries::of_alerts(&mut tx, &[id]).await?;
    let ids = sightings.iter().map(|sighting| sighting.id).collect();
    let seen = sightings.into_iter().map(|sighting| Seen {
        source_name: names.source(sighting.source),
        why: words::why(&sighting),
        disguised: sighting.explanation.is_disguised(),
        how: explain::steps(&sighting.explanation.steps),
        sighting,
    });
    Ok(Full {
        alert: records::alerts::row(alert, ids, &names),
        entry,
        seen: seen.collect(),
        deliveries,
    })
}

/// An alert in words.
pub(crate) fn in_words(full: &Full, now: Timestamp) -> String {
    let Full {
        alert,
        entry,
        seen,
        deliveries,
    } = full;
    let mut lines = vec![
        format!("Alert {}", alert.id),
        format!(
            "  {} · {} · {}",
            records::alerts::state_words(alert),
            alert.severity,
            inert::line(&alert.watchlist)
        ),
        format!(
            "  opened {}, changed {}",
            when::words(alert.opened_at, now),
            when::words(alert.updated_at, now)
        ),
    ];
    if let Some(entry) = entry {
        lines.push(format!(
            "  looked for: {} (entry {})",
            inert::line(&entry.selector.to_string()),
            entry.id
        ));
        lines.push(format!(
            "  because: {}; {}",
            inert::line(&entry.purpose),
            inert::line(&entry.legal_basis)
        ));
        let case = entry
            .case_reference
            .as_deref()
            .map(|case| format!(", case {}", inert::line(case)));
        lines.push(format!(
            "  {} of {}{}, TLP:{}",
            entry.category,
            inert::line(&entry.owner),
            case.unwrap_or_default(),
            entry.tlp.as_str().to_uppercase().replace('_', "+")
        ));
        lines.extend(
            entry
                .note
                .as_deref()
                .map(|note| format!("  note: {}", inert::line(note))),
        );
    }
    for Seen {
        source_name,
        why,
        disguised,
        how,
        sighting,
    } in seen
    {
        let withheld = match sighting.withheld {
            true => " (the site's own: withheld)",
            false => "",
        };
        lines.push(format!(
            "\n  {} — {why}{withheld}",
            when::words(sighting.at, now)
        ));
        lines.push(format!("    {}", marked(&sighting.explanation)));
        let disguised = match disguised {
            true => "disguised: ",
            false => "",
        };
        lines.push(format!("    {disguised}{}", inert::line(how)));
        lines.push(format!(
            "    on {}: {}",
            inert::line(source_name),
            inert::line(sighting.url.as_str())
        ));
        lines.push(format!(
            "    evidence: sightline evidence show {}",
            sighting.explanation.capture
        ));
    }
    if !deliveries.is_empty() {
        lines.push(String::new());
    }
    for delivery in deliveries {
        let error = delivery
            .last_error
            .as_deref()
            .map(|error| format!(": {}", inert::cut(error, 160)));
        let error = error
            .filter(|_| delivery.delivered_at.is_none())
            .unwrap_or_default();
        lines.push(format!(
            "  message to {}: {}{error}",
            inert::line(&delivery.channel),
            delivery.state
        ));
    }
    lines.join("\n")
}
