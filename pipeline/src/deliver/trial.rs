//! A trial of a channel: a message that says it is a test, by the way that all messages take but for the outbox.

use sightline_alerts::{
    channels::{Style, Verdict},
    message::Detail,
    render::RenderError,
    view::AlertView,
};
use sightline_store::endpoints;

use crate::{PipelineError, instance::Instance};

/// What came of a trial.
#[derive(Debug)]
pub enum Trial {
    /// Nothing was sent: no channel of the name can be used here.
    NoChannel,
    /// Nothing was sent: the templates do not render it.
    Unwritten(RenderError),
    /// It was sent, and this came of it.
    Sent(Verdict),
}

/// Sends a test by the channel of this name, and notes at its endpoint what came of it.
///
/// # Errors
/// If the store can't be written.
pub async fn try_out(instance: &Instance, channel: &str) -> Result<Trial, PipelineError> {
    let Some(channel) = instance.channels.get(channel) else {
        return Ok(Trial::NoChannel);
    };
    let now = instance.clock.now();
    let view = AlertView::test(channel.name(), now);
    // There is no more to tell, whatever the channel may be told otherwise.
    let style = Style {
        detail: Detail::Thin,
        ..channel.style()
    };
    let id = instance.mint.id(now);
    let message = match instance.templates.render(id, &view, style, now) {
        Ok(message) => message,
        Err(error) => return Ok(Trial::Unwritten(error)),
    };
    let verdict = channel.send_one(&message, now).await;
    let now = instance.clock.now();
    let mut tx = instance.write().await?;
    match &verdict {
        Verdict::Delivered { .. } => {
            endpoints::record_success(&mut tx, channel.name(), None, now).await?;
        }
        Verdict::Partly { note } => {
            endpoints::record_success(&mut tx, channel.name(), Some(note), now).await?;
        }
        failed => {
            endpoints::record_failure(&mut tx, channel.name(), failed.said(), now).await?;
        }
    }
    tx.commit().await?;
    Ok(Trial::Sent(verdict))
}
