//! The model that observes.

use avibench_protocol::{Conversation, LocalModel};

use super::senses::Senses;
use super::{Question, audiovisual, clips, fallback, images, probe, sounds, stand_ins};

/// What it says when it cannot tell.
const UNKNOWN: &str = "i dont know";

/// Answers by plain signal processing: from the decoded media and the question's text, never from
/// a file name, metadata or a seed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signal {
    /// Seed of the guesses; `None` for whoever never guesses.
    guesses: Option<u64>,
}

impl Signal {
    /// The observer. It has no state: the same question gets the same answer. What it cannot tell
    /// it does not know, and it describes what it gets: silence holds 0 beats.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The observer that guesses where what it was sent does not determine the answer: where it
    /// hears nothing or sees nothing of what the question is about, or nothing that it sees goes
    /// with what it hears.
    ///
    /// Each answer that is left is equally likely. Of a clip with solids that it sees these are the
    /// solids on view, or all sets of one to three of them where all that sound are asked for;
    /// elsewhere the options of the question without `not sure` (sets of one to three where all are
    /// asked for), or 1 to 9 for a number. The draw depends on `seed` and on all that it was sent,
    /// so that the same question gets the same guess. Whether there is anything to hear or to see at
    /// all, and what a probe asks, is never guessed.
    #[must_use]
    pub fn guessing(seed: u64) -> Self {
        Self { guesses: Some(seed) }
    }
}

impl LocalModel for Signal {
    fn name(&self) -> &'static str {
        if self.guesses.is_some() { "signal-guessing" } else { "signal" }
    }

    fn answer(&self, conversation: &Conversation) -> String {
        let question = Question::read(&conversation.text);
        let senses = Senses::of(conversation);
        if probe::is_asked(&question) {
            return probe::answer(&question, &senses).unwrap_or_else(|| UNKNOWN.to_owned());
        }
        let found = match self.guesses {
            Some(seed) if !fallback::is_check(&question) => {
                let determined = determined(&question, &senses);
                determined.or_else(|| fallback::guess(&question, &senses, conversation, seed))
            }
            _ => described(&question, &senses),
        };
        let Some(found) = found else { return UNKNOWN.to_owned() };
        let spelled = question.spelled(&found).unwrap_or(&found).to_owned();
        if question.wants_hash_marks() { format!("#{spelled}#") } else { spelled }
    }
}

/// The answer to a question about whatever was sent.
fn described(question: &Question, senses: &Senses) -> Option<String> {
    sounds::answer(question, senses)
        .or_else(|| looked_at(question, senses))
        .or_else(|| stand_ins::answer(question, senses))
}

/// The answer if there is something to hear or to see that determines it.
fn determined(question: &Question, senses: &Senses) -> Option<String> {
    let seen = || if images::anything_is_seen(senses) { looked_at(question, senses) } else { None };
    sounds::answer(question, senses)
        .or_else(seen)
        .or_else(|| stand_ins::answer(question, senses))
        // No question counts what is not there: whoever finds none did not get it.
        .filter(|found| !(question.wants_number() && found == "0"))
}

/// The answer to a question about what is to be seen, with or without sound.
fn looked_at(question: &Question, senses: &Senses) -> Option<String> {
    images::answer(question, senses)
        .or_else(|| clips::answer(question, senses))
        .or_else(|| audiovisual::answer(question, senses))
}
