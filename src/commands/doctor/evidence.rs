//! The evidence: captures read back, and compared with what the store says of them.

use sightline_crawler::archive::Archive;
use sightline_model::{Capture, CaptureId, counted};
use sightline_store::{Filter, captures};

use super::Finding;
use crate::{app::App, commands::CommandError};

/// Captures in a sample.
const SAMPLE: usize = 500;
/// Captures read at once, where all are.
const PAGE: u32 = 1_000;
/// Damaged captures that are named.
const NAMED: usize = 5;

/// How much is verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Share {
    /// Captures drawn at random.
    Sample,
    /// Every one.
    All,
}

pub(super) async fn examine(app: &App, share: Share) -> Result<Finding, CommandError> {
    let archive = match app.archive() {
        Ok(archive) => archive,
        Err(error) => {
            return Ok(Finding::bad(
                "evidence",
                error.to_string(),
                "bring the archive's folder back, or its permissions",
            ));
        }
    };
    let seen = match share {
        Share::Sample => {
            let mut seen = Seen::default();
            seen.verify(sample(app).await?, &archive);
            seen
        }
        Share::All => all(app, &archive).await?,
    };
    Ok(seen.finding(share))
}

/// The captures that are not what was kept, or not what the store says, of all that there are: which, and what is wrong.
pub(in crate::commands) async fn damaged(app: &App) -> Result<Vec<String>, CommandError> {
    Ok(all(app, &app.archive()?).await?.damaged)
}

async fn all(app: &App, archive: &Archive) -> Result<Seen, CommandError> {
    let mut seen = Seen::default();
    let mut filter = Filter {
        limit: PAGE,
        ..Filter::default()
    };
    loop {
        let mut tx = app.read().await?;
        let page = captures::list(&mut tx, &filter).await?;
        drop(tx);
        filter.after = page.last().map(|capture| capture.id);
        let is_last = page.len() < PAGE as usize;
        seen.verify(page, archive);
        if is_last {
            return Ok(seen);
        }
    }
}

/// Captures drawn evenly from all that there are.
async fn sample(app: &App) -> Result<Vec<Capture>, CommandError> {
    let mut tx = app.read().await?;
    let newest = captures::list(
        &mut tx,
        &Filter {
            limit: 1,
            ..Filter::default()
        },
    )
    .await?;
    let Some(highest) = newest.first().map(|capture| capture.id.0) else {
        return Ok(Vec::new());
    };
    let ids: Vec<CaptureId> = if highest <= SAMPLE as i64 {
        (1..=highest).map(CaptureId).collect()
    } else {
        (0..SAMPLE)
            .map(|_| CaptureId(1 + (app.mint.fraction() * highest as f64) as i64))
            .collect()
    };
    Ok(captures::get(&mut tx, &ids).await?)
}

#[derive(Default)]
struct Seen {
    sound: usize,
    damaged: Vec<String>,
}

impl Seen {
    fn verify(&mut self, captures: Vec<Capture>, archive: &Archive) {
        for capture in captures {
            match archive.whole(&capture.evidence) {
                Ok(kept) => match kept.answer.agrees_with(&capture) {
                    Ok(()) => self.sound += 1,
                    Err(contradiction) => self.damaged.push(contradiction.to_string()),
                },
                Err(error) => self
                    .damaged
                    .push(format!("capture {}: {error}", capture.id)),
            }
        }
    }

    fn finding(self, share: Share) -> Finding {
        let of = if share == Share::All {
            "all"
        } else {
            "a sample of"
        };
        let looked_at = self.sound + self.damaged.len();
        if looked_at == 0 {
            return Finding::good("evidence", "nothing was captured yet");
        }
        if self.damaged.is_empty() {
            return Finding::good(
                "evidence",
                format!(
                    "{of} {} what was kept",
                    counted(looked_at, "capture is", "captures are")
                ),
            );
        }
        let named: Vec<&str> = self
            .damaged
            .iter()
            .take(NAMED)
            .map(String::as_str)
            .collect();
        Finding::bad(
            "evidence",
            format!(
                "{} not what was kept, or not what the store says, of {of} {looked_at}:\n{}",
                counted(self.damaged.len(), "capture is", "captures are"),
                named.join("\n")
            ),
            "bring the files back from a backup, or the store where it is that which says otherwise; `sightline doctor --all` \
             finds every one",
        )
    }
}
