//! A model whose answers vary from one time to the next, as those of language models do that sample.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use avibench_protocol::{Conversation, LocalModel};

use crate::chance::{fingerprint, guess};
use crate::observer::Question;
use crate::random::Stream;

/// A model that guesses at a share of the requests instead of answering. Which ones is drawn anew each time the
/// same conversation comes again, and depends on nothing but the seed, the conversation and how often it has
/// come: the order of requests does not matter.
pub struct Noisy {
    model: Arc<dyn LocalModel>,
    noise: f64,
    seed: u64,
    /// How often each conversation has come.
    asked: Mutex<HashMap<String, u64>>,
}

impl Noisy {
    /// Has `model` guess at the share `noise` of the requests, 0 to 1.
    #[must_use]
    pub fn new(model: Arc<dyn LocalModel>, noise: f64, seed: u64) -> Self {
        Self { model, noise, seed, asked: Mutex::default() }
    }

    /// How often a conversation has come, this time included.
    fn count(&self, name: String) -> u64 {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.entry(name).or_default();
        *times += 1;
        *times
    }
}

impl LocalModel for Noisy {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn answer(&self, conversation: &Conversation) -> String {
        let name = fingerprint(conversation);
        let time = self.count(name.clone());
        let mut stream = Stream::new(self.seed, &format!("{name} {time}"));
        if !stream.chance(self.noise) {
            return self.model.answer(conversation);
        }
        let question = Question::read(&conversation.text);
        let guess = guess(&question, conversation, &mut stream);
        if question.wants_hash_marks() { format!("#{guess}#") } else { guess }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chance;

    #[test]
    fn answers_vary_from_time_to_time_and_with_the_seed_alone() {
        let conversation = |number: usize| Conversation {
            text: format!("Question {number}: answer yes or no."),
            ..Conversation::default()
        };
        let asked = |noise: f64, seed: u64, backwards: bool| -> Vec<String> {
            let model = Noisy::new(Arc::new(Chance::new(1)), noise, seed);
            let mut numbers: Vec<usize> = (0..40).collect();
            if backwards {
                numbers.reverse();
            }
            let mut answers = Vec::new();
            for _ in 0..3 {
                let mut epoch: Vec<(usize, String)> =
                    numbers.iter().map(|&of| (of, model.answer(&conversation(of)))).collect();
                epoch.sort();
                answers.extend(epoch.into_iter().map(|(_, answer)| answer));
            }
            answers
        };
        let answers = asked(0.9, 7, false);
        assert_eq!(answers, asked(0.9, 7, true), "in any order");
        assert_ne!(answers, asked(0.9, 8, false));
        assert_ne!(answers[..40], answers[40..80]);
        assert_ne!(answers[40..80], answers[80..]);
        let still = asked(0.0, 7, false);
        assert_eq!(still[..40], still[80..]);
    }
}
