//! What a finish reason means: the one list of the words that servers use.

/// The meaning of a finish reason.
///
/// Every maker of servers has words of its own for the same few ends, and gateways pass them on
/// untranslated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FinishReason {
    /// The model had finished: `stop`, `end_turn`, `eos`, ...
    Stop,
    /// The limit of tokens cut the answer off: `length`, `MAX_TOKENS`, ...
    Length,
    /// A filter, or the model by the server's word, declined: `content_filter`, `SAFETY`, ...
    Filter,
    /// The server gave up on the way, so there is no complete answer: `error`, `abort`, ...
    Failure,
    /// A word that this program does not know.
    Unknown,
}

const STOP: [&str; 12] = [
    "stop",
    "stop_sequence",
    "stop_token",
    "end_turn",
    "end_of_turn",
    "eos",
    "eos_token",
    "complete",
    "completed",
    "finished",
    "normal",
    "tool_calls",
];
const LENGTH: [&str; 10] = [
    "length",
    "max_tokens",
    "max_length",
    "max_new_tokens",
    "max_output_tokens",
    "max_completion_tokens",
    "model_length",
    "token_limit",
    "context_length",
    "model_context_window_exceeded",
];
const FILTER: [&str; 19] = [
    "content_filter",
    "content_filtered",
    "contentfilter",
    "safety",
    "image_safety",
    "prohibited_content",
    "image_prohibited_content",
    "recitation",
    "image_recitation",
    "blocklist",
    "blocked",
    "spii",
    "refusal",
    "sensitive",
    "guardrail_intervened",
    "guardrails",
    "moderation",
    "error_toxic",
    "data_inspection_failed",
];
const FAILURE: [&str; 14] = [
    "error",
    "abort",
    "aborted",
    "cancel",
    "cancelled",
    "canceled",
    "timeout",
    "network_error",
    "server_error",
    "internal_error",
    "engine_error",
    "insufficient_system_resource",
    "malformed_function_call",
    "failed",
];

impl FinishReason {
    /// The meaning of a server's word, in any case, with blanks or hyphens for underscores, with
    /// or without the prefix of an enumeration (`FINISH_REASON_SAFETY`, `FinishReason.MAX_TOKENS`)
    /// and with or without particulars after it (`content_filter: SAFETY`).
    #[must_use]
    pub fn of(word: &str) -> Self {
        let word = word.split(':').next().unwrap_or_default();
        let word = word.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        let word = word.rsplit('.').next().unwrap_or_default();
        let word = word.strip_prefix("finish_reason_").unwrap_or(word);
        let is_in = |list: &[&str]| list.contains(&word);
        if is_in(&STOP) {
            Self::Stop
        } else if is_in(&LENGTH) {
            Self::Length
        } else if is_in(&FILTER) {
            Self::Filter
        } else if is_in(&FAILURE) {
            Self::Failure
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_has_its_words() {
        for (word, meaning) in [
            ("stop", FinishReason::Stop),
            ("STOP", FinishReason::Stop),
            ("FINISH_REASON_STOP", FinishReason::Stop),
            ("end_turn", FinishReason::Stop),
            ("length", FinishReason::Length),
            ("MAX_TOKENS", FinishReason::Length),
            ("FinishReason.MAX_TOKENS", FinishReason::Length),
            ("max-tokens", FinishReason::Length),
            ("content_filter", FinishReason::Filter),
            ("Content Filter", FinishReason::Filter),
            ("PROHIBITED_CONTENT", FinishReason::Filter),
            ("guardrail_intervened", FinishReason::Filter),
            ("content_filter: SAFETY", FinishReason::Filter),
            ("error", FinishReason::Failure),
            ("ABORT", FinishReason::Failure),
            ("insufficient_system_resource", FinishReason::Failure),
            ("OTHER", FinishReason::Unknown),
            ("", FinishReason::Unknown),
            ("stop it", FinishReason::Unknown),
        ] {
            assert_eq!(FinishReason::of(word), meaning, "{word}");
        }
    }

    #[test]
    fn no_word_has_two_meanings() {
        let all = [&STOP[..], &LENGTH, &FILTER, &FAILURE].concat();
        for (index, word) in all.iter().enumerate() {
            assert!(!all[..index].contains(word), "{word}");
        }
    }
}
