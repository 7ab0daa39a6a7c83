//! Replicas of one model: the least loaded gets the next request.
//!
//! Each replica has a circuit breaker. After a few failures in a row its circuit opens, and it gets
//! no requests for a while; then one request probes whether it answers again.

use std::time::Duration;

use avibench_store::FailureKind;
use tokio::time::Instant;

use crate::failure::blames_replica;

/// Failures in a row after which the circuit of a replica opens.
const FAILURES: u32 = 3;
/// How long the circuit stays open at first. Each probe that fails doubles the time.
const FIRST_OPEN: Duration = Duration::from_secs(1);
/// The longest time between two probes.
const LONGEST_OPEN: Duration = Duration::from_secs(30);

/// All replicas.
#[derive(Debug)]
pub(crate) struct Replicas {
    list: Vec<Replica>,
    ever_answered: bool,
    /// Failed connections since any replica last answered.
    failed_connections: u32,
    unreachable_since: Option<Instant>,
}

#[derive(Debug, Default, Clone)]
struct Replica {
    in_flight: usize,
    failures: u32,
    /// Present while it gets no requests but probes.
    open: Option<OpenCircuit>,
}

#[derive(Debug, Clone, Copy)]
struct OpenCircuit {
    until: Instant,
    length: Duration,
    /// One request is out to see whether it is back.
    probing: bool,
    /// It could not even be connected to.
    unreachable: bool,
}

/// Where the next request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// To this replica.
    Replica(usize),
    /// Nowhere before this time.
    Wait(Instant),
    /// Nowhere before one of those in flight has ended.
    WaitForProbe,
}

/// What a report changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// The circuit of the replica is open for this long.
    Opened(Duration),
    /// The replica answers again.
    Closed,
}

