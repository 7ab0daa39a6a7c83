//! How often and when a sample is asked again.

use std::time::Duration;

use avibench_store::FailureKind;
use tokio::time::Instant;

use crate::failure::{Consequence, Failure};

/// Tries and waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Tries of a sample for each class of failure, the first one included.
    pub tries: u32,
    /// Upper end of the first wait; it doubles with each try.
    pub base: Duration,
    /// Upper end of any wait that the server did not ask for.
    pub longest: Duration,
    /// Longest time that is waited for a server: a longer wait that it asks for, or refusals
    /// without an answer for longer, end the run.
    pub max_wait: Duration,
    /// How long all replicas may be out of reach, once one has answered, before the run stops.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 5,
            base: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            max_wait: Duration::from_mins(15),
            patience: Duration::from_mins(10),
        }
    }
}

/// What becomes of a sample after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is asked again after this time.
    Again(Duration),
    /// It failed.
    Fail,
    /// It is rejected.
    Reject,
    /// The run stops.
    StopRun,
}

/// Malformed answers or worker errors that repeat word for word this often in a row are taken as
/// final: asking again would bring the same.
const SAME_ANSWER: u32 = 3;
/// How long rate-limit replies are retried without using up a sample's tries. Providers count
/// requests per minute, so this covers a full window.
const PATIENCE_WITH_LIMITS: Duration = Duration::from_secs(90);
/// Upper bound on retries within that time, as a multiple of the configured tries.
const MOST_PATIENCE: u32 = 4;

/// The failures of one sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tries {
    /// Attempts that ended, well or badly.
    pub(crate) made: u32,
    counts: [u32; FailureKind::ALL.len()],
    /// Tries that do not count against the sample, but let its waits grow.
    excused: u32,
    last: Option<Failure>,
    repeats: u32,
    throttled_since: Option<Instant>,
}

impl Tries {
    /// Judges a failure. `excused`: all replicas are gone or refuse everything, which says nothing
    /// about the sample.
    pub(crate) fn after(&mut self, failure: &Failure, excused: bool, policy: &RetryPolicy) -> Next {
        match failure.consequence() {
            Consequence::StopRun => return Next::StopRun,
            Consequence::Reject => return Next::Reject,
            Consequence::Retry => {}
        }
        let kind = failure.kind();
        let asked = failure.retry_after().unwrap_or_default();
        if asked > policy.max_wait && kind.is_congestion() {
            return Next::StopRun;
        }
        let same = self.last.as_ref() == Some(failure);
        self.repeats = if same { self.repeats + 1 } else { 1 };
        self.last = Some(failure.clone());
        if matches!(kind, FailureKind::Malformed | FailureKind::Worker)
            && self.repeats >= SAME_ANSWER
        {
            return Next::Fail;
        }
        let mut budget = policy.tries;
        if kind == FailureKind::RateLimited {
            let since = *self.throttled_since.get_or_insert_with(Instant::now);
            if since.elapsed() < PATIENCE_WITH_LIMITS {
                budget = budget.saturating_mul(MOST_PATIENCE);
            }
        }
        if excused {
            self.excused += 1;
        } else {
            let count = &mut self.counts[kind as usize];
            *count += 1;
            if *count >= budget {
                return Next::Fail;
            }
        }
        if asked > policy.max_wait {
            return Next::Fail;
        }
        Next::Again(self.backoff(policy).max(asked))
    }

    /// Exponential with full jitter: spreads those that failed together over the whole interval.
    fn backoff(&self, policy: &RetryPolicy) -> Duration {
        let failures = self.counts.iter().sum::<u32>() + self.excused;
        let doublings = failures.saturating_sub(1).min(20);
        let upper = policy.base.saturating_mul(1 << doublings).min(policy.longest);
        upper.mul_f64(fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, seconds: Option<u64>) -> Failure {
        let retry_after = seconds.map(Duration::from_secs);
        Failure::Status { status, message: "no".to_owned(), code: None, retry_after }
    }

    /// Tries until the sample is given up, and the longest wait.
    fn until_given_up(failure: &Failure) -> (u32, Duration) {
        let mut tries = Tries::default();
        let mut longest = Duration::ZERO;
        for made in 1.. {
            match tries.after(failure, false, &RetryPolicy::default()) {
                Next::Again(wait) => longest = longest.max(wait),
                _ => return (made, longest),
            }
        }
        unreachable!("the loop ends by returning")
    }

    #[test]
    fn every_class_has_its_own_budget() {
        assert_eq!(until_given_up(&status(500, None)).0, 5);
        let mut tries = Tries::default();
        let policy = RetryPolicy::default();
        for _ in 0..4 {
            assert!(matches!(tries.after(&status(500, None), false, &policy), Next::Again(_)));
            assert!(matches!(tries.after(&status(503, None), false, &policy), Next::Again(_)));
        }
        assert_eq!(tries.after(&status(500, None), false, &policy), Next::Fail);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_borne_for_a_minute_and_a_half() {
        let (made, longest) = until_given_up(&status(429, None));
        assert_eq!(made, 20);
        assert!(longest <= Duration::from_secs(30));
        let mut tries = Tries::default();
        let policy = RetryPolicy::default();
        for _ in 0..4 {
            assert!(matches!(tries.after(&status(429, None), false, &policy), Next::Again(_)));
        }
        tokio::time::advance(PATIENCE_WITH_LIMITS).await;
        assert_eq!(tries.after(&status(429, None), false, &policy), Next::Fail);
    }

    #[test]
    fn the_same_lie_again_and_again_ends_early() {
        let lie = |text: &str| Failure::Malformed { reason: "r", excerpt: text.to_owned() };
        assert_eq!(until_given_up(&lie("same")).0, 3);
        let mut tries = Tries::default();
        for round in 0..4 {
            let next = tries.after(&lie(&round.to_string()), false, &RetryPolicy::default());
            assert!(matches!(next, Next::Again(_)), "different lies use the whole budget");
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_within_reason() {
        let policy = RetryPolicy::default();
        let next = |seconds| Tries::default().after(&status(429, Some(seconds)), false, &policy);
        assert_eq!(next(120), Next::Again(Duration::from_mins(2)));
        assert_eq!(next(86_400), Next::StopRun);
        let asked = status(500, Some(86_400));
        assert_eq!(Tries::default().after(&asked, false, &policy), Next::Fail, "one sample alone");
    }

    #[test]
    fn what_is_excused_costs_no_try() {
        let mut tries = Tries::default();
        let policy = RetryPolicy::default();
        for _ in 0..100 {
            assert!(matches!(tries.after(&status(500, None), true, &policy), Next::Again(_)));
        }
    }
}
