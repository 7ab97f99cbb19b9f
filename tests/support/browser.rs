//! A browser, Debian's Chromium, that goes through a story of `tests/support/browser` and stops where the test has its part.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::Tools;

/// A story that goes on in a browser; it is ended when this is dropped.
pub struct Browser {
    child: Child,
    stdin: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    /// Begins the story of this name. It compares what the pictures of the guides show with what it sees, and takes them anew
    /// where `SIGHTLINE_BLESS` is set.
    pub fn start(tools: &Tools, story: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("node");
        command
            .arg(tools.support(&format!("browser/{story}.mjs")))
            .args(arguments)
            .env("BROWSER_PACKAGES", tools.folder.join("browser"))
            .env("BROWSER_PICTURES", tools.repository.join("docs/pictures"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if std::env::var_os("SIGHTLINE_BLESS").is_some() {
            command.env("BROWSER_BLESS", "1");
        }
        let mut child = command.spawn().expect("scripts/tools installed node");
        Self {
            stdin: child.stdin.take().expect("it was piped"),
            told: BufReader::new(child.stdout.take().expect("it was piped")).lines(),
            child,
        }
    }

    /// Waits until the story has come to this place.
    #[track_caller]
    pub fn comes_to(&mut self, place: &str) {
        let line = self.told.next().map(|line| line.expect("UTF-8"));
        assert_eq!(
            line.as_deref(),
            Some(place),
            "the story stopped; what it says is above"
        );
    }

    /// Lets the story go on.
    pub fn go_on(&mut self) {
        writeln!(self.stdin, "go on").expect("the story waits for it");
    }

    /// Waits until the story has ended well.
    #[track_caller]
    pub fn ends(mut self) {
        self.comes_to("done");
        assert!(self.child.wait().expect("it runs").success());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Nothing more can be done about it where this fails. The browser ends with whoever started it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
