//! Serving: the listener, the first link, and the end.

use std::{io, net::SocketAddr, time::Duration};

use sightline_casework::{By, Refused, account};
use sightline_model::{Role, SIGHTLINE};
use sightline_store::{StoreError, accounts, invitations};
use tokio::{net::TcpListener, time::MissedTickBehavior};

use crate::{
    Console, WebSettings,
    accept::accept,
    app,
    sign_in::{Secret, invite},
};

/// How long the first link holds.
const FIRST: Duration = Duration::from_secs(24 * 3_600);
/// How often it is looked whether an alert was raised.
const LOOKING: Duration = Duration::from_secs(2);

/// Why the console can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is no address, or is not to be had.
    #[error(
        "the console can't listen on {listen}: {cause}; choose another web.listen, or write web.enabled = false"
    )]
    Listen {
        /// What the settings say.
        listen: String,
        /// The system's words.
        cause: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system does not say where it listens.
    #[error("the console has no address: {0}")]
    Nowhere(#[from] io::Error),
}

/// Listens where the settings say. Tests, and whoever hands over a socket, bring a listener of their own.
///
/// # Errors
/// Where somebody else listens there.
pub async fn bind(settings: &WebSettings) -> Result<TcpListener, ServeError> {
    let listen = &settings.listen;
    TcpListener::bind(listen)
        .await
        .map_err(|cause| ServeError::Listen {
            listen: listen.clone(),
            cause,
        })
}

/// The link by which the first account is made; none where somebody has an account. It holds for a day, and a later one
/// takes its place.
///
/// # Errors
/// Where the store fails.
pub async fn first_link(console: &Console, at: SocketAddr) -> Result<Option<String>, StoreError> {
    let mut tx = console.write().await?;
    if accounts::any(&mut tx).await? {
        return Ok(None);
    }
    let by = By {
        who: SIGHTLINE.to_owned(),
        at: console.now(),
    };
    for old in invitations::all(&mut tx).await? {
        match account::withdraw(&mut tx, old.id, &by).await {
            // Another process was quicker.
            Ok(()) | Err(Refused::Nothing) => {}
            Err(Refused::Store(error)) => return Err(error),
            Err(other) => tracing::warn!(%other, "an invitation could not be taken back"),
        }
    }
    let secret = Secret::draw(&console.parts.mint);
    let invited = (console.parts.mint.id(console.now()), Role::Administrator);
    invite(&mut tx, console, &secret, invited, SIGHTLINE, FIRST).await?;
    tx.commit().await?;
    let base = match &console.parts.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => local(at),
    };
    Ok(Some(format!("{base}/welcome/{}", secret.expose())))
}

/// The address that this machine reaches it by.
fn local(at: SocketAddr) -> String {
    match at.ip().is_unspecified() {
        true => format!("http://127.0.0.1:{}", at.port()),
        false => format!("http://{at}"),
    }
}

/// Serves until the console's parts are told to stop; answers that are under way are finished.
pub async fn serve(console: Console, listener: TcpListener) {
    let stop = console.parts.stop.clone();
    let looking = console.clone();
    let looker = async move {
        let mut tick = tokio::time::interval(LOOKING);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = looking.look_for_alerts().await {
                tracing::warn!(%error, "it could not be looked for new alerts");
            }
        }
    };
    let at_most = console.parts.settings.connections as usize;
    tokio::select! {
        () = accept(listener, app(&console), at_most, stop) => {}
        () = looker => {}
    }
}
