//! What of an answer is answer: not its thinking, not the special tokens of chat templates, not what
//! a model goes on to invent after its turn has ended.

use std::sync::LazyLock;

use regex::Regex;

/// The answer breaks off within its thinking, so that nothing of it is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfinished;

static THINKING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<open><\|?(?:think|thinking|thought|thoughts|reasoning|reason|reflection|analysis|scratchpad|seed:think|begin_of_thought|start_thinking)\|?>",
        r"|◁think▷|\[think(?:ing)?\]|<\|channel\|>analysis<\|message\|>|<think\n)",
        r"|(?P<close><?/\|?(?:think|thinking|thought|thoughts|reasoning|reason|reflection|analysis|scratchpad|seed:think)\|?>",
        r"|◁/think▷|\[/INST\]|\[/think(?:ing)?\]|<\|end_of_thought\|>|<\|end_thinking\|>|<\|channel\|>final<\|message\|>)",
        r"|(?P<answer><(?:final_?)?answer>|<\|begin_of_solution\|>)",
    ))
    .expect("the pattern is constant and tested")
});

/// Tokens that end a turn: what follows them is not the answer any more.
static STOPS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)<\|(?:endoftext|end_of_text|im_end|eot_id|eom_id|end|return|end_of_turn|eos|user|im_start)\|>",
        r"|</s>|<eos>|<end_of_turn>|<end_of_utterance>|\[INST\]|<｜end▁of▁sentence｜>",
    ))
    .expect("the pattern is constant and tested")
});

/// Tokens that mean nothing.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)<\|(?:begin_of_text|im_start|start|assistant|start_header_id|end_header_id",
        r"|end_of_solution|begin_of_solution)\|>",
        r"|<s>|<bos>|<pad>|<unk>|<start_of_turn>|<｜begin▁of▁sentence｜>|<｜assistant｜>|[\u{feff}\u{200b}-\u{200f}\u{2060}]",
    ))
    .expect("the pattern is constant and tested")
});

/// A model that runs on asks and answers itself: the answer is the one before.
static NEXT_TURN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\n[ \t]*(?:#{1,4}[ \t]*|\*\*)?",
        r"(?:(?:next |follow-?up |new )?question(?:[ \t]*\d+)?|human|user|q\d*|instruction|input|问题|问|用户)(?:\*\*)?[ \t]*[:：]",
    ))
    .expect("the pattern is constant and tested")
});

/// The part of an answer that is to be read. What is not is blanked or cut from the end, so that
/// byte offsets are those of `raw`.
///
/// # Errors
/// The answer breaks off within its thinking.
pub(crate) fn visible(raw: &str) -> Result<String, Unfinished> {
    let mut bytes = raw.as_bytes().to_vec();
    let mut opened = None;
    let mut blanked = 0;
    for found in THINKING.captures_iter(raw) {
        if let Some(open) = found.name("open") {
            opened = opened.or(Some(open.start()));
        } else if let Some(close) = found.name("close") {
            // Chat templates often hold the opening tag, so that only the closing one arrives.
            let start = opened.take().unwrap_or(blanked);
            blanked = close.end();
            bytes[start..blanked].fill(b' ');
        } else if let Some(answer) = found.name("answer")
            && let Some(start) = opened.take()
        {
            // A tag for the answer ends thinking that was not closed.
            blanked = answer.start();
            bytes[start..blanked].fill(b' ');
        }
    }
    if opened.is_some() {
        return Err(Unfinished);
    }
    let is_blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
    let mut end = bytes.len();
    let mut last = blanked;
    for stop in STOPS.find_iter(raw).filter(|stop| stop.start() >= blanked) {
        let began = !is_blank(&without_tokens(&bytes[last..stop.start()]));
        if began {
            end = stop.start();
            break;
        }
        bytes[stop.range()].fill(b' ');
        last = stop.end();
    }
    bytes.truncate(end);
    // Whole matches were blanked or cut, so that no character was cut in half.
    let mut text = String::from_utf8(bytes).map_err(|_| Unfinished)?;
    let tokens: Vec<_> = TOKENS.find_iter(&text).map(|found| found.range()).collect();
    if !tokens.is_empty() {
        let mut bytes = text.into_bytes();
        for token in tokens {
            bytes[token].fill(b' ');
        }
        text = String::from_utf8(bytes).map_err(|_| Unfinished)?;
    }
    if let Some(next) = NEXT_TURN.find_iter(&text).find(|next| {
        let before = text[..next.start()].trim();
        let after = &text[next.end()..];
        // The question may also be repeated before it is answered.
        !before.is_empty() && (!before.ends_with(':') || after.contains("Answer:"))
    }) {
        let end = next.start();
        text.truncate(end);
    }
    if text.contains('<') {
        text = without_html(text);
    }
    if THINKS_ALOUD.is_match(&text) && !is_finished(&text) {
        return Err(Unfinished);
    }
    Ok(text)
}

/// Marks of layout in HTML are blanked; those that end a line become one.
fn without_html(text: String) -> String {
    static TAGS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)</?(?P<name>b|i|u|strong|em|mark|code|pre|span|font|small|center|sub|sup|p|div|br|hr|li|ul|ol|h[1-6]|table|thead|tbody|tr|td|th|body|html|head|section|article|blockquote)(?:\s[^<>]{0,200})?\s*/?>").expect("the pattern is constant and tested")
    });
    let found: Vec<_> = TAGS
        .captures_iter(&text)
        .filter_map(|tag| {
            let inline = matches!(
                tag["name"].to_lowercase().as_str(),
                "b" | "i"
                    | "u"
                    | "strong"
                    | "em"
                    | "mark"
                    | "code"
                    | "span"
                    | "font"
                    | "small"
                    | "sub"
                    | "sup"
                    | "td"
                    | "th"
            );
            Some((tag.get(0)?.range(), inline))
        })
        .collect();
    if found.is_empty() {
        return text;
    }
    let mut bytes = text.clone().into_bytes();
    for (range, inline) in found {
        let start = range.start;
        bytes[range].fill(b' ');
        if !inline {
            bytes[start] = b'\n';
        }
    }
    String::from_utf8(bytes).unwrap_or(text)
}

/// Thinking that a model writes without tags around it.
static THINKS_ALOUD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\W*(?:(?:okay|ok|alright|hmm|so|well|got it|right)[,.]?\s+)?(?:(?:so|now)[,]?\s+)?",
        r"(?:the user (?:wants|is asking|asks|asked|would like|has asked|needs|provided)|i need to (?:figure|determine|find|check|look|analy|see|listen|count|think)|let me (?:think|see|start|go|look|analy|break|count|listen|check|examine|try)|let's (?:see|think|break|start|look|go|analy|count|tackle)|first,? (?:i|let)|用户|好的，|我需要|让我)",
    ))
    .expect("the pattern is constant and tested")
});

/// Whether a text ends as sentences, literals and tags end.
fn is_finished(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`'));
    static ANSWERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:final|answer|conclusion|verdict)\b[^.\n]{0,40}$")
            .expect("the pattern is constant and tested")
    });
    if ANSWERS.is_match(end) {
        return true;
    }
    let last_line = end.lines().last().unwrap_or_default();
    end.ends_with(['.', '!', '?', '。', '！', '？', '}', ']', ')', '>', '"', '”', '\'', '#', '$'])
        || last_line.split_whitespace().count() <= 4
}

fn without_tokens(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    TOKENS.replace_all(&text, " ").into_owned().into_bytes()
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
