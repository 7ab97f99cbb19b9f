//! Progress of runs while they go on: a bar for each source on a terminal, lines of text elsewhere.

use std::{
    collections::HashMap,
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sightline_model::{RunCounts, RunId, RunOutcome, counted};
use sightline_pipeline::progress::{Event, Slow};
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinHandle};

use crate::output::{Output, inert, when};

/// Where there are no bars, a run tells how far it is at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(10);
/// Pages done and known, how fast, and what they brought.
const TEMPLATE: &str = "{prefix:16} {bar:24} {pos:>6}/{len:<6} pages {per_sec:>10}  {msg}";

/// Where progress is drawn: nowhere if notes are not wanted, or there is no terminal for bars.
pub fn bars(out: Output) -> MultiProgress {
    let target = match out.shows_notes() && io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    MultiProgress::with_draw_target(target)
}

/// Shows events until nobody tells any more.
pub fn show(
    mut events: UnboundedReceiver<Event>,
    bars: MultiProgress,
    out: Output,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut runs = HashMap::new();
        while let Some(event) = events.recv().await {
            match event {
                Event::Started {
                    run, name, counts, ..
                } => {
                    runs.insert(run, Shown::started(name, counts, &bars, out));
                }
                Event::Waits { hosts } => {
                    for (host, until) in hosts {
                        let line = format!(
                            "Waiting for {}, which is not to be asked before {}",
                            inert::cut(&host, 80),
                            when::exact(until)
                        );
                        say(&bars, out, &line);
                    }
                }
                Event::Slow(slow) => say(&bars, out, &slow_in_words(&slow)),
                Event::Advanced { run, counts } => {
                    on(&mut runs, run, |shown| shown.advanced(counts, out))
                }
                Event::Finished { run, outcome } => {
                    on(&mut runs, run, |shown| shown.finished(outcome, out))
                }
            }
        }
    })
}

fn say(bars: &MultiProgress, out: Output, line: &str) {
    match bars.is_hidden() {
        true => out.note(line),
        // It fails where the terminal is gone, and then nobody reads it.
        false => _ = bars.println(line),
    }
}

/// Why a host is asked slowly, and how long that takes.
pub fn slow_in_words(slow: &Slow) -> String {
    let hours = slow.takes().as_secs_f64() / 3_600.0;
    let takes = match hours {
        ..1.0 => format!("{:.0} minutes", (hours * 60.0).ceil()),
        1.0..48.0 => format!("{hours:.0} hours"),
        _ => format!("{:.0} days", hours / 24.0),
    };
    let (host, delay) = (inert::cut(&slow.host, 80), slow.delay);
    match slow.visits {
        ..=1 => format!("{host} is asked slowly: {delay}."),
        left => format!(
            "{host} is asked slowly: {delay}. What is known of it so far, {left} visits, takes {takes} or more."
        ),
    }
}

fn on(runs: &mut HashMap<RunId, Shown>, run: RunId, tell: impl FnOnce(&mut Shown)) {
    if let Some(shown) = runs.get_mut(&run) {
        tell(shown);
    }
}

/// A run as it is shown.
struct Shown {
    name: String,
    counts: RunCounts,
    /// None where lines are written instead.
    bar: Option<ProgressBar>,
    told: Instant,
}

impl Shown {
    fn started(name: String, counts: RunCounts, bars: &MultiProgress, out: Output) -> Self {
        let name = inert::cut(&name, 40);
        let bar = (!bars.is_hidden()).then(|| {
            let bar = bars.add(ProgressBar::new(0).with_prefix(name.clone()));
            // A constant; the default style stands in for what can't happen.
            bar.set_style(
                ProgressStyle::with_template(TEMPLATE).unwrap_or(ProgressStyle::default_bar()),
            );
            bar
        });
        if bar.is_none() {
            out.note(format_args!("{name}: crawling"));
        }
        let mut shown = Self {
            name,
            counts,
            bar,
            told: Instant::now(),
        };
        shown.draw();
        shown
    }

    fn advanced(&mut self, counts: RunCounts, out: Output) {
        self.counts += counts;
        self.draw();
        if self.bar.is_none() && self.told.elapsed() > TOLD_EVERY {
            self.told = Instant::now();
            out.note(format_args!(
                "{}: {} of {}, {}",
                self.name,
                done(&self.counts),
                counted(self.counts.visits, "page", "pages"),
                brought(&self.counts)
            ));
        }
    }

    fn finished(&mut self, outcome: RunOutcome, out: Output) {
        let words = format!("{outcome}: {}", brought(&self.counts));
        match &self.bar {
            Some(bar) => bar.abandon_with_message(words),
            None => out.note(format_args!(
                "{}: {}, {words}",
                self.name,
                counted(done(&self.counts), "page", "pages")
            )),
        }
    }

    fn draw(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_length(self.counts.visits.max(0) as u64);
            bar.set_position(done(&self.counts).max(0) as u64);
            bar.set_message(brought(&self.counts));
        }
    }
}

/// Visits that are over.
fn done(counts: &RunCounts) -> i64 {
    counts.fetched + counts.failed
}

/// What a run brought, in words: `12 new, 3 changed, 1 gone, 2 sightings`.
pub fn brought(counts: &RunCounts) -> String {
    let parts = [
        (counts.listings_new, "new"),
        (counts.listings_changed, "changed"),
        (counts.listings_removed, "gone"),
    ];
    let mut words: Vec<String> = parts
        .iter()
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.push(counted(counts.sightings, "sighting", "sightings"));
    words.join(", ")
}
