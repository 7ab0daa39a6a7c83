//! How many tokens a request took, by the server's count, in the forms that servers have for it.

use serde_json::Value;

/// What a server counted. Fields are absent where it does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    prompt: Option<u64>,
    audio: Option<u64>,
    completion: Option<u64>,
    total: Option<u64>,
    reasoning: Option<u64>,
    /// A count is negative, a fraction or no number.
    unreadable: bool,
}

/// The counts of a reply as far as they can be made out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TokenCounts {
    /// Prompt tokens.
    pub(crate) prompt: Option<u64>,
    /// Of these, tokens of sound.
    pub(crate) audio: Option<u64>,
    /// Everything that the model generated, thoughts included.
    pub(crate) output: Option<u64>,
    /// Of these, tokens of reasoning.
    pub(crate) reasoning: Option<u64>,
    /// The server's counts cannot all be right.
    pub(crate) contradictory: bool,
}

const PROMPT: &[&str] =
    &["/prompt_tokens", "/input_tokens", "/promptTokenCount", "/prompt_token_count"];
const AUDIO: &[&str] =
    &["/prompt_tokens_details/audio_tokens", "/input_tokens_details/audio_tokens"];
const COMPLETION: &[&str] =
    &["/completion_tokens", "/output_tokens", "/candidatesTokenCount", "/candidates_token_count"];
const TOTAL: &[&str] = &["/total_tokens", "/totalTokenCount", "/total_token_count"];
const REASONING: &[&str] = &[
    "/completion_tokens_details/reasoning_tokens",
    "/output_tokens_details/reasoning_tokens",
    "/reasoning_tokens",
    "/thinking_tokens",
    "/thoughtsTokenCount",
    "/thoughts_token_count",
];
/// Where usage stands in a document.
const PLACES: &[&str] = &["/usage", "/x_groq/usage", "/usage_metadata", "/usageMetadata"];

impl Usage {
    /// The usage of a document and of its choice, if it tells any.
    pub(crate) fn of(document: &Value, choice: Option<&Value>) -> Option<Self> {
        let places = PLACES.iter().filter_map(|place| document.pointer(place));
        let of_choice = choice.and_then(|choice| choice.get("usage"));
        places.chain(of_choice).find_map(Self::read)
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Object(fields) if fields.is_empty() => None,
            Value::Object(_) => {
                let mut unreadable = false;
                let mut count = |places: &[&str]| {
                    let value = places
                        .iter()
                        .filter_map(|place| value.pointer(place))
                        .find(|value| !value.is_null())?;
                    let count = whole_number(value);
                    unreadable |= count.is_none();
                    count
                };
                let [prompt, audio, completion, total, reasoning] =
                    [PROMPT, AUDIO, COMPLETION, TOTAL, REASONING].map(&mut count);
                Some(Self { prompt, audio, completion, total, reasoning, unreadable })
            }
            _ => Some(Self { unreadable: true, ..Self::default() }),
        }
    }

    /// Takes in what a later chunk of the same reply tells. Later counts replace earlier ones; what
    /// they leave out about the prompt still holds.
    pub(crate) fn take(&mut self, later: Self) {
        *self = Self {
            prompt: later.prompt.or(self.prompt),
            audio: later.audio.or(self.audio),
            completion: later.completion.or(self.completion),
            unreadable: later.unreadable || self.unreadable,
            ..later
        };
    }

    /// What the counts come to. Some servers leave thoughts out of the completion and tell them
    /// only in the total, so that the larger figure counts: it is what is paid.
    pub(crate) fn counts(&self) -> TokenCounts {
        let Self { prompt, audio, completion, total, reasoning, unreadable } = *self;
        let beyond_prompt = total.zip(prompt).map(|(total, prompt)| total.saturating_sub(prompt));
        let said = match (completion, beyond_prompt) {
            // No total says whether thoughts are in it; more of them than of all are not.
            (Some(completion), None) if reasoning.is_some_and(|count| count > completion) => {
                Some(completion.saturating_add(reasoning.unwrap_or(0)))
            }
            (completion, beyond) => completion.max(beyond),
        };
        let parts = prompt.unwrap_or(0).saturating_add(completion.unwrap_or(0));
        let contradictory = unreadable
            || total.is_some_and(|total| total < parts)
            || reasoning.zip(said).is_some_and(|(reasoning, said)| reasoning > said)
            || audio.zip(prompt).is_some_and(|(audio, prompt)| audio > prompt);
        let outside = beyond_prompt.zip(completion).and_then(|(beyond, completion)| {
            beyond.checked_sub(completion).filter(|&outside| outside > 0)
        });
        let reasoning = reasoning.or(outside);
        TokenCounts { prompt, audio, output: said.max(reasoning), reasoning, contradictory }
    }
}

