//! What of an answer is answer: not its reasoning, not the special tokens of chat templates.

use std::sync::LazyLock;

use regex::Regex;

/// A reasoning block opens and never closes: the answer was cut off before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfinished;

static REASONING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<open><(?:think|thinking|thought|reasoning|reflection|analysis|scratchpad|seed:think)>",
        r"|◁think▷|\[think\]|<\|begin_of_thought\|>|<\|channel\|>analysis<\|message\|>)",
        r"|(?P<close></(?:think|thinking|thought|reasoning|reflection|analysis|scratchpad|seed:think)>",
        r"|◁/think▷|\[/think\]|<\|end_of_thought\|>|<\|channel\|>final<\|message\|>)",
    ))
    .expect("the pattern is constant and tested")
});

static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"<\|(?:endoftext|end_of_text|begin_of_text|im_end|im_start|eot_id|end|start|return|eom_id",
        r"|begin_of_solution|end_of_solution|begin_of_box|end_of_box)\|>",
        r"|</?s>|<eos>|<bos>|<pad>|<end_of_turn>|<start_of_turn>|[\u{feff}\u{200b}-\u{200f}\u{2060}]",
    ))
    .expect("the pattern is constant and tested")
});

/// The answer proper: everything else is blanked, so that offsets stay those of `raw`.
pub(crate) fn visible(raw: &str) -> Result<String, Unfinished> {
    let mut bytes = raw.as_bytes().to_vec();
    let mut opened = None;
    let mut blanked = 0;
    for found in REASONING.captures_iter(raw) {
        if let Some(open) = found.name("open") {
            opened = opened.or(Some(open.start()));
        } else if let Some(close) = found.name("close") {
            // Chat templates often hold the opening tag, so that only the closing one arrives.
            let start = opened.take().unwrap_or(blanked);
            blanked = close.end();
            bytes[start..blanked].fill(b' ');
        }
    }
    if opened.is_some() {
        return Err(Unfinished);
    }
    for token in TOKENS.find_iter(raw) {
        bytes[token.range()].fill(b' ');
    }
    // Whole matches were blanked, so no character was cut in half.
    String::from_utf8(bytes).map_err(|_| Unfinished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasoning_and_special_tokens_are_blanked_in_place() {
        let raw = "<think>no, ü</think>yes<|im_end|>";
        let shown = visible(raw).unwrap();
        assert_eq!(shown.len(), raw.len());
        assert_eq!(shown.trim(), "yes");
        assert_eq!(shown.find("yes"), raw.find("yes"));
        assert_eq!(visible("no it is\n</think>\n\nyes").unwrap().trim(), "yes");
        assert_eq!(visible("◁think▷no◁/think▷yes").unwrap().trim(), "yes");
        let harmony = "<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>final<|message|>yes";
        assert_eq!(visible(harmony).unwrap().trim(), "yes");
        assert_eq!(visible("<think>yes it must be"), Err(Unfinished));
    }
}
