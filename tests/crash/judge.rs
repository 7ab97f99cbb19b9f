//! The judge: what the site and the receivers saw, against what was promised. It asks nobody but them and the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What was seen in a story with kills.
pub struct Seen {
    /// Kills that may have met pages under way.
    pub crawls: usize,
    /// Kills that may have met messages under way, beside those.
    pub deliveries: usize,
    /// Requests that the site takes at once.
    pub concurrency: usize,
    /// How often each page was asked for.
    pub fetched: BTreeMap<String, usize>,
    /// What came on each channel.
    pub channels: Vec<Channel>,
}

/// The messages of a channel.
pub struct Channel {
    /// What they are called: webhooks, letters.
    pub what: &'static str,
    /// How many there should be.
    pub expected: usize,
    /// The deliveries that the store has.
    pub sent: BTreeSet<String>,
    /// The identifiers that came, and whether they were accepted.
    pub came: Vec<(String, bool)>,
}

/// Messages that a channel is sent side by side: what a kill may have sent again.
const IN_FLIGHT: usize = 4;

impl Seen {
    /// Every broken promise, in words; none if all were kept.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let allowed = self.crawls * self.concurrency;
        if self.again() > allowed {
            faults.push(format!(
                "{} pages are fetched again, {allowed} may be",
                self.again()
            ));
        }
        for channel in &self.channels {
            channel.faults((self.crawls + self.deliveries) * IN_FLIGHT, &mut faults);
        }
        faults
    }

    /// Messages that were accepted more than once.
    pub fn repeated(&self) -> usize {
        self.channels.iter().map(Channel::repeated).sum()
    }

    fn again(&self) -> usize {
        self.fetched.values().map(|times| times - 1).sum()
    }
}

impl Channel {
    fn faults(&self, allowed: usize, faults: &mut Vec<String>) {
        let Self {
            what,
            expected,
            sent,
            came,
        } = self;
        if sent.len() != *expected {
            faults.push(format!(
                "{} {what} are to be sent, not {expected}",
                sent.len()
            ));
        }
        let accepted: BTreeSet<&String> = accepted(came).collect();
        let lost = sent.iter().filter(|id| !accepted.contains(id)).count();
        if lost > 0 {
            faults.push(format!("{lost} {what} are lost"));
        }
        let strange = came.iter().filter(|(id, _)| !sent.contains(id)).count();
        if strange > 0 {
            faults.push(format!("{strange} {what} came under another identifier"));
        }
        if self.repeated() > allowed {
            faults.push(format!(
                "{} {what} are repeated, {allowed} may be",
                self.repeated()
            ));
        }
    }

    /// Messages that were accepted more than once.
    fn repeated(&self) -> usize {
        let distinct: BTreeSet<&String> = accepted(&self.came).collect();
        accepted(&self.came).count() - distinct.len()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills in the crawl: {} of {} pages fetched again; {} in the delivery",
            self.crawls,
            self.again(),
            self.fetched.len(),
            self.deliveries,
        )?;
        for channel in &self.channels {
            let Channel { what, sent, .. } = channel;
            write!(
                f,
                "; {} repeats of {} {what}",
                channel.repeated(),
                sent.len()
            )?;
        }
        Ok(())
    }
}

fn accepted(came: &[(String, bool)]) -> impl Iterator<Item = &String> {
    let accepted = came.iter().filter(|(_, accepted)| *accepted);
    accepted.map(|(id, _)| id)
}

/// The delivery's identifier in what a receiver got.
pub fn bare(id: &str) -> String {
    let is_id = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    let mut parts = id.split(|sign: char| !is_id(sign));
    parts
        .find(|part| part.len() == 36)
        .unwrap_or_default()
        .to_owned()
}
