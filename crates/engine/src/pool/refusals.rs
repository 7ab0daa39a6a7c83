//! A circuit for servers that only refuse.
//!
//! When nothing but complaints about the load comes back (429, 503, 529), sending the rest of the
//! run after them wastes uploads and tries. After a few refusals in a row the circuit opens: nothing
//! is sent but one request now and then that probes whether the server answers again. Any answer
//! closes it; if none comes for too long, the run has no hope left.

use std::time::Duration;

use tokio::time::Instant;

use super::retry::RetryPolicy;

/// Refusals in a row, without an answer in between, that open the circuit.
const ROW: usize = 4;
/// The longest time between two probes is this share of the time that a run waits at most.
const SHARE: u32 = 8;

/// The circuit.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    row: usize,
    /// When the first of the row came.
    since: Option<Instant>,
    /// The earliest time that one of the row was asked to wait for.
    earliest: Option<Instant>,
    pause: Option<Pause>,
}

#[derive(Debug)]
struct Pause {
    /// When the next probe is due.
    due: Instant,
    /// Time from the last probe to the next.
    interval: Duration,
    probing: bool,
    told: bool,
}

/// Whether a request may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It may.
    Open,
    /// One may, to see whether the server answers.
    Probe,
    /// Not before this time.
    Wait(Instant),
    /// Not before the probe has ended.
    WaitForProbe,
}

/// What the end of a request means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing new.
    None,
    /// Nothing is asked until a probe goes out after this time.
    Paused(Duration),
    /// The server answers again, after this time.
    Resumed(Duration),
    /// It has refused for so long that waiting further is of no use.
    Hopeless(Duration),
}

impl Refusals {
    /// Whether a request may go out.
    pub(crate) fn gate(&self, now: Instant) -> Gate {
        match &self.pause {
            None => Gate::Open,
            Some(pause) if pause.probing => Gate::WaitForProbe,
            Some(pause) if pause.due <= now => Gate::Probe,
            Some(pause) => Gate::Wait(pause.due),
        }
    }

    /// Whether the circuit is open: what is refused now says nothing about a sample.
    pub(crate) const fn is_open(&self) -> bool {
        self.pause.is_some()
    }

    /// The probe goes out.
    pub(crate) fn probe(&mut self) {
        if let Some(pause) = &mut self.pause {
            pause.probing = true;
        }
    }

    /// The server has answered.
    pub(crate) fn answered(&mut self, now: Instant) -> Turn {
        let told = self.pause.take().is_some_and(|pause| pause.told);
        let since = self.since.take();
        self.row = 0;
        self.earliest = None;
        match since {
            Some(since) if told => Turn::Resumed(now.duration_since(since)),
            _ => Turn::None,
        }
    }

    /// A probe ended without a word from the server.
    pub(crate) fn lost(&mut self, now: Instant, policy: &RetryPolicy) {
        if let Some(pause) = &mut self.pause {
            pause.probing = false;
            pause.interval = longer(pause.interval, policy);
            pause.due = now + pause.interval;
        }
    }

    /// The server has refused a request, a probe or one of those sent before, and asks to wait
    /// for so long. `others`: whether there are requests in flight that may fare better.
    pub(crate) fn refused(
        &mut self,
        asked: Option<Duration>,
        is_probe: bool,
        others: bool,
        now: Instant,
        policy: &RetryPolicy,
    ) -> Turn {
        self.row += 1;
        let since = *self.since.get_or_insert(now);
        let until = now + asked.unwrap_or_default();
        self.earliest = Some(self.earliest.map_or(until, |earliest| earliest.min(until)));
        let (interval, not_before) = match &self.pause {
            None if self.row < ROW => return Turn::None,
            None => (first(policy), self.earliest.unwrap_or(now)),
            Some(pause) if is_probe => (longer(pause.interval, policy), until),
            // It was sent before the circuit opened. It may be the last of them.
            Some(pause) if pause.told || others || pause.probing => return Turn::None,
            Some(pause) => (pause.interval, pause.due),
        };
        let told = self.pause.as_ref().is_some_and(|pause| pause.told);
        let deadline = since + policy.max_wait;
        let mut due = not_before.max(now + interval);
        if due > deadline && !others {
            if not_before > deadline || deadline <= now {
                return Turn::Hopeless(now.duration_since(since));
            }
            due = deadline;
        }
        self.pause = Some(Pause { due, interval, probing: false, told: told || !others });
        if told || others { Turn::None } else { Turn::Paused(due.duration_since(now)) }
    }
}

