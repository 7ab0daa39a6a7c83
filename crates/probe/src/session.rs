//! A probe under way: what is asked next, and what the answers show so far.

use avibench_media::MediaError;

use crate::boxes::{BoxAnswer, best_form};
use crate::listening::{Heard, listen};
use crate::rule::fewest_to_ruling;
use crate::{
    Ability, AbilityFinding, MOST_QUESTIONS, ProbeQuestion, Sensed, TrialOutcome, TrialRecord,
    ruling,
};

/// Characters of an answer that are kept.
const KEPT: usize = 200;

/// What came back for a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeReply {
    /// The model said this.
    Said(String),
    /// The model said nothing, or a filter declined; in words.
    Silent(String),
    /// No answer came through, and why.
    Failed(String),
}

/// A probe under way. Questions come in rounds: each asks about every ability that is not settled as
/// many questions as can settle it, so that an endpoint that has all abilities is asked two rounds.
#[derive(Debug)]
pub struct Probe {
    seed: u64,
    tallies: Vec<Tally>,
}

/// The answers about one ability.
#[derive(Debug)]
struct Tally {
    ability: Ability,
    /// Questions handed out.
    asked: usize,
    /// Of the last round, whether any answer came.
    has_answers: bool,
    trials: Vec<TrialRecord>,
    /// The boxes among the answers, in the order of those trials.
    boxes: Vec<BoxAnswer>,
}

impl Probe {
    /// A probe of all abilities; `seed` decides what is asked.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::of(seed, Ability::ALL)
    }

    /// A probe of some abilities: each is asked as in a probe of all.
    pub fn of(seed: u64, abilities: impl IntoIterator<Item = Ability>) -> Self {
        let tally = |ability| Tally {
            ability,
            asked: 0,
            has_answers: true,
            trials: Vec::new(),
            boxes: Vec::new(),
        };
        Self { seed, tallies: abilities.into_iter().map(tally).collect() }
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// What is to be asked next, in any order; nothing once all is settled. What was handed out before
    /// must have been answered to [`Self::take`].
    ///
    /// # Errors
    ///
    /// If a medium cannot be encoded.
    pub fn next_round(&mut self) -> Result<Vec<ProbeQuestion>, MediaError> {
        let mut round = Vec::new();
        for tally in &mut self.tallies {
            let next = tally.asked..tally.asked + tally.wanted();
            tally.asked = next.end;
            tally.has_answers = false;
            for number in next {
                round.push(ProbeQuestion::make(tally.ability, self.seed, number)?);
            }
        }
        Ok(round)
    }

    /// Takes what came back for a question. The replies about one ability come in the order of its
    /// questions.
    pub fn take(&mut self, question: &ProbeQuestion, reply: ProbeReply) {
        let of_ability = self.tallies.iter_mut().find(|tally| tally.ability == question.ability);
        if let Some(tally) = of_ability {
            tally.take(question, reply);
        }
    }

    /// What the answers show.
    #[must_use]
    pub fn findings(&self) -> Vec<AbilityFinding> {
        self.tallies.iter().map(Tally::finding).collect()
    }
}

impl Tally {
    fn take(&mut self, question: &ProbeQuestion, reply: ProbeReply) {
        let (said, outcome) = match reply {
            ProbeReply::Failed(reason) => (reason, TrialOutcome::Failed),
            ProbeReply::Silent(reason) => (reason, TrialOutcome::Silent),
            ProbeReply::Said(text) => match listen(question, &text) {
                Heard::Outcome(outcome) => (text, outcome),
                Heard::Box(found) => {
                    self.boxes.push(found);
                    // Whether it is right follows from all of them.
                    (text, TrialOutcome::Wrong)
                }
            },
        };
        self.has_answers |= matches!(outcome, TrialOutcome::Right | TrialOutcome::Wrong);
        let said = beginning(&said);
        self.trials.push(TrialRecord { expected: question.right_answer(), said, outcome });
    }

    /// Which of the answers are right, in their order.
    fn rights(&self) -> Vec<bool> {
        if self.ability == Ability::Boxes {
            return best_form(&self.boxes).1;
        }
        let is_right = |trial: &TrialRecord| match trial.outcome {
            TrialOutcome::Right => Some(true),
            TrialOutcome::Wrong => Some(false),
            TrialOutcome::Silent | TrialOutcome::Failed => None,
        };
        self.trials.iter().filter_map(is_right).collect()
    }

    /// The first ruling, answer after answer. There is none within a round: it asks no more questions than
    /// can bring one.
    fn ruling(&self) -> Option<bool> {
        let rights = self.rights();
        let wrong = rights.iter().filter(|right| !**right).count();
        ruling(self.ability.choices(), rights.len(), wrong)
    }

