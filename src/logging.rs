//! The log: to standard error, for people or for programs, and never in the way of a progress bar.

use std::io;

use indicatif::MultiProgress;
use tracing::Level;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{
    output::Output,
    settings::{LogFormat, LogLevel, LogSettings},
};

/// How long a process runs, and so how much it has to say for itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// A command that somebody waits for: it tells what is odd, and shows the rest itself.
    Command,
    /// A command that was asked to be quiet: it tells what failed.
    Quiet,
    /// A service that nobody watches: it tells what it does.
    Service,
}

impl Manner {
    /// That of a command with this output.
    pub fn of_command(out: Output) -> Self {
        match out.shows_notes() {
            true => Self::Command,
            false => Self::Quiet,
        }
    }
}

/// Starts the log. Whatever is logged stands above `bars`. A second start changes nothing: tests and the demonstration
/// open more than one instance in a process.
pub fn start(settings: &LogSettings, manner: Manner, bars: &MultiProgress) {
    let writer = AboveBars(bars.clone());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(settings.level, manner))
        .with_writer(writer);
    let _ = match settings.format {
        LogFormat::Text => builder
            .with_target(false)
            .with_ansi(crate::output::colours(&io::stderr()))
            .try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// What is let through. Libraries are asked for warnings only: some of them log addresses and queries below that.
fn filter(level: LogLevel, manner: Manner) -> EnvFilter {
    let level = match level {
        _ if manner == Manner::Quiet => Level::ERROR,
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info if manner == Manner::Command => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let others = level.min(Level::WARN);
    let mut filter = others.to_string().to_lowercase();
    for part in [
        "",
        "_alerts",
        "_casework",
        "_config",
        "_crawler",
        "_egress",
        "_extractors",
        "_pipeline",
        "_store",
        "_watchlists",
        "_web",
    ] {
        filter.push_str(&format!(",sightline{part}={level}"));
    }
    // Built of known words only; the default, errors, stands in for what can't happen.
    EnvFilter::try_new(filter).unwrap_or_default()
}

/// Writes whole events above progress bars.
#[derive(Clone)]
struct AboveBars(MultiProgress);

/// One event, gathered until it is whole.
struct Event {
    bars: MultiProgress,
    bytes: Vec<u8>,
}

impl<'w> MakeWriter<'w> for AboveBars {
    type Writer = Event;

    fn make_writer(&'w self) -> Event {
        Event {
            bars: self.0.clone(),
            bytes: Vec::new(),
        }
    }
}

impl io::Write for Event {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // A log that can't be written has nobody to tell.
        let _ = self
            .bars
            .suspend(|| io::Write::write_all(&mut io::stderr().lock(), &self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_tells_what_is_odd_and_a_service_what_it_does() {
        for (level, manner, own) in [
            (LogLevel::Info, Manner::Command, "warn"),
            (LogLevel::Info, Manner::Service, "info"),
            (LogLevel::Debug, Manner::Command, "debug"),
            (LogLevel::Error, Manner::Service, "error"),
            (LogLevel::Info, Manner::Quiet, "error"),
            (LogLevel::Debug, Manner::Quiet, "error"),
        ] {
            let filter = filter(level, manner).to_string();
            assert!(
                filter.contains(&format!("sightline_pipeline={own}")),
                "{filter}"
            );
            assert!(!filter.contains("sqlx"), "{filter}");
        }
    }
}
