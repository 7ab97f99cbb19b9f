//! `/sources/…/schedule`: when a source is crawled, with the next instants as the clock of its zone shows them. It changes
//! the source's file, and what else stands in that stays as it was written.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use sightline_config::edit::{self, Said};
use sightline_model::{Problem, SourceId};
use sightline_pipeline::{
    desk::{NotSaved, Wish},
    files::SourceFile,
    source::SourceSettings,
};

use super::fields::{Fields, Moved};
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page, on_to},
    api::Named,
    desk::{self, at_hand, planned, refused},
};

/// The table of the file.
const TABLE: &str = "schedule";
/// Its keys that are texts, and those that are lists.
const TEXTS: [&str; 6] = ["cron", "every", "zone", "jitter", "misfire", "overlap"];
const LISTS: [&str; 2] = ["allowed_hours", "days"];

#[derive(Template)]
#[template(path = "source_schedule.html")]
struct Schedule {
    frame: Frame,
    source: SourceId,
    name: String,
    fields: Fields,
    was: String,
    moved: Vec<Moved>,
    plan: desk::Plan,
    faults: Faults,
}

/// The plan alone, for a page that shows it as its reader types.
#[derive(Template)]
#[template(path = "source_plan.html")]
struct Plan {
    frame: Frame,
    fields: Fields,
    plan: desk::Plan,
    faults: Faults,
}

/// What the form shows of a schedule.
fn shown(settings: &SourceSettings, file: &SourceFile) -> Fields {
    let schedule = &settings.schedule;
    let mut fields = Fields::default();
    let word = |value: serde_json::Result<serde_json::Value>| {
        let value = value.ok();
        value
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    for (field, value) in [
        ("cron", schedule.cron.clone().unwrap_or_default()),
        ("every", schedule.every.clone().unwrap_or_default()),
        ("zone", schedule.zone.clone()),
        ("jitter", schedule.jitter.clone()),
        ("allowed_hours", schedule.allowed_hours.join(", ")),
        ("days", schedule.days.join(", ")),
        ("misfire", word(serde_json::to_value(schedule.misfire))),
        ("overlap", word(serde_json::to_value(schedule.overlap))),
    ] {
        fields.set(field, value);
    }
    fields.set("digest", file.digest());
    fields
}

/// The file with what was typed in place of what it says; what was not changed stays as it was written.
fn edited(file: &SourceFile, fields: &Fields, now: &Fields) -> Result<String, String> {
    let is_changed = |field: &&str| fields.get(field).trim() != now.get(field).trim();
    let texts = TEXTS.into_iter().filter(is_changed).map(|field| {
        let said = fields.written(field).map_or(Said::Nothing, Said::Text);
        (field, said)
    });
    let lists = LISTS
        .into_iter()
        .filter(is_changed)
        .map(|field| match fields.several(field) {
            none if none.is_empty() => (field, Said::Nothing),
            words => (field, Said::List(words)),
        });
    let said: Vec<(&str, Said)> = texts.chain(lists).collect();
    edit::put(&file.text, TABLE, &said)
}

/// A source at the desk: its name, its file, and what that says of its schedule.
struct AtDesk {
    name: String,
    file: SourceFile,
    now: Fields,
}

async fn at_desk(console: &Console, id: SourceId) -> Result<AtDesk, Error> {
    let (name, file) = at_hand(console, id).await?;
    let (source, _) = console
        .parts
        .desk
        .judge(&console.parts.instance, &name, &file, &file.text);
    let source = source.map_err(|_| {
        Error::Conflict(
            "The source's file is wrong as it stands. Put it right in its editor first.".to_owned(),
        )
    })?;
    let now = shown(&source.settings, &file);
    Ok(AtDesk { name, file, now })
}

/// What the source would be planned for with what was typed; or what is wrong with that, at its fields.
fn judged(
    console: &Console,
    desk: &AtDesk,
    fields: &Fields,
) -> Result<(String, desk::Plan), Faults> {
    let text = edited(&desk.file, fields, &desk.now).map_err(|message| {
        Faults(vec![Problem::new(
            "cron",
            message,
            "change it in the editor",
        )])
    })?;
    let (source, _) =
        console
            .parts
            .desk
            .judge(&console.parts.instance, &desk.name, &desk.file, &text);
    match source {
        Ok(source) => Ok((text, planned(console, &source))),
        Err(problems) => {
            let problems = problems.into_iter().map(|one| {
                let key = one.key.strip_prefix("schedule.").unwrap_or("cron");
                Problem::new(key, one.message, one.remedy)
            });
            Err(Faults::at_fields(problems.collect()))
        }
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    let desk = at_desk(&console, id).await?;
    let fields = desk.now.clone();
    Ok(page(&console, &person, id, &desk, fields).1.into_response())
}

/// Shows what would be planned, and saves nothing: in the page again, or, where a script of ours asks, alone.
pub(crate) async fn preview(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    headers: HeaderMap,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let desk = at_desk(&console, id).await?;
    let (fields, was) = Fields::typed(sent);
    let (status, mut page) = page(&console, &person, id, &desk, fields);
    if headers.contains_key("hx-request") {
        let Page(Schedule {
            frame,
            fields,
            plan,
            faults,
            ..
        }) = page;
        return Ok(Page(Plan {
            frame,
            fields,
            plan,
            faults,
        })
        .into_response());
    }
    // What it was when the form was first shown, so that a change in between is still found.
    page.0.was = was.map_or(page.0.was, |was| was.to_json());
    Ok((status, page).into_response())
}

/// Saves it. Where somebody else changed the file since the form was shown, nothing is done.
pub(crate) async fn save(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let desk = at_desk(&console, id).await?;
    let (mut fields, was) = Fields::typed(sent);
    let was = was.unwrap_or_else(|| desk.now.clone());
    let mut moved = fields.follow(&was, &desk.now);
    let is_moved = !moved.is_empty();
    // That the file is another is told by what is different in it, where that is to be seen here.
    moved.retain(|one| one.field != "digest");
    if !is_moved && let Ok((text, _)) = judged(&console, &desk, &fields) {
        let digest = desk.file.digest().0;
        let wish = Wish {
            source: id,
            was: &digest,
            text: &text,
            why: fields.get("why"),
            who: &person.name,
        };
        match console
            .parts
            .desk
            .save(&console.parts.instance, &wish)
            .await
        {
            Ok(_) => return Ok(on_to(&format!("/sources/{id}"))),
            Err(NotSaved::Wrong(_) | NotSaved::Changed(_)) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    let (mut status, mut page) = page(&console, &person, id, &desk, fields);
    if is_moved {
        if moved.is_empty() {
            moved.push(Moved {
                field: "file".to_owned(),
                was: "as this form was shown".to_owned(),
                now: "changed elsewhere than in its schedule".to_owned(),
                is_disputed: false,
            });
        }
        status = StatusCode::CONFLICT;
    }
    page.0.moved = moved;
    Ok((status, page).into_response())
}

fn page(
    console: &Console,
    person: &Person,
    id: SourceId,
    desk: &AtDesk,
    fields: Fields,
) -> (StatusCode, Page<Schedule>) {
    let (status, plan, faults) = match judged(console, desk, &fields) {
        Ok((_, plan)) => (StatusCode::OK, plan, Faults::default()),
        Err(faults) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            desk::Plan::default(),
            faults,
        ),
    };
    let page = Page(Schedule {
        frame: Frame::new("Schedule", "/sources", person, console.now()),
        source: id,
        name: desk.name.clone(),
        fields,
        was: desk.now.to_json(),
        moved: Vec::new(),
        plan,
        faults,
    });
    (status, page)
}
