//! A completion while it is put together, and the one place that decides whether it is complete.
//!
//! Whole answers, the events of streamed ones and the lines of workers all come here. A text counts
//! as an answer when the model had finished by the server's word (its finish reason, or `[DONE]`
//! after a text) or when the whole body is there; whatever the connection does after that is of no
//! concern. A text before an error, or one that nothing ended, is never an answer.

use avibench_reading::split_thinking;
use avibench_store::FinishReason;
use serde_json::Value;

use super::reply::Reply;
use super::server_error::{ServerError, Verdict};
use super::usage::Usage;
use crate::failure::{Failure, excerpt};

/// What has come of a completion so far.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The answer's text, with thinking in tags still in it.
    text: String,
    /// Thinking that the server tells apart.
    thinking: String,
    /// The words in which the model or a filter declined.
    refusal: Option<String>,
    finish_reason: Option<String>,
    model: Option<String>,
    usage: Usage,
    /// The index of the choice that is read: the lowest that came.
    choice: Option<i64>,
    choices: Choices,
}

/// Where a completion ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// A whole body ended.
    Whole,
    /// The line of a worker, which says by itself that it is the answer.
    Line,
    /// A stream ended with `[DONE]`.
    Done,
    /// A stream ended without it.
    Stream,
    /// The connection failed, or the time was up, before the end.
    Cut(Failure),
}

/// What has been seen of choices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Choices {
    #[default]
    None,
    /// An empty list.
    Empty,
    /// One that holds no message.
    Hollow,
    Read,
}

/// Fields that hold thinking, the first that says something: servers that have two repeat it.
const THINKING: [&str; 5] =
    ["reasoning_content", "reasoning", "thinking", "reasoning_details", "thinking_blocks"];

impl Draft {
    /// What a worker says in one line.
    pub(crate) fn of_line(
        text: String,
        thinking: String,
        finish_reason: Option<String>,
        model: Option<String>,
    ) -> Self {
        Self { text, thinking, finish_reason, model, ..Self::default() }
    }

    /// Whether the server has said why the model stopped.
    pub(crate) fn is_finished(&self) -> bool {
        self.finish_reason.is_some()
    }

    /// Bytes of what the model has said so far.
    pub(crate) fn length(&self) -> usize {
        self.text.len() + self.thinking.len() + self.refusal.as_ref().map_or(0, String::len)
    }

    /// Takes in a document: a whole body, or the data of an event.
    ///
    /// # Errors
    ///
    /// If it holds an error, or is nothing that a completion consists of.
    pub(crate) fn take(&mut self, document: &Value) -> Result<(), Failure> {
        match document {
            Value::Null => Ok(()),
            Value::Object(_) => self.take_object(document),
            Value::Array(items) => items.iter().try_for_each(|item| self.take(item)),
            Value::String(words) => Err(malformed("it holds words in place of an answer", words)),
            other => Err(malformed("it is no completion", &other.to_string())),
        }
    }

    fn take_object(&mut self, document: &Value) -> Result<(), Failure> {
        if let Some(error) = ServerError::in_document(document) {
            return self.take_error(error);
        }
        if let Some(model) = text_of(document.get("model")) {
            self.model = Some(model);
        }
        self.take_block(document);
        let choices = match document.get("choices") {
            Some(Value::Array(choices)) => choices.as_slice(),
            Some(choice @ Value::Object(_)) => std::slice::from_ref(choice),
            _ => &[],
        };
        if self.choices == Choices::None && document.get("choices").is_some_and(Value::is_array) {
            self.choices = Choices::Empty;
        }
        let chosen = choices.iter().enumerate().min_by_key(|(at, choice)| (index_of(choice), *at));
        let choice = chosen.map(|(_, choice)| choice);
        if let Some(usage) = Usage::of(document, choice) {
            self.usage.take(usage);
        }
        // A chunk without choices carries token counts, or keeps the connection open.
        let Some(choice) = choice else { return Ok(()) };
        if let Some(error) = ServerError::in_choice(choice) {
            return self.take_error(error);
        }
        let is_whole = document.get("object").and_then(Value::as_str) == Some("chat.completion");
        self.take_choice(choice, is_whole)
    }

