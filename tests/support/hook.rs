//! A webhook receiver that verifies with the Standard Webhooks project's own library (npm standardwebhooks).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use serde_json::json;

use super::{Server, Tools, records_in};

/// The receiver; ends when it is dropped.
pub struct Hook {
    server: Server,
    folder: PathBuf,
}

/// One request, as the receiver had it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Received {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The webhook-id header.
    pub id: Option<String>,
    /// The webhook-timestamp header, in seconds since 1970.
    pub timestamp: Option<i64>,
    /// True if the official library found the signature good.
    pub verified: bool,
    /// What the library said otherwise.
    pub error: Option<String>,
    /// What it answered; 0 for nothing.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Hook {
    /// Starts one that knows `secret` (`whsec_…`) and writes into `folder`.
    pub fn start(tools: &Tools, folder: &Path, secret: &str) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let mut command = Command::new("node");
        command
            .arg(tools.support("receivers/hook.js"))
            .arg(folder)
            .env("HOOK_SECRET", secret)
            .env("NODE_PATH", tools.folder.join("receivers/node_modules"));
        Self {
            server: Server::start(&mut command),
            folder: folder.to_path_buf(),
        }
    }

    /// Where to send.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/alerts", self.server.port)
    }

    /// From now on it answers requests with good signatures so.
    pub fn answer(&self, status: u16, headers: &[(&str, &str)]) {
        let headers: serde_json::Map<_, _> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        self.tell(&json!({ "status": status, "headers": headers }));
    }

    /// From now on it takes requests and never answers.
    pub fn hang(&self) {
        self.tell(&json!({ "hang": true }));
    }

    fn tell(&self, answer: &serde_json::Value) {
        let unfinished = self.folder.join("answer.part");
        fs::write(&unfinished, answer.to_string()).expect("a file");
        fs::rename(unfinished, self.folder.join("answer.json")).expect("a file");
    }

    /// Everything it has received, in order.
    pub fn received(&self) -> Vec<Received> {
        records_in(&self.folder.join("received.jsonl"))
    }
}
