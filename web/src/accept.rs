//! Accepting connections: so many at once, some kept for probes, each with so long for the head of a request, and an end to
//! all of them.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// How long the head of a request may take. Whoever sends it letter by letter holds a connection no longer.
const HEAD: Duration = Duration::from_secs(10);
/// The most that a request's head may have, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;
/// Places beyond those of everybody, kept for probes: whoever watches the service must hear of it when it is full, too.
const KEPT: usize = 4;
/// How long the head of a request may take on such a place.
const KEPT_HEAD: Duration = Duration::from_secs(2);
/// How long answers that are under way may take when the process is told to stop.
const LAST: Duration = Duration::from_secs(8);
/// How long a listener rests that can't accept, as where all file handles are in use.
const REST: Duration = Duration::from_millis(500);

/// On a request that came by a place that is kept for probes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByKeptPlace;

/// Where a connection is served, until this is dropped.
struct Place {
    is_kept: bool,
    _permit: OwnedSemaphorePermit,
}

/// The places that there are.
struct Places {
    everybodys: Arc<Semaphore>,
    kept: Arc<Semaphore>,
}

impl Places {
    fn new(at_most: usize) -> Self {
        Self {
            everybodys: Arc::new(Semaphore::new(at_most)),
            kept: Arc::new(Semaphore::new(KEPT)),
        }
    }

    /// The next place that is free, one that is kept only where no other is. None if they were closed, which they never are.
    async fn take(&self) -> Option<Place> {
        let everybodys = Arc::clone(&self.everybodys).acquire_owned();
        let kept = Arc::clone(&self.kept).acquire_owned();
        let (permit, is_kept) = tokio::select! {
            biased;
            permit = everybodys => (permit, false),
            permit = kept => (permit, true),
        };
        let _permit = permit.ok()?;
        Some(Place { is_kept, _permit })
    }
}

/// Serves `app` to whoever connects, to `at_most` at once and to some more who only probe, until `stop`. Whoever else comes by
/// a place that is kept for probes is refused there; where these are taken, too, they wait in the system's queue meanwhile.
/// Answers that are under way are then finished.
pub(crate) async fn accept(
    listener: TcpListener,
    app: Router,
    at_most: usize,
    stop: CancellationToken,
) {
    let places = Places::new(at_most);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Once somebody is there, so that they have a place that has become free meanwhile.
                let place = tokio::select! {
                    () = stop.cancelled() => break,
                    place = places.take() => place,
                };
                let Some(place) = place else { break };
                let (app, stop) = (app.clone(), stop.clone());
                connections.spawn(async move {
                    serve_one(stream, peer, app, stop, place.is_kept).await;
                    drop(place);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                sleep(REST).await;
            }
        }
        // What has ended is forgotten as others come.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let finished = timeout(LAST, async {
        while connections.join_next().await.is_some() {}
    });
    if finished.await.is_err() {
        tracing::warn!(left = connections.len(), "connections are cut off");
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

async fn serve_one(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    stop: CancellationToken,
    is_kept: bool,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        if is_kept {
            request.extensions_mut().insert(ByKeptPlace);
        }
        // A router is always ready.
        app.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(if is_kept { KEPT_HEAD } else { HEAD })
        // A place that is kept is free again after one answer.
        .keep_alive(!is_kept)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke off");
    }
}
