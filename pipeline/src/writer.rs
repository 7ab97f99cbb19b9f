//! The writer: commits what visits brought, several together, and tells what came of it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sightline_model::{VisitId, VisitKind};
use tokio::{
    sync::mpsc,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use crate::{
    PipelineError,
    commit::{Committed, commit},
    ending::Ending,
    furniture,
    instance::Instance,
    process::Processed,
};

/// Visits in one commit at most: beyond this, a commit's fixed cost no longer matters, and its lock would.
const BATCH: usize = 128;
/// How long a commit waits for more visits to share it. A page that leads on to others is not kept waiting, for what it
/// leads to can be leased only once it is committed; nor are pages that have half the seats of their host, so that the other
/// half is fetched and read meanwhile.
const LINGER: Duration = Duration::from_millis(25);
/// Tries of a commit that the database turned down for the moment (busy, deadlock, connection lost).
const COMMIT_TRIES: u32 = 6;

/// What the writer tells of a commit.
pub(crate) struct Report {
    /// The visits that were in it.
    pub visits: Vec<Made>,
    pub committed: Committed,
}

/// A visit that was committed.
pub(crate) struct Made {
    pub visit: VisitId,
    pub host: String,
    /// True where its host asked us to come back later.
    pub refused: bool,
}

/// Commits what comes, as many visits together as there are, until nothing more can come.
pub(crate) async fn write(
    instance: Arc<Instance>,
    mut visits: mpsc::Receiver<Processed>,
    reports: mpsc::Sender<Result<Report, PipelineError>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while visits.recv_many(&mut batch, BATCH).await > 0 {
        let deadline = Instant::now() + LINGER;
        while batch.len() < BATCH && !batch.iter().any(leads_on) && !has_half_a_host(&batch) {
            let room = BATCH - batch.len();
            match timeout_at(deadline, visits.recv_many(&mut batch, room)).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => break,
            }
        }
        let committed = match store(&instance, &batch).await {
            Ok(committed) => committed,
            Err(error) => {
                _ = reports.send(Err(error)).await;
                // What was not committed keeps its seats until no visit is made any more: a seat that is let go is a page more
                // that is fetched for nothing.
                while visits.recv_many(&mut batch, BATCH).await > 0 {}
                return;
            }
        };
        let visits = batch.drain(..).map(|processed| made(&processed)).collect();
        if reports
            .send(Ok(Report { visits, committed }))
            .await
            .is_err()
        {
            return;
        }
    }
}

fn leads_on(processed: &Processed) -> bool {
    processed.task.lease.visit.kind == VisitKind::List
}

/// True where a host's seats are half taken by what waits for its commit. With all of them, its pages would be read and
/// committed by turns, and one of the two would always be idle.
fn has_half_a_host(batch: &[Processed]) -> bool {
    let mut taken = HashMap::<&str, usize>::new();
    batch
        .iter()
        .filter_map(|processed| processed.seat.as_ref())
        .any(|seat| {
            let taken = taken.entry(seat.host()).or_default();
            *taken += 1;
            2 * *taken >= seat.of()
        })
}

fn made(processed: &Processed) -> Made {
    Made {
        visit: processed.task.lease.visit.id,
        host: processed.task.lease.visit.host.clone(),
        refused: matches!(processed.ending, Ending::Held(_)),
    }
}

async fn store(instance: &Arc<Instance>, batch: &[Processed]) -> Result<Committed, PipelineError> {
    // Evidence first: nothing may be named that a power cut could take away.
    let keeper = Arc::clone(instance);
    spawn_blocking(move || keeper.archive.sync())
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    let mut tries = 1;
    loop {
        match commit(instance, batch).await {
            Err(PipelineError::Store(error)) if error.is_transient() && tries < COMMIT_TRIES => {
                tracing::warn!(%error, tries, "the commit is tried again");
                let wait = Duration::from_millis(50) * 2u32.pow(tries);
                tokio::time::sleep(instance.mint.around(wait, 0.5)).await;
                tries += 1;
            }
            Ok(committed) => {
                furniture::look(instance, &committed.finished).await;
                return Ok(committed);
            }
            failed => return failed,
        }
    }
}