impl Replicas {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            list: vec![Replica::default(); count.max(1)],
            ever_answered: false,
            failed_connections: 0,
            unreachable_since: None,
        }
    }

    /// Chooses a replica; [`Self::sent`] must follow if a request goes out.
    pub(crate) fn pick(&self, now: Instant) -> Pick {
        let due = |open: &OpenCircuit| !open.probing && open.until <= now;
        if let Some(index) =
            self.list.iter().position(|replica| replica.open.as_ref().is_some_and(due))
        {
            return Pick::Replica(index);
        }
        let least_loaded = |usable: fn(&Replica) -> bool| {
            self.list
                .iter()
                .enumerate()
                .filter(|(_, replica)| usable(replica))
                .min_by_key(|(_, replica)| replica.in_flight)
                .map(|(index, _)| index)
        };
        let healthy = least_loaded(|replica| replica.open.is_none());
        // Where all of them fail, waiting would only lose time, so those that can be connected to
        // are asked all the same.
        let reachable =
            || least_loaded(|replica| replica.open.is_none_or(|open| !open.unreachable));
        if let Some(index) = healthy.or_else(reachable) {
            return Pick::Replica(index);
        }
        let open = self.list.iter().filter_map(|replica| replica.open);
        match open.filter(|open| !open.probing).map(|open| open.until).min() {
            Some(until) => Pick::Wait(until),
            None => Pick::WaitForProbe,
        }
    }

    /// A request goes to a replica.
    pub(crate) fn sent(&mut self, index: usize, now: Instant) {
        let replica = &mut self.list[index];
        replica.in_flight += 1;
        if let Some(open) = replica.open.as_mut().filter(|open| open.until <= now) {
            open.probing = true;
        }
    }

    /// A request to a replica has ended: with an answer (or an error that a healthy server
    /// gives), or with a failure.
    pub(crate) fn ended(
        &mut self,
        index: usize,
        failure: Option<FailureKind>,
        now: Instant,
    ) -> Change {
        let alone = self.list.len() == 1;
        let replica = &mut self.list[index];
        replica.in_flight -= 1;
        let Some(kind) = failure.filter(|&kind| blames_replica(kind)) else {
            self.ever_answered = true;
            self.unreachable_since = None;
            self.failed_connections = 0;
            replica.failures = 0;
            return if replica.open.take().is_some() { Change::Closed } else { Change::None };
        };
        replica.failures += 1;
        let unreachable = kind == FailureKind::Connect;
        self.failed_connections += u32::from(unreachable);
        if alone && !unreachable {
            // There is no other replica to ask instead. If it could not be connected to before,
            // now it can.
            return if replica.open.take().is_some() { Change::Closed } else { Change::None };
        }
        let length = match &replica.open {
            None if replica.failures < FAILURES => return Change::None,
            None => FIRST_OPEN,
            // This request was sent before the circuit opened.
            Some(open) if !open.probing => return Change::None,
            Some(open) => (open.length * 2).min(LONGEST_OPEN),
        };
        replica.open =
            Some(OpenCircuit { until: now + length, length, probing: false, unreachable });
        if self.all_unreachable() && self.unreachable_since.is_none() {
            self.unreachable_since = Some(now);
        }
        tracing::debug!(replica = index, ?kind, ?length, "circuit opens");
        Change::Opened(length)
    }

    /// Whether none can be connected to.
    pub(crate) fn all_unreachable(&self) -> bool {
        self.list.iter().all(|replica| replica.open.is_some_and(|open| open.unreachable))
    }

    /// Whether there is no hope left: no replica ever answered `tries` connections, or none could
    /// be connected to for as long as `patience`.
    pub(crate) fn is_hopeless(&self, tries: u32, patience: Duration, now: Instant) -> bool {
        self.all_unreachable()
            && if self.ever_answered {
                self.unreachable_since.is_some_and(|since| now.duration_since(since) >= patience)
            } else {
                self.failed_connections >= tries
            }
    }

    /// Whether any has answered anything since the run began.
    pub(crate) fn ever_answered(&self) -> bool {
        self.ever_answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Option<FailureKind> = Some(FailureKind::Connect);

    fn fail(replicas: &mut Replicas, index: usize, times: usize) -> Change {
        let mut change = Change::None;
        for _ in 0..times {
            replicas.sent(index, Instant::now());
            change = replicas.ended(index, DOWN, Instant::now());
        }
        change
    }

    #[tokio::test(start_paused = true)]
    async fn the_least_loaded_is_next() {
        let mut replicas = Replicas::new(3);
        let now = Instant::now();
        for _ in 0..6 {
            let Pick::Replica(index) = replicas.pick(now) else { panic!("all are healthy") };
            replicas.sent(index, now);
        }
        assert!(replicas.list.iter().all(|replica| replica.in_flight == 2));
        replicas.ended(1, None, now);
        assert_eq!(replicas.pick(now), Pick::Replica(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_circuit_of_a_failing_replica_opens_and_one_request_probes_it() {
        let mut replicas = Replicas::new(2);
        assert_eq!(fail(&mut replicas, 0, 3), Change::Opened(FIRST_OPEN));
        assert_eq!(replicas.pick(Instant::now()), Pick::Replica(1));
        tokio::time::advance(FIRST_OPEN).await;
        let now = Instant::now();
        assert_eq!(replicas.pick(now), Pick::Replica(0), "the probe");
        replicas.sent(0, now);
        assert_eq!(replicas.pick(now), Pick::Replica(1), "one probe at a time");
        assert_eq!(replicas.ended(0, DOWN, now), Change::Opened(FIRST_OPEN * 2));
        tokio::time::advance(FIRST_OPEN * 2).await;
        replicas.sent(0, Instant::now());
        assert_eq!(replicas.ended(0, None, Instant::now()), Change::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn with_all_out_of_reach_the_pool_waits() {
        let mut replicas = Replicas::new(1);
        fail(&mut replicas, 0, 3);
        let since = Instant::now();
        assert_eq!(replicas.pick(since), Pick::Wait(since + FIRST_OPEN));
        let hopeless = |replicas: &Replicas, tries, patience| {
            replicas.is_hopeless(tries, Duration::from_secs(patience), Instant::now())
        };
        assert!(hopeless(&replicas, 3, 600), "nobody ever answered");
        assert!(!hopeless(&replicas, 4, 0));
        tokio::time::advance(FIRST_OPEN).await;
        replicas.sent(0, Instant::now());
        assert_eq!(replicas.pick(Instant::now()), Pick::WaitForProbe);
        replicas.ended(0, Some(FailureKind::RateLimited), Instant::now());
        assert!(replicas.ever_answered(), "a complaint is a sign of life");
        fail(&mut replicas, 0, 3);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(!hopeless(&replicas, 3, 10), "it may come back");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(hopeless(&replicas, 3, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn one_replica_with_server_errors_is_asked_on() {
        let mut replicas = Replicas::new(1);
        for _ in 0..9 {
            replicas.sent(0, Instant::now());
            replicas.ended(0, Some(FailureKind::Server), Instant::now());
        }
        assert_eq!(replicas.pick(Instant::now()), Pick::Replica(0));
    }
}