    fn take_choice(&mut self, choice: &Value, is_whole: bool) -> Result<(), Failure> {
        let index = index_of(choice);
        match self.choice {
            Some(known) if index > known => return Ok(()),
            Some(known) if index < known => {
                // Another choice came first; this one has all its chunks still to come.
                (self.text, self.thinking) = Default::default();
                (self.refusal, self.finish_reason) = Default::default();
            }
            _ => {}
        }
        self.choice = Some(index);
        let mut said = Said::default();
        let mut repeats = false;
        if let Some(delta) = choice.get("delta").filter(|delta| delta.is_object()) {
            said = Said::read(delta)?;
            self.choices = Choices::Read;
        }
        if said.is_empty()
            && let Some(message) = choice.get("message").filter(|message| message.is_object())
        {
            said = Said::read(message)?;
            self.choices = Choices::Read;
            // The last event of some streams holds the whole message once more, and others tell
            // with each event all that came so far.
            repeats = is_whole
                || (said.text.len() > self.text.len() && said.text.starts_with(&self.text));
        }
        if let Some(text) = choice.get("text").and_then(Value::as_str) {
            // A completion of the older kind, without messages.
            said.text.push_str(text);
            self.choices = Choices::Read;
        }
        if self.choices != Choices::Read {
            self.choices = Choices::Hollow;
        }
        if repeats && !said.text.is_empty() {
            self.text.clear();
            if !said.thinking.is_empty() {
                self.thinking.clear();
            }
        }
        self.text.push_str(&said.text);
        self.thinking.push_str(&said.thinking);
        if !said.refusal.is_empty() {
            self.refusal.get_or_insert_default().push_str(&said.refusal);
        }
        if let Some(reason) = finish_reason_of(choice) {
            self.finish_reason = Some(reason);
        }
        Ok(())
    }

    /// Takes in an event named `error`.
    pub(crate) fn take_error_event(&mut self, data: &str) -> Result<(), Failure> {
        self.take_error(ServerError::of_event(data))
    }

    fn take_error(&mut self, error: ServerError) -> Result<(), Failure> {
        match error.verdict(None) {
            Verdict::Failed(failure) => Err(failure),
            Verdict::Refused { words, reason } => {
                self.refusal = Some(words);
                self.finish_reason = Some(reason);
                Ok(())
            }
        }
    }

    /// Gemini's word that it does not take the prompt; there is no choice then.
    fn take_block(&mut self, document: &Value) {
        let feedback = ["promptFeedback", "prompt_feedback"];
        let feedback = feedback.iter().find_map(|name| document.get(name));
        let first = |names: [&str; 2]| {
            let said = names.iter().find_map(|name| text_of(feedback?.get(name)));
            said.filter(|said| !said.trim().is_empty())
        };
        let Some(reason) = first(["blockReason", "block_reason"]) else { return };
        let words = first(["blockReasonMessage", "block_reason_message"]);
        self.refusal = Some(words.unwrap_or_else(|| format!("the prompt was blocked: {reason}")));
        self.finish_reason = Some(match FinishReason::of(&reason) {
            FinishReason::Filter => reason,
            _ => "content_filter".to_owned(),
        });
    }

    /// The reply, if this is a complete one.
    ///
    /// # Errors
    ///
    /// If the server failed by its own word, or nothing says that the model had finished.
    pub(crate) fn finish(self, ending: Ending) -> Result<Reply, Failure> {
        let Some(reason) = &self.finish_reason else { return self.finish_without_reason(ending) };
        match FinishReason::of(reason) {
            FinishReason::Stop | FinishReason::Length | FinishReason::Filter => {
                Ok(self.into_reply())
            }
            FinishReason::Failure => {
                let said = format!("`{reason}`, after `{}`", self.text);
                Err(malformed("the server gave up the answer by its finish reason", &said))
            }
            FinishReason::Unknown if self.text.trim().is_empty() && self.refusal.is_none() => {
                Err(malformed("there is no text, and its finish reason is unknown", reason))
            }
            FinishReason::Unknown => Ok(self.into_reply()),
        }
    }

