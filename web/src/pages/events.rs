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
    Query(Since { since }): Query<Since>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let place = console.streams.take(person.account)?;
    Ok(stream(console, (person.means, place), Timestamp(since)))
}

/// How many alerts were raised since, whenever there is another; as long as the session or the token holds by which it was
/// asked for.
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
    let open = (console, bell, (means, place));
    let counts = stream::unfold(open, move |(console, mut bell, held)| async move {
        bell.changed().await.ok()?;
        if !holds(&console, &held.0).await.ok()? {
            return None;
        }
        let count = raised(&console, since).await.ok()?;
        let event = Event::default().event("alerts").data(count.to_string());
        Some((Ok(event), (console, bell, held)))
    });
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
