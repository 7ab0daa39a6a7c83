//! A stand-in for FENSE that needs no model files: captions compared by their words.
//!
//! It is for looking at tables, pages and files on a machine without the models, and is never used
//! unless somebody asks for it. Like FENSE it averages a similarity over the references and takes
//! most of it away from captions that are not fluent, but both halves are simple rules:
//!
//! * **Similarity.** A caption is a bag of features: its words without their endings, pairs of
//!   neighbouring words, and the three-letter pieces of words. Words that carry no content, such as
//!   `the`, weigh little. The similarity is the cosine of the two bags, 0 to 1.
//! * **Fluency.** A caption is faulty if it breaks off after a word that needs another one, doubles a
//!   word that carries no content, says a word three times in a row, or tells a phrase twice.
//!
//! The same texts give the same numbers on every machine. They are no estimate of FENSE: paraphrases
//! in other words get nearly nothing.

use std::collections::HashMap;

use crate::detector::clean;
use crate::score::{Caption, ERROR_PENALTY};

/// Version of the rules; numbers of different versions do not compare.
pub const STAND_IN_VERSION: u32 = 1;

/// Words of a caption that are looked at. FENSE looks at no more than 128 tokens.
const LONGEST: usize = 128;
/// Letters of a word that are looked at.
const LONGEST_WORD: usize = 32;
/// Words of the shortest phrase that may be told twice.
const PHRASE: usize = 3;
/// What the features weigh: a word of content, a word without, a pair of neighbours, and all pieces
/// of a word together.
const CONTENT: f64 = 1.0;
const FUNCTION: f64 = 0.2;
const PAIR: f64 = 0.5;
const PIECES: f64 = 0.5;

/// Words that carry no content.
const FUNCTION_WORDS: [&str; 44] = [
    "a", "an", "the", "this", "that", "these", "those", "some", "and", "or", "but", "then",
    "while", "as", "with", "without", "of", "in", "on", "at", "to", "from", "by", "for", "into",
    "over", "is", "are", "was", "were", "be", "being", "been", "it", "its", "their", "his", "her",
    "there", "which", "who", "can", "has", "have",
];
/// Words after which another one has to come.
const OPENING_WORDS: [&str; 21] = [
    "a", "an", "the", "and", "or", "but", "while", "as", "with", "without", "of", "to", "from",
    "for", "into", "is", "are", "was", "were", "its", "their",
];

/// What makes a caption faulty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StandInFault {
    /// There is no word in it.
    NoWord,
    /// Its last word needs another one after it.
    BreaksOff,
    /// A word without content is doubled, or a word said three times in a row.
    RepeatedWord,
    /// A phrase of three words or more is told twice in a row.
    RepeatedPhrase,
}

/// How the stand-in rates one caption.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandInScore {
    /// Mean cosine to the references, 0 to 1.
    pub similarity: f64,
    /// What makes it faulty, if anything.
    pub fault: Option<StandInFault>,
    /// The similarity, less the penalty for a fault, 0 to 1.
    pub score: f64,
}

impl StandInScore {
    /// Rates a caption; `None` without references.
    #[must_use]
    pub fn of(caption: &Caption<'_>) -> Option<Self> {
        if caption.references.is_empty() {
            return None;
        }
        let words = words(caption.candidate);
        let own = Features::of(&words);
        let cosines =
            caption.references.iter().map(|text| own.cosine(&Features::of(&self::words(text))));
        let similarity = cosines.sum::<f64>() / caption.references.len() as f64;
        let fault = fault(&words);
        let kept = if fault.is_some() { 1.0 - ERROR_PENALTY } else { 1.0 };
        Some(Self { similarity, fault, score: similarity * kept })
    }
}

/// The words of a text in lower case, as the detector of FENSE divides them, the first
/// [`LONGEST`] of them.
fn words(text: &str) -> Vec<String> {
    // Long texts are cut before they are cleaned, so that the work is bounded.
    let most = LONGEST * (LONGEST_WORD + 1);
    let text: String = text.chars().take(most).collect();
    // What joins two words must not glue them together.
    let text = text.replace(['-', '/', '–', '—'], " ");
    let words = clean(&text);
    let cut = |word: &str| word.chars().take(LONGEST_WORD).collect::<String>();
    words.split_whitespace().take(LONGEST).map(cut).collect()
}

