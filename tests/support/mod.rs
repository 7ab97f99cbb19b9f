//! Real parts for tests, each a process of its own on a free loopback port: a listing site, a mail server, a webhook
//! receiver. None of them was written by this project; `scripts/tools` installs them.

// Each test binary that includes this uses some of it.
#![allow(dead_code)]

pub mod browser;
pub mod hook;
pub mod mailbox;
pub mod site;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, de::DeserializeOwned};

/// What `scripts/tools` installed.
pub struct Tools {
    folder: PathBuf,
    repository: PathBuf,
}

impl Tools {
    /// The tools of `SIGHTLINE_TEST_TOOLS`, or of `target/test-tools`. None where they are not installed: the test
    /// then has nothing to do.
    ///
    /// # Panics
    /// Where `SIGHTLINE_TEST_REQUIRE_SERVICES` is 1 and they are not installed, so that no run passes that tested
    /// nothing.
    pub fn find() -> Option<Self> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .find(|folder| folder.join("tests/support").is_dir())
            .expect("this file lies in tests/support")
            .to_path_buf();
        let folder = std::env::var_os("SIGHTLINE_TEST_TOOLS")
            .map_or_else(|| repository.join("target/test-tools"), PathBuf::from);
        if folder.join("ready").exists() {
            return Some(Self { folder, repository });
        }
        skipped(&format!(
            "{} holds no tools; run scripts/tools",
            folder.display()
        ));
        None
    }

    /// A collection that others made, by its name among the tools.
    ///
    /// # Panics
    /// Where it is not there: what else is there was installed before it was asked for.
    pub fn collection(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        let missing = "is not there; run scripts/tools";
        assert!(folder.exists(), "{} {missing}", folder.display());
        folder
    }

    /// A program of the Python environment: `python`, `warcio`.
    pub fn python(&self, program: &str) -> PathBuf {
        self.folder.join("venv/bin").join(program)
    }

    /// A file of this folder, `tests/support`.
    pub fn support(&self, path: &str) -> PathBuf {
        self.repository.join("tests/support").join(path)
    }
}

/// Says why a test does nothing here.
///
/// # Panics
/// Where `SIGHTLINE_TEST_REQUIRE_SERVICES` is 1: what was promised to be there is missing.
pub fn skipped(why: &str) {
    let required = std::env::var("SIGHTLINE_TEST_REQUIRE_SERVICES").is_ok_and(|it| it == "1");
    assert!(!required, "{why}");
    eprintln!("skipped: {why}");
}

/// A server of ours, ended when this is dropped.
struct Server {
    child: Child,
    /// The servers end when their standard input does, which happens even if this process is killed.
    stdin: Option<ChildStdin>,
    port: u16,
}

/// The line that a server prints when it listens.
#[derive(Deserialize)]
struct Listening {
    port: u16,
}

impl Server {
    /// Starts `command` and waits until it says on which port it listens.
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut line).expect("UTF-8");
        let Ok(Listening { port }) = serde_json::from_str(&line) else {
            panic!("{command:?} said {line:?}, not where it listens");
        };
        Self {
            stdin: child.stdin.take(),
            child,
            port,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // Nothing more can be done about it where this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `command` to its end and gives what it printed.
///
/// # Panics
/// If it fails.
fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Each line of a text as a record. A last line without its end is still being written, and is left out.
fn records<T: DeserializeOwned>(text: &str) -> Vec<T> {
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

/// The records of a file that a server appends to; none where it has not been made yet.
fn records_in<T: DeserializeOwned>(file: &Path) -> Vec<T> {
    match fs::read_to_string(file) {
        Ok(text) => records(&text),
        Err(_) => Vec::new(),
    }
}
