//! The model that observes.

use avibench_protocol::{Conversation, LocalModel};

use super::senses::Senses;
use super::{Question, audiovisual, clips, images, probe, sounds, stand_ins};

/// What it says when it cannot tell.
const UNKNOWN: &str = "i dont know";

/// Answers by plain signal processing: from the decoded media and the question's text, never from
/// a file name, metadata or a seed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signal;

impl Signal {
    /// The observer. It has no state: the same question gets the same answer.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl LocalModel for Signal {
    fn name(&self) -> &'static str {
        "signal"
    }

    fn answer(&self, conversation: &Conversation) -> String {
        let question = Question::read(&conversation.text);
        let senses = Senses::of(conversation);
        if probe::is_asked(&question) {
            return probe::answer(&question, &senses).unwrap_or_else(|| UNKNOWN.to_owned());
        }
        let found = sounds::answer(&question, &senses)
            .or_else(|| images::answer(&question, &senses))
            .or_else(|| clips::answer(&question, &senses))
            .or_else(|| audiovisual::answer(&question, &senses))
            .or_else(|| stand_ins::answer(&question, &senses));
        let Some(found) = found else { return UNKNOWN.to_owned() };
        let spelled = question.spelled(&found).unwrap_or(&found).to_owned();
        if question.wants_hash_marks() { format!("#{spelled}#") } else { spelled }
    }
}
