//! The e-mail channel: letters to an SMTP server, or into a folder.

mod progress;
mod server;
mod settings;

use std::path::{Path, PathBuf};

use sightline_model::DeliveryId;
use tokio::io::AsyncWriteExt;

use self::{progress::Progress, server::Server, settings::mailbox};
use super::{Cause, Surroundings, Verdict, letter::Letterhead};
use crate::message::Message;

pub(super) use self::progress::kept_of_dead;
pub use self::settings::{EmailSettings, Encryption};

#[derive(Debug)]
pub(super) struct EmailChannel {
    letterhead: Letterhead,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Server(Server),
    Folder(PathBuf),
}

impl EmailChannel {
    pub fn build(settings: &EmailSettings, surroundings: &Surroundings<'_>) -> Result<Self, Cause> {
        let to: Result<_, _> = settings.to.iter().map(|to| mailbox("to", to)).collect();
        let letterhead = Letterhead {
            from: mailbox("from", &settings.from).map_err(Cause::Settings)?,
            to: to.map_err(Cause::Settings)?,
        };
        let way = match (&settings.folder, &settings.host) {
            (Some(folder), _) => Way::Folder(surroundings.path(folder)),
            (None, host) => Way::Server(Server::build(
                settings,
                host.as_deref().unwrap_or_default(),
                surroundings,
            )?),
        };
        Ok(Self { letterhead, way })
    }

    /// The verdict, and what is to be kept for the next try; `kept` is what the last one left.
    pub async fn send(&self, message: &Message, kept: Option<&str>) -> (Verdict, Option<String>) {
        let letter = match self.letterhead.write(message) {
            Ok(letter) => letter,
            Err(error) => {
                let verdict = Verdict::dead(format!("the letter cannot be written: {error}"));
                return (verdict, kept.map(ToOwned::to_owned));
            }
        };
        match &self.way {
            Way::Folder(folder) => (put_into(folder, message.delivery, &letter).await, None),
            Way::Server(server) => {
                let mut progress = Progress::read(message.delivery, kept);
                let verdict = server.post(&self.letterhead, &letter, &mut progress).await;
                let kept = progress.kept(&verdict);
                (verdict, kept)
            }
        }
    }
}

/// Writes the letter whole or not at all; a repeat replaces it.
async fn put_into(folder: &Path, delivery: DeliveryId, letter: &[u8]) -> Verdict {
    let unfinished = folder.join(format!(".{delivery}.part"));
    let write = async {
        tokio::fs::create_dir_all(folder).await?;
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Its owner's group may fetch it, and nobody else.
        #[cfg(unix)]
        options.mode(0o640);
        let mut file = options.open(&unfinished).await?;
        file.write_all(letter).await?;
        file.sync_all().await?;
        tokio::fs::rename(&unfinished, folder.join(format!("{delivery}.eml"))).await
    };
    match write.await {
        Ok(()) => Verdict::delivered("put into the folder"),
        Err(error) => Verdict::retry(format!("{}: {error}", folder.display())),
    }
}

#[cfg(test)]
mod tests;
