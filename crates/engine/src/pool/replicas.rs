//! Replicas of one model: the least loaded gets the next request, a failing one rests.

use std::time::Duration;

use avibench_store::FailureKind;
use tokio::time::Instant;

use crate::failure::blames_replica;

/// Failures in a row after which a replica rests.
const FAILURES: u32 = 3;
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(30);

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
    rest: Option<Rest>,
}

#[derive(Debug, Clone, Copy)]
struct Rest {
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
    /// The replica rests for this long.
    Rests(Duration),
    /// The replica answers again.
    Returned,
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
        let due = |rest: &Rest| !rest.probing && rest.until <= now;
        if let Some(index) =
            self.list.iter().position(|replica| replica.rest.as_ref().is_some_and(due))
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
        let healthy = least_loaded(|replica| replica.rest.is_none());
        // Where all of them fail, resting would only lose time; one that cannot be connected to
        // is no use though.
        let reachable =
            || least_loaded(|replica| replica.rest.is_none_or(|rest| !rest.unreachable));
        if let Some(index) = healthy.or_else(reachable) {
            return Pick::Replica(index);
        }
        let resting = self.list.iter().filter_map(|replica| replica.rest);
        match resting.filter(|rest| !rest.probing).map(|rest| rest.until).min() {
            Some(until) => Pick::Wait(until),
            None => Pick::WaitForProbe,
        }
    }

    /// A request goes to a replica.
    pub(crate) fn sent(&mut self, index: usize, now: Instant) {
        let replica = &mut self.list[index];
        replica.in_flight += 1;
        if let Some(rest) = replica.rest.as_mut().filter(|rest| rest.until <= now) {
            rest.probing = true;
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
            return if replica.rest.take().is_some() { Change::Returned } else { Change::None };
        };
        replica.failures += 1;
        let unreachable = kind == FailureKind::Connect;
        self.failed_connections += u32::from(unreachable);
        if alone && !unreachable {
            // There is none to rest it for; if it could not be connected to before, now it can.
            return if replica.rest.take().is_some() { Change::Returned } else { Change::None };
        }
        let length = match &replica.rest {
            None if replica.failures < FAILURES => return Change::None,
            None => FIRST_REST,
            // A straggler from before the rest began.
            Some(rest) if !rest.probing => return Change::None,
            Some(rest) => (rest.length * 2).min(LONGEST_REST),
        };
        replica.rest = Some(Rest { until: now + length, length, probing: false, unreachable });
        if self.all_unreachable() && self.unreachable_since.is_none() {
            self.unreachable_since = Some(now);
        }
        Change::Rests(length)
    }

    /// Whether none can be connected to.
    pub(crate) fn all_unreachable(&self) -> bool {
        self.list.iter().all(|replica| replica.rest.is_some_and(|rest| rest.unreachable))
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
    async fn a_failing_replica_rests_and_is_probed_by_one_request() {
        let mut replicas = Replicas::new(2);
        assert_eq!(fail(&mut replicas, 0, 3), Change::Rests(FIRST_REST));
        assert_eq!(replicas.pick(Instant::now()), Pick::Replica(1));
        tokio::time::advance(FIRST_REST).await;
        let now = Instant::now();
        assert_eq!(replicas.pick(now), Pick::Replica(0), "the probe");
        replicas.sent(0, now);
        assert_eq!(replicas.pick(now), Pick::Replica(1), "one probe at a time");
        assert_eq!(replicas.ended(0, DOWN, now), Change::Rests(FIRST_REST * 2));
        tokio::time::advance(FIRST_REST * 2).await;
        replicas.sent(0, Instant::now());
        assert_eq!(replicas.ended(0, None, Instant::now()), Change::Returned);
    }

    #[tokio::test(start_paused = true)]
    async fn with_all_out_of_reach_the_pool_waits() {
        let mut replicas = Replicas::new(1);
        fail(&mut replicas, 0, 3);
        let since = Instant::now();
        assert_eq!(replicas.pick(since), Pick::Wait(since + FIRST_REST));
        let hopeless = |replicas: &Replicas, tries, patience| {
            replicas.is_hopeless(tries, Duration::from_secs(patience), Instant::now())
        };
        assert!(hopeless(&replicas, 3, 600), "nobody ever answered");
        assert!(!hopeless(&replicas, 4, 0));
        tokio::time::advance(FIRST_REST).await;
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