/// A word without its most frequent endings: `dogs` meets `dog`, and `moves`, `moved` and `moving` meet
/// `move`. What is left need not be a word.
fn stem(word: &str) -> &str {
    let is_long = |stem: &&str| stem.chars().count() >= 3;
    let cut = |ending: &str| word.strip_suffix(ending).filter(is_long);
    let hisses = |stem: &&str| ["s", "x", "z", "ch", "sh"].iter().any(|end| stem.ends_with(end));
    let stem = if let Some(stem) = cut("ing").or_else(|| cut("ed")) {
        // `running` is of `run`, but `falling` of `fall`.
        let mut letters = stem.chars().rev();
        let (last, before) = (letters.next(), letters.next());
        let is_doubled = last == before && !matches!(last, Some('l' | 's' | 'z'));
        if is_doubled { &stem[..stem.len() - last.map_or(0, char::len_utf8)] } else { stem }
    } else if let Some(stem) = cut("es").filter(hisses) {
        stem
    } else {
        cut("s").filter(|stem| !stem.ends_with('s')).unwrap_or(word)
    };
    stem.strip_suffix('e').filter(is_long).unwrap_or(stem)
}

fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.contains(&word)
}

/// Features of a text with their weights, in the order of their names, of length 1.
#[derive(Debug, PartialEq)]
struct Features(Vec<(String, f64)>);

impl Features {
    fn of(words: &[String]) -> Self {
        let mut weights: HashMap<String, f64> = HashMap::new();
        let mut add = |name: String, weight: f64| *weights.entry(name).or_default() += weight;
        let mut before: Option<&str> = None;
        for word in words {
            let stem = stem(word);
            if is_function_word(word) {
                add(format!("w {word}"), FUNCTION);
                continue;
            }
            add(format!("w {stem}"), CONTENT);
            if let Some(before) = before {
                add(format!("n {before} {stem}"), PAIR);
            }
            let pieces = pieces(stem);
            let weight = PIECES / pieces.len() as f64;
            for piece in pieces {
                add(format!("p {piece}"), weight);
            }
            before = Some(stem);
        }
        // Saying a thing often must not outweigh saying all of it. The order decides how sums are
        // rounded, so it is that of names.
        let mut features: Vec<(String, f64)> =
            weights.into_iter().map(|(name, weight)| (name, weight.sqrt())).collect();
        features.sort_by(|a, b| a.0.cmp(&b.0));
        let length = features.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        if length > 0.0 {
            for (_, weight) in &mut features {
                *weight /= length;
            }
        }
        Self(features)
    }

    /// The cosine of the angle between two texts, 0 to 1; 0 where one has no word.
    fn cosine(&self, other: &Self) -> f64 {
        let mut sum = 0.0;
        let mut others = other.0.iter().peekable();
        for (name, weight) in &self.0 {
            while others.next_if(|(known, _)| known < name).is_some() {}
            if let Some((_, other)) = others.next_if(|(known, _)| known == name) {
                sum += weight * other;
            }
        }
        sum.min(1.0)
    }
}

/// The three-letter pieces of a word with a mark at either end; languages that put no blanks between
/// words are compared by these alone.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = ['^'].into_iter().chain(word.chars()).chain(['$']).collect();
    letters.windows(3.min(letters.len())).map(String::from_iter).collect()
}

