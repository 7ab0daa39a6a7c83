//! The model's answer in the two shapes that a client may ask for: one `chat.completion` object,
//! or a series of `chat.completion.chunk` objects.

use serde::Serialize;

use crate::tokens::{self, Usage};

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FinishReason {
    /// The answer is complete.
    Stop,
    /// The answer was cut at the request's token limit.
    Length,
    /// A filter withheld the answer; only faults say so.
    ContentFilter,
}

/// An answer with everything that goes around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// `chatcmpl-...`, one of a kind.
    pub(crate) id: String,
    /// Seconds since 1970.
    pub(crate) created: u64,
    /// The name the model is served under.
    pub(crate) model: String,
    /// None where a fault withholds it.
    pub(crate) text: Option<String>,
    /// What a refusing model says in place of an answer; only faults do.
    pub(crate) refusal: Option<String>,
    pub(crate) finish_reason: FinishReason,
    pub(crate) usage: Usage,
}

#[derive(Serialize)]
struct WholeObject<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [WholeChoice<'a>; 1],
    usage: UsageObject,
}

#[derive(Serialize)]
struct WholeChoice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: FinishReason,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<&'a str>,
}

#[derive(Serialize)]
struct ChunkObject<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: &'a [ChunkChoice<'a>],
    #[serde(skip_serializing_if = "ChunkUsage::is_unasked")]
    usage: ChunkUsage,
}

/// The token counts in a chunk.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
enum ChunkUsage {
    /// Absent: the client did not ask for them.
    Unasked,
    /// Null: they come in the last chunk.
    Pending,
    /// The last chunk.
    Counts(UsageObject),
}

impl ChunkUsage {
    fn is_unasked(&self) -> bool {
        matches!(self, Self::Unasked)
    }
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<()>,
    finish_reason: Option<FinishReason>,
}

/// What a chunk adds to the message; absent fields are left out.
#[derive(Serialize)]
#[serde(untagged)]
enum Delta<'a> {
    Role { role: &'static str, content: Option<&'a str> },
    Content { content: &'a str },
    Refusal { refusal: &'a str },
    Nothing {},
}

#[derive(Clone, Copy, Serialize)]
struct UsageObject {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
}

#[derive(Clone, Copy, Serialize)]
struct PromptDetails {
    audio_tokens: u64,
    cached_tokens: u64,
}

impl From<Usage> for UsageObject {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            total_tokens: usage.prompt + usage.completion,
            prompt_tokens_details: PromptDetails { audio_tokens: usage.audio, cached_tokens: 0 },
        }
    }
}

impl Completion {
    /// The `chat.completion` object.
    pub(crate) fn to_whole(&self) -> Vec<u8> {
        let message = Message {
            role: "assistant",
            content: self.text.as_deref(),
            refusal: self.refusal.as_deref(),
        };
        to_json(&WholeObject {
            id: &self.id,
            object: "chat.completion",
            created: self.created,
            model: &self.model,
            choices: [WholeChoice {
                index: 0,
                message,
                logprobs: None,
                finish_reason: self.finish_reason,
            }],
            usage: self.usage.into(),
        })
    }

    /// The `chat.completion.chunk` objects: the role, a chunk a token, the finish reason, and with
    /// `include_usage` the token counts.
    pub(crate) fn to_chunks(&self, include_usage: bool) -> Vec<Vec<u8>> {
        let role = Delta::Role { role: "assistant", content: self.text.as_ref().map(|_| "") };
        let content = tokens::pieces(self.text.as_deref().unwrap_or_default())
            .map(|content| Delta::Content { content });
        let refusal = tokens::pieces(self.refusal.as_deref().unwrap_or_default())
            .map(|refusal| Delta::Refusal { refusal });
        let deltas = std::iter::once(role)
            .chain(content)
            .chain(refusal)
            .map(|delta| (delta, None))
            .chain(std::iter::once((Delta::Nothing {}, Some(self.finish_reason))));
        let pending = if include_usage { ChunkUsage::Pending } else { ChunkUsage::Unasked };
        let mut chunks: Vec<Vec<u8>> = deltas
            .map(|(delta, finish_reason)| {
                let choice = ChunkChoice { index: 0, delta, logprobs: None, finish_reason };
                self.chunk(&[choice], pending)
            })
            .collect();
        if include_usage {
            chunks.push(self.chunk(&[], ChunkUsage::Counts(self.usage.into())));
        }
        chunks
    }

    fn chunk(&self, choices: &[ChunkChoice<'_>], usage: ChunkUsage) -> Vec<u8> {
        to_json(&ChunkObject {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices,
            usage,
        })
    }
}

fn to_json(object: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(object).expect("strings and numbers always serialise")
}