/// A count; whole numbers may be written with a decimal point.
fn whole_number(value: &Value) -> Option<u64> {
    let float =
        |value: f64| (value >= 0.0 && value.fract() == 0.0 && value < 9e15).then_some(value);
    value.as_u64().or_else(|| value.as_f64().and_then(float).map(|value| value as u64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(usage: &Value) -> (Option<u64>, Option<u64>, Option<u64>, bool) {
        let counts = Usage::of(&json!({ "usage": usage }), None).unwrap_or_default().counts();
        (counts.prompt, counts.output, counts.reasoning, counts.contradictory)
    }

    #[test]
    fn thoughts_are_counted_wherever_they_stand() {
        let thoughts = |count| json!({ "reasoning_tokens": count });
        for (usage, wanted) in [
            (json!({"prompt_tokens": 400, "completion_tokens": 5}), (Some(400), Some(5), None)),
            (
                json!({"prompt_tokens": 400, "completion_tokens": 105, "total_tokens": 505,
                    "completion_tokens_details": thoughts(100)}),
                (Some(400), Some(105), Some(100)),
            ),
            (
                json!({"prompt_tokens": 400, "completion_tokens": 5, "total_tokens": 505}),
                (Some(400), Some(105), Some(100)),
            ),
            (
                json!({"prompt_tokens": 400, "completion_tokens": 5,
                    "completion_tokens_details": thoughts(100)}),
                (Some(400), Some(105), Some(100)),
            ),
            (
                json!({"promptTokenCount": 400, "candidatesTokenCount": 5,
                    "thoughtsTokenCount": 100, "totalTokenCount": 505}),
                (Some(400), Some(105), Some(100)),
            ),
            (json!({"prompt_tokens": 9, "total_tokens": 9}), (Some(9), Some(0), None)),
            (json!({"input_tokens": 9.0, "output_tokens": 2.0}), (Some(9), Some(2), None)),
        ] {
            let (prompt, output, reasoning, contradictory) = counts(&usage);
            assert_eq!((prompt, output, reasoning), wanted, "{usage}");
            assert!(!contradictory, "{usage}");
        }
    }

    #[test]
    fn counts_that_cannot_all_be_right_are_noticed() {
        for (usage, output) in [
            (json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 10}), Some(5)),
            (json!({"prompt_tokens": 9, "completion_tokens": -5}), None),
            (json!({"prompt_tokens": "9", "completion_tokens": 5}), Some(5)),
            (json!({"prompt_tokens": 9, "completion_tokens": 5.5}), None),
            (
                json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
                    "completion_tokens_details": {"reasoning_tokens": 7}}),
                Some(7),
            ),
            (json!("plenty"), None),
        ] {
            let counted = counts(&usage);
            assert!(counted.3, "{usage}");
            assert_eq!(counted.1, output, "{usage}");
        }
    }

    #[test]
    fn the_last_usage_that_tells_something_wins() {
        let mut usage = Usage::default();
        for chunk in [
            json!({"usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}}),
            json!({"usage": {"completion_tokens": 4}}),
            json!({"usage": null}),
            json!({"x_groq": {"id": "x"}}),
        ] {
            if let Some(later) = Usage::of(&chunk, None) {
                usage.take(later);
            }
        }
        let counts = usage.counts();
        assert_eq!((counts.prompt, counts.output), (Some(9), Some(4)));
        assert!(!counts.contradictory);
        let choice = json!({"usage": {"completion_tokens": 2}});
        assert!(Usage::of(&json!({"usage": null}), Some(&choice)).is_some());
        assert!(Usage::of(&json!({"usage": {}}), None).is_none());
    }
}
