//! Which of several numbers in a sentence is the answer.

use std::collections::BTreeSet;

use super::Reader;
use super::counted::Counted;
use crate::text::words::Word;

/// A number may close a sentence with so many words behind it.
const CLOSING_WORDS: usize = 3;

/// Words that tell where something stands or when it happens.
const POSITIONS: [&str; 9] =
    ["first", "second", "third", "last", "before", "after", "left", "right", "middle"];

/// `3 out of 4`: the first counts.
pub(super) fn part_of(words: &[Word], stands: &[&Counted]) -> Option<u64> {
    let pair = stands.windows(2).find(|pair| {
        let between: Vec<&str> = words[pair[0].words.end..pair[1].words.start]
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        matches!(
            between.as_slice(),
            ["of"] | ["of", "the"] | ["out", "of"] | ["out", "of", "the" | "all"]
        )
    })?;
    Some(pair[0].value)
}

/// Whether a number is the size of the set of which the answer is a part: `of the 5 instruments`.
pub(super) fn is_of_all(words: &[Word], found: &Counted) -> bool {
    let before = &words[..found.words.start];
    match before {
        [.., last] if last.text == "of" => true,
        [.., of, the] => of.text == "of" && the.text == "the",
        _ => false,
    }
}

/// The last of several numbers, if it closes the sentence behind `so`, `hence`, `:` or `=`.
pub(super) fn closing(sentence: &str, words: &[Word], stands: &[&Counted]) -> Option<u64> {
    let last = stands.last().filter(|_| stands.len() > 1)?;
    let before = last.words.start.checked_sub(1)?;
    let gap = &sentence[words[before].span.end..words[last.words.start].span.start];
    let leads = matches!(
        words[before].text.as_str(),
        "so" | "hence"
            | "thus"
            | "therefore"
            | "makes"
            | "making"
            | "leaves"
            | "leaving"
            | "gives"
            | "giving"
            | "totals"
            | "equals"
    ) || gap.contains([':', '=', '→', '：']);
    (leads && words.len() - last.words.end <= CLOSING_WORDS).then_some(last.value)
}

/// The number next to a word that gives a total: it stands above its parts.
pub(super) fn total(words: &[Word], stands: &[&Counted]) -> Option<u64> {
    let at = words
        .iter()
        .position(|word| matches!(word.text.as_str(), "total" | "altogether" | "共" | "overall"))?;
    let nearest = stands.iter().min_by_key(|found| found.words.start.abs_diff(at))?;
    Some(nearest.value)
}

impl Reader<'_> {
    /// The number in the clause closest to the question: 2 of `3 dogs sleep, and 2 bark` if the
    /// question is for barking.
    pub(super) fn in_closest_clause(
        &self,
        sentence: &str,
        words: &[Word],
        stands: &[&Counted],
    ) -> Option<u64> {
        let mut scores: Vec<(usize, u64)> = Vec::new();
        let mut begin = 0;
        for at in 1..=words.len() {
            if at < words.len() && !begins_clause(sentence, words, at) {
                continue;
            }
            let clause = begin..at;
            begin = at;
            let inside: Vec<&Counted> = stands
                .iter()
                .copied()
                .filter(|found| clause.contains(&found.words.start))
                .collect();
            match inside.as_slice() {
                [] => {}
                [only] => scores.push((self.closeness(&words[clause], only), only.value)),
                _ => scores.extend(
                    inside.iter().map(|found| (usize::from(found.is_asked) * 3, found.value)),
                ),
            }
        }
        let most = scores.iter().map(|(score, _)| *score).max().filter(|most| *most > 1)?;
        let closest: BTreeSet<u64> =
            scores.iter().filter(|(score, _)| *score == most).map(|(_, value)| *value).collect();
        closest.first().copied().filter(|_| closest.len() == 1)
    }

    /// How close a clause with one number is to the question; 0 if it tells of another position.
    fn closeness(&self, clause: &[Word], found: &Counted) -> usize {
        let says = |wants_asked: bool| {
            clause.iter().any(|word| {
                POSITIONS.contains(&word.text.as_str())
                    && (!wants_asked || self.asked.has(&word.text))
            })
        };
        let asks_position = POSITIONS.iter().any(|position| self.asked.has(position));
        if asks_position && says(false) && !says(true) {
            0
        } else {
            2 * self.asked.overlap_with(clause) + usize::from(found.is_asked) + 1
        }
    }
}

/// Whether a clause begins at word `at`.
fn begins_clause(sentence: &str, words: &[Word], at: usize) -> bool {
    sentence[words[at - 1].span.end..words[at].span.start]
        .contains([',', ';', ':', '，', '；', '(', ')'])
        || matches!(words[at].text.as_str(), "and" | "but" | "while" | "whereas" | "of" | "其")
}
