//! The limits of the endpoint as a whole: requests in flight, requests a minute.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::http::{StatusCode, header};

use crate::api_error::ApiError;
use crate::faults::plan::Limits;
use crate::faults::retry_after::RetryAfter;
use crate::reply::Reply;

/// The window of the limit per minute.
const MINUTE: Duration = Duration::from_mins(1);

/// Lets requests through as long as they fit the limits.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    limits: Arc<Limits>,
    state: Arc<Mutex<GateState>>,
}

#[derive(Debug, Default)]
struct GateState {
    inside: usize,
    /// When the requests of the last minute were let through, the oldest first.
    recent: VecDeque<Instant>,
}

/// A request that was let through; dropping it frees its place.
#[derive(Debug)]
pub(crate) struct Pass {
    state: Arc<Mutex<GateState>>,
}

/// A request that did not fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crowded {
    /// The name under which the refusal is counted.
    pub(crate) name: &'static str,
    pub(crate) message: String,
    pub(crate) retry_after: Option<RetryAfter>,
}

impl Crowded {
    /// The 429 that says so.
    pub(crate) fn into_reply(self, now: SystemTime) -> Reply {
        let mut reply = Reply::from(ApiError::new(StatusCode::TOO_MANY_REQUESTS, self.message));
        if let Some(value) = self.retry_after.and_then(|retry| retry.header(now)) {
            reply.headers.insert(header::RETRY_AFTER, value);
        }
        reply
    }
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits: Arc::new(limits), state: Arc::default() }
    }

    /// Lets a request that arrives at `now` through, or says which limit it exceeds. Refused
    /// requests count toward no limit.
    pub(crate) fn enter(&self, now: Instant) -> Result<Pass, Crowded> {
        let mut state = lock(&self.state);
        if let Some(limit) = self.limits.in_flight.filter(|&limit| state.inside >= limit) {
            return Err(Crowded {
                name: "limit_in_flight",
                message: format!("too many requests at a time; the limit is {limit}"),
                retry_after: self.limits.retry_after.clone(),
            });
        }
        if let Some(limit) = self.limits.requests_per_minute {
            while state.recent.front().is_some_and(|&oldest| now >= oldest + MINUTE) {
                state.recent.pop_front();
            }
            if state.recent.len() >= limit {
                let free = state.recent.front().map_or(MINUTE, |&oldest| oldest + MINUTE - now);
                let seconds = free.as_secs() + u64::from(free.subsec_nanos() > 0);
                let default = || RetryAfter::seconds(seconds);
                return Err(Crowded {
                    name: "limit_per_minute",
                    message: format!("too many requests; the limit is {limit} a minute"),
                    retry_after: self.limits.retry_after.clone().or_else(|| Some(default())),
                });
            }
            state.recent.push_back(now);
        }
        state.inside += 1;
        Ok(Pass { state: self.state.clone() })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        lock(&self.state).inside -= 1;
    }
}

/// The numbers are whole at every moment, so a panic elsewhere cannot have broken them.
fn lock(state: &Mutex<GateState>) -> MutexGuard<'_, GateState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_freed() {
        let gate = Gate::new(Limits { in_flight: Some(2), ..Limits::default() });
        let now = Instant::now();
        let first = gate.enter(now).unwrap();
        let _second = gate.enter(now).unwrap();
        assert_eq!(gate.enter(now).unwrap_err().name, "limit_in_flight");
        drop(first);
        assert!(gate.enter(now).is_ok());
    }

    #[test]
    fn a_minute_slides() {
        let gate = Gate::new(Limits { requests_per_minute: Some(2), ..Limits::default() });
        let start = Instant::now();
        let at = |seconds: f64| gate.enter(start + Duration::from_secs_f64(seconds)).map(drop);
        assert_eq!((at(0.0), at(30.0)), (Ok(()), Ok(())));
        let refusal = at(40.5).unwrap_err();
        assert_eq!(refusal.retry_after, Some(RetryAfter::seconds(20)));
        assert!(at(59.9).is_err());
        assert_eq!(at(60.0), Ok(()));
        assert!(at(60.1).is_err(), "30.0 and 60.0 fill the minute");
    }
}
