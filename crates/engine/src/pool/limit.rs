//! How many requests may be in flight. The limit adapts to what the server takes.
//!
//! Four requests go first. Once one of them is answered, the limit rises in small steps, doubling in
//! each tenth of the time that the answer took, until the server first complains. A
//! server that takes no more usually refuses at once, long before an answer would come, so the steps
//! end soon after the limit was passed, and few requests are refused. The first complaint takes the
//! limit back to the number of requests that were in flight before the refused one. From then on it
//! climbs by a few percent a round, and a complaint lowers it by a fifth. It does so once, however many
//! requests bring it: those sent before the last cut say nothing about the limit after it.

use std::time::Duration;

use tokio::time::Instant;

/// First limit where the ceiling allows it.
const START: f64 = 4.0;
/// Growth of one step of the rise that follows the first answer: four steps double the limit.
const STEP: f64 = 1.189_207_115;
/// Steps in the time that the first answer took.
const STEPS_AN_ANSWER: u32 = 40;
/// Shortest time between steps, the resolution of the clock that wakes us.
const SHORTEST_STEP: Duration = Duration::from_millis(1);
/// How many times the last limit at which a whole round was answered the rise may reach.
const REACH: f64 = 16.0;
/// Growth of a clean round after the first complaint.
const CLIMB: f64 = 1.05;
/// What a complaint leaves of a limit that had worked.
const TRIM: f64 = 0.8;
/// What a complaint leaves of a limit that never worked.
const CUT: f64 = 0.5;

/// The adaptive limit. It never leaves 1..=ceiling.
#[derive(Debug)]
pub(crate) struct Limit {
    current: f64,
    ceiling: f64,
    phase: Phase,
    /// Clean answers since the last change, or since the last round of the rise was full.
    clean: usize,
    /// Whether the limit held a request back since the last change: only then is there reason
    /// to raise it.
    used: bool,
    /// Whether answers without complaint came since the last cut.
    proven: bool,
    term: u64,
}

/// How the limit moves.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Nothing is answered yet.
    Start,
    /// It rises in steps.
    Rise {
        /// When it may rise again.
        next: Instant,
        /// Time between steps.
        step: Duration,
        /// How far it may rise before a whole round is answered.
        top: f64,
    },
    /// It climbs a little with each clean round.
    Climb,
}

/// Whether one more request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It may.
    Go,
    /// It may, since the limit has just been raised.
    Raised,
    /// Not before an answer has freed a place, or before this moment, when the limit may rise.
    Wait(Option<Instant>),
}

/// Under which limit a request was sent, and beside how many others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LimitTerm {
    number: u64,
    beside: usize,
}

