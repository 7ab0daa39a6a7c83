//! What formatting takes, and what rules spare.

use std::ops::AddAssign;

/// What formatting takes, and what rules spare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Answers that need a format.
    pub to_format: usize,
    /// Of these, answers that a rule read.
    pub by_rule: usize,
    /// Of these, answers for the language model that it has not replied to yet.
    pub for_model: usize,
    /// Texts for the language model, each once, and none that was sent before.
    pub to_send: usize,
    /// Answers of all folders that were read for strict scoring.
    pub read: usize,
    /// Of these, answers whose reading is in doubt after rules and earlier replies.
    pub in_doubt: usize,
    /// Texts for the language model that ask for these readings, each once.
    pub readings_to_send: usize,
    /// Prompt tokens that the rules spare, roughly.
    pub spared_in: u64,
    /// Completion tokens that the rules spare, roughly.
    pub spared_out: u64,
}

impl AddAssign for Effort {
    fn add_assign(&mut self, other: Self) {
        self.to_format += other.to_format;
        self.by_rule += other.by_rule;
        self.for_model += other.for_model;
        self.to_send += other.to_send;
        self.read += other.read;
        self.in_doubt += other.in_doubt;
        self.readings_to_send += other.readings_to_send;
        self.spared_in += other.spared_in;
        self.spared_out += other.spared_out;
    }
}
