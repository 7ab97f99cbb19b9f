//! `/events`: a stream that says how many alerts were raised since a page was read. What they are, the page asks for when
//! its reader wants to know: nothing of them is in the stream, and nothing jumps.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use sightline_model::Timestamp;
use sightline_store::inbox;

use crate::{
    Console, Error,
    access::{Means, Person, StreamPlace, holds},
};

/// Alerts that are counted at most.
const COUNTED: u32 = 100;
/// Between signs of life: shorter than proxies wait.
const ALIVE: Duration = Duration::from_secs(20);
/// Between looks whether whoever listens is still let in.
const LOOKING: Duration = Duration::from_secs(15);
/// A stream ends after so long, and the browser asks anew.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// When the page was read, in milliseconds.
#[derive(Deserialize)]
pub(crate) struct Since {
    since: i64,
}

/// Listens.
pub(crate) async fn listen(
    State(console): State<Console>,
    person: Person,
    headers: HeaderMap,
    Query(Since { since }): Query<Since>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let since = going_on(&headers)?.unwrap_or(Timestamp(since));
    let place = console.streams.take(person.account)?;
    Ok(stream(console, (person.means, place), since))
}

/// From when on a stream counted that broke off: whoever asks anew says the identifier of its events.
pub(crate) fn going_on(headers: &HeaderMap) -> Result<Option<Timestamp>, Error> {
    let Some(id) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let at = id.to_str().ok().and_then(|id| Timestamp::parse(id).ok());
    at.map(Some).ok_or_else(|| {
        Error::Unreadable(
            "Last-Event-ID is none of an event from here; send it as it came, or leave it out."
                .to_owned(),
        )
    })
}

/// How many alerts were raised since: at once where there is any, for the bell has rung for it already, and from then on
/// whenever there is another; as long as the session or the token holds by which it was asked for. Each event has for its
/// identifier from when on it counts, so that one who comes again misses nothing.
pub(crate) fn stream(
    console: Console,
    (means, place): (Means, StreamPlace),
    since: Timestamp,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let bell = console.bell.listen();
    let stop = console.parts.stop.clone();
    let (looking, known_by) = (console.clone(), means.clone());
    let end = async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LONGEST) => {}
            () = is_over(&looking, &known_by) => {}
        }
    };
    // The place is held as long as the stream is.
    let open = (console, bell, (means, place), true);
    let counts = stream::unfold(
        open,
        move |(console, mut bell, held, is_first)| async move {
            if !is_first {
                bell.changed().await.ok()?;
            }
            if !holds(&console, &held.0).await.ok()? {
                return None;
            }
            let count = raised(&console, since).await.ok()?;
            let event = Event::default().id(since.to_string());
            let event = match is_first && count == 0 {
                // Without data it is no event: whoever listens keeps the identifier, and is told nothing.
                true => event,
                false => event.event("alerts").data(count.to_string()),
            };
            Some((Ok(event), (console, bell, held, false)))
        },
    );
    Sse::new(counts.take_until(end)).keep_alive(KeepAlive::new().interval(ALIVE))
}

/// Ends when the session or the token has.
async fn is_over(console: &Console, means: &Means) {
    loop {
        tokio::time::sleep(LOOKING).await;
        // A store that fails says nothing of it: it is asked again.
        if let Ok(false) = holds(console, means).await {
            return;
        }
    }
}

async fn raised(console: &Console, since: Timestamp) -> Result<i64, Error> {
    let mut tx = console.read().await?;
    Ok(inbox::opened_since(&mut tx, since, COUNTED).await?)
}
