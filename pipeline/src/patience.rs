//! Patience: how long work towards a goal waits, with nothing else to do, for hosts that asked to be left alone. Pure.
//!
//! A host that asks for half a minute, again and again, would hold a crawl for ever if each try counted as work. So time
//! counts as waiting while every visit under way is to a host that refused last time, and what was waited for such hosts
//! adds up, whatever is done in between.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Patience {
    limit: Duration,
    /// Hosts whose last answer was to come back later.
    refusing: BTreeSet<String>,
    /// Since when nothing else is done.
    since: Option<Instant>,
    /// What was waited for refusing hosts before that.
    waited: Duration,
}

impl Patience {
    /// Patience for `limit` in all.
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            refusing: BTreeSet::new(),
            since: None,
            waited: Duration::ZERO,
        }
    }

    /// Takes in that a visit to `host` came back refused: it is to be made again later.
    pub fn refused(&mut self, host: &str) {
        if !self.refusing.contains(host) {
            self.refusing.insert(host.to_owned());
        }
    }

    /// Takes in that a visit to `host` came to something.
    pub fn answered(&mut self, host: &str, now: Instant) {
        self.stop(now);
        self.refusing.remove(host);
    }

    /// Takes in what is under way: visits to these hosts, or none.
    pub fn look<'h>(&mut self, mut under_way: impl Iterator<Item = &'h str>, now: Instant) {
        if under_way.all(|host| self.refusing.contains(host)) {
            self.since.get_or_insert(now);
        } else {
            self.stop(now);
        }
    }

    /// True where nothing else is done, and nothing is left: what can be done goes on, however long was waited before.
    pub fn is_over(&self, now: Instant) -> bool {
        self.since.is_some() && self.left(now).is_zero()
    }

    /// What is left.
    pub fn left(&self, now: Instant) -> Duration {
        let waiting = self.since.map_or(Duration::ZERO, |since| now - since);
        self.limit.saturating_sub(self.waited + waiting)
    }

    fn stop(&mut self, now: Instant) {
        let stretch = self
            .since
            .take()
            .map_or(Duration::ZERO, |since| now - since);
        // Waits of our own, between two tries of a page, have an end anyway.
        if !self.refusing.is_empty() {
            self.waited += stretch;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(100);

    /// What is left at `after` seconds from `start`.
    fn left(patience: &Patience, start: Instant, after: u64) -> u64 {
        patience.left(start + Duration::from_secs(after)).as_secs()
    }

    #[test]
    fn refusals_add_up_whatever_is_answered_in_between() {
        let start = Instant::now();
        let at = |after| start + Duration::from_secs(after);
        let mut patience = Patience::new(LIMIT);
        patience.look(["busy.example:443"].into_iter(), at(0));
        assert_eq!(left(&patience, start, 50), 100, "it is being asked");
        patience.refused("busy.example:443");
        patience.look([].into_iter(), at(50));
        patience.look(["busy.example:443"].into_iter(), at(80));
        assert_eq!(left(&patience, start, 90), 60, "asking it again is waiting");
        patience.answered("busy.example:443", at(90));
        assert_eq!(left(&patience, start, 200), 60);
        patience.refused("busy.example:443");
        patience.look([].into_iter(), at(200));
        assert_eq!(left(&patience, start, 259), 1);
        assert!(patience.is_over(at(260)) && !patience.is_over(at(259)));
        patience.look(["calm.example:443"].into_iter(), at(300));
        assert!(!patience.is_over(at(999)), "others are still crawled");
    }

    #[test]
    fn while_others_answer_nothing_is_waited_for() {
        let start = Instant::now();
        let at = |after| start + Duration::from_secs(after);
        let mut patience = Patience::new(LIMIT);
        patience.refused("busy.example:443");
        let both = ["busy.example:443", "calm.example:443"];
        patience.look(both.into_iter(), at(0));
        assert_eq!(left(&patience, start, 999), 100);
    }

    #[test]
    fn waits_between_two_tries_do_not_add_up() {
        let start = Instant::now();
        let at = |after| start + Duration::from_secs(after);
        let mut patience = Patience::new(LIMIT);
        for turn in 0..10 {
            patience.look([].into_iter(), at(turn * 60));
            patience.answered("slow.example:443", at(turn * 60 + 59));
        }
        assert_eq!(left(&patience, start, 600), 100);
        patience.look([].into_iter(), at(600));
        assert_eq!(left(&patience, start, 700), 0);
    }
}