    /// How many questions can settle the ability now.
    fn wanted(&self) -> usize {
        if self.ruling().is_some() || !self.has_answers {
            return 0;
        }
        let rights = self.rights();
        let wrong = rights.iter().filter(|right| !**right).count();
        let more = fewest_to_ruling(self.ability.choices(), rights.len(), wrong);
        more.filter(|more| self.asked + more <= MOST_QUESTIONS).unwrap_or(0)
    }

    fn finding(&self) -> AbilityFinding {
        let mut trials = self.trials.clone();
        let rights = self.rights();
        let right = rights.iter().filter(|right| **right).count();
        let boxes = (self.ability == Ability::Boxes && right > 0).then(|| best_form(&self.boxes).0);
        if self.ability == Ability::Boxes {
            let answered = trials.iter_mut().filter(|trial| trial.outcome == TrialOutcome::Wrong);
            for (trial, _) in answered.zip(&rights).filter(|(_, right)| **right) {
                trial.outcome = TrialOutcome::Right;
            }
        }
        let has_failed = trials.iter().any(|trial| trial.outcome == TrialOutcome::Failed);
        let verdict = match self.ruling() {
            Some(true) => Sensed::Yes,
            Some(false) => Sensed::No,
            None if has_failed || trials.is_empty() => Sensed::Unknown,
            None => Sensed::Unclear,
        };
        AbilityFinding {
            ability: self.ability,
            verdict,
            right,
            answered: rights.len(),
            boxes,
            trials,
        }
    }
}

/// The beginning of a text, on one line.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(KEPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Asks until nothing is left to ask; gives the findings by ability, and the rounds.
    fn probed(
        seed: u64,
        mut answer: impl FnMut(&ProbeQuestion) -> ProbeReply,
    ) -> (BTreeMap<Ability, AbilityFinding>, Vec<usize>) {
        let mut probe = Probe::new(seed);
        let mut rounds = Vec::new();
        loop {
            let round = probe.next_round().unwrap();
            if round.is_empty() {
                break;
            }
            rounds.push(round.len());
            for question in &round {
                probe.take(question, answer(question));
            }
        }
        let findings = probe.findings().into_iter();
        (findings.map(|finding| (finding.ability, finding)).collect(), rounds)
    }

    fn said(text: &str) -> ProbeReply {
        ProbeReply::Said(text.to_owned())
    }

    #[test]
    fn who_is_always_right_has_every_ability() {
        let (found, rounds) = probed(3, |question| said(&question.right_answer()));
        for finding in found.values() {
            assert_eq!(finding.verdict, Sensed::Yes, "{finding:?}");
            assert!(finding.first_miss().is_none());
        }
        assert_eq!(rounds, [30, 16]);
        assert_eq!(found[&Ability::ImageOrder].evidence(), "7 of 7 right");
        assert_eq!(found[&Ability::Boxes].evidence(), "4 of 4 right, xyxy pixels");
    }

    #[test]
    fn an_answer_that_is_always_the_same_is_a_no() {
        for seed in 0..2 {
            for answer in
                ["I cannot see or hear anything.", "2", "red", "4", "[0.1, 0.1, 0.5, 0.5]"]
            {
                let (found, _) = probed(seed, |_| said(answer));
                for finding in found.values() {
                    // Pairs that do not offer the answer have it wrong, and all others once each.
                    if finding.ability.choices() == crate::ChoiceCount::Two {
                        assert_eq!(finding.verdict, Sensed::No, "{seed} {answer}: {finding:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_come_through_is_unknown_and_silence_unclear() {
        let (found, rounds) = probed(1, |question| match question.ability {
            Ability::Hear => ProbeReply::Failed("HTTP 400: no audio".to_owned()),
            Ability::See => ProbeReply::Silent("empty".to_owned()),
            // One that fails costs no verdict while there are others left.
            Ability::Sync if question.number == 1 => ProbeReply::Failed("reset".to_owned()),
            _ => said(&question.right_answer()),
        });
        assert_eq!(found[&Ability::Hear].verdict, Sensed::Unknown);
        assert_eq!(found[&Ability::Hear].trials.len(), 3, "one round is enough");
        assert_eq!(found[&Ability::See].verdict, Sensed::Unclear);
        assert_eq!(found[&Ability::Sync].verdict, Sensed::Yes);
        assert_eq!(found[&Ability::Sync].evidence(), "4 of 4 right");
        assert!(rounds.iter().sum::<usize>() <= 8 * Ability::ALL.len());
    }

    #[test]
    fn long_answers_are_cut() {
        let long = "é\n ".repeat(500);
        let kept = beginning(&long);
        assert_eq!(kept.chars().count(), KEPT + 1);
        assert!(kept.starts_with("é é"));
    }
}
