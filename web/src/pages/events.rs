//! `/events`: a stream that says how many alerts came into the list of a page since it was read: raised, told of anew,
//! opened again, or given to whose list it is. What they are, the page asks for when its reader wants to know: nothing of them is in the stream,
//! and nothing jumps.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use sightline_casework::quiet::Silenced;
use sightline_model::{AlertId, Timestamp};
use sightline_store::inbox::Wanted;

use super::{inbox, query::Query};
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
    Query(list): Query<inbox::Asked>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let since = going_on(&headers)?.unwrap_or(Timestamp(since));
    let place = console.streams.take(person.account)?;
    let list = list.wanted(&person);
    Ok(stream(console, (person.means, place), since, list))
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

/// How many alerts came into this list since: at once where there is any, for the bell has rung for it already, and from then
/// on whenever they are others; as long as the session or the token holds by which it was asked for. Each event has for its
/// identifier from when on it counts, so that one who comes again misses nothing.
pub(crate) fn stream(
    console: Console,
    (means, place): (Means, StreamPlace),
    since: Timestamp,
    list: Wanted,
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
    let list = Wanted {
        come_since: Some(since),
        after: None,
        limit: COUNTED,
        ..list
    };
    let open = (console, bell, (means, place), list, None);
    let counts = stream::unfold(
        open,
        move |(console, mut bell, held, list, told)| async move {
            let come = loop {
                if told.is_some() {
                    bell.changed().await.ok()?;
                }
                if !holds(&console, &held.0).await.ok()? {
                    return None;
                }
                let come = come(&console, &list).await.ok()?;
                // The bell rings for all lists: what this one was told already, it is not told again. That many are there
                // again does not make them the same.
                if told.as_ref() != Some(&come) {
                    break come;
                }
            };
            let event = Event::default().id(since.to_string());
            let event = match told.is_none() && come.is_empty() {
                // Without data it is no event: whoever listens keeps the identifier, and is told nothing.
                true => event,
                false => event.event("alerts").data(come.len().to_string()),
            };
            Some((Ok(event), (console, bell, held, list, Some(come))))
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

async fn come(console: &Console, list: &Wanted) -> Result<Vec<AlertId>, Error> {
    let mut tx = console.read().await?;
    let quietness = Silenced::read(&mut tx, console.now()).await?;
    let come = quietness.page(&mut tx, list).await?;
    Ok(come.into_iter().map(|alert| alert.id).collect())
}
