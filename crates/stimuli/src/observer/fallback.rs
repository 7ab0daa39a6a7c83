//! The fallback: what is guessed where what was sent does not determine the answer.

use avibench_protocol::Conversation;

use super::senses::Senses;
use super::{Question, audiovisual, images};
use crate::chance;

/// Whether a question asks if there is anything to hear or to see at all. That is never guessed.
pub(super) fn is_check(question: &Question) -> bool {
    ["hear any", "silent", "see any", "blank"].iter().any(|words| question.says(words))
}

/// An answer drawn uniformly from those that are left, by `seed` and all that was sent.
pub(super) fn guess(
    question: &Question,
    senses: &Senses,
    conversation: &Conversation,
    seed: u64,
) -> Option<String> {
    let mut stream = chance::stream(seed, conversation);
    if !audiovisual::is_asked(question) {
        return Some(chance::guess(question, conversation, &mut stream));
    }
    let film = if images::anything_is_seen(senses) { senses.film() } else { &[] };
    stream.try_pick(&audiovisual::possible(question, film)).cloned()
}
