//! Yes or no in boxes, tags and fields.

use std::sync::LazyLock;

use super::word::piece;
use super::{Said, polarity};
use crate::family::full_match::question::Asked;
use crate::family::full_match::testimony::{Testimony, settled};
use crate::text::places::places;
use crate::text::refusal::refusal;
use crate::text::{Pattern, pattern};
use crate::{ReadingRule, Unread};

/// A field that is true or false.
static FLAG: Pattern = LazyLock::new(|| {
    pattern(r#"(?i)["'](?P<key>[\w ]{1,40})["']\s*:\s*["']?(?P<value>true|false|yes|no)\b"#)
});

/// What the places that are made for an answer say; `None` if there are none.
pub(super) fn in_places(asked: &Asked, text: &str) -> Option<Result<Said, Unread>> {
    let mut found: Vec<Said> = Vec::new();
    let mut declines = false;
    for place in places(text) {
        let content = &text[place.content.clone()];
        match piece(asked, content) {
            Some(value) => found.push(Testimony::new(value, place.rule, place.content)),
            None => declines |= refusal(content).is_some(),
        }
    }
    if found.is_empty() {
        found = flags(text);
    }
    if found.is_empty() {
        return declines.then_some(Err(Unread::Refused));
    }
    Some(settled(text, &found).ok_or(Unread::Contradictory))
}

/// The flags of an object: `{"match": false}` says no, `{"mismatch": false}` yes.
fn flags(text: &str) -> Vec<Said> {
    if !text.contains('{') {
        return Vec::new();
    }
    FLAG.captures_iter(text)
        .filter_map(|flag| {
            let key = flag["key"].to_lowercase();
            let value = flag.name("value")?;
            let is_set = matches!(value.as_str().to_lowercase().as_str(), "true" | "yes");
            let is_inverted =
                key.contains("mismatch") || key.split(['_', ' ']).any(|part| part == "not");
            Some(Testimony::new(
                polarity(is_set != is_inverted),
                ReadingRule::Container,
                value.range(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lexicon::Polarity;

    #[test]
    fn places_and_flags_say_yes_or_no() {
        let asked = Asked::new("Do sound and picture match?");
        for (text, wanted) in [
            ("{\"match\": false}", Some(Ok(Polarity::No))),
            ("{\"is_mismatch\": false}", Some(Ok(Polarity::Yes))),
            ("<answer>no</answer>", Some(Ok(Polarity::No))),
            (r"\boxed{\text{Yes}}", Some(Ok(Polarity::Yes))),
            ("{\"reasoning\": \"yes?\", \"answer\": \"no\"}", Some(Ok(Polarity::No))),
            ("<answer>yes</answer> <answer>no</answer>", Some(Err(Unread::Contradictory))),
            ("<answer>I cannot hear the audio.</answer>", Some(Err(Unread::Refused))),
            ("It is.", None),
        ] {
            let found = in_places(&asked, text).map(|found| found.map(|said| said.value));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
