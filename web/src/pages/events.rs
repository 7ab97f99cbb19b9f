//! `/events`: a stream that says how many alerts were raised since a page was read. What they are, the page asks for when
//! its reader wants to know: nothing of them is in the stream, and nothing jumps.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State},
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
    access::{Person, StreamPlace},
};

/// Alerts that are counted at most.
const COUNTED: u32 = 100;
/// Between signs of life: shorter than proxies wait.
const ALIVE: Duration = Duration::from_secs(20);
/// A stream ends after so long, and the browser asks anew: whoever was signed out meanwhile gets no other.
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
    Query(Since { since }): Query<Since>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let place = console.streams.take(person.account)?;
    Ok(stream(console, place, Timestamp(since)))
}

/// How many alerts were raised since, whenever there is another.
pub(crate) fn stream(
    console: Console,
    place: StreamPlace,
    since: Timestamp,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let bell = console.bell.listen();
    let stop = console.parts.stop.clone();
    let end = async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
    };
    // The place is held as long as the stream is.
    let open = (console, bell, place);
    let counts = stream::unfold(open, move |(console, mut bell, place)| async move {
        bell.changed().await.ok()?;
        let count = raised(&console, since).await.ok()?;
        let event = Event::default().event("alerts").data(count.to_string());
        Some((Ok(event), (console, bell, place)))
    });
    Sse::new(counts.take_until(end)).keep_alive(KeepAlive::new().interval(ALIVE))
}

async fn raised(console: &Console, since: Timestamp) -> Result<i64, Error> {
    let mut tx = console.read().await?;
    Ok(inbox::opened_since(&mut tx, since, COUNTED).await?)
}
