//! The story, step by step, as it is told.

use std::{io, path::Path, sync::Arc, time::Duration};

use indicatif::{MultiProgress, ProgressDrawTarget};
use sightline_alerts::{rules::Rules, words};
use sightline_model::{
    Category, Clock, Kind, Mint, RunCounts, Sighting, Timestamp, Watchlist, counted,
};
use sightline_pipeline::crawl::Crawled;
use sightline_store::{
    Filter, alerts,
    entries::{self, Addition},
    sightings,
};
use sightline_watchlists::{EntryDefaults, EntryDraft, Terms, entry, explain};

use super::{
    board::{Board, watched},
    clock::ShiftedClock,
    hook::{Hook, Received},
    letter::as_read,
    place::Place,
    site::Site,
};
use crate::{
    app::{self, App},
    commands::{CommandError, alert, crawl, records::sightings::marked, watchlist},
    logging::{self, Manner},
    output::{Form, Notes, Output, inert},
    settings::{LogLevel, LogSettings},
    stop,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// An entry that was quiet for longer than this has reappeared. The passes lie closer together, so that only what was
/// really away does.
const GAP_DAYS: u32 = 30;
/// As much of a letter as is shown, in lines.
const LETTER_LINES: usize = 46;

/// What a letter says of an entry that reappeared.
const RETURNED: &str = "back after";

/// One crawl of the board, and what happened to the board before it.
struct Pass {
    days_ago: u32,
    happens: &'static str,
    change: fn(&mut Board),
}

const PASSES: [Pass; 3] = [
    Pass {
        days_ago: 41,
        happens: "The board has sixty offers on six pages, each with a picture.",
        change: |_| {},
    },
    Pass {
        days_ago: 20,
        happens: "An offer with the watched number has been taken off; another has a new mail address in it.",
        change: Board::three_weeks_on,
    },
    Pass {
        days_ago: 0,
        happens: "The number is back under another offer, disguised; an offer's text and a price have changed; one more is gone.",
        change: Board::six_weeks_on,
    },
];

/// Tells it, keeping the instance in `keep` if that is wanted.
pub async fn tell(keep: Option<&Path>, out: Output) -> Result<(), CommandError> {
    let started = std::time::Instant::now();
    let broken = |cause: io::Error| CommandError::failed("the demonstration", cause);
    let mint = Mint::unpredictable();
    let mut key = vec![0; 32];
    mint.fill(&mut key);
    let clock = ShiftedClock::behind(DAY * PASSES[0].days_ago);
    let site = Site::open(Board::opened()).await.map_err(broken)?;
    let hook = Hook::open(key.clone(), Arc::new(clock.clone()))
        .await
        .map_err(broken)?;
    let shown = keep.map_or_else(
        || "a folder that goes away".to_owned(),
        |folder| folder.display().to_string(),
    );
    let place = Place::make(keep).map_err(|cause| CommandError::failed(&shown, cause))?;
    place
        .furnish(&site.start(), &hook.url(), &key)
        .map_err(broken)?;

    out.say(format_args!(
        "Sightline shows its work on a board of offers that it serves to itself on 127.0.0.1. Nobody in it is real.\n\
         The instance lies in {shown}."
    ))?;
    let configuration = app::configuration(&place.config())?;
    let quiet = LogSettings {
        level: LogLevel::Error,
        ..configuration.settings.log.clone()
    };
    let hidden = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
    logging::start(&quiet, Manner::Command, &hidden);
    let app = App::open_by(configuration, Arc::new(clock.clone()), mint).await?;
    let list = analyst_begins(&app, out).await?;

    let instance = app.instance().await?;
    let sources = app.configuration.sources().map_err(app::AppError::from)?;
    let sound = sources.sound.into_values().collect();
    let watched = app
        .register(&instance, sound, Some(&sources.broken))
        .await?
        .watched;
    let stop = stop::on_signals(out)?;
    // Each crawl takes a second: what it came to is told, not how it goes.
    let untold = Output::new(Form::Text, Notes::Hidden);
    for (number, pass) in PASSES.iter().enumerate() {
        clock.set_behind(DAY * pass.days_ago);
        site.change(pass.change);
        let began = clock.now();
        let crawled = crawl::with_progress(&instance, &watched, &stop, &hidden, untold).await?;
        if stop.is_cancelled() {
            return Ok(());
        }
        tell_pass(number, pass, &crawled, began, &app, out).await?;
    }
    tell_alerts(&app, out).await?;
    tell_messages(&place, &hook.received(), out)?;
    app.store.close().await;
    let seconds = started.elapsed().as_secs_f32();
    out.say(where_to_look(&place, keep.is_some(), &list, seconds))?;
    Ok(())
}

/// The analyst makes a watchlist and puts four entries on it.
async fn analyst_begins(app: &App, out: Output) -> Result<Watchlist, CommandError> {
    let defaults = EntryDefaults {
        purpose: Some("find people who are kept at work against their will".to_owned()),
        legal_basis: Some("invented order 41/26 of an invented court".to_owned()),
        owner: Some("A. Analyst".to_owned()),
        category: Some(Category::Suspect),
        review_after_days: Some(180),
        case_reference: Some("41/26".to_owned()),
        ..EntryDefaults::default()
    };
    let rules = Rules {
        channels: vec!["mail".to_owned(), "case-system".to_owned()],
        gap_days: GAP_DAYS,
        ..Rules::default()
    };
    let list = watchlist::make(app, "Operation Lotus", defaults.clone(), rules).await?;
    out.say(format_args!(
        "\n1. An analyst looks for four things, on the watchlist '{}':",
        list.name
    ))?;
    let terms = Terms {
        watchlist: list.id,
        defaults: &defaults,
        region: Some("US"),
        now: app.clock.now(),
        mint: &app.mint,
    };
    let written = [
        (Kind::Phone, watched::PHONE),
        (Kind::Email, watched::EMAIL),
        (Kind::Handle, watched::HANDLE),
        (Kind::Phrase, watched::PHRASE),
    ];
    let mut made = Vec::new();
    for (kind, value) in written {
        let draft = EntryDraft {
            kind: Some(kind.to_string()),
            value: Some(value.to_owned()),
            ..EntryDraft::default()
        };
        made.push(
            entry::make(&draft, &terms).map_err(|problems| CommandError::problems(&problems))?,
        );
    }
    let mut tx = app.write().await?;
    let added = entries::add(&mut tx, &made).await?;
    tx.commit().await?;
    for (entry, addition) in made.iter().zip(added) {
        if addition == Addition::Added {
            out.say(format_args!(
                "     {:7} {}",
                entry.selector.kind,
                inert::line(&entry.selector.value)
            ))?;
            out.record(&serde_json::json!({"step": "entry", "entry": entry}))?;
        }
    }
    Ok(list)
}

async fn tell_pass(
    number: usize,
    pass: &Pass,
    crawled: &Crawled,
    began: Timestamp,
    app: &App,
    out: Output,
) -> Result<(), CommandError> {
    let when = match pass.days_ago {
        0 => "today".to_owned(),
        days => format!("{} ago", counted(days, "day", "days")),
    };
    out.say(format_args!(
        "\n{}. The crawl of {when}. {}",
        number + 2,
        pass.happens
    ))?;
    for run in &crawled.runs {
        out.record(
            &serde_json::json!({"step": "crawl", "run": run, "delivered": crawled.sent.delivered}),
        )?;
        out.say(format_args!("     {}", in_words(&run.counts)))?;
    }
    for sighting in news(began, app).await? {
        out.record(&serde_json::json!({"step": "sighting", "sighting": sighting}))?;
        out.say(format_args!(
            "     • {}: {}",
            words::why(&sighting),
            marked(&sighting.explanation)
        ))?;
        if sighting.explanation.is_disguised() {
            let how = explain::steps(&sighting.explanation.steps);
            out.say(format_args!("       disguised: {}", inert::line(&how)))?;
        }
    }
    let delivered = crawled.sent.delivered;
    out.say(format_args!("     messages: {delivered} sent"))?;
    Ok(())
}

fn in_words(counts: &RunCounts) -> String {
    let RunCounts {
        fetched,
        unchanged,
        failed,
        listings_new,
        listings_changed,
        listings_removed,
        ..
    } = counts;
    format!(
        "visits: {fetched} fetched, {unchanged} of them not changed since last time, {failed} failed\n     \
         offers: {listings_new} new, {listings_changed} changed, {listings_removed} gone"
    )
}

/// What this pass saw that is news, in the order in which it was seen.
async fn news(since: Timestamp, app: &App) -> Result<Vec<Sighting>, CommandError> {
    let mut tx = app.read().await?;
    let filter = Filter {
        since: Some(since),
        ..Filter::default()
    };
    let mut seen = sightings::list(&mut tx, &filter).await?;
    seen.retain(|sighting| !sighting.goes_on());
    seen.reverse();
    Ok(seen)
}

async fn tell_alerts(app: &App, out: Output) -> Result<(), CommandError> {
    let mut tx = app.read().await?;
    let raised = alerts::list(&mut tx, &Filter::default()).await?;
    drop(tx);
    out.say(format_args!(
        "\n5. {} open now. Each as `sightline alert show` has it:",
        counted(raised.len(), "alert stands", "alerts stand")
    ))?;
    for alert in raised.iter().rev() {
        let full = alert::read(alert.id, app).await?;
        out.record(&serde_json::json!({"step": "alert", "alert": full}))?;
        let indented: Vec<String> = alert::in_words(&full, app)
            .await?
            .lines()
            .map(|line| format!("   {line}"))
            .collect();
        out.say(format_args!("\n{}", indented.join("\n").trim_end()))?;
    }
    Ok(())
}

fn tell_messages(place: &Place, received: &[Received], out: Output) -> Result<(), CommandError> {
    let letters = place
        .letters()
        .map_err(|cause| CommandError::failed("the letters", cause))?;
    out.say(format_args!(
        "\n6. {} written. The one about the number that came back:\n",
        counted(letters.len(), "letter was", "letters were")
    ))?;
    for (path, letter) in &letters {
        out.record(&serde_json::json!({"step": "letter", "file": path, "text": letter}))?;
    }
    let of_return = letters
        .iter()
        .rfind(|(_, letter)| letter.contains(RETURNED));
    if let Some((path, letter)) = of_return.or(letters.last()) {
        let letter = as_read(letter);
        let lines: Vec<String> = letter
            .lines()
            .take(LETTER_LINES)
            .map(|line| format!("   | {}", inert::line(line)))
            .collect();
        out.say(format_args!("   {}\n{}", path.display(), lines.join("\n")))?;
        if letter.lines().count() > LETTER_LINES {
            out.say("   | …")?;
        }
    }
    out.say(format_args!(
        "\n7. {} webhook messages were received; each signature (Standard Webhooks) was right. The latest body, thin:\n",
        received.len()
    ))?;
    for Received { id, body } in received {
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        out.record(&serde_json::json!({"step": "webhook", "id": id, "body": body}))?;
    }
    if let Some(latest) = received.last() {
        out.say(format_args!(
            "   webhook-id {}\n   {}",
            inert::line(&latest.id),
            inert::line(&latest.body)
        ))?;
    }
    Ok(())
}

fn where_to_look(place: &Place, is_kept: bool, list: &Watchlist, seconds: f32) -> String {
    let config = place.config();
    let config = config.display();
    let mut lines = vec![format!("\nThat took {seconds:.1} seconds.")];
    if !is_kept {
        lines.push(
            "To keep the instance and look around in it: sightline demo --keep DIR".to_owned(),
        );
        lines.push("To begin with your own: sightline init".to_owned());
        return lines.join("\n");
    }
    lines.push("Where to look next:".to_owned());
    for command in [
        "alerts",
        "sightings",
        "listings",
        "visits",
        "runs",
        "deliveries",
        "doctor",
    ] {
        lines.push(format!("  sightline --config {config} {command}"));
    }
    lines.push(format!(
        "  sightline --config {config} watchlist show '{}'",
        list.name
    ));
    lines.push(format!("  sightline --config {config} evidence show 1"));
    lines.join("\n")
}
