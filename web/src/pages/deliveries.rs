//! `/deliveries`: how the channels fare, what waits to be sent, and what could not be.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_alerts::{channels::Verdict, rules::Rules, words};
use sightline_casework::channel::{self, Row, Standing};
use sightline_model::{Delivery, DeliveryId, DeliveryState};
use sightline_pipeline::deliver::{Trial, try_out};
use sightline_store::outbox;

use super::{form::filter, query::Query};
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Frame, Page, on_to},
    api::{Listed, Named},
    when::When,
};

/// Messages of one page.
const PAGE: u32 = 50;

/// Which messages, and where to go on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default, deserialize_with = "filter")]
    state: Option<DeliveryState>,
    #[serde(default, deserialize_with = "filter")]
    after: Option<DeliveryId>,
}

/// What came of a test message.
struct Tried {
    channel: String,
    was_taken: bool,
    said: String,
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct Deliveries {
    frame: Frame,
    channels: Vec<Row>,
    tried: Option<Tried>,
    state: DeliveryState,
    messages: Vec<Delivery>,
    /// The channels to which nothing is sent at present, by name: why, and what to do.
    stopped: BTreeMap<String, String>,
    next: Option<String>,
}

impl Deliveries {
    fn may_edit(&self) -> bool {
        self.frame.may(Permission::EditDeliveries)
    }

    fn tone(&self, state: &Standing) -> &'static str {
        match state {
            Standing::Good => "ok",
            Standing::Unused => "quiet",
            Standing::Failing | Standing::Partly => "warn",
            Standing::Disabled | Standing::Unusable | Standing::Unknown => "bad",
        }
    }

    fn trouble(&self, row: &Row) -> String {
        let now = self.frame.now;
        row.trouble(&|at| When::new(at, now).words())
    }

    /// What became of it, by the rules that nobody's watchlist has: an operator is not to know whose it is.
    fn message(&self, delivery: &Delivery) -> String {
        let now = self.frame.now;
        let terms = words::Terms {
            rules: &Rules::default(),
            stopped: &self.stopped,
            when: &|at| When::new(at, now).words(),
        };
        self.frame.text(words::message(delivery, terms))
    }

    fn error(&self, delivery: &Delivery) -> Option<String> {
        let error = delivery.last_error.as_ref();
        let error = error.filter(|_| delivery.state != DeliveryState::Withdrawn);
        error.map(|error| self.frame.text(error))
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&console, &person, &asked, None).await
}

async fn page(
    console: &Console,
    person: &Person,
    asked: &Asked,
    tried: Option<Tried>,
) -> Result<Response, Error> {
    let parts = &console.parts;
    let state = asked.state.unwrap_or(DeliveryState::Dead);
    let mut tx = console.read().await?;
    let channels = channel::list(&mut tx, &parts.channels, &parts.unusable).await?;
    let stopped = console.stopped(&mut tx).await?;
    let messages = outbox::page(&mut tx, state, asked.after, PAGE + 1).await?;
    drop(tx);
    let Listed {
        items: messages,
        next,
    } = Listed::page(messages, PAGE, |last| {
        let address = Address::of("/deliveries").with("state", state);
        address.with("after", last.id).written()
    });
    Ok(Page(Deliveries {
        frame: Frame::new("Deliveries", "/deliveries", person, console.now()),
        channels,
        tried,
        state,
        messages,
        stopped,
        next,
    })
    .into_response())
}

/// Puts a message that was given up back into the outbox.
pub(crate) async fn replay(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<DeliveryId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    channel::replay(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/deliveries?state=pending"))
}

/// Puts every message that was given up back into the outbox.
pub(crate) async fn replay_all(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    put_back(&console, &person, None).await
}

/// Puts every message that one channel gave up back into the outbox.
pub(crate) async fn replay_channel(
    State(console): State<Console>,
    person: Person,
    Named(name): Named<String>,
) -> Result<Response, Error> {
    put_back(&console, &person, Some(&name)).await
}

async fn put_back(
    console: &Console,
    person: &Person,
    only: Option<&str>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    let by = console.by(person);
    let replayed = channel::replay_all(&mut tx, only, &console.channels(), &by).await?;
    tx.commit().await?;
    // What is told of channels to which nothing is sent stands beside them.
    match replayed.iter().any(|one| one.left.is_none()) {
        true => Ok(on_to("/deliveries?state=pending")),
        false => Ok(on_to("/deliveries")),
    }
}

/// Uses a channel again that was switched off.
pub(crate) async fn enable(
    State(console): State<Console>,
    person: Person,
    Named(name): Named<String>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    channel::enable(&mut tx, &name, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/deliveries"))
}

/// Sends a message that says it is a test, and shows what was answered.
pub(crate) async fn test(
    State(console): State<Console>,
    person: Person,
    Named(name): Named<String>,
) -> Result<Response, Error> {
    let verdict = tried(&console, &person, &name).await?;
    let tried = Tried {
        channel: name,
        was_taken: matches!(verdict, Verdict::Delivered { .. } | Verdict::Partly { .. }),
        said: verdict.said().to_owned(),
    };
    let asked = Asked {
        state: None,
        after: None,
    };
    page(&console, &person, &asked, Some(tried)).await
}

/// Sends a message that says it is a test, and gives what was answered.
pub(crate) async fn tried(
    console: &Console,
    person: &Person,
    name: &str,
) -> Result<Verdict, Error> {
    let parts = &console.parts;
    if !parts.channels.contains_key(name) && !parts.unusable.contains_key(name) {
        return Err(Error::NotFound);
    }
    let verdict = match try_out(&console.parts.instance, name).await? {
        Trial::Sent(verdict) => verdict,
        Trial::Unwritten(error) => return Err(Error::internal(error)),
        Trial::NoChannel => {
            return Err(Error::Conflict(
                "The channel can't be used on this machine, so nothing was sent. Its line says why."
                    .to_owned(),
            ));
        }
    };
    let mut tx = console.write().await?;
    channel::tested(&mut tx, name, verdict.said(), &console.by(person)).await?;
    tx.commit().await?;
    Ok(verdict)
}
