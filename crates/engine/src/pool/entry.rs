//! What the journal gets to know of a sample.

use avibench_store::{AskOutcome, Entry, EntryError};

use super::flight::Slot;
use crate::ask::Reply;
use crate::failure::{Failure, excerpt};
use crate::run::Finish;

impl Slot {
    /// An entry with what is known of every sample. `profile`: how media are packed, `name@hash`.
    pub(crate) fn entry(&self, outcome: AskOutcome, profile: Option<&str>) -> Entry {
        let entry = Entry::new(self.job.position, self.job.sample.id.clone(), outcome);
        let mut entry = entry.in_epoch(self.epoch);
        entry.tries = self.tries.made;
        entry.profile = profile.map(str::to_owned);
        entry.source.clone_from(&self.job.source);
        entry
    }

    /// An answer, without tokens, cost and latency. With `finish` something is made of whole answers;
    /// where nothing may be made of this one, the failure comes beside the entry.
    pub(crate) fn answer_entry(
        &self,
        reply: &Reply,
        request: &str,
        profile: Option<&str>,
        finish: Option<&Finish>,
    ) -> (Entry, Option<Failure>) {
        let outcome = reply.outcome();
        let failure = finish.and_then(|_| unusable(outcome, reply));
        let outcome = if failure.is_some() { AskOutcome::Failed } else { outcome };
        let mut entry = self.entry(outcome, profile);
        reply.tell(&mut entry, request);
        if let Some(failure) = failure {
            entry.error = Some(EntryError::from(&failure));
            return (entry, Some(failure));
        }
        if let Some(finish) = finish.filter(|_| outcome.has_answer()) {
            let finished = finish(&self.job, &reply.text);
            entry.predict = Some(finished.answer);
            entry.note = Some(finished.note);
            entry.reading = finished.reading;
        }
        entry.answer = Some(reply.text.clone());
        (entry, None)
    }
}

/// Why nothing is made of a reply, because it would pass for what a whole one says.
fn unusable(outcome: AskOutcome, reply: &Reply) -> Option<Failure> {
    let (reason, said) = match outcome {
        AskOutcome::CutOff => (
            "the reply is cut off by the limit of tokens, so nothing is made of it; allow more with \
             --param max_tokens=...",
            &reply.text,
        ),
        AskOutcome::Refused => (
            "the model or a filter before it refused, so nothing is made of its reply",
            reply.refusal.as_ref().unwrap_or(&reply.text),
        ),
        _ => return None,
    };
    Some(Failure::Malformed { reason, excerpt: excerpt(said) })
}
