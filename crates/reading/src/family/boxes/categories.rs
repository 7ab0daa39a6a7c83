//! The folder's categories, and names folded onto them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use avibench_protocol::option_lists;
use regex::Regex;

use crate::Question;

/// Entries of the lists that are no categories.
const NOT_CATEGORIES: [&str; 2] = ["not sure", "no available option"];

/// Chinese names of categories.
const CHINESE: [(&str, &str); 40] = [
    ("狗", "dog"),
    ("单簧管", "clarinet"),
    ("班卓琴", "banjo"),
    ("猫", "cat"),
    ("古筝", "guzheng"),
    ("树", "tree"),
    ("狮子", "lion"),
    ("大号", "tuba"),
    ("尤克里里", "ukulele"),
    ("长笛", "flute"),
    ("钢琴", "piano"),
    ("小提琴", "violin"),
    ("飞机", "airplane"),
    ("贝斯", "bass"),
    ("低音提琴", "bass"),
    ("琵琶", "pipa"),
    ("小号", "trumpet"),
    ("手风琴", "accordion"),
    ("萨克斯管", "saxophone"),
    ("萨克斯", "saxophone"),
    ("汽车", "car"),
    ("轿车", "car"),
    ("割草机", "lawn-mower"),
    ("大提琴", "cello"),
    ("巴松管", "bassoon"),
    ("大管", "bassoon"),
    ("马", "horse"),
    ("吉他", "guitar"),
    ("二胡", "erhu"),
    ("鼓", "drum"),
    ("公交车", "bus"),
    ("直升机", "helicopter"),
    ("鸟", "bird"),
    ("男人", "man"),
    ("女人", "woman"),
    ("竖琴", "harp"),
    ("男孩", "boy"),
    ("女孩", "girl"),
    ("婴儿", "baby"),
    ("人", "person"),
];

/// A number behind a name: `_1`, ` 2`, `#3`, ` (4)`.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:[\s_\-#.:]*(?:no\.? ?|#|number |instance |№)?[\(\[]?\d{1,4}[\)\]]?|[_\s]+[a-d])\s*$",
    )
    .expect("the pattern is constant and tested")
});

/// Words before a name that say nothing about its category.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:a|an|the|his|her|its|their|my|our|your|this|that|one|another|other|some)\b[\s_-]+)+")
        .expect("the pattern is constant and tested")
});

/// Words around a category that tell its instances apart.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\([^()]*\)|\b(?:first|second|third|fourth|fifth|1st|2nd|3rd|4th|left|right|top|bottom|upper|lower|middle|center|centre|central|front|back|rear|leftmost|rightmost|sounding|playing|barking|on|in|at|the|side|far|near|foreground|background|hand|most)\b|^\d+(?:[.)]|\s)\s*")
        .expect("the pattern is constant and tested")
});

/// The categories of a folder, ready for comparing.
pub(super) struct Categories {
    /// Spelling by letters, plurals among them.
    known: HashMap<String, &'static str>,
}

impl Categories {
    pub(super) fn of(question: &Question<'_>) -> Self {
        let all = option_lists(question.folder).flat_map(|(_, list)| list);
        let mut known = HashMap::new();
        for option in all.map(String::as_str).filter(|option| !NOT_CATEGORIES.contains(option)) {
            for plural in plurals(option) {
                known.entry(squeezed(&plural)).or_insert(option);
            }
        }
        // A category goes before the plural of another one.
        for option in option_lists(question.folder).flat_map(|(_, list)| list) {
            known.insert(squeezed(option), option.as_str());
        }
        for option in NOT_CATEGORIES {
            known.remove(&squeezed(option));
        }
        Self { known }
    }

    /// A label without its number, folded onto the list; as it stands in lower case if it is not
    /// there. `None` if nothing is left.
    pub(super) fn folded(&self, label: &str) -> Option<String> {
        let decoration =
            |c: char| c.is_whitespace() || "\"'`*“”‘’:：.,;<>[]{}|/\\=_-#~!?".contains(c);
        let lower = label.trim_matches(decoration).to_lowercase();
        let lower = lower.split_whitespace().collect::<Vec<_>>().join(" ");
        let bare = match NUMBER.find(&lower) {
            Some(number) if number.start() > 0 => lower[..number.start()].trim_matches(decoration),
            _ => lower.as_str(),
        };
        if let Some(known) = self.known(bare).or_else(|| self.known(&lower)) {
            return Some(known.to_owned());
        }
        let bare = BEFORE.replace(bare, "");
        let bare = bare.trim_matches(decoration);
        let without_place = PLACE.replace_all(&bare.replace('_', " "), " ").into_owned();
        let without_place =
            NUMBER.replace(without_place.trim_end_matches(decoration), "").into_owned();
        let known = self.known(bare).or_else(|| self.known(&without_place));
        let name = known.or_else(|| chinese(bare)).unwrap_or(bare);
        (name.chars().any(char::is_alphabetic)).then(|| name.to_owned())
    }

