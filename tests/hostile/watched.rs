//! A run of the program that is watched from outside: how long it takes, and how much memory it ever held.

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::program::{Place, command};

/// A program under way.
pub struct Watched {
    child: Child,
    begun: Instant,
    peak: u64,
    out: PathBuf,
    err: PathBuf,
}

/// The control group that limits the memory of programs under test, where there is one.
const GROUP: &str = "SIGHTLINE_TEST_CGROUP";

/// The same program, in that control group from its first instruction on.
fn grouped(program: Command) -> Command {
    let Some(group) = env::var_os(GROUP) else {
        return program;
    };
    let mut grouped = Command::new("sh");
    grouped
        .args(["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\""])
        .arg(group)
        .arg(program.get_program());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => grouped.env(name, value),
            None => grouped.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        grouped.current_dir(folder);
    }
    grouped
}

/// How it ended.
pub struct Report {
    /// The exit status; none where a signal ended it.
    pub status: ExitStatus,
    /// From its start to its end.
    pub took: Duration,
    /// The most memory that it ever held, in MiB.
    pub peak_mib: u64,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Watched {
    /// Starts the program with these arguments and these variables.
    pub fn start(place: &Place, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let (out, err) = (place.path("watched.out"), place.path("watched.err"));
        let child = grouped(command(&place.path("")))
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).expect("a file"))
            .stderr(fs::File::create(&err).expect("a file"))
            .spawn()
            .expect("the program starts");
        Self {
            child,
            begun: Instant::now(),
            peak: 0,
            out,
            err,
        }
    }

    /// Waits until it ends, or `enough` says so, which is asked now and then; it is then asked to stop.
    pub fn until(mut self, limit: Duration, mut enough: impl FnMut() -> bool) -> Report {
        let mut asked_at = Instant::now();
        let mut stopping = false;
        loop {
            self.look();
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return Report {
                    status,
                    took: self.begun.elapsed(),
                    peak_mib: self.peak / 1_024,
                    out: fs::read_to_string(&self.out).expect("its standard output"),
                    err: fs::read_to_string(&self.err).expect("its standard error"),
                };
            }
            if self.begun.elapsed() > limit {
                let _ = self.child.kill();
                let said = fs::read_to_string(&self.err).unwrap_or_default();
                panic!("it did not end within {limit:?}:\n{said}");
            }
            if !stopping && asked_at.elapsed() > Duration::from_secs(2) {
                stopping = enough();
                if stopping {
                    self.stop();
                }
                asked_at = Instant::now();
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it comes to hold more than so many MiB within `limit`; it is killed then, and where it does not.
    pub fn comes_to_hold(mut self, mib: u64, limit: Duration) -> bool {
        while self.peak / 1_024 <= mib && self.begun.elapsed() < limit {
            self.look();
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.peak / 1_024 > mib
    }

    /// The high-water mark that the kernel keeps; it only rises, so that looking now and then misses little.
    fn look(&mut self) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let line = status.unwrap_or_default();
        let peak = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|kib| kib.trim().trim_end_matches(" kB").parse().ok());
        self.peak = self.peak.max(kib.unwrap_or_default());
    }

    fn stop(&self) {
        // It may have ended by itself meanwhile.
        let _ = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
    }
}
