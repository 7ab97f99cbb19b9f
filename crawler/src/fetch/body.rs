//! Bodies read piece by piece: counted, so that no stranger decides how much memory we use, and hashed on the way.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use reqwest::Response;
use sha2::{Digest as _, Sha256};
use sightline_egress::Failure;
use sightline_model::{Digest, Outcome};
use tokio::{
    task::coop::consume_budget,
    time::{Instant, timeout_at},
};

use crate::room::Share;

/// What to do with a body that is longer than allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Overflow {
    /// Give up the exchange.
    Refuse,
    /// Keep what has come.
    Cut,
}

/// How long a body may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// In bytes.
    pub most: u64,
    /// What is done about more.
    pub overflow: Overflow,
}

/// A body, read.
pub(super) struct Body {
    pub bytes: Bytes,
    pub digest: Digest,
    pub truncated: bool,
}

/// A promise of many bytes does not make us hold room for them.
const RESERVED: u64 = 256 * 1024;

/// The rest of `response`, within its limits and by `deadline`; where there is no room for it, that is waited for.
pub(super) async fn read(
    mut response: Response,
    headers: &HeaderMap,
    Limits { most, overflow }: Limits,
    share: &mut Share,
    mut deadline: Instant,
    too_slow: impl Fn() -> Failure,
) -> Result<Body, Failure> {
    let promised = promised(headers);
    if overflow == Overflow::Refuse && promised.is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    let mut hash = Sha256::new();
    let mut truncated = false;
    // Most bodies come in one piece or few; a single one is kept as it is.
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    let (mut length, mut room) = (0, 0);
    while !truncated
        && let Some(mut piece) = timeout_at(deadline, response.chunk())
            .await
            .map_err(|_| too_slow())?
            .map_err(|error| Failure::of(&error))?
    {
        let left = most - length;
        if piece.len() as u64 > left {
            if overflow == Overflow::Refuse {
                return Err(too_large(most));
            }
            // It fits: `left` is less than a length in memory.
            piece.truncate(left as usize);
            truncated = true;
        }
        length += piece.len() as u64;
        // Thousands of chunks of a byte each can be there at once: others must have their turn in between.
        consume_budget().await;
        if length > room {
            // By doubling, as the memory behind it grows. The site is not to blame for what is waited for here.
            let more = length.max(2 * room) - room;
            deadline += share.fetch(more).await;
            room += more;
        }
        hash.update(&piece);
        if whole.is_empty() && pieces.is_empty() {
            whole = piece;
            continue;
        }
        if pieces.is_empty() {
            let reserved = promised
                .unwrap_or_default()
                .clamp(2 * length, (2 * length).max(RESERVED));
            pieces.reserve(reserved as usize);
            pieces.extend_from_slice(&whole);
            whole = Bytes::new();
        }
        pieces.extend_from_slice(&piece);
    }
    if !pieces.is_empty() {
        whole = pieces.freeze();
    }
    Ok(Body {
        bytes: whole,
        digest: Digest::of_hash(&hash.finalize()),
        truncated,
    })
}

fn promised(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn too_large(most: u64) -> Failure {
    Failure::new(
        Outcome::TooLarge,
        format!("the body is longer than {most} bytes"),
    )
}
