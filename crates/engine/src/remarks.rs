//! What is odd about replies without being wrong: counted during a run, and said once at its end.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ask::Reply;
use crate::failure::excerpt;

/// Most different finish reasons that are told apart, and most characters of one.
const REASONS: usize = 20;
const REASON_LENGTH: usize = 60;

/// Oddities of replies, by how many replies have them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Remarks {
    /// Answers whose finish reason this program does not know, by that reason.
    pub unknown_finish_reasons: BTreeMap<String, usize>,
    /// Replies whose token counts cannot all be right.
    pub contradictory_counts: usize,
}

impl Remarks {
    /// Counts what is odd about a reply.
    pub fn note(&mut self, reply: &Reply) {
        self.contradictory_counts += usize::from(reply.counts_contradict);
        if let Some(reason) = reply.unknown_finish_reason() {
            let mut reason: String = excerpt(reason).chars().take(REASON_LENGTH).collect();
            if self.unknown_finish_reasons.len() >= REASONS
                && !self.unknown_finish_reasons.contains_key(&reason)
            {
                "others".clone_into(&mut reason);
            }
            *self.unknown_finish_reasons.entry(reason).or_default() += 1;
        }
    }

    /// What a person should know of it, a sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        let reasons = self.unknown_finish_reasons.iter().map(|(reason, &count)| {
            let replies = if count == 1 {
                "1 reply ended".to_owned()
            } else {
                format!("{count} replies ended")
            };
            format!(
                "{replies} with the finish reason `{reason}`, which this program does not know; \
                 look at the journal whether such answers are complete"
            )
        });
        let counts = (self.contradictory_counts > 0).then(|| {
            let count = self.contradictory_counts;
            let replies = if count == 1 { "1 reply".to_owned() } else { format!("{count} replies") };
            format!(
                "the token counts of {replies} contradict themselves; the larger count is taken, so \
                 tokens and cost may be too high"
            )
        });
        reasons.chain(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_reasons_is_bounded() {
        let mut remarks = Remarks::default();
        for number in 0..100 {
            let finish_reason = Some(format!("odd {number}"));
            remarks.note(&Reply { finish_reason, ..Reply::default() });
        }
        remarks.note(&Reply { finish_reason: Some("stop".to_owned()), ..Reply::default() });
        assert_eq!(remarks.unknown_finish_reasons.len(), REASONS + 1);
        assert_eq!(remarks.unknown_finish_reasons.values().sum::<usize>(), 100);
        assert_eq!(remarks.unknown_finish_reasons["others"], 80);
        assert!(remarks.sentences().next().unwrap().starts_with("1 reply ended with"));
    }
}