    fn finish_without_reason(self, ending: Ending) -> Result<Reply, Failure> {
        let broken = |reason: &str| Failure::Broken { reason: reason.to_owned() };
        match ending {
            Ending::Cut(failure) => return Err(failure),
            Ending::Stream => return Err(broken("the stream ended before the answer did")),
            Ending::Line => return Ok(self.into_reply()),
            Ending::Whole | Ending::Done => {}
        }
        let says_nothing =
            self.text.is_empty() && self.thinking.is_empty() && self.refusal.is_none();
        match (&ending, self.choices) {
            _ if !says_nothing => Ok(self.into_reply()),
            (Ending::Done, _) => Err(malformed("the stream holds no answer before its end", "")),
            (_, Choices::None) => Err(malformed("it holds no `choices`", "")),
            (_, Choices::Empty) => Err(malformed("`choices` is empty", "")),
            (_, Choices::Hollow) => Err(malformed("its choice holds no `message`", "")),
            (_, Choices::Read) => Err(malformed("it holds neither a text nor a finish reason", "")),
        }
    }

    /// The reply as it stands, with thinking in tags taken out of the answer.
    pub(crate) fn into_reply(self) -> Reply {
        let counts = self.usage.counts();
        let split = split_thinking(&self.text);
        let mut thinking = self.thinking;
        if let Some(thought) = split.thinking {
            if !thinking.is_empty() {
                thinking.push('\n');
            }
            thinking.push_str(thought);
        }
        Reply {
            text: split.answer.to_owned(),
            thinking: Some(thinking).filter(|thinking| !thinking.trim().is_empty()),
            refusal: self.refusal,
            finish_reason: self.finish_reason,
            model: self.model,
            tokens_in: counts.prompt,
            tokens_audio: counts.audio,
            tokens_out: counts.output,
            tokens_reasoning: counts.reasoning,
            counts_contradict: counts.contradictory,
        }
    }
}

/// What a message or a delta says.
#[derive(Debug, Default)]
struct Said {
    text: String,
    thinking: String,
    refusal: String,
}

impl Said {
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.thinking.is_empty() && self.refusal.is_empty()
    }

    fn read(message: &Value) -> Result<Self, Failure> {
        let mut said = Self::default();
        match message.get("content") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => said.text.push_str(text),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| said.take_part(part)),
            Some(other) => {
                return Err(malformed("its `content` is no text", &other.to_string()));
            }
        }
        let thoughts = THINKING.iter().filter_map(|name| message.get(name)).map(thought_of);
        if let Some(thought) = thoughts.into_iter().find(|thought| !thought.is_empty()) {
            said.thinking.insert_str(0, &thought);
        }
        if let Some(words) = text_of(message.get("refusal")) {
            said.refusal.push_str(&words);
        }
        Ok(said)
    }

    /// Takes in a part of a content that is an array.
    fn take_part(&mut self, part: &Value) {
        if let Some(text) = part.as_str() {
            self.text.push_str(text);
            return;
        }
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        let is_thought = part.get("thought").and_then(Value::as_bool) == Some(true)
            || ["thinking", "reasoning", "thought"].iter().any(|word| kind.contains(word));
        if is_thought {
            self.thinking.push_str(&thought_of(part));
        } else if let Some(words) = text_of(part.get("refusal")) {
            self.refusal.push_str(&words);
        } else if let Some(text) = part.get("text").and_then(Value::as_str) {
            self.text.push_str(text);
        }
    }
}

/// The text of a thought: a string, or objects and arrays around one.
fn thought_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(thought_of).collect(),
        Value::Object(_) => ["text", "thinking", "summary", "content", "reasoning"]
            .iter()
            .filter_map(|name| value.get(name))
            .map(thought_of)
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// A choice's place among the choices; the first where it has none.
fn index_of(choice: &Value) -> i64 {
    let index = choice.get("index");
    let number = index.and_then(|index| index.as_i64().or_else(|| index.as_str()?.parse().ok()));
    number.unwrap_or(0)
}

/// Why the model stopped; what is empty says nothing.
fn finish_reason_of(choice: &Value) -> Option<String> {
    let places = ["/finish_reason", "/finishReason", "/finish_details/type"];
    places.iter().filter_map(|place| choice.pointer(place)).find_map(|reason| match reason {
        Value::String(reason) => {
            let says_nothing = ["", "null", "none"].contains(&&*reason.trim().to_ascii_lowercase());
            (!says_nothing).then(|| reason.clone())
        }
        Value::Null | Value::Bool(_) => None,
        other => Some(other.to_string()),
    })
}

fn text_of(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

fn malformed(reason: &'static str, said: &str) -> Failure {
    Failure::Malformed { reason, excerpt: excerpt(said) }
}
