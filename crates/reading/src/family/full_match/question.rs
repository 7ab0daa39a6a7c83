//! What a question asks about.

use std::collections::BTreeSet;

use crate::text::numbers::number_at;
use crate::text::words::{stem, words};

/// Words without content of their own.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "the",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "do",
    "does",
    "did",
    "has",
    "have",
    "had",
    "can",
    "could",
    "will",
    "would",
    "should",
    "may",
    "might",
    "must",
    "there",
    "this",
    "that",
    "these",
    "those",
    "it",
    "its",
    "he",
    "she",
    "they",
    "them",
    "his",
    "her",
    "their",
    "you",
    "your",
    "we",
    "our",
    "i",
    "my",
    "me",
    "us",
    "in",
    "on",
    "at",
    "of",
    "to",
    "from",
    "with",
    "by",
    "for",
    "as",
    "and",
    "or",
    "not",
    "no",
    "yes",
    "so",
    "than",
    "if",
    "any",
    "some",
    "which",
    "what",
    "who",
    "whom",
    "whose",
    "when",
    "where",
    "why",
    "how",
    "many",
    "much",
    "often",
    "one",
    "two",
    "video",
    "clip",
    "image",
    "picture",
    "audio",
    "scene",
    "frame",
    "frames",
    "recording",
    "footage",
    "photo",
    "soundtrack",
    "given",
    "please",
    "answer",
    "question",
    "following",
    "based",
    "according",
    "shown",
    "here",
    "into",
    "out",
    "up",
    "down",
    "over",
    "also",
    "both",
    "all",
    "only",
    "just",
    "other",
    "another",
    "really",
    "anything",
    "something",
    "someone",
    "anyone",
    "somebody",
    "anybody",
    "hear",
    "see",
    "seen",
    "heard",
    "sure",
    "options",
    "option",
    "available",
    "choose",
    "transcript",
    "during",
    "while",
    "about",
    "s",
    "then",
    "times",
    "time",
    "number",
    "color",
    "colour",
    "kind",
    "type",
];

/// What is asked, in stems.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Stems of the words with content, in order, each once.
    pub(crate) content: Vec<String>,
    /// All words in lower case.
    pub(crate) words: Vec<String>,
    /// Words that compare: `louder`.
    pub(crate) comparatives: Vec<String>,
    /// Numbers that the question names, the word `one` only behind `than`, `just` and the like.
    pub(crate) numbers: Vec<u64>,
    /// What kind of thing is asked.
    pub(crate) about: About,
}

/// What kind of thing a yes/no question asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum About {
    /// Whether something is to be seen.
    Visible,
    /// Whether something is to be heard.
    Sounding,
    /// Whether sound and picture belong together.
    Match,
    /// Anything else.
    #[default]
    Other,
}

impl Asked {
    /// What the text of a question asks.
    pub(crate) fn new(text: &str) -> Self {
        // Prompts may stand before the question: the last sentence asks.
        let text = last_question(text);
        let found = words(text);
        let all: Vec<String> = found.iter().map(|word| word.text.clone()).collect();
        let mut content = Vec::new();
        let mut known = BTreeSet::new();
        for word in &all {
            let stem = stem(word);
            if !EMPTY.contains(&word.as_str()) && known.insert(stem.clone()) {
                content.push(stem);
            }
        }
        let comparatives = all.iter().filter(|word| is_comparative(word)).cloned().collect();
        let numbers = asked_numbers(text, &found);
        let cut =
            all.iter().position(|word| super::statement::subordinates(word)).unwrap_or(all.len());
        let main = &all[..cut];
        let has = |list: &[&str]| main.iter().any(|word| list.contains(&word.as_str()));
        let about = if has(&[
            "match",
            "matches",
            "belong",
            "belongs",
            "correspond",
            "corresponds",
            "synchronized",
            "synchronised",
            "aligned",
            "consistent",
            "fit",
            "fits",
            "agree",
            "related",
            "align",
            "paired",
            "matching",
        ]) && (has(&["sound", "audio", "sounds"])
            || has(&["video", "picture", "image"]))
        {
            About::Match
        } else if has(&[
            "visible",
            "see",
            "seen",
            "appear",
            "appears",
            "shown",
            "present",
            "displayed",
            "depicted",
            "view",
            "shot",
            "screen",
        ]) {
            About::Visible
        } else if has(&[
            "sounding",
            "sound",
            "sounds",
            "hear",
            "heard",
            "audible",
            "making",
            "noise",
            "emitting",
            "producing",
            "emit",
        ]) || main.iter().any(|word| super::statement::is_sound(word))
        {
            About::Sounding
        } else {
            About::Other
        };
        Self { content, words: all, comparatives, numbers, about }
    }

    /// The same without the words of the options, which questions often name.
    pub(crate) fn without(mut self, options: &[String]) -> Self {
        let named: BTreeSet<String> =
            options.iter().flat_map(|option| words(option)).map(|word| stem(&word.text)).collect();
        self.content.retain(|stem| !named.contains(stem));
        self
    }

    /// Whether the question uses a word of this stem.
    pub(crate) fn mentions(&self, stem: &str) -> bool {
        self.content.iter().any(|known| known == stem)
    }

    /// How many of the question's words with content `stems` hold.
    pub(crate) fn overlap(&self, stems: &BTreeSet<String>) -> usize {
        self.content.iter().filter(|known| stems.contains(*known)).count()
    }
}

fn asked_numbers(text: &str, found: &[crate::text::words::Word]) -> Vec<u64> {
    let word = |at: usize| found.get(at).map_or("", |word| word.text.as_str());
    (0..found.len())
        .filter(|&at| {
            word(at) != "one"
                || at.checked_sub(1).is_some_and(|before| {
                    matches!(word(before), "than" | "just" | "only" | "exactly" | "least")
                })
        })
        .filter_map(|at| number_at(text, found, at)?.value)
        .collect()
}

fn last_question(text: &str) -> &str {
    let trimmed = text.trim_end();
    let Some(end) = trimmed.rfind(['?', '？']) else { return trimmed };
    let before = &trimmed[..end];
    let start = before
        .rfind(['.', '!', '?', '\n', '。', '？'])
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    // A short rest would be no question: `... (0-10)?`
    if before[start..].split_whitespace().count() >= 2
        || before[start..].chars().any(crate::text::words::is_glued)
    {
        &trimmed[start..end]
    } else {
        trimmed
    }
}

fn is_comparative(word: &str) -> bool {
    const NOT: &[&str] = &[
        "her",
        "per",
        "over",
        "under",
        "after",
        "number",
        "water",
        "other",
        "another",
        "together",
        "order",
        "center",
        "corner",
        "paper",
        "player",
        "singer",
        "speaker",
        "drummer",
        "whether",
        "either",
        "never",
        "ever",
        "river",
        "letter",
        "filter",
        "father",
        "mother",
        "brother",
        "sister",
        "flower",
        "tower",
        "finger",
        "runner",
        "answer",
        "picture",
        "layer",
        "lower",
        "upper",
        "cylinder",
        "computer",
        "weather",
        "hammer",
        "summer",
        "winter",
        "dinner",
        "butter",
        "tiger",
        "teacher",
        "hover",
        "cover",
        "rider",
        "worker",
        "helicopter",
        "dancer",
        "baker",
        "offer",
        "consider",
        "transfer",
        "server",
        "user",
        "newspaper",
        "char",
        "member",
        "differ",
        "enter",
        "further",
        "former",
        "latter",
        "inner",
        "outer",
    ];
    (word.len() > 4 && word.ends_with("er") && !NOT.contains(&word))
        || matches!(word, "more" | "less" | "worse")
}
