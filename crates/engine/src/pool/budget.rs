//! The limit on what a run may cost, in US dollars.

use crate::Price;
use crate::estimate::{ANSWER, Estimate};

/// What was spent and what the requests in flight will probably cost.
#[derive(Debug)]
pub(crate) struct Budget {
    price: Price,
    limit: Option<f64>,
    /// Under this label, earlier sessions included.
    spent: f64,
    /// In this session, and by how many answers.
    session: f64,
    answers: usize,
}

impl Budget {
    /// A budget of `limit` US dollars for a label that has cost `before` so far.
    pub(crate) fn new(price: Price, limit: Option<f64>, before: f64) -> Self {
        Self { price, limit, spent: before, session: 0.0, answers: 0 }
    }

    /// Notes an answer of so many tokens, `audio` of `tokens_in` for sound; gives its cost.
    pub(crate) fn spend(&mut self, tokens_in: u64, audio: u64, tokens_out: u64) -> f64 {
        let cost = self.price.cost(tokens_in, audio, tokens_out);
        self.spent += cost;
        self.session += cost;
        self.answers += 1;
        cost
    }

    /// The limit, if one more request beside those in flight would probably break it. A request
    /// costs what answers cost on average, and before there are any, what its estimate and an
    /// ordinary answer do.
    pub(crate) fn exhausted(&self, in_flight: usize, next: &Estimate) -> Option<f64> {
        let limit = self.limit?;
        let each = if self.answers > 0 {
            self.session / self.answers as f64
        } else {
            self.price.cost(next.tokens_in, next.tokens_audio, ANSWER)
        };
        (self.spent + each * (in_flight + 1) as f64 > limit).then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_in_flight_count_before_they_are_paid() {
        let price = Price { input: 1.0, output: 1.0, audio: None, batch: None };
        let next = |tokens_in| Estimate { tokens_in, ..Estimate::default() };
        let mut budget = Budget::new(price, Some(10.0), 4.0);
        assert_eq!(budget.exhausted(0, &next(1_000_000)), None);
        assert_eq!(budget.exhausted(0, &next(7_000_000)), Some(10.0));
        budget.spend(1_000_000, 0, 1_000_000);
        assert_eq!(budget.exhausted(1, &next(0)), None);
        assert_eq!(budget.exhausted(2, &next(0)), Some(10.0));
        assert_eq!(Budget::new(price, None, 1e9).exhausted(9, &next(9)), None);
    }
}