fn fault(words: &[String]) -> Option<StandInFault> {
    let last = words.last().map(String::as_str);
    let Some(last) = last else { return Some(StandInFault::NoWord) };
    if OPENING_WORDS.contains(&last) {
        return Some(StandInFault::BreaksOff);
    }
    let is_doubled = words.windows(2).any(|pair| pair[0] == pair[1] && is_function_word(&pair[0]));
    let is_tripled = words.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]);
    if is_doubled || is_tripled {
        return Some(StandInFault::RepeatedWord);
    }
    // At most 128 words, so that trying every length costs little.
    let is_told_twice = |length: usize| {
        words.windows(2 * length).any(|both| {
            let (first, second) = both.split_at(length);
            first == second
        })
    };
    let is_repeated = (PHRASE..=words.len() / 2).any(is_told_twice);
    is_repeated.then_some(StandInFault::RepeatedPhrase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn score(candidate: &str, references: &[&str]) -> StandInScore {
        StandInScore::of(&Caption { candidate, references: references.to_vec() }).unwrap()
    }

    #[test]
    fn nearer_captions_score_higher() {
        let truth = "A dog barks while a car passes by on the street.";
        let order = [
            "A dog barks while a car passes by on the street",
            "A dog is barking as cars pass by on a street",
            "A dog barks loudly on the street",
            "A car drives past",
            "A woman sings a song in a church",
        ];
        let similarities = order.map(|caption| score(caption, &[truth]).similarity);
        assert!((similarities[0] - 1.0).abs() < 1e-12, "case and punctuation do not matter");
        assert!(similarities.is_sorted_by(|a, b| a > b), "{similarities:?}");
        assert!(similarities[4] < 0.2, "{similarities:?}");
        // Languages without blanks between words are compared by pieces.
        assert!(score("一只狗在叫", &["一只狗在大声叫"]).similarity > 0.1);
        assert!(score("一只狗在叫", &["外面下雨了"]).similarity < 1e-12);
    }

    #[test]
    fn forms_of_a_word_meet() {
        for forms in [
            &["move", "moves", "moved", "moving"][..],
            &["run", "runs", "running"],
            &["fall", "falls", "falling"],
            &["pass", "passes", "passed", "passing"],
            &["box", "boxes"],
            &["dog", "dogs"],
        ] {
            let stems: Vec<&str> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{forms:?}: {stems:?}");
        }
        // Short words keep their endings.
        assert_eq!(["bed", "sing", "bus", "bee"].map(stem), ["bed", "sing", "bus", "bee"]);
    }

    #[test]
    fn references_count_alike() {
        let [a, b] = ["a dog barks", "rain falls"];
        let both = score("a dog barks", &[a, b]).similarity;
        assert!((both - f64::midpoint(1.0, score("a dog barks", &[b]).similarity)).abs() < 1e-12);
        assert_eq!(StandInScore::of(&Caption { candidate: a, references: Vec::new() }), None);
    }

    #[test]
    fn faults_are_told_apart() {
        use StandInFault::{BreaksOff, NoWord, RepeatedPhrase, RepeatedWord};
        for (caption, expected) in [
            ("", Some(NoWord)),
            ("?!", Some(NoWord)),
            ("a dog barks and the", Some(BreaksOff)),
            ("a dog barks at the the cat", Some(RepeatedWord)),
            ("a dog barks barks barks", Some(RepeatedWord)),
            ("a dog barks a dog barks", Some(RepeatedPhrase)),
            ("then a dog barks a dog barks loudly", Some(RepeatedPhrase)),
            ("a clock goes tick tock tick tock", None),
            ("a car goes beep beep", None),
            ("a dog barks and a cat meows", None),
        ] {
            assert_eq!(fault(&words(caption)), expected, "{caption}");
        }
        let faulty = score("a dog barks and the", &["a dog barks"]);
        assert!((faulty.score - 0.1 * faulty.similarity).abs() < 1e-12);
    }

    /// Whoever changes the rules changes this number, and has to raise the version.
    #[test]
    fn version_1_gives_this_number() {
        let rated = score("A disc moves to the right.", &["A circle slides to the right."]);
        assert_eq!(STAND_IN_VERSION, 1);
        assert!((rated.similarity - 0.344_262_295_082).abs() < 1e-9, "{:.12}", rated.similarity);
    }

    #[test]
    fn long_captions_take_no_longer_than_their_beginning() {
        let long = "a dog barks loudly at night ".repeat(100_000);
        let rated = score(&long, &["a dog barks"]);
        assert_eq!(rated.fault, Some(StandInFault::RepeatedPhrase));
        assert_eq!(words(&"x".repeat(1_000_000)), ["x".repeat(LONGEST_WORD)]);
    }

    proptest! {
        #[test]
        fn similarity_is_a_share_and_symmetric(a in "\\PC{0,40}", b in "\\PC{0,40}") {
            let (one, other) = (score(&a, &[&b]), score(&b, &[&a]));
            prop_assert!((0.0..=1.0).contains(&one.similarity));
            prop_assert!((one.similarity - other.similarity).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&one.score));
            let itself = score(&a, &[&a]).similarity;
            let expected = if words(&a).is_empty() { 0.0 } else { 1.0 };
            prop_assert!((itself - expected).abs() < 1e-12);
        }
    }
}
