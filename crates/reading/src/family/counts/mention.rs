//! Where sentences name categories.

use std::sync::LazyLock;

use regex::Regex;

use super::amount::{Amount, word as number_word};
use super::phrase::GENERIC;
use crate::category::{Categories, Form, Language, normal};

/// Longer texts are descriptions, in which things are named more than once and in many ways.
pub(super) const WORDS: usize = 90;

/// Words that end the noun phrase of a count, seen from the noun.
pub(super) const BOUNDARIES: &[&str] = &[
    "is", "are", "was", "were", "be", "being", "been", "has", "have", "had", "with", "in", "on",
    "at", "of", "by", "from", "to", "for", "and", "or", "but", "as", "while", "then", "near",
    "beside", "behind", "under", "over", "between", "into", "through", "hear", "hears", "heard",
    "see", "sees", "seen", "shows", "contains", "contain", "features", "feature", "includes",
    "include", "plays", "playing", "like", "who", "that", "which", "where", "there", "here", "i",
    "we", "you", "it", "he", "she", "they", "can", "could", "also", "plus", "du", "de", "del",
    "hay", "y", "et", "und", "sind", "ist", "gibt", "veo", "oigo", "se", "avec", "mit", "con",
    "makes", "identify", "count", "detect", "around", "about",
];

pub(super) const DEFINITE: &[&str] = &[
    "the", "this", "that", "these", "those", "his", "her", "its", "their", "my", "our", "your",
    "each", "every", "el", "la", "los", "las", "le", "les", "der", "die", "das", "den", "dem",
    "same", "other",
];

pub(super) const VAGUE: &[&str] = &[
    "several",
    "some",
    "many",
    "few",
    "multiple",
    "various",
    "numerous",
    "lots",
    "lot",
    "group",
    "flock",
    "herd",
    "pack",
    "bunch",
    "number",
    "couple",
    "crowd",
    "handful",
    "varios",
    "varias",
    "muchos",
    "muchas",
    "algunos",
    "algunas",
    "plusieurs",
    "quelques",
    "des",
    "mehrere",
    "einige",
    "viele",
    "countless",
    "dozens",
    "hundreds",
    "unos",
    "unas",
    "row",
    "rows",
    "pile",
    "choir",
    "chorus",
    "swarm",
    "school",
    "least",
    "most",
    "than",
    "approximately",
    "roughly",
    "nearly",
    "almost",
];

/// Words that are verbs as often as categories.
const VERBS: &[&str] = &[
    "saw", "watch", "watches", "tie", "ties", "drum", "drums", "paddle", "paddles", "train",
    "trains", "box", "boxes", "fish", "fishes", "flag", "flags", "book", "books", "saws", "bus",
    "table", "plate", "orange", "guns", "bass", "harp", "tower", "towers", "flower", "flowers",
    "pillow", "shelf", "bed", "post", "mono", "rocket", "rockets", "poster", "parrot", "wolf",
    "wolfs",
];

/// Words after a category that make it a part of another name.
const PARTS: &[&str] = &[
    "stop", "station", "driver", "door", "doors", "seat", "shop", "lane", "wheel", "wheels",
    "engine", "horn", "food", "house", "bowl", "bed", "collar", "leash", "owner", "owners",
    "player", "players", "juice", "pie", "strings", "string", "teacher", "lesson", "hair",
    "handle", "court", "tracks", "track", "field", "game", "ball", "cloth", "lamp", "leg", "legs",
    "flakes", "trunk", "branch", "branches", "stall", "market",
];

/// Words after a category that say how it is heard.
const SOUNDS: &[&str] = &[
    "sound",
    "sounds",
    "music",
    "voice",
    "voices",
    "noise",
    "noises",
    "playing",
    "barking",
    "bark",
    "barks",
    "solo",
    "melody",
    "engine",
    "horn",
    "song",
    "songs",
    "speech",
    "siren",
    "calls",
    "call",
    "meow",
    "cry",
    "crying",
    "singing",
    "performance",
];

/// A word of the text.
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) lower: String,
    /// Whether a comma, a stop or the like stands before it.
    pub(super) after_break: bool,
    /// The sentence it belongs to.
    pub(super) sentence: usize,
}

/// A category in the text.
pub(super) struct Mention {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: String,
    pub(super) form: Form,
}

