//! The file channel: messages as lines of JSON, appended and synced, for other programs to follow.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{DeliveryId, Problem, Timestamp};

use super::{Surroundings, Verdict};
use crate::message::{Detail, Message};

/// A file that gets one line of JSON for each message.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FileSettings {
    /// The file, relative to the configuration. It is made where it is missing.
    #[schemars(with = "String")]
    pub path: PathBuf,
    /// How much the lines tell: `thin` or `full`.
    pub detail: Detail,
}

impl FileSettings {
    pub(super) fn check(&self) -> Vec<Problem> {
        if !self.path.as_os_str().is_empty() {
            return Vec::new();
        }
        vec![Problem::new(
            "path",
            "no file is named",
            "write path = \"alerts.jsonl\"",
        )]
    }
}

#[derive(Debug)]
pub(super) struct FileChannel {
    path: PathBuf,
    // Two lines at once would run into each other where the system splits a long write.
    turn: Arc<Mutex<()>>,
}

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    /// The delivery: the same where a line is written again.
    id: DeliveryId,
    written_at: Timestamp,
    subject: &'a str,
    payload: serde_json::Value,
}

impl FileChannel {
    pub fn build(settings: &FileSettings, surroundings: &Surroundings<'_>) -> Self {
        Self {
            path: surroundings.path(&settings.path),
            turn: Arc::default(),
        }
    }

    pub async fn send(&self, message: &Message, now: Timestamp) -> Verdict {
        let line = match line(message, now) {
            Ok(line) => line,
            Err(error) => return Verdict::dead(format!("the message is not JSON: {error}")),
        };
        let (path, turn) = (self.path.clone(), Arc::clone(&self.turn));
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            append(&path, &line)
        })
        .await;
        match written.map_err(io::Error::other).flatten() {
            Ok(()) => Verdict::delivered("appended"),
            Err(error) => Verdict::retry(format!("{}: {error}", self.path.display())),
        }
    }
}

fn line(message: &Message, now: Timestamp) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Line {
        id: message.delivery,
        written_at: now,
        subject: &message.subject,
        payload: serde_json::from_str(&message.payload)?,
    })?;
    line.push(b'\n');
    Ok(line)
}

/// Appends `line` and waits until the disk has it, and, where the file is new, its name. A half line that a crash left is
/// closed first, so that it spoils no other.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    // It may hold whom somebody looks for: its owner's group may fetch it, and nobody else.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    let mut file = options.open(path)?;
    let is_new = file.metadata()?.len() == 0;
    if !is_new && ends_in_half_line(&mut file)? {
        file.write_all(b"\n")?;
    }
    file.write_all(line)?;
    file.sync_data()?;
    if is_new {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn ends_in_half_line(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sightline_model::{AlertId, Topic};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_428_000_000);

    fn message(number: u128) -> Message {
        Message {
            delivery: DeliveryId(Uuid::from_u128(number)),
            topic: Topic::Alert(AlertId(Uuid::from_u128(2))),
            digest_of: None,
            created_at: NOW,
            subject: "Grave: back".into(),
            text: String::new(),
            html: String::new(),
            payload: "{\"type\":\"alert.opened\"}".into(),
            body: None,
        }
    }

    fn channel(path: PathBuf) -> FileChannel {
        FileChannel {
            path,
            turn: Arc::default(),
        }
    }

    #[tokio::test]
    async fn each_message_is_a_line_and_a_half_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/alerts.jsonl");
        let channel = channel(path.clone());
        for number in 1..=2 {
            let verdict = channel.send(&message(number), NOW).await;
            assert_eq!(verdict, Verdict::delivered("appended"));
        }
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"id\":\"cut o").unwrap();
        channel.send(&message(3), NOW).await;
        let text = fs::read_to_string(&path).unwrap();
        let ids: Vec<_> = text
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .map(|line| line["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            ids,
            [1, 2, 3].map(|number| Uuid::from_u128(number).to_string())
        );
        assert_eq!(text.lines().count(), 4);
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let channel = channel(folder.path().to_path_buf());
        let verdict = channel.send(&message(1), NOW).await;
        assert!(matches!(verdict, Verdict::Retry { .. }), "{verdict:?}");
    }

    #[test]
    fn a_file_must_be_named() {
        assert_eq!(FileSettings::default().check()[0].key, "path");
    }
}