/// Time until the first probe, unless the server asks for more; each probe in vain doubles it.
fn first(policy: &RetryPolicy) -> Duration {
    policy.base * 2
}

fn longer(interval: Duration, policy: &RetryPolicy) -> Duration {
    (interval * 2).min((policy.max_wait / SHARE).max(first(policy)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::from_mins(15);

    fn policy(max_wait: Duration) -> RetryPolicy {
        RetryPolicy { max_wait, ..RetryPolicy::default() }
    }

    /// Refusals of a server that never answers, until the run gives up: how many, and after what
    /// time.
    async fn for_ever(asked: Option<Duration>, max_wait: Duration) -> (usize, Duration) {
        let mut refusals = Refusals::default();
        let begun = Instant::now();
        for requests in 1.. {
            let is_probe = match refusals.gate(Instant::now()) {
                Gate::Open => false,
                Gate::Probe => {
                    refusals.probe();
                    true
                }
                Gate::Wait(until) => {
                    tokio::time::sleep_until(until).await;
                    refusals.probe();
                    true
                }
                Gate::WaitForProbe => unreachable!("one at a time"),
            };
            let now = Instant::now();
            if let Turn::Hopeless(_) =
                refusals.refused(asked, is_probe, false, now, &policy(max_wait))
            {
                return (requests, begun.elapsed());
            }
        }
        unreachable!("the loop ends by returning")
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_refuses_for_ever_costs_few_requests() {
        let (requests, time) = for_ever(None, MAX).await;
        assert!(requests <= 18, "{requests}");
        assert!((MAX..MAX + Duration::from_secs(1)).contains(&time), "{time:?}");
        let (requests, time) = for_ever(Some(Duration::from_mins(6)), MAX).await;
        assert!(requests <= 6 && time <= MAX, "{requests} in {time:?}");
        let (requests, time) = for_ever(None, Duration::from_secs(5)).await;
        assert!(requests <= 8 && time <= Duration::from_secs(6), "{requests} in {time:?}");
        assert_eq!(for_ever(None, Duration::ZERO).await, (ROW, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_closes_the_circuit() {
        let mut refusals = Refusals::default();
        let refuse = |refusals: &mut Refusals, asked, is_probe, others| {
            refusals.refused(asked, is_probe, others, Instant::now(), &policy(MAX))
        };
        for _ in 1..ROW {
            assert_eq!(refuse(&mut refusals, None, false, false), Turn::None);
        }
        assert_eq!(refusals.gate(Instant::now()), Gate::Open);
        assert_eq!(refusals.answered(Instant::now()), Turn::None, "the row begins anew");
        let asked = Some(Duration::from_secs(30));
        for _ in 1..ROW {
            assert_eq!(refuse(&mut refusals, asked, false, false), Turn::None);
        }
        assert_eq!(
            refuse(&mut refusals, asked, false, false),
            Turn::Paused(Duration::from_secs(30))
        );
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(refusals.gate(Instant::now()), Gate::Probe);
        refusals.probe();
        assert_eq!(refusals.gate(Instant::now()), Gate::WaitForProbe);
        refusals.lost(Instant::now(), &policy(MAX));
        assert!(matches!(refusals.gate(Instant::now()), Gate::Wait(_)));
        tokio::time::advance(Duration::from_secs(4)).await;
        refusals.probe();
        assert_eq!(refusals.answered(Instant::now()), Turn::Resumed(Duration::from_secs(34)));
        assert_eq!(refusals.gate(Instant::now()), Gate::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn while_others_may_be_answered_nothing_is_said_and_nothing_given_up() {
        let mut refusals = Refusals::default();
        for _ in 0..ROW + 5 {
            let now = Instant::now();
            let turn = refusals.refused(None, false, true, now, &policy(Duration::ZERO));
            assert_eq!(turn, Turn::None);
        }
        assert!(matches!(refusals.gate(Instant::now()), Gate::Wait(_)), "but nothing is sent");
        let last = refusals.refused(None, false, false, Instant::now(), &policy(MAX));
        assert!(matches!(last, Turn::Paused(_)), "{last:?}");
    }
}
