//! Full match: one option, one number or one short text.

use std::ops::Range;

use avibench_protocol::{Options, Sample, options_of};
use avibench_python::is_word;

use crate::ScoringRule;
use crate::cleaning::{CleanedOption, OptionTables, clean_and_squeeze, span_before_squeezing};
use crate::judgement::Judgement;
use crate::number;
use crate::prepared::Prepared;

/// Judges an answer that is not empty.
///
/// Where the label is a number, the numbers of the answer decide, whatever options there are:
/// embedded lists hold none. Elsewhere an answer that is the label, cleaned, is right; else the
/// only option that it names must be the label.
pub(super) fn judge(
    sample: &Sample,
    label: &str,
    answer: &Prepared<'_>,
    tables: &mut OptionTables,
) -> Judgement {
    let text = answer.text.as_ref();
    if let Some(wanted) = number::label_value(label) {
        return judge_number(&wanted, answer);
    }
    let cleaned = clean_and_squeeze(text);
    let wanted = clean_and_squeeze(label);
    let is_equal = if wanted.is_empty() { text == label.trim() } else { cleaned == wanted };
    let options = match options_of(sample) {
        Options::List(list) => tables.get(list),
        Options::None | Options::Unresolved(_) | Options::Unusable(_) => &[],
    };
    let whole = answer.span(0..text.len());
    if is_equal {
        return Judgement::of_match(true, cleaned, ScoringRule::Equal, whole);
    }
    match named_options(&cleaned, options).as_slice() {
        [] => Judgement::of_match(false, cleaned, ScoringRule::Equal, whole),
        [(only, place)] => {
            let span = answer.span(span_before_squeezing(text, place.clone()));
            let correct = only.squeezed == wanted;
            Judgement::of_match(correct, only.written.to_owned(), ScoringRule::OnlyOption, span)
        }
        several => {
            let read: Vec<&str> = several.iter().map(|(option, _)| option.written).collect();
            let place = several[0].1.start..several[several.len() - 1].1.end;
            let span = answer.span(span_before_squeezing(text, place));
            Judgement::of_match(false, read.join("; "), ScoringRule::SeveralOptions, span)
        }
    }
}

fn judge_number(wanted: &str, answer: &Prepared<'_>) -> Judgement {
    let numbers = number::numbers(&answer.text);
    let correct = !numbers.is_empty() && numbers.iter().all(|number| number.value == wanted);
    let span = match numbers.as_slice() {
        [first, .., last] => answer.span(first.span.start..last.span.end),
        [only] => answer.span(only.span.clone()),
        [] => None,
    };
    let mut distinct: Vec<String> = Vec::new();
    for number in numbers {
        // Only neighbours are compared: it is evidence, and answers may be long.
        if distinct.last() != Some(&number.value) {
            distinct.push(number.value);
        }
    }
    Judgement::of_match(correct, distinct.join("; "), ScoringRule::AllNumbers, span)
}

/// The different options that a cleaned text names as whole words, each at its first place. What
/// stands inside a longer option (`no` in `no available option`) is not named.
fn named_options<'a>(
    text: &str,
    options: &'a [CleanedOption],
) -> Vec<(&'a CleanedOption, Range<usize>)> {
    let mut matches: Vec<(Range<usize>, &CleanedOption)> = Vec::new();
    for option in options {
        matches.extend(whole_words(text, &option.squeezed).map(|place| (place, option)));
    }
    matches.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
    let mut covered = 0;
    let mut named: Vec<(&CleanedOption, Range<usize>)> = Vec::new();
    for (place, option) in matches {
        if place.end <= covered {
            continue;
        }
        covered = place.end;
        // There are no more names than options.
        if !named.iter().any(|(known, _)| known.squeezed == option.squeezed) {
            named.push((option, place));
        }
    }
    named
}

/// Places at which a phrase, which starts and ends with word characters, stands as whole words.
fn whole_words<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let step = phrase.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    std::iter::from_fn(move || {
        while !phrase.is_empty() {
            let start = from + text[from..].find(phrase)?;
            let end = start + phrase.len();
            from = start + step;
            let touches = text[..start].ends_with(is_word) || text[end..].starts_with(is_word);
            if !touches {
                return Some(start..end);
            }
        }
        None
    })
}
