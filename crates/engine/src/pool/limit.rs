//! How many requests may be in flight. The limit adapts to what the server takes.
//!
//! It starts low and doubles with each clean round until the server first complains; then it
//! climbs by a few percent a round. A complaint lowers it once, however many requests bring it:
//! those sent before the last cut say nothing about the limit after it.

/// First limit where the ceiling allows it.
const START: f64 = 2.0;
/// Growth of a clean round after the first complaint.
const CLIMB: f64 = 1.05;
/// What a complaint leaves of a limit that had worked for a round.
const TRIM: f64 = 0.8;
/// What a complaint leaves of a limit that never worked.
const CUT: f64 = 0.5;

/// The adaptive limit. It never leaves 1..=ceiling.
#[derive(Debug)]
pub(crate) struct Limit {
    current: f64,
    ceiling: f64,
    doubling: bool,
    /// Clean answers since the last change.
    clean: usize,
    /// Whether the limit held a request back since the last change: only then is there reason
    /// to raise it.
    used: bool,
    /// Whether a round passed without complaint since the last cut.
    proven: bool,
    epoch: u64,
}

/// Which limit a request was sent under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

impl Limit {
    /// A limit that feels its way up to `ceiling`.
    pub(crate) fn adaptive(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1) as f64;
        Self { current: START.min(ceiling), doubling: true, ..Self::fixed(ceiling as usize) }
    }

    /// A limit that does not adapt, for models on this machine.
    pub(crate) fn fixed(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1) as f64;
        Self {
            current: ceiling,
            ceiling,
            doubling: false,
            clean: 0,
            used: false,
            proven: true,
            epoch: 0,
        }
    }

    /// Requests that may be in flight.
    pub(crate) fn get(&self) -> usize {
        self.current as usize
    }

    /// The limit that a request sent now is sent under.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }

    /// Notes that a request had to wait for a free place.
    pub(crate) fn note_full(&mut self) {
        self.used = true;
    }

    /// An answer without complaint. True if the limit changed.
    pub(crate) fn succeed(&mut self) -> bool {
        self.clean += 1;
        if self.clean < self.get() {
            return false;
        }
        self.clean = 0;
        self.proven = true;
        if !std::mem::take(&mut self.used) || self.current >= self.ceiling {
            return false;
        }
        let before = self.get();
        self.current = (self.current * if self.doubling { 2.0 } else { CLIMB }).min(self.ceiling);
        self.get() != before
    }

    /// A complaint about a request sent under `epoch`. True if the limit changed.
    pub(crate) fn complain(&mut self, epoch: Epoch) -> bool {
        if epoch != self.epoch() {
            return false;
        }
        self.epoch += 1;
        let before = self.get();
        let rest = if self.proven && !self.doubling { TRIM } else { CUT };
        self.current = (self.current * rest).max(1.0);
        self.doubling = false;
        self.proven = false;
        self.clean = 0;
        self.used = false;
        self.get() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that takes `capacity` requests at a time, asked in rounds of the whole limit.
    fn rounds(limit: &mut Limit, capacity: usize, rounds: usize) -> Vec<usize> {
        (0..rounds)
            .map(|_| {
                let size = limit.get();
                let epoch = limit.epoch();
                limit.note_full();
                for request in 0..size {
                    if request < capacity {
                        limit.succeed();
                    } else {
                        limit.complain(epoch);
                    }
                }
                size
            })
            .collect()
    }

    #[test]
    fn it_doubles_then_settles_below_the_capacity() {
        let mut limit = Limit::adaptive(64);
        let sizes = rounds(&mut limit, 20, 200);
        assert_eq!(sizes[..5], [2, 4, 8, 16, 32]);
        assert_eq!(sizes[5], 16);
        assert!(sizes[6..].iter().all(|&size| (16..=22).contains(&size)), "{sizes:?}");
        let complaints = sizes[6..].iter().filter(|&&size| size > 20).count();
        assert!(complaints < 194 / 4, "{complaints} of 194 rounds drew a complaint");
    }

    #[test]
    fn a_burst_of_complaints_cuts_once() {
        let mut limit = Limit::fixed(32);
        let epoch = limit.epoch();
        for _ in 0..32 {
            limit.complain(epoch);
        }
        assert_eq!(limit.get(), 25);
        let epoch = limit.epoch();
        limit.complain(epoch);
        assert_eq!(limit.get(), 12, "a limit that never worked is halved");
        for _ in 0..40 {
            let epoch = limit.epoch();
            limit.complain(epoch);
        }
        assert_eq!(limit.get(), 1);
    }

    #[test]
    fn an_unused_limit_does_not_climb() {
        let mut limit = Limit::adaptive(64);
        for _ in 0..1_000 {
            limit.succeed();
        }
        assert_eq!(limit.get(), 2);
    }

    #[test]
    fn it_stays_within_its_bounds() {
        let mut limit = Limit::adaptive(5);
        assert_eq!(rounds(&mut limit, 100, 6), [2, 4, 5, 5, 5, 5]);
        assert_eq!(Limit::adaptive(0).get(), 1);
    }
}
