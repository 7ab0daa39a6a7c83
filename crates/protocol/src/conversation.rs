//! A question as a model receives it: one system line, then images, audios, video and text.

use std::sync::Arc;

/// The system line of every conversation.
pub const SYSTEM_PROMPT: &str = "You are a helpful assistant.";

/// One medium in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medium {
    /// Mime type, such as `audio/wav`.
    pub mime: String,
    /// The file's content.
    pub bytes: Arc<[u8]>,
}

/// Everything a model is given for one sample, in the order in which it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Images, in the order of the question.
    pub images: Vec<Medium>,
    /// Audio clips, in the order of the question.
    pub audios: Vec<Medium>,
    /// At most one video.
    pub video: Option<Medium>,
    /// The question with its prompt and options.
    pub text: String,
}

/// A model that answers in this process, from the conversation alone.
///
/// Answers depend on nothing but the conversation (and the model's own seed): the same question
/// gets the same answer whatever was asked before, from any thread.
pub trait LocalModel: Send + Sync {
    /// The name it is served and reported under.
    fn name(&self) -> &str;

    /// The answer. A model that cannot tell says so in words (`i dont know`).
    fn answer(&self, conversation: &Conversation) -> String;
}
