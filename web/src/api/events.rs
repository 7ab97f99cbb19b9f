//! `/api/v1/events`: a stream that says when alerts are raised. What they are, a program asks for.

use std::convert::Infallible;

use axum::{
    extract::State,
    http::HeaderMap,
    response::{Sse, sse::Event},
};
use futures::Stream;
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_model::{AlertState, Timestamp};
use sightline_store::inbox::Wanted;

use super::{Asked, Operation};
use crate::{Console, Error, access::Person, pages::events};

/// From when on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Since {
    /// Alerts are counted that were raised or opened again at or after this instant; from now on where nothing is said.
    since: Option<Timestamp>,
}

pub(crate) fn listen_described() -> Operation {
    Operation::giving_bytes(
        "A stream of server-sent events: `alerts`, with how many open ones were raised or opened again since, at once where there \
         is any and whenever there are more or fewer. It ends after a quarter of an hour: ask anew, with the `id` of its events as \
         `Last-Event-ID`, and nothing is missed",
        &["text/event-stream"],
    )
    .asking::<Since>()
}

pub(crate) async fn listen(
    State(console): State<Console>,
    person: Person,
    headers: HeaderMap,
    Asked(Since { since }): Asked<Since>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let since = events::going_on(&headers)?.or(since);
    let since = since.unwrap_or_else(|| console.now());
    let place = console.streams.take(person.account)?;
    let open = Wanted {
        state: Some(AlertState::Open),
        ..Wanted::default()
    };
    Ok(events::stream(console, (person.means, place), since, open))
}
