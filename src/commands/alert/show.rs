//! `sightline alert show`: one alert with all that a person needs to judge it, and its whole life so far.

use std::collections::HashSet;

use clap::Args;
use sightline_alerts::words;
use sightline_casework::{
    Names,
    alert::{self, Full, Seen},
};
use sightline_model::{
    AlertChange, AlertId, CaptureId, DeliveryState, EntryStanding, Sighting, Timestamp,
};
use sightline_store::captures;

use crate::{
    app::App,
    commands::{
        Beginning, CommandError, Context, Ended, Status,
        records::{self, sightings::marked},
        sighting::in_words as in_words_of,
    },
    outbox,
    output::{inert, when},
};

/// Show one alert in full: the entry, each sighting with the text that matched, the messages, and what people did
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The alert's id, as `sightline alerts` and every message give it
    id: Beginning<AlertId>,
}

/// Runs the command.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let id: AlertId = show.id.found(&mut app.read().await?).await?;
    app.log_read("alert.read", &id.to_string()).await?;
    let full = read(id, app).await?;
    context.out.record(&full)?;
    context.out.say(in_words(&full, app).await?)?;
    Ok(Status::Done)
}

/// Reads an alert with all that a person needs to judge it.
pub(crate) async fn read(id: AlertId, app: &App) -> Result<Full, CommandError> {
    let mut tx = app.read().await?;
    let stopped = outbox::stopped(&mut tx, &app.configuration).await?;
    let names = Names::read(&mut tx).await?.knowing(stopped);
    let now = app.clock.now();
    let when = |at| when::words(at, now);
    Ok(alert::read(&mut tx, id, now, &names, &when).await?)
}

/// An alert in words.
pub(crate) async fn in_words(full: &Full, app: &App) -> Result<String, CommandError> {
    let sightings = || full.seen.iter().map(|seen| &seen.sighting);
    let rests_on = sightings().map(|one| one.explanation.capture);
    let rests_on: Vec<CaptureId> = rests_on
        .chain(sightings().map(|one| one.latest().capture))
        .collect();
    let kept = captures::existing(&mut app.read().await?, &rests_on).await?;
    Ok(written(full, &kept, app.clock.now()))
}

/// Where evidence is shown, if it is still among what is `kept`.
fn shown_by(capture: CaptureId, kept: &HashSet<CaptureId>) -> String {
    match kept.contains(&capture) {
        true => format!("sightline evidence show {capture}"),
        false => format!("capture {capture} was purged or erased"),
    }
}

