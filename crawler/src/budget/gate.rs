//! One host's gate: the order, the pace and the number of the requests that pass it.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock as LimiterClock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use sightline_model::{Clock, HostState, Mint, RobotsText, Stretch, Timestamp, Turns};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    Ahead, Book, Politeness, Seat,
    backoff::{Answer, Backoff, Refusal},
    limits::LONGEST_WAIT,
    stretches::{Stretches, length},
};
use crate::robots::{CrawlDelay, RobotsRule};

/// The longest sleep before looking again: other processes and the wall clock may have moved meanwhile.
const NAP: Duration = Duration::from_secs(60);

/// The furthest ahead that turns are reserved by anybody: a lease, and the turns of what was leased.
const RESERVED: Duration = Duration::from_secs(60 * 60);

/// A stretch that is further ahead than that and so many pauses was reserved while the clock was ahead.
const FURTHEST: u32 = 16;

/// What stands before a host. Shared by every source that visits it.
pub struct HostGate {
    host: String,
    /// Whoever is next stands in this door: turns are given in the order in which they were asked for. An async lock, because
    /// it is held while waiting.
    door: tokio::sync::Mutex<()>,
    /// Lets one visit fetch robots.txt while the others wait for what it learns.
    fetching_robots: tokio::sync::Mutex<()>,
    /// Rung when a permit comes back. Only the one in the door listens.
    freed: Notify,
    /// Whoever is next to have a seat stands here.
    foyer: tokio::sync::Mutex<()>,
    /// Rung when a seat is free again. Only the one in the foyer listens.
    left: Notify,
    /// Never held across an await.
    state: Mutex<State>,
}

struct State {
    demands: HashMap<String, Demand>,
    crawl_delay: Option<CrawlDelay>,
    pace: Option<Pace>,
    /// True once this gate has let a request pass.
    begun: bool,
    in_flight: u32,
    seated: u32,
    /// Learned from outside: no request before this instant.
    not_before: Timestamp,
    /// Reserved by this gate: the earliest instant of the request after the last one it let pass.
    next_at: Timestamp,
    /// Reserved in the book for this process alone.
    stretches: Stretches,
    /// The pause that the book was told of.
    told: Duration,
    /// When the last request passed, and how many did.
    sent_at: Option<Instant>,
    sent: u32,
    backoff: Backoff,
    robots: Option<(RobotsText, Arc<RobotsRule>)>,
}

struct Demand {
    pause: Duration,
    concurrency: u32,
    jitter: f64,
}

struct Pace {
    pause: Duration,
    limiter: Limiter,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, SinceStart, NoOpMiddleware<Duration>>;

/// Governor's clock on tokio's: monotonic, and still under paused time.
#[derive(Clone)]
struct SinceStart(Instant);

impl LimiterClock for SinceStart {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// What whoever is next has to do.
enum Next {
    Go,
    Wait(Duration),
    /// For what is reserved, which jitter would miss.
    WaitExactly(Duration),
    /// To reserve these, for nothing that is reserved is left, or nobody else knows of the pause.
    Reserve(Turns),
}

/// Leave to send one request. Its drop frees the place for another.
#[must_use = "the place is free again as soon as the permit is dropped"]
pub struct Permit(Arc<HostGate>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.freed.notify_one();
    }
}

impl HostGate {
    pub(super) fn new(known: &HostState) -> Self {
        let robots = known.robots.clone().map(|text| {
            let rule = Arc::new(RobotsRule::from(&text));
            (text, rule)
        });
        Self {
            host: known.host.clone(),
            door: tokio::sync::Mutex::new(()),
            fetching_robots: tokio::sync::Mutex::new(()),
            freed: Notify::new(),
            foyer: tokio::sync::Mutex::new(()),
            left: Notify::new(),
            state: Mutex::new(State {
                demands: HashMap::new(),
                crawl_delay: None,
                pace: None,
                begun: false,
                in_flight: 0,
                seated: 0,
                not_before: known.next_at,
                next_at: known.next_at,
                stretches: Stretches::default(),
                told: Duration::ZERO,
                sent_at: None,
                sent: 0,
                backoff: Backoff {
                    until: known.backoff_until,
                    count: known.backoffs,
                    since: known.refused_since,
                    ..Backoff::default()
                },
                robots,
            }),
        }
    }

    /// The host and port that it stands before: `ads.example:443`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Waits until a seat is free: until all but as many pages as the host takes requests at once are stored.
    pub async fn seat(self: &Arc<Self>) -> Seat {
        let _foyer = self.foyer.lock().await;
        loop {
            {
                let mut state = self.lock();
                if state.seated < state.concurrency() {
                    state.seated += 1;
                    return Seat(Arc::clone(self));
                }
            }
            // One that was left since the look above has left its ring behind, so it is not missed.
            self.left.notified().await;
        }
    }

