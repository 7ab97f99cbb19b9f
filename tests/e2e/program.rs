//! The program as a script sees it: arguments and standard input in; standard output, standard error and the exit
//! status out.

// Each test binary that includes this uses some of it.
#![allow(dead_code)]

use std::{
    ffi::OsStr,
    io::Write,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::LazyLock,
};

use serde_json::Value;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A folder of its own to run in.
pub struct Place(TempDir);

/// How a run ended.
pub struct Ended {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Place {
    /// Changes the store of the instance, as whoever has its file could.
    pub fn meddle(&self, statements: &str) {
        let url = format!("sqlite:{}", self.path("data/sightline.db").display());
        let text = statements.to_owned();
        Runtime::new().unwrap().block_on(async {
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            let text = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
            connection.execute(text).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// An empty folder.
    pub fn empty() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    /// A folder with a new instance in it.
    pub fn with_instance() -> Self {
        let place = Self::empty();
        place.run(["init"]).ok();
        place
    }

    /// A copy of the instance that the demonstration leaves behind, which is made once for all tests.
    pub fn after_the_demo() -> Self {
        static KEPT: LazyLock<Place> = LazyLock::new(|| {
            let place = Place::empty();
            place.run(["demo", "--keep", "."]).ok();
            place
        });
        let place = Self::empty();
        copy(KEPT.0.path(), place.0.path()).expect("a folder can be copied");
        place
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file in a temporary folder");
        path
    }

    /// Runs `sightline` with these arguments.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        self.run_with("", arguments)
    }

    /// Starts `sightline` with these arguments without waiting for it; what it says goes into the file `log`.
    pub fn spawn(&self, arguments: &[&str], log: &str) -> Running {
        let mut program = command(self.0.path());
        program.args(arguments);
        self.start(program, log)
    }

    /// Starts a program without waiting for it; what it says goes into the file `log`.
    pub fn start(&self, mut program: Command, log: &str) -> Running {
        let log = std::fs::File::create(self.path(log)).expect("a file in a temporary folder");
        let said = log.try_clone().expect("a file can be named twice");
        let child = program
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(log)
            .spawn();
        Running(child.expect("the program starts"))
    }

    /// Runs `sightline` with these arguments and this standard input.
    pub fn run_with<S: AsRef<OsStr>>(
        &self,
        input: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Ended {
        let mut child = command(self.0.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe was asked for");
        let input = input.to_owned();
        // Written beside reading, for a pipe holds only 64 KiB in each direction.
        let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("the program ends");
        // A program that does not read its input closes the pipe early: that is its right.
        let _ = writing.join().expect("the writer lives");
        output.into()
    }
}

/// A process that does not outlive its test, however the test ends.
pub struct Running(Child);

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Copies a folder with all that lies in it.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The program, to be run in `folder`, with nothing of the tester's environment that it would obey.
pub fn command(folder: &Path) -> Command {
    in_folder(folder, PROGRAM)
}

/// The program's file.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_sightline");

/// A program that runs ours, in the same way.
pub fn in_folder(folder: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SIGHTLINE_") {
            command.env_remove(name);
        }
    }
    // A free port for each service: the tests run side by side.
    command.env("SIGHTLINE__WEB__LISTEN", "127.0.0.1:0");
    command
}

impl Ended {
    /// Holds only if the exit status is 0. Returns standard output.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.status, 0, "{}\n{}", self.out, self.err);
        self.out
    }

    /// Holds only if the exit status is 0 and every line is a JSON object. Returns them.
    #[track_caller]
    pub fn records(self) -> Vec<Value> {
        lines(&self.ok())
    }
}

/// Every line as a JSON object.
#[track_caller]
pub fn lines(out: &str) -> Vec<Value> {
    out.lines()
        .map(|line| {
            let value: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(value.is_object(), "{line}");
            value
        })
        .collect()
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("the program was not killed"),
            out: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
