//! What the system's supervisor is told of the service: that it is ready, that it lives, and that it stops (sd_notify(3)).
//! Where nobody supervises (no `NOTIFY_SOCKET`), nothing is told.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Says that the service is ready, then gives a sign of life twice in each period that the supervisor waits for one, until
/// told to stop.
///
/// A sign is given by the same runtime that crawls and serves: where that hangs, no sign comes, and the supervisor starts
/// the service anew. A database or a disk that is away is no reason for that, and does not keep the signs from coming.
pub async fn tell(stop: &CancellationToken) {
    say(NotifyState::Ready);
    if let Some(patience) = sd_notify::watchdog_enabled() {
        let mut beat = interval((patience / 2).max(Duration::from_millis(1)));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() {
            tokio::select! {
                _ = beat.tick() => say(NotifyState::Watchdog),
                () = stop.cancelled() => {}
            }
        }
    } else {
        stop.cancelled().await;
    }
    say(NotifyState::Stopping);
}

fn say(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the supervisor can't be told");
    }
}