fn written(full: &Full, kept: &HashSet<CaptureId>, now: Timestamp) -> String {
    let Full {
        alert,
        // Each sighting says it by itself.
        why: _,
        entry,
        others,
        also_on,
        seen,
        deliveries,
        rules,
        stopped,
        changes,
        silenced,
        unchased,
    } = full;
    let mut lines = vec![
        format!("Alert {}", alert.id),
        format!(
            "  {} · {} · {}{}",
            records::alerts::state_words(alert, now),
            alert.severity,
            inert::line(&alert.watchlist),
            match alert.possible {
                true => " · possible: it may be another identifier after all",
                false => "",
            }
        ),
        format!(
            "  opened {}, changed {}",
            when::words(alert.opened_at, now),
            when::words(alert.updated_at, now)
        ),
    ];
    if let Some(quiet) = &alert.quiet {
        lines.push(format!(
            "  silenced until {} by {}: {}\n    what is news of it is recorded, and nobody is told; `sightline alert unsilence {}` ends that",
            when::words(quiet.until, now),
            inert::line(&quiet.by),
            inert::line(&quiet.why),
            quiet.silence
        ));
    }
    lines.extend(unchased.map(|why| format!("  {why}")));
    if let Some(entry) = entry {
        let ended = match entry.standing(now) {
            standing @ (EntryStanding::Expired | EntryStanding::Withdrawn) => {
                format!("; {standing} since, and looked for no more")
            }
            EntryStanding::Draft | EntryStanding::Active | EntryStanding::DueForReview => {
                String::new()
            }
        };
        lines.push(format!(
            "  looked for: {} (entry {}){ended}",
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
            "  whose it may be: {}; owned by {}{}, TLP:{}",
            entry.category.in_words(),
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
    if !also_on.is_empty() {
        let names: Vec<_> = also_on.iter().map(|name| inert::line(name)).collect();
        lines.push(format!("  also on watchlist: {}", names.join(", ")));
    }
    if !others.is_empty() {
        lines.push(format!("  grouped by {}, with:", alert.group.by()));
        lines.extend(others.iter().map(|entry| {
            let looked_for = entry.selector.to_string();
            format!("    {} (entry {})", inert::line(&looked_for), entry.id)
        }));
    }
    for Seen {
        source_name,
        why,
        certainty: _,
        possible,
        disguised,
        how,
        how_since,
        removed_at,
        told,
        verdict,
        sighting,
    } in seen
    {
        let withheld = match sighting.withheld {
            true => " (the site's own: withheld)",
            false => "",
        };
        lines.push(format!(
            "\n  {} — {}{why}{withheld}",
            when::words(sighting.at, now),
            if *possible { "possible, " } else { "" }
        ));
        lines.push(format!("    {}", marked(&sighting.explanation)));
        let disguised = match disguised {
            true => "disguised: ",
            false => "",
        };
        lines.push(format!("    {disguised}{}", inert::line(how)));
        let also = &sighting.explanation.also;
        lines.extend(
            (!also.is_empty())
                .then(|| format!("    also there: {}", inert::line(&also.join(", ")))),
        );
        lines.push(format!(
            "    on {}: {}",
            inert::line(source_name),
            inert::line(sighting.url.as_str())
        ));
        lines.extend(
            verdict
                .as_ref()
                .map(|said| format!("    {}", in_words_of(said, now))),
        );
        lines.push(format!(
            "    evidence: {}",
            shown_by(sighting.explanation.capture, kept)
        ));
        lines.extend(since(
            sighting,
            how_since.as_deref(),
            *removed_at,
            (kept, now),
        ));
        lines.extend(
            told.as_deref()
                .map(|told| format!("    {}", inert::line(told))),
        );
        if verdict.is_none() {
            lines.push(format!(
                "    is it right? sightline sighting confirm|reject {}",
                sighting.id
            ));
        }
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
            .filter(|_| matches!(delivery.state, DeliveryState::Pending | DeliveryState::Dead))
            .unwrap_or_default();
        let message = words::purposely(
            delivery,
            words::Terms {
                rules,
                stopped,
                when: &|at| when::words(at, now),
            },
        );
        lines.push(format!("  {}{error}", inert::line(&message)));
    }
    for kept in silenced {
        lines.push(format!(
            "\n  kept quiet {} × by silence {}, last {}",
            kept.sightings,
            kept.silence,
            when::words(kept.last_at, now)
        ));
    }
    if !changes.is_empty() {
        lines.push(String::new());
    }
    lines.extend(changes.iter().map(|change| life(change, now)));
    lines.join("\n")
}

/// What the listing says since the sighting was judged, where that is not the same.
fn since(
    sighting: &Sighting,
    how: Option<&str>,
    removed_at: Option<Timestamp>,
    (kept, now): (&HashSet<CaptureId>, Timestamp),
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(since) = &sighting.since {
        let disguised = match since.explanation.is_disguised() {
            true => "disguised: ",
            false => "",
        };
        lines.push(format!(
            "    since {} it says: {}",
            when::words(since.at, now),
            marked(&since.explanation)
        ));
        lines.push(format!(
            "      {disguised}{} ({})",
            inert::line(how.unwrap_or_default()),
            shown_by(since.explanation.capture, kept)
        ));
    }
    let last = when::words(sighting.last_seen, now);
    if !sighting.current {
        lines.push(format!("    the ad no longer says it: it did last {last}"));
    }
    lines.extend(removed_at.map(|at| format!("    the ad is gone since {}", when::words(at, now))));
    lines
}

/// `2 hours ago, R. Analyst: assigned to Night desk`
fn life(change: &AlertChange, now: Timestamp) -> String {
    let did = alert::did(change, "it", &|text| inert::line(text).into_owned());
    let text = change.text.as_deref();
    let text = text.map(|text| match text.lines().count() {
        0 | 1 => format!(": {}", inert::line(text)),
        _ => format!(":\n{}", inert::block(text, "    ")),
    });
    format!(
        "  {}, {} {did}{}",
        when::words(change.at, now),
        inert::line(&change.who),
        text.unwrap_or_default()
    )
}
