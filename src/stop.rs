//! Being told to stop: the first signal asks, the second insists.

use std::{process, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::CommandError,
    output::{self, Output},
};

/// Work that has not ended so long after the first signal is left where it is: its leases expire, and it is done again.
const LONGEST: Duration = Duration::from_secs(10);
/// What shells call an end by Ctrl-C: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

/// A token that is cancelled on Ctrl-C (SIGINT) or SIGTERM. A second signal ends the process at once.
pub fn on_signals(out: Output) -> Result<CancellationToken, CommandError> {
    let unheard = |cause| CommandError::failed("signals can't be listened for", cause);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        out.note("Stopping: what is under way is brought to an end, the rest goes on next time. Ctrl-C again stops at once.");
        stopped.cancel();
        tokio::select! {
            _ = interrupt.recv() => process::exit(INTERRUPTED),
            _ = terminate.recv() => process::exit(INTERRUPTED),
            () = tokio::time::sleep(LONGEST) => {
                output::error("work did not end in time and was left where it was; it is done again next time");
                process::exit(1);
            }
        }
    });
    Ok(stop)
}