impl Limit {
    /// A limit that feels its way up to `ceiling`.
    pub(crate) fn adaptive(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1) as f64;
        let current = START.min(ceiling);
        Self { current, phase: Phase::Start, proven: false, ..Self::fixed(ceiling as usize) }
    }

    /// A limit that does not adapt, for models on this machine.
    pub(crate) fn fixed(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1) as f64;
        Self {
            current: ceiling,
            ceiling,
            phase: Phase::Climb,
            clean: 0,
            used: false,
            proven: true,
            term: 0,
        }
    }

    /// Requests that may be in flight.
    pub(crate) fn get(&self) -> usize {
        self.current as usize
    }

    /// What a request that is sent now beside `in_flight` others is sent under.
    pub(crate) fn term(&self, in_flight: usize) -> LimitTerm {
        LimitTerm { number: self.term, beside: in_flight }
    }

    /// Whether one more request may join those in flight. One that has to wait is the reason for
    /// which the limit rises.
    pub(crate) fn admit(&mut self, in_flight: usize, now: Instant) -> Admission {
        if in_flight < self.get() {
            return Admission::Go;
        }
        self.used = true;
        let Phase::Rise { next, step, top } = &mut self.phase else {
            return Admission::Wait(None);
        };
        if self.current >= top.min(self.ceiling) {
            return Admission::Wait(None);
        }
        if now < *next {
            return Admission::Wait(Some(*next));
        }
        *next = now + *step;
        self.current = (self.current * STEP).max(self.current + 1.0).min(*top).min(self.ceiling);
        if in_flight < self.get() { Admission::Raised } else { Admission::Wait(None) }
    }

    /// An answer without complaint that took `latency`. True if the limit changed.
    pub(crate) fn succeed(&mut self, latency: Duration, now: Instant) -> bool {
        self.clean += 1;
        let is_round = self.clean >= self.get();
        if is_round {
            self.clean = 0;
        }
        match &mut self.phase {
            Phase::Start => {
                self.proven = true;
                let step = (latency / STEPS_AN_ANSWER).max(SHORTEST_STEP);
                self.phase = Phase::Rise { next: now, step, top: self.current * REACH };
                false
            }
            Phase::Rise { top, .. } => {
                if is_round {
                    *top = top.max(self.current * REACH);
                }
                false
            }
            Phase::Climb => {
                if !is_round {
                    return false;
                }
                self.proven = true;
                if !std::mem::take(&mut self.used) || self.current >= self.ceiling {
                    return false;
                }
                let before = self.get();
                self.current = (self.current * CLIMB).min(self.ceiling);
                self.get() != before
            }
        }
    }

    /// An answer, that took `latency`, of a server that had refused everything for a while: the limit
    /// rises anew as after the first answer of all.
    pub(crate) fn resume(&mut self, latency: Duration, now: Instant) {
        self.term += 1;
        self.current = START.min(self.ceiling);
        self.phase = Phase::Start;
        self.proven = false;
        self.clean = 0;
        self.succeed(latency, now);
    }

    /// A complaint about a request sent under `term`. True if the limit changed.
    pub(crate) fn complain(&mut self, term: LimitTerm) -> bool {
        if term.number != self.term {
            return false;
        }
        self.term += 1;
        let before = self.get();
        let rest = match self.phase {
            // The refused request was the first that was too much, so those before it were not.
            Phase::Start | Phase::Rise { .. } => self.current.min(term.beside as f64),
            Phase::Climb => self.current * if self.proven { TRIM } else { CUT },
        };
        self.current = rest.max(1.0);
        self.phase = Phase::Climb;
        self.proven = false;
        self.clean = 0;
        self.used = false;
        self.get() != before
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const LATENCY: Duration = Duration::from_millis(500);

    /// A server that answers after [`LATENCY`] and takes `capacity` requests at a time; the others
    /// it refuses after `refusal`.
    struct Server {
        now: Instant,
        capacity: usize,
        refusal: Duration,
        /// What is in flight: when its reply comes, and for a refused one its term.
        flights: VecDeque<(Instant, Option<LimitTerm>)>,
        answered: usize,
        refused: usize,
    }

    impl Server {
        fn new(capacity: usize, refusal: Duration) -> Self {
            let flights = VecDeque::new();
            Self { now: Instant::now(), capacity, refusal, flights, answered: 0, refused: 0 }
        }

        /// Answers so many questions under the limit and gives the time that it took.
        fn answer(&mut self, limit: &mut Limit, questions: usize) -> Duration {
            let started = self.now;
            let until = self.answered + questions;
            while self.answered < until {
                let wake = loop {
                    if self.answered + self.flights.len() >= until {
                        break None;
                    }
                    match limit.admit(self.flights.len(), self.now) {
                        Admission::Go | Admission::Raised => {
                            self.take(limit.term(self.flights.len()));
                        }
                        Admission::Wait(until) => break until,
                    }
                };
                let next = self.flights.iter().map(|flight| flight.0).min();
                self.now = next.into_iter().chain(wake).min().unwrap();
                self.reply(limit);
            }
            self.now - started
        }

        fn take(&mut self, term: LimitTerm) {
            let taken = self.flights.iter().filter(|flight| flight.1.is_none()).count();
            let flight = if taken < self.capacity {
                (self.now + LATENCY, None)
            } else {
                (self.now + self.refusal, Some(term))
            };
            self.flights.push_back(flight);
        }

        fn reply(&mut self, limit: &mut Limit) {
            let (due, open): (Vec<_>, Vec<_>) =
                self.flights.drain(..).partition(|flight| flight.0 <= self.now);
            self.flights = open.into();
            for (_, refused) in due {
                if let Some(term) = refused {
                    self.refused += 1;
                    limit.complain(term);
                } else {
                    self.answered += 1;
                    limit.succeed(LATENCY, self.now);
                }
            }
        }
    }

    #[test]
    fn the_whole_benchmark_takes_98_percent_of_the_ideal_rate() {
        let mut limit = Limit::adaptive(64);
        let mut server = Server::new(64, Duration::ZERO);
        let took = server.answer(&mut limit, 5_864);
        let ideal = LATENCY.mul_f64(5_864.0 / 64.0);
        assert!(ideal.div_duration_f64(took) > 0.98, "{took:?} of {ideal:?}");
    }

    #[test]
    fn it_settles_at_what_the_server_takes_without_a_storm() {
        for capacity in [1, 3, 5, 8, 20, 50] {
            for refusal in [1, 20, 100, 400] {
                let mut server = Server::new(capacity, Duration::from_millis(refusal));
                let mut limit = Limit::adaptive(64);
                server.answer(&mut limit, 20 * capacity);
                // A slow refusal lets the limit rise too far before it is known.
                let most = if refusal <= 20 { 8 + capacity } else { 64 };
                let refused = server.refused;
                assert!(refused <= most, "{refused} at first of {capacity} after {refusal} ms");
                let took = server.answer(&mut limit, 100 * capacity);
                let slowness = took.div_duration_f64(LATENCY * 100);
                assert!(slowness < 1.1, "{slowness} with {capacity} after {refusal} ms");
                let refused = server.refused - refused;
                assert!(refused <= 60, "{refused} later of {capacity} after {refusal} ms");
            }
        }
    }

    #[test]
    fn before_an_answer_few_are_sent() {
        let mut limit = Limit::adaptive(64);
        let now = Instant::now();
        let sent = (0..100).take_while(|&n| limit.admit(n, now) == Admission::Go).count();
        assert_eq!(sent, 4);
        assert_eq!(limit.admit(4, now + Duration::from_mins(1)), Admission::Wait(None));
    }

    #[test]
    fn after_a_pause_it_rises_anew() {
        let mut limit = Limit::adaptive(64);
        for _ in 0..9 {
            limit.complain(limit.term(0));
        }
        assert_eq!(limit.get(), 1);
        let mut server = Server::new(64, Duration::ZERO);
        limit.resume(LATENCY, server.now);
        server.answer(&mut limit, 640);
        assert_eq!(limit.get(), 64);
    }

    #[test]
    fn a_burst_of_complaints_cuts_once() {
        let mut limit = Limit::fixed(32);
        let term = limit.term(31);
        for _ in 0..32 {
            limit.complain(term);
        }
        assert_eq!(limit.get(), 25);
        let term = limit.term(20);
        limit.complain(term);
        assert_eq!(limit.get(), 12, "a limit that never worked is halved");
        for _ in 0..40 {
            let term = limit.term(0);
            limit.complain(term);
        }
        assert_eq!(limit.get(), 1);
    }

    #[test]
    fn an_unused_limit_does_not_rise() {
        let mut limit = Limit::adaptive(64);
        for _ in 0..1_000 {
            limit.succeed(LATENCY, Instant::now());
        }
        assert_eq!(limit.get(), 4);
    }

    #[test]
    fn it_stays_within_its_bounds() {
        let mut limit = Limit::adaptive(5);
        let mut server = Server::new(100, Duration::ZERO);
        server.answer(&mut limit, 100);
        assert_eq!(limit.get(), 5);
        assert_eq!(Limit::adaptive(0).get(), 1);
    }
}
