//! A model's answer, in whatever form it came.

use avibench_protocol::Sample;
use avibench_store::{AskOutcome, Entry, FinishReason};

use super::reply_body::ReplyBody;
use crate::failure::Failure;
use crate::secret::Secrets;

/// A model's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The answer's text, unchanged but for the thinking before it.
    pub text: String,
    /// What the model thought before it answered, where that can be told apart.
    pub thinking: Option<String>,
    /// The words in which the model or a filter declined.
    pub refusal: Option<String>,
    /// Why the model stopped: `stop`, `length`, `content_filter`, ...
    pub finish_reason: Option<String>,
    /// The model name that the server reports.
    pub model: Option<String>,
    /// Prompt tokens.
    pub tokens_in: Option<u64>,
    /// Of these, tokens of sound, where the server tells them apart.
    pub tokens_audio: Option<u64>,
    /// Tokens that the model generated, thinking included.
    pub tokens_out: Option<u64>,
    /// Of these, tokens of thinking, where the server's counts tell.
    pub tokens_reasoning: Option<u64>,
    /// The server's counts of tokens cannot all be right.
    pub counts_contradict: bool,
}

impl Reply {
    /// Which outcome this is: answered, empty, cut off or refused.
    #[must_use]
    pub fn outcome(&self) -> AskOutcome {
        let declined = self.refusal.as_ref().is_some_and(|words| !words.trim().is_empty());
        let finish = self.finish_reason.as_deref().map(FinishReason::of);
        if declined || finish == Some(FinishReason::Filter) {
            AskOutcome::Refused
        } else if self.text.trim().is_empty() {
            AskOutcome::Empty
        } else if finish == Some(FinishReason::Length) {
            AskOutcome::CutOff
        } else {
            AskOutcome::Answered
        }
    }

    /// The finish reason, if it is one that this program does not know.
    pub(crate) fn unknown_finish_reason(&self) -> Option<&str> {
        self.finish_reason
            .as_deref()
            .filter(|reason| FinishReason::of(reason) == FinishReason::Unknown)
    }

    /// Reads the body of a success, from pieces of any size. `is_announced_as_events` says whether
    /// its content type is `text/event-stream`; the body itself decides what it is.
    ///
    /// # Errors
    ///
    /// If it is no complete answer.
    pub fn from_body<'a>(
        is_announced_as_events: bool,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Failure> {
        let secrets = Secrets::default();
        let mut body = ReplyBody::new(is_announced_as_events, &secrets);
        for piece in pieces {
            if body.push(piece)?.is_over() {
                break;
            }
        }
        body.end(None)
    }

    /// The entry of a sample with this answer, without cost and latency. `request` is the hex sha256 of
    /// what was asked, and `profile` says how media were packed, `name@hash`.
    #[must_use]
    pub fn entry(&self, sample: &Sample, request: &str, profile: Option<&str>) -> Entry {
        let mut entry = Entry::new(sample.position, sample.id.clone(), self.outcome());
        entry.tries = 1;
        entry.profile = profile.map(str::to_owned);
        entry.answer = Some(self.text.clone());
        self.tell(&mut entry, request);
        self.count(&mut entry);
        entry
    }

    /// Writes into an entry what the answer is like, beside its text.
    pub(crate) fn tell(&self, entry: &mut Entry, request: &str) {
        entry.reasoning.clone_from(&self.thinking);
        entry.refusal.clone_from(&self.refusal);
        entry.finish_reason.clone_from(&self.finish_reason);
        entry.model.clone_from(&self.model);
        entry.request = Some(request.to_owned());
    }

    /// Writes the counts of tokens into an entry.
    pub(crate) const fn count(&self, entry: &mut Entry) {
        entry.tokens_in = self.tokens_in;
        entry.tokens_audio = self.tokens_audio;
        entry.tokens_out = self.tokens_out;
        entry.tokens_reasoning = self.tokens_reasoning;
    }

    /// The same with every text changed, such as to take a key out.
    pub(crate) fn map_texts(self, change: impl Fn(String) -> String) -> Self {
        Self {
            text: change(self.text),
            thinking: self.thinking.map(&change),
            refusal: self.refusal.map(&change),
            finish_reason: self.finish_reason.map(&change),
            model: self.model.map(&change),
            ..self
        }
    }
}
