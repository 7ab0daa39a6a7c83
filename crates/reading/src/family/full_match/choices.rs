//! The options of a question, and where a text names them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex};

use crate::text::lexicon::{Phrases, aliases};
use crate::text::negation::{ends_scope, is_idiom, is_negator};
use crate::text::words::{Word, texts, words};

/// What stands for one of several options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name {
    option: usize,
    /// It decides only where nothing else is said.
    is_weak: bool,
}

/// The options of a question with the words that stand for them.
#[derive(Debug)]
pub(crate) struct Choices {
    /// As ground truths spell them, each once.
    pub(crate) options: Vec<String>,
    names: Phrases<Name>,
}

/// An option named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Number of the option.
    pub(crate) option: usize,
    /// It decides only where nothing else is said.
    pub(crate) is_weak: bool,
    /// Its words.
    pub(crate) words: Range<usize>,
    /// Whether the text denies it or sets something against it: `not blue`, `than the last`.
    pub(crate) is_denied: bool,
}

type Cache = Mutex<HashMap<Vec<String>, Arc<Choices>>>;

static CACHE: LazyLock<Cache> = LazyLock::new(Cache::default);

/// The choices of an option list; equal lists share one table.
pub(crate) fn choices_of(options: &[String]) -> Arc<Choices> {
    // A panic elsewhere leaves the table as it was.
    let mut cache = CACHE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = cache.get(options) {
        return Arc::clone(known);
    }
    let made = Arc::new(Choices::new(options));
    if cache.len() < 1_000 {
        cache.insert(options.to_vec(), Arc::clone(&made));
    }
    made
}

/// Lower case with `_` and `-` as spaces.
pub(crate) fn folded(option: &str) -> String {
    texts(option).join(" ")
}

impl Choices {
    fn new(options: &[String]) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for option in options {
            if !kept.contains(option) {
                kept.push(option.clone());
            }
        }
        let folded: Vec<String> = kept.iter().map(|option| folded(option)).collect();
        let exact = folded
            .iter()
            .enumerate()
            .map(|(option, text)| (text.clone(), Name { option, is_weak: false }));
        let mut names: Vec<(String, Name)> = exact.collect();
        let mut others: Vec<(String, Name)> = Vec::new();
        for (option, text) in folded.iter().enumerate() {
            for (alias, is_weak) in aliases(text) {
                others.push((alias.to_owned(), Name { option, is_weak }));
            }
        }
        // The words of an option itself come first, then aliases that no other option shares.
        let shared = |alias: &str, option: usize| {
            others.iter().any(|(other, name)| {
                other == alias && name.option != option && folded[name.option] != folded[option]
            })
        };
        let others: Vec<_> =
            others.iter().filter(|(alias, name)| !shared(alias, name.option)).cloned().collect();
        names.extend(others);
        let names = Phrases::new(names.iter().map(|(text, name)| (text.as_str(), *name)));
        Self { options: kept, names }
    }

    /// Whether one of the options has this text.
    pub(crate) fn has(&self, folded_option: &str) -> Option<usize> {
        self.options.iter().position(|option| folded(option) == folded_option)
    }

    /// The option that a text is as a whole, articles and the noun after it aside.
    pub(crate) fn whole(&self, text: &str) -> Option<usize> {
        if text.len() > 300 {
            return None;
        }
        let words = words(text);
        let mut at = 0;
        loop {
            if let Some((name, count)) = self.names.at(&words, at) {
                let rest = &words[at + count..];
                let trails = |word: &Word| {
                    matches!(
                        word.text.as_str(),
                        "one"
                            | "sound"
                            | "color"
                            | "colour"
                            | "shape"
                            | "object"
                            | "option"
                            | "instrument"
                            | "clip"
                            | "side"
                            | "position"
                            | "corner"
                            | "direction"
                            | "image"
                            | "surface"
                            | "movement"
                            | "motion"
                            | "please"
                            | "is"
                            | "louder"
                            | "clearer"
                            | "的"
                            | "色"
                    )
                };
                let repeats = !rest.is_empty()
                    && self.names.at(rest, 0).is_some_and(|(again, width)| {
                        again.option == name.option && width == rest.len()
                    });
                if rest.iter().all(trails) && !name.is_weak || rest.is_empty() || repeats {
                    return Some(name.option);
                }
                return None;
            }
            let leads = words.get(at).is_some_and(|word| {
                matches!(
                    word.text.as_str(),
                    "the"
                        | "a"
                        | "an"
                        | "it's"
                        | "it"
                        | "is"
                        | "its"
                        | "to"
                        | "at"
                        | "in"
                        | "on"
                        | "option"
                        | "answer"
                        | "son"
                        | "el"
                        | "la"
                        | "le"
                        | "der"
                        | "die"
                        | "das"
                        | "probably"
                        | "likely"
                        | "mostly"
                        | "they"
                        | "are"
                        | "both"
                        | "some"
                        | "that"
                )
            });
            if !leads {
                return None;
            }
            at += 1;
        }
    }
}