    pub(super) fn seats(&self) -> usize {
        self.lock().concurrency() as usize
    }

    pub(super) fn leave(&self) {
        self.lock().seated -= 1;
        self.left.notify_one();
    }

    /// Waits until one more request may be sent: until those who asked earlier have had their turn, a place is free, the host
    /// no longer wants to be left alone, and the pause since the last request has passed. Cancelling it gives all back.
    pub async fn turn(self: &Arc<Self>, clock: &dyn Clock, mint: &Mint) -> Permit {
        self.turn_by(&(), Ahead::One, clock, mint).await
    }

    /// The same beside other processes that ask this host: within a stretch that `book` has reserved for this one.
    pub async fn turn_by(
        self: &Arc<Self>,
        book: &impl Book,
        ahead: Ahead,
        clock: &dyn Clock,
        mint: &Mint,
    ) -> Permit {
        let _door = self.door.lock().await;
        let permit = self.place().await;
        let mut is_booked = true;
        loop {
            match self.next(clock.now(), is_booked.then_some(ahead)) {
                Next::Go => return permit,
                Next::Wait(wait) | Next::WaitExactly(wait) if wait > NAP => sleep(NAP).await,
                Next::WaitExactly(wait) => sleep(wait).await,
                Next::Wait(wait) => sleep(wait + mint.up_to(self.longest_jitter())).await,
                Next::Reserve(turns) => match book.reserve(&self.host, turns, clock.now()).await {
                    Some(stretch) => {
                        self.reserved(stretch);
                        self.lock().told = turns.pause;
                    }
                    None => is_booked = false,
                },
            }
        }
    }

    /// Takes in what is reserved at the host for this process.
    pub fn reserved(&self, stretch: Stretch) {
        self.lock().stretches.add(stretch);
    }

    /// Takes in how the host answered. Returns what it comes to, if it is a refusal.
    ///
    /// A minute, doubling up to a day with each refusal in a row; one step less for each wait after which the host answers,
    /// forgiven after 30 quiet minutes; 10 % jitter. A first Retry-After counts as it is, a later one as the least, up to a day.
    /// A page that refused before while its host answers others does so alone, and holds nothing back.
    pub fn answered(&self, answer: Answer, now: Timestamp, mint: &Mint) -> Option<Refusal> {
        self.lock().backoff.answered(answer, now, mint)
    }

    /// Takes in what another process has written down of this host: the later instants count.
    pub fn heed(&self, other: &HostState) {
        let mut state = self.lock();
        state.not_before = state.not_before.max(other.next_at);
        // An older refusal may have been forgiven here since.
        if other.backoff_until > state.backoff.until {
            state.backoff = Backoff {
                until: other.backoff_until,
                count: other.backoffs,
                since: other.refused_since,
                ..Backoff::default()
            };
        }
    }

    /// Waits for no clock that was set back.
    pub fn bring_back(&self, now: Timestamp) {
        self.lock().bring_back(now);
    }

    /// What must be remembered of the host, to be stored.
    pub fn state(&self) -> HostState {
        let state = self.lock();
        HostState {
            host: self.host.clone(),
            next_at: state.next_at.max(state.not_before),
            interval: state.pause(),
            backoff_until: state.backoff.until,
            backoffs: state.backoff.count,
            refused_since: state.backoff.since,
            robots: state.robots.as_ref().map(|(text, _)| text.clone()),
        }
    }

    /// What the host's robots.txt says, while that is fresh at `now`.
    pub fn robots(&self, now: Timestamp) -> Option<Arc<RobotsRule>> {
        self.lock()
            .robots
            .as_ref()
            .filter(|(_, rule)| rule.is_fresh(now))
            .map(|(_, rule)| Arc::clone(rule))
    }

    /// Held by whoever fetches robots.txt. Having got it, look at [`robots`](Self::robots) once more: another may have learned
    /// them meanwhile.
    pub async fn fetching_robots(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.fetching_robots.lock().await
    }

    /// Takes in a robots.txt as fetched.
    pub fn learn_robots(&self, text: RobotsText) -> Arc<RobotsRule> {
        let rule = Arc::new(RobotsRule::from(&text));
        self.lock().robots = Some((text, Arc::clone(&rule)));
        rule
    }

    /// Keeps at least `delay` between requests, as robots.txt asks; none where it asks for nothing.
    pub fn keep_delay(&self, delay: Option<CrawlDelay>) {
        let mut state = self.lock();
        state.crawl_delay = delay;
        state.set_pace();
    }

    /// The delay that robots.txt asks for, where that is what sets the pace.
    pub fn delay(&self) -> Option<CrawlDelay> {
        let state = self.lock();
        let sets_pace = |delay: &CrawlDelay| delay.kept >= state.pause();
        state.crawl_delay.filter(sets_pace)
    }

