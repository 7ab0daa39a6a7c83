//! At most so much in any minute: requests or tokens.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// What was sent in the last minute, against a cap. Exact for every window of a minute, not only
/// for those that a clock begins.
#[derive(Debug)]
pub(crate) struct Window {
    cap: u64,
    sent: VecDeque<(Instant, u64, u64)>,
    sum: u64,
    next: u64,
}

/// One entry of a window, to be corrected later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket(u64);

impl Window {
    /// A window for `cap` a minute, at least 1.
    pub(crate) fn new(cap: u64) -> Self {
        Self { cap: cap.max(1), sent: VecDeque::new(), sum: 0, next: 0 }
    }

    /// When `amount` more may go out: `None` means now.
    pub(crate) fn wait(&mut self, amount: u64, now: Instant) -> Option<Instant> {
        while let Some(&(at, spent, _)) = self.sent.front() {
            if now.duration_since(at) < MINUTE {
                break;
            }
            self.sum -= spent;
            self.sent.pop_front();
        }
        // What exceeds the cap by itself goes out alone; otherwise it could never be sent.
        let mut excess = (self.sum + amount.min(self.cap)).saturating_sub(self.cap);
        if excess == 0 {
            return None;
        }
        for &(at, spent, _) in &self.sent {
            excess = excess.saturating_sub(spent);
            if excess == 0 {
                return Some(at + MINUTE);
            }
        }
        None
    }

    /// Notes that `amount` goes out now.
    pub(crate) fn spend(&mut self, amount: u64, now: Instant) -> Ticket {
        self.next += 1;
        self.sent.push_back((now, amount, self.next));
        self.sum += amount;
        Ticket(self.next)
    }

    /// Replaces what was assumed by what it was, if it still counts.
    pub(crate) fn correct(&mut self, ticket: Ticket, amount: u64) {
        let Ok(index) = self.sent.binary_search_by_key(&ticket.0, |&(_, _, id)| id) else {
            return;
        };
        self.sum = self.sum - self.sent[index].1 + amount;
        self.sent[index].1 = amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_minute_holds_more_than_the_cap() {
        let mut window = Window::new(10);
        let mut sent: Vec<Instant> = Vec::new();
        for _ in 0..45 {
            while let Some(until) = window.wait(1, Instant::now()) {
                tokio::time::sleep_until(until).await;
            }
            window.spend(1, Instant::now());
            sent.push(Instant::now());
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        for (index, &start) in sent.iter().enumerate() {
            let within =
                sent[index..].iter().take_while(|&&at| at.duration_since(start) < MINUTE).count();
            assert!(within <= 10, "{within} in one minute");
        }
        let minutes = sent[44].duration_since(sent[0]).as_secs_f64() / 60.0;
        assert!(minutes < 4.2, "it also uses what it may: {minutes}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_estimate_is_corrected() {
        let mut window = Window::new(100);
        let now = Instant::now();
        let ticket = window.spend(90, now);
        assert!(window.wait(20, now).is_some());
        window.correct(ticket, 40);
        assert!(window.wait(20, now).is_none());
        assert!(window.wait(1_000, now).is_some(), "waits for the window to empty");
        tokio::time::advance(MINUTE).await;
        assert!(window.wait(1_000, Instant::now()).is_none());
        window.correct(ticket, 1);
        assert!(window.wait(100, Instant::now()).is_none());
    }
}
