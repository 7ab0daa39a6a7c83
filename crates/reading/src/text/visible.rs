//! What of an answer is answer: not its thinking, not the special tokens of chat templates, not what
//! a model goes on to invent after its turn has ended.

use std::ops::Range;
use std::sync::LazyLock;

use super::html::without_html;
use super::thinking::{Unfinished, breaks_off_aloud, without_thinking};
use super::{Pattern, pattern};

/// Tokens that end a turn: what follows them is not the answer any more.
static STOPS: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)<\|(?:endoftext|end_of_text|im_end|eot_id|eom_id|end|return|end_of_turn|eos|user|im_start)\|>",
        r"|</s>|<eos>|<end_of_turn>|<end_of_utterance>|\[INST\]|<｜end▁of▁sentence｜>",
    ))
});

/// Tokens that mean nothing.
static TOKENS: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)<\|(?:begin_of_text|im_start|start|assistant|start_header_id|end_header_id",
        r"|end_of_solution|begin_of_solution)\|>",
        r"|<s>|<bos>|<pad>|<unk>|<start_of_turn>|<｜begin▁of▁sentence｜>|<｜assistant｜>|[\u{feff}\u{200b}-\u{200f}\u{2060}]",
    ))
});

/// A model that runs on asks and answers itself: the answer is the one before.
static NEXT_TURN: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\n[ \t]*(?:#{1,4}[ \t]*|\*\*)?",
        r"(?:(?:next |follow-?up |new )?question(?:[ \t]*\d+)?|human|user|q\d*|instruction|input|问题|问|用户)(?:\*\*)?[ \t]*[:：]",
    ))
});

/// The part of an answer that is to be read. What is not is blanked or cut from the end, so that
/// byte offsets are those of `raw`: of `<think>no</think>yes` it leaves 17 blanks and `yes`.
///
/// # Errors
/// The answer breaks off within its thinking.
pub(crate) fn visible(raw: &str) -> Result<String, Unfinished> {
    let (text, thought_until) = without_thinking(raw)?;
    let text = first_turn(raw, text, thought_until);
    let tokens: Vec<_> = TOKENS.find_iter(&text).map(|found| found.range()).collect();
    let mut text = blanked(text, tokens);
    if let Some(end) = next_question(&text) {
        text.truncate(end);
    }
    if text.contains('<') {
        text = without_html(text);
    }
    if breaks_off_aloud(&text) { Err(Unfinished) } else { Ok(text) }
}

/// `text` with blanks in the place of whole pieces of it.
pub(super) fn blanked(text: String, pieces: impl IntoIterator<Item = Range<usize>>) -> String {
    let mut bytes = text.into_bytes();
    for piece in pieces {
        bytes[piece].fill(b' ');
    }
    // Pieces that are matches of patterns begin and end between characters.
    String::from_utf8(bytes).unwrap_or_default()
}

/// What stands before the first token that ends a turn after the answer began. Such tokens before it
/// are blanked: `<|im_end|>No<|im_end|>` says no.
fn first_turn(raw: &str, mut text: String, thought_until: usize) -> String {
    let mut before = Vec::new();
    let mut last = thought_until;
    for stop in STOPS.find_iter(raw).filter(|stop| stop.start() >= thought_until) {
        if !TOKENS.replace_all(&raw[last..stop.start()], "").trim().is_empty() {
            text.truncate(stop.start());
            break;
        }
        before.push(stop.range());
        last = stop.end();
    }
    blanked(text, before)
}

/// Where a model that runs on asks the next question. The question may also be repeated before it is
/// answered, and then nothing ends there.
fn next_question(text: &str) -> Option<usize> {
    let last_answer = text.rfind("Answer:");
    let next = NEXT_TURN.find_iter(text).find(|next| {
        let before = text[..next.start()].trim_end();
        let is_answered = last_answer.is_some_and(|answer| answer >= next.end());
        !before.is_empty() && (!before.ends_with(':') || is_answered)
    })?;
    Some(next.start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_and_special_tokens_are_blanked_in_place() {
        let raw = "<think>no, ü</think>yes<|im_end|>";
        let shown = visible(raw).unwrap();
        assert_eq!(shown.trim(), "yes");
        assert_eq!(shown.find("yes"), raw.find("yes"));
        let harmony = "<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>final<|message|>yes";
        for (raw, wanted) in [
            ("no it is\n</think>\n\nyes", "yes"),
            ("◁think▷no◁/think▷yes", "yes"),
            (harmony, "yes"),
            ("<s> No", "No"),
            ("No</s>Yes, and more", "No"),
            ("No<|im_end|>\n<|im_start|>user\nIs it?", "No"),
            ("<|endoftext|>No", "No"),
            ("<think>so <answer>no</answer>", "<answer>no</answer>"),
            ("yes\n\nQuestion: Is the cat visible?\nAnswer: no", "yes"),
            ("yes\nHuman: and now?", "yes"),
            ("no </ think", "no </ think"),
        ] {
            assert_eq!(visible(raw).unwrap().trim(), wanted, "{raw}");
        }
        for cut in [
            "<think>yes it must be",
            "The user wants to know if the whale is visible. Frame 1: water. Frame 2: water and",
        ] {
            assert_eq!(visible(cut), Err(Unfinished), "{cut}");
        }
        assert!(visible("Let me look at the frames. Answer: no").is_ok());
    }
}