    /// The earliest instant of the next request, as things are.
    pub fn next_at(&self) -> Timestamp {
        let state = self.lock();
        let free = state.next_at.max(state.not_before);
        state.backoff.until.map_or(free, |until| until.max(free))
    }

    pub(super) fn demand(&self, source: &str, politeness: &Politeness) {
        let mut state = self.lock();
        state.demands.insert(
            source.to_owned(),
            Demand {
                pause: politeness.pause(),
                concurrency: politeness.concurrency.max(1),
                jitter: politeness.jitter.clamp(0.0, 1.0),
            },
        );
        state.set_pace();
    }

    async fn place(self: &Arc<Self>) -> Permit {
        loop {
            {
                let mut state = self.lock();
                if state.in_flight < state.concurrency() {
                    state.in_flight += 1;
                    return Permit(Arc::clone(self));
                }
            }
            // A permit that came back since the look above has left its ring behind, so it is not missed.
            self.freed.notified().await;
        }
    }

    /// What whoever is next has to do. A request that may go now is counted. What is reserved is looked at where told how far
    /// ahead to reserve.
    fn next(&self, now: Timestamp, ahead: Option<Ahead>) -> Next {
        let jitter = self.longest_jitter();
        let mut state = self.lock();
        let state = &mut *state;
        state.bring_back(now);
        let held = state.backoff.until.max(Some(state.not_before));
        if let Some(until) = held.filter(|&until| until > now) {
            return Next::Wait(until.since(now));
        }
        let mut pause = Duration::ZERO;
        if let Some(pace) = &state.pace {
            pause = pace.pause;
            if let Some(ahead) = ahead {
                let rest = state
                    .sent_at
                    .map(|sent| pause.saturating_sub(sent.elapsed()));
                if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
                    return Next::Wait(rest);
                }
                // Before the first is sent, too: others that come to the host keep this pause from then on.
                let is_told = state.told >= pause;
                match state.stretches.first(now, pause).filter(|_| is_told) {
                    None => {
                        let length = length(pause, jitter, ahead, state.sent);
                        return Next::Reserve(Turns { length, pause });
                    }
                    Some(at) if at > now + RESERVED + pause * FURTHEST => {
                        // Reserved while the clock was ahead. It is reserved anew, in time.
                        state.stretches.clear();
                        return Next::Wait(NAP);
                    }
                    Some(at) if at > now => return Next::WaitExactly(at.since(now)),
                    Some(_) => {}
                }
            }
            if let Err(not_yet) = pace.limiter.check() {
                return Next::Wait(not_yet.wait_time_from(pace.limiter.clock().now()));
            }
        }
        state.next_at = now + pause;
        state.begun = true;
        state.sent_at = Some(Instant::now());
        state.sent = state.sent.saturating_add(1);
        Next::Go
    }

    fn longest_jitter(&self) -> Duration {
        let state = self.lock();
        let share = state.demands.values().map(|demand| demand.jitter);
        let pause = state
            .pace
            .as_ref()
            .map_or(Duration::ZERO, |pace| pace.pause);
        pause.mul_f64(share.fold(0.0, f64::max))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a single assignment, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// No host asked for more than this: a clock that was set back leaves instants that are further ahead.
    fn bring_back(&mut self, now: Timestamp) {
        let turn = now + RESERVED.max(self.pause() * 2);
        self.not_before = self.not_before.min(turn);
        self.next_at = self.next_at.min(turn);
        let longest = now + LONGEST_WAIT;
        self.backoff.until = self.backoff.until.map(|until| until.min(longest));
    }

    fn concurrency(&self) -> u32 {
        let asked = self.demands.values().map(|demand| demand.concurrency);
        asked.min().unwrap_or(1)
    }

    /// What is kept from one request's start to the next one's.
    fn pause(&self) -> Duration {
        self.pace.as_ref().map_or(Duration::ZERO, |pace| pace.pause)
    }

    /// Makes the limiter follow the strictest demand. A new limiter begins as if a request had just been sent.
    fn set_pace(&mut self) {
        let asked = self.demands.values().map(|demand| demand.pause);
        let pause = asked
            .max()
            .unwrap_or_default()
            .max(self.crawl_delay.map_or(Duration::ZERO, |delay| delay.kept));
        let before = self.pause();
        if before == pause {
            return;
        }
        let begun = self.begun;
        if begun {
            // Reserved when the last request passed, at the pause that held then.
            self.next_at = (self.next_at - before) + pause;
        }
        self.pace = Quota::with_period(pause).map(|quota| {
            let quota = quota.allow_burst(NonZeroU32::MIN);
            let limiter = RateLimiter::direct_with_clock(quota, SinceStart(Instant::now()));
            if begun {
                let _first = limiter.check();
            }
            Pace { pause, limiter }
        });
    }
}
