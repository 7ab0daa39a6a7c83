//! Statements about which comes first.

use super::Reader;
use crate::family::full_match::choices::Mention;
use crate::text::words::Word;

/// Words between two things of which the later is named first.
const LATER_FIRST: [&str; 4] = ["after", "follows", "behind", "following"];

/// Words between two things of which the earlier is named first.
const EARLIER_FIRST: [&str; 8] =
    ["before", "precedes", "preceding", "then", "followed", "prior", "ahead", "earlier"];

/// Words of a sentence that names things in their order.
const SEQUENCE: [&str; 7] = ["then", "next", "finally", "followed", "lastly", "end", "afterwards"];

/// Words of a sentence that may name them in another order.
const INVERTED: [&str; 4] = ["before", "after", "preceded", "follows"];

impl Reader<'_> {
    /// `The sound comes before the noise`, `the cello, then the flute`: which of several is first, or
    /// last, as the question asks.
    pub(super) fn ordered(&self, words: &[Word], stands: &[&Mention]) -> Option<usize> {
        let asks = |words: &[&str]| words.iter().any(|word| self.asked.has(word));
        let wants_last = asks(&["last", "second", "later"]);
        let wants_first = asks(&["first", "earlier", "earliest"]);
        if wants_last && asks(&["first"]) || !(wants_first || wants_last) {
            return None;
        }
        let (early, late) = match stands {
            [one, other] => of_two(words, one, other)?,
            // `Cello, then clarinet, and in the end the banjo.`
            [first, .., last] if says(words, &SEQUENCE) && !says(words, &INVERTED) => {
                if asks(&["second"]) {
                    return None;
                }
                (first.option, last.option)
            }
            _ => return None,
        };
        Some(if wants_last { late } else { early })
    }
}

fn says(words: &[Word], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.text.as_str()))
}

/// The earlier and the later of two, in the order in which a sentence names them.
fn of_two(words: &[Word], one: &Mention, other: &Mention) -> Option<(usize, usize)> {
    let between = &words[one.words.end..other.words.start];
    let opens = words.first().map_or("", |word| word.text.as_str());
    let named = (one.option, other.option);
    let turned = (other.option, one.option);
    if matches!(opens, "after" | "once") {
        Some(named)
    } else if opens == "before"
        || says(between, &["preceded"])
        || (says(between, &LATER_FIRST) && !says(between, &["followed"]))
    {
        Some(turned)
    } else {
        says(between, &EARLIER_FIRST).then_some(named)
    }
}