pub(super) fn split(text: &str) -> Vec<Word<'_>> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\p{L}\p{M}\p{N}]+(?:[-_][\p{L}\p{M}\p{N}]+)*(?:['’]\p{L}+)?")
            .expect("the pattern is constant and tested")
    });
    let mut words = Vec::new();
    let (mut from, mut sentence) = (0, 0);
    for found in WORD.find_iter(text) {
        let between = &text[from..found.start()];
        if between.contains(['.', '!', '\n', ';', '。']) && !words.is_empty() {
            sentence += 1;
        }
        let after_break =
            between.contains([',', '.', ';', ':', '!', '\n', '(', '"', '—', '|', '。']);
        words.push(Word {
            text: found.as_str(),
            lower: found.as_str().to_lowercase(),
            after_break,
            sentence,
        });
        from = found.end();
        if words.len() > WORDS {
            break;
        }
    }
    words
}

pub(super) fn is_european(words: &[Word<'_>]) -> bool {
    const FUNCTION: [&str; 30] = [
        "hay", "una", "dos", "y", "los", "las", "veo", "oigo", "se", "il", "et", "une", "deux",
        "trois", "les", "des", "ein", "eine", "zwei", "und", "der", "das", "sind", "ist", "drei",
        "gibt", "escucha", "entends", "höre", "sehe",
    ];
    words.iter().filter(|word| FUNCTION.contains(&word.lower.as_str())).count() >= 2
}

pub(super) fn mentions(
    words: &[Word<'_>],
    categories: &Categories,
    european: bool,
) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let longest = categories.longest().min(words.len() - at);
        let next = (1..=longest).rev().find_map(|length| {
            let span = &words[at..at + length];
            if span[1..].iter().any(|word| word.after_break) {
                return None;
            }
            let name = span.iter().map(|word| word.lower.as_str()).collect::<Vec<_>>().join(" ");
            let name = name.strip_suffix("'s").or(name.strip_suffix("’s")).unwrap_or(&name);
            let named = categories.find(name)?;
            (named.language != Language::European || european).then_some((length, named))
        });
        let Some((length, named)) = next else {
            at += 1;
            continue;
        };
        let end = at + length;
        let mention = Mention {
            start: at,
            end,
            name: categories.spelled(named).to_owned(),
            form: named.form,
        };
        at = end;
        if is_part_of_another(words, &mention, categories) {
            continue;
        }
        // `an apple tree`, `an orange cat`: the last noun is what is meant.
        if let Some(last) = found.last()
            && last.end == mention.start
            && !words[mention.start].after_break
        {
            found.pop();
        }
        found.push(mention);
    }
    found
}

fn is_part_of_another(words: &[Word<'_>], mention: &Mention, categories: &Categories) -> bool {
    let possessive = words[mention.end - 1].lower.ends_with("'s")
        || words[mention.end - 1].lower.ends_with("’s");
    if let Some(next) = words.get(mention.end).filter(|next| !next.after_break) {
        let next = next.lower.as_str();
        if possessive && !SOUNDS.contains(&next) {
            return true;
        }
        if mention.form != Form::Plural && PARTS.contains(&next) && !SOUNDS.contains(&next) {
            return true;
        }
    }
    let single = mention.end - mention.start == 1;
    let before = mention.start.checked_sub(1).filter(|_| !words[mention.start].after_break);
    let before = before.map(|before| words[before].lower.as_str());
    if let Some(before) = before
        && Categories::is_other(&format!("{before} {}", normal(words[mention.end - 1].text)))
    {
        return true;
    }
    // A verb needs an article, a number or an adjective before it to be a noun.
    single
        && VERBS.contains(&words[mention.start].lower.as_str())
        && !is_noun(words, mention.start, categories)
}

/// Whether an article, a number or the like stands before a word, with nothing but adjectives between.
fn is_noun(words: &[Word<'_>], at: usize, categories: &Categories) -> bool {
    for before in (at.saturating_sub(4)..at).rev() {
        if words[before + 1].after_break {
            return false;
        }
        let word = words[before].lower.as_str();
        if amount_of(word).is_some()
            || DEFINITE.contains(&word)
            || VAGUE.contains(&word)
            || word == "no"
        {
            return true;
        }
        let noun =
            word.ends_with('s') || GENERIC.contains(&word) || categories.find(word).is_some();
        if noun && word != "orange" || BOUNDARIES.contains(&word) {
            return false;
        }
    }
    false
}

pub(super) fn amount_of(word: &str) -> Option<Amount> {
    if let Ok(number) = word.parse::<u64>() {
        return Some(Amount::Whole(number));
    }
    let word =
        word.strip_suffix('x').filter(|digits| digits.parse::<u64>().is_ok()).unwrap_or(word);
    word.parse().ok().map(Amount::Whole).or_else(|| number_word(word))
}