    fn known(&self, name: &str) -> Option<&'static str> {
        self.known.get(&squeezed(name)).copied()
    }

    /// Whether a folded name is one of the list.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.known(name).is_some_and(|known| known == name)
    }

    /// Categories that a text names, with their places, from left to right.
    pub(super) fn within(&self, text: &str) -> Vec<(Range<usize>, &'static str)> {
        let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
        let words: Vec<Range<usize>> = words(text);
        let mut at = 0;
        while at < words.len() {
            let two = words.get(at + 1).and_then(|next| {
                let span = words[at].start..next.end;
                let is_near = next.start - words[at].end == 1;
                is_near
                    .then(|| self.word(&text[span.clone()]).map(|known| (span, known, 2)))
                    .flatten()
            });
            let one = || {
                let span = words[at].clone();
                self.word(&text[span.clone()]).map(|known| (span, known, 1))
            };
            if let Some((span, known, length)) = two.or_else(one) {
                found.push((span, known));
                at += length;
            } else {
                at += 1;
            }
        }
        if found.is_empty() && !text.is_ascii() {
            let mut rest = 0;
            while rest < text.len() {
                let here = &text[rest..];
                let longest = CHINESE
                    .iter()
                    .filter(|(name, known)| here.starts_with(name) && self.is_known(known))
                    .max_by_key(|(name, _)| name.len());
                if let Some((name, _)) = longest {
                    if let Some(known) = chinese(name) {
                        found.push((rest..rest + name.len(), known));
                    }
                    rest += name.len();
                } else {
                    rest += here.chars().next().map_or(1, char::len_utf8);
                }
            }
            // The sign for a person is part of many words.
            if found.iter().any(|(_, known)| *known != "person") {
                found.retain(|(_, known)| *known != "person");
            }
        }
        found
    }

    fn word(&self, word: &str) -> Option<&'static str> {
        if word.len() > 40 {
            return None;
        }
        let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let stem = if stem.len() < word.len() { stem.trim_end_matches(['_', '-']) } else { stem };
        self.known(&stem.to_lowercase())
    }

    /// The category that a text names, if it names one only.
    pub(super) fn only_one_in(&self, text: &str) -> Option<String> {
        let found = self.within(text);
        let (_, first) = found.first()?;
        found.iter().all(|(_, known)| known == first).then(|| (*first).to_owned())
    }
}

/// Words of letters, digits, `_` and apostrophes.
fn words(text: &str) -> Vec<Range<usize>> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’');
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_word(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| from..text.len()));
    words
}

fn chinese(name: &str) -> Option<&'static str> {
    CHINESE.iter().find(|(known, _)| *known == name).map(|(_, category)| *category)
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// What English may make of a noun.
fn plurals(singular: &str) -> Vec<String> {
    let mut plurals = vec![format!("{singular}s"), format!("{singular}es")];
    for (from, to) in [("y", "ies"), ("f", "ves"), ("man", "men"), ("person", "people")] {
        if let Some(stem) = singular.strip_suffix(from) {
            plurals.push(format!("{stem}{to}"));
        }
    }
    plurals
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::Folder;

    fn categories() -> Categories {
        Categories::of(&Question { folder: Folder::Avl, text: "", options: &[] })
    }

    #[test]
    fn labels_are_folded_onto_the_list() {
        let categories = categories();
        for (label, name) in [
            ("dog_1", "dog"),
            ("Dog 2", "dog"),
            ("dogs", "dog"),
            ("DOG", "dog"),
            ("dog#3", "dog"),
            ("dog (2)", "dog"),
            ("dog1", "dog"),
            ("Lawn Mower 1", "lawn-mower"),
            ("lawnmower", "lawn-mower"),
            ("people", "person"),
            ("the dog", "dog"),
            ("his horse", "horse"),
            ("violin (left)", "violin"),
            ("left violin", "violin"),
            ("violin_left", "violin"),
            ("first violin", "violin"),
            ("bass", "bass"),
            ("striped tin drum", "striped tin drum"),
            ("wooden flute with a crack", "wooden flute with a crack"),
            ("music box (open)", "music box (open)"),
            ("Piper", "piper"),
            ("二胡", "erhu"),
            ("老水手", "老水手"),
            ("dog_a", "dog"),
        ] {
            assert_eq!(categories.folded(label).as_deref(), Some(name), "{label}");
        }
        assert_eq!(categories.folded(" 1"), None);
    }

    #[test]
    fn categories_are_found_in_text() {
        let categories = categories();
        let found = |text| {
            categories.within(text).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        };
        for (text, names) in [
            ("The third trumpet from the left", "trumpet"),
            ("two tubas sound", "tuba"),
            ("the lawn mower and the dog's bone", "lawn-mower dog"),
            ("lawn-mower_1 catalogue", "lawn-mower"),
            ("发声的实例是二胡", "erhu"),
            ("拉小提琴的人", "violin"),
            ("nothing", ""),
        ] {
            assert_eq!(found(text), names, "{text}");
        }
    }
}
