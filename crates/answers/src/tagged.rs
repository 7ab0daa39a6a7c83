//! Names and boxes in tags, as grounding models write them:
//! `<ref>tuba</ref><box>(10,20),(30,40)</box>`.

use std::sync::LazyLock;

use avibench_python::LenientValue;
use regex::Regex;

use crate::answer::Answer;
use crate::blocks::{self, Block, Convert};
use crate::rule::RuleOutcome;
use crate::unread_reason::Doubt;

static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:<ref>|<\|object_ref_start\|>)(?P<name>[^<]{1,64})(?:</ref>|<\|object_ref_end\|>)\s*:?\s*",
        r"(?:<box>|<\|box_start\|>)(?P<box>[^<]{1,200})(?:</box>|<\|box_end\|>)",
    ))
    .expect("the pattern is constant")
});

/// Nothing but pairs of a name and a box.
pub(crate) fn tagged(answer: &Answer<'_>, convert: Convert) -> RuleOutcome {
    let mut entries = Vec::new();
    let mut span = 0..0;
    let mut is_separator = true;
    for found in PAIR.captures_iter(&answer.visible) {
        let Some(whole) = found.get(0) else { continue };
        is_separator &= separates(&answer.visible[span.end..whole.start()]);
        let start = if entries.is_empty() { whole.start() } else { span.start };
        span = start..whole.end();
        let text = |group: &str| LenientValue::Text(found[group].trim().to_owned());
        entries.push((text("name"), text("box")));
    }
    if entries.is_empty() {
        return RuleOutcome::Passes { reason: "there are no tagged boxes" };
    }
    if !is_separator || !separates(&answer.visible[span.end..]) {
        return RuleOutcome::doubts(Doubt::BesideTags);
    }
    blocks::agree(vec![Block { span, value: LenientValue::Dict(entries) }], answer, convert)
}

fn separates(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';' | '.' | '*' | '-'))
}
