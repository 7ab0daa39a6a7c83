//! Recorded replies: what servers have been seen to send, byte for byte, and what a client should
//! make of it. `data/replies.toml` holds them; the server plays them by name, and whoever reads replies
//! can be tested with them.

use std::sync::LazyLock;

use serde::Deserialize;

/// A reply as a server sent it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordedReply {
    /// Its name.
    pub name: String,
    /// What the server sends, in words.
    pub says: String,
    /// Whether the client asks for a stream.
    pub stream: bool,
    /// HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The content type; no header where it is empty.
    pub content_type: String,
    /// Further headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What the connection does after the body.
    #[serde(default)]
    pub then: AfterReply,
    /// What a client should make of it.
    #[serde(flatten)]
    pub expected: ExpectedReply,
}

/// What a connection does after a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterReply {
    /// The body ends.
    #[default]
    End,
    /// It stays open, and nothing more comes.
    Hold,
    /// It is reset.
    Reset,
    /// It closes before the announced length.
    Torn,
}

/// What a client should make of a reply. What is absent is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExpectedReply {
    /// What becomes of the sample: `answered`, `cut_off`, ...
    pub outcome: String,
    /// The class of the failure.
    pub class: Option<String>,
    /// The answer.
    pub text: Option<String>,
    /// The thinking before it; empty where there should be none.
    pub thinking: Option<String>,
    /// Tokens that were generated.
    pub tokens_out: Option<u64>,
    /// Tokens of thinking among them.
    pub tokens_reasoning: Option<u64>,
    /// Part of the words that are kept of a refusal or a failure.
    pub words: Option<String>,
    /// Part of what the run says at its end.
    pub remark: Option<String>,
}

fn ok() -> u16 {
    200
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reply: Vec<RecordedReply>,
}

static REPLIES: LazyLock<Vec<RecordedReply>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../data/replies.toml"))
        .expect("the recorded replies are part of the program, and a test reads them");
    file.reply
});

/// All recorded replies.
#[must_use]
pub fn recorded_replies() -> &'static [RecordedReply] {
    &REPLIES
}

/// The one of that name.
pub(crate) fn recorded_reply(name: &str) -> Option<&'static RecordedReply> {
    REPLIES.iter().find(|reply| reply.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of docs/faults.md, from the data.
    fn table() -> String {
        let row = |reply: &RecordedReply| {
            let expected = &reply.expected;
            let outcome = expected.outcome.replace('_', " ");
            let class = expected.class.as_ref().map(|class| format!(", `{class}`"));
            format!(
                "| `{}` | {} | {outcome}{} |\n",
                reply.name,
                reply.says,
                class.unwrap_or_default()
            )
        };
        recorded_replies().iter().map(row).collect()
    }

    #[test]
    fn the_documentation_lists_every_reply() {
        let page = include_str!("../../../docs/faults.md");
        let table = table();
        assert!(page.contains(&table), "docs/faults.md should hold this table:\n{table}");
    }

    #[test]
    fn names_differ() {
        let mut names: Vec<&str> = REPLIES.iter().map(|reply| &*reply.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(
            names.iter().all(|name| name
                .chars()
                .all(|c| c.is_ascii_lowercase() || "-0123456789".contains(c)))
        );
    }
}