/// The options that a text names, from left to right; where names overlap, the longest counts.
pub(crate) fn mentions(choices: &Choices, text: &str, words: &[Word]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match choices.names.at(words, at) {
            Some((name, count)) => {
                found.push(Mention {
                    option: name.option,
                    is_weak: name.is_weak,
                    words: at..at + count,
                    is_denied: false,
                });
                at += count;
            }
            None => at += 1,
        }
    }
    deny(text, words, &mut found);
    found
}

fn gap<'a>(text: &'a str, words: &[Word], at: usize) -> &'a str {
    match (at.checked_sub(1).and_then(|before| words.get(before)), words.get(at)) {
        (Some(before), Some(word)) => {
            text.get(before.span.end..word.span.start).unwrap_or_default()
        }
        _ => "",
    }
}

fn breaks(gap: &str) -> bool {
    gap.contains([';', ':', '—', '–', '.', '!', '?', '。', '；', '：', '(', ')'])
        || gap.contains(" - ")
}

/// Marks the mentions that the text denies.
fn deny(text: &str, words: &[Word], found: &mut [Mention]) {
    // Scope of a denial: from its word to the end of the clause, or to a `but`.
    let mut scope: Option<usize> = None;
    let mut except = false;
    let mut next = 0;
    let mut denied = vec![false; found.len()];
    for at in 0..words.len() {
        let word = words[at].text.as_str();
        let gap = gap(text, words, at);
        if breaks(gap) {
            scope = None;
            except = false;
        } else if gap.contains([',', '，'])
            && scope.is_some_and(|start| at > start + 1 && !list_goes_on(words, found, start, at))
        {
            // A comma ends a denial unless a list goes on.
            scope = None;
        }
        if ends_scope(word) {
            scope = None;
        }
        let starts = found.get(next).filter(|mention| mention.words.start == at);
        if let Some(mention) = starts {
            denied[next] = scope.is_some() || except;
            // The mention is what a denial is about: `the first is not louder`.
            let after = mention.words.end;
            denied[next] |= is_denied_after(
                text,
                words,
                after,
                found.get(next + 1).map(|other| other.words.start),
            );
            next += 1;
        }
        // Negators that are part of an option's name, as in `no movement`, deny nothing.
        let is_inside =
            found.iter().take(next).next_back().is_some_and(|mention| mention.words.contains(&at));
        if is_inside {
            continue;
        }
        if is_negator(word) && !is_idiom(words, at) {
            scope = Some(at);
        }
        let follows = |offset: usize| words.get(at + offset).map_or("", |word| word.text.as_str());
        except = match (word, follows(1)) {
            ("rather" | "instead", "than" | "of")
            | ("anything", "but")
            | ("apart" | "aside", "from")
            | ("other", "than")
            | ("opposed", "to")
            | ("compared", "to" | "with") => true,
            ("unlike" | "except" | "excluding" | "besides", _) => true,
            ("than" | "als" | "чем", _) if at > 0 => true,
            ("que", _)
                if words[..at].iter().any(|word| {
                    matches!(
                        word.text.as_str(),
                        "más" | "plus" | "mais" | "mas" | "moins" | "menos"
                    )
                }) =>
            {
                true
            }
            ("比", _) => true,
            ("but", _) if at > 0 && words[at - 1].text == "anything" => true,
            _ if except && (gap.contains([',', '，']) || ends_scope(word)) => false,
            _ => except,
        };
    }
    for (mention, denied) in found.iter_mut().zip(denied) {
        mention.is_denied = denied;
    }
}

/// Whether what a denial at word `start` denies goes on behind a comma before word `at`: `neither the
/// piano, the drum nor the flute`, but not `not the piano, the drum`.
fn list_goes_on(words: &[Word], found: &[Mention], start: usize, at: usize) -> bool {
    let is_mention =
        found.iter().any(|mention| mention.words.start == at || mention.words.start == at + 1);
    let joined = matches!(words[start].text.as_str(), "neither" | "nor" | "no" | "without")
        || words[at..].iter().take(8).any(|word| matches!(word.text.as_str(), "or" | "nor"));
    is_mention && joined
}

/// `... is not`, `... isn't louder`, `... can be excluded` after a mention.
fn is_denied_after(text: &str, words: &[Word], after: usize, next: Option<usize>) -> bool {
    let end = next.unwrap_or(words.len()).min(after + 5).min(words.len());
    for at in after..end {
        let between = gap(text, words, at);
        if at > after && breaks(between) || between.contains([',', '，']) {
            return false;
        }
        let word = words[at].text.as_str();
        if matches!(word, "and" | "or" | "but" | "because" | "since" | "while" | "whereas")
            || ends_scope(word)
        {
            return false;
        }
        if (is_negator(word) && !matches!(word, "no" | "without") && !is_idiom(words, at))
            || matches!(word, "excluded" | "wrong" | "incorrect" | "absent" | "impossible")
        {
            // `cube not sphere` sets the second one aside, not the first.
            let sets_aside = word == "not" && at == after && next == Some(at + 1);
            return !sets_aside;
        }
    }
    false
}
