//! The categories of a folder, and the many ways in which answers name them.

mod english;
mod lexicon;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use avibench_protocol::{Folder, option_lists};
use regex::Regex;

use crate::Question;
pub(crate) use english::singular;
use lexicon::LEXICON;

/// Entries of the lists that name no category.
const NO_CATEGORY: [&str; 2] = ["not sure", "no available option"];

/// Names longer than this are prose.
const NAME_BYTES: usize = 120;

/// Whether a name is one or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Singular,
    Plural,
    /// `sheep`, `glasses`.
    Either,
}

/// The language of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    /// Chinese, Japanese, Korean: written without spaces or with particles at the word.
    Asian,
    /// Spanish, French, German: in prose it counts only if the text is in that language.
    European,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    category: usize,
    pub(crate) form: Form,
    pub(crate) language: Language,
}

/// A name as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The category as the list spells it, or the name in lowercase if it is not on the list.
    pub(crate) name: String,
    /// Whether it is on the list.
    pub(crate) known: bool,
    /// Whether a number of its own was cut from it: `dog_2`.
    pub(crate) numbered: bool,
}

/// The categories of a folder with all their names.
pub(crate) struct Categories {
    list: Vec<String>,
    names: HashMap<String, Named>,
    /// Names in Chinese, Japanese and Korean, the longest first.
    asian: Option<Regex>,
    /// Words of the longest name.
    longest: usize,
}

static OF_FOLDER: LazyLock<HashMap<Folder, Arc<Categories>>> = LazyLock::new(|| {
    let of = |folder: Folder| {
        let lists = option_lists(folder).flat_map(|(_, list)| list);
        let mut seen = HashSet::new();
        let list: Vec<String> = lists.filter(|name| seen.insert(*name)).cloned().collect();
        (folder, Arc::new(Categories::new(&list)))
    };
    [Folder::Amic, Folder::Vmic, Folder::Avl].into_iter().map(of).collect()
});

impl Categories {
    /// The categories of a question's folder; those among its options if it has others.
    pub(crate) fn of(question: &Question<'_>) -> Arc<Self> {
        match OF_FOLDER.get(&question.folder) {
            Some(known) if question.options.iter().all(|name| known.lists(name)) => {
                Arc::clone(known)
            }
            _ => Arc::new(Self::new(question.options)),
        }
    }

    fn new(list: &[String]) -> Self {
        let is_category = |name: &&String| !NO_CATEGORY.contains(&name.as_str());
        let list: Vec<String> = list.iter().filter(is_category).cloned().collect();
        let mut names = HashMap::new();
        let english = Language::English;
        for (category, name) in list.iter().enumerate() {
            let form = if english::has_no_plural(name) { Form::Either } else { Form::Singular };
            names.insert(normal(name), Named { category, form, language: english });
        }
        for (category, name) in list.iter().enumerate() {
            for plural in english::plurals(&normal(name)) {
                let named = Named { category, form: Form::Plural, language: english };
                names.entry(plural).or_insert(named);
            }
        }
        // A foreign name of two categories of the list, such as of `woman` and `female`, is none.
        let mut foreign: HashMap<String, Option<Named>> = HashMap::new();
        for (category, name) in list.iter().enumerate() {
            for other in LEXICON.names_of(&name.to_lowercase()) {
                let named = Named { category, form: other.form, language: other.language };
                if names.contains_key(&other.name) {
                    continue;
                }
                foreign
                    .entry(other.name.clone())
                    .and_modify(|found| {
                        if found.is_some_and(|found| found.category != category) {
                            *found = None;
                        }
                    })
                    .or_insert(Some(named));
            }
        }
        names.extend(foreign.into_iter().filter_map(|(name, named)| Some((name, named?))));
        let mut asian: Vec<&String> = names
            .iter()
            .filter(|(_, named)| named.language == Language::Asian)
            .map(|(name, _)| name)
            .collect();
        asian.sort_by_key(|name| (std::cmp::Reverse(name.len()), *name));
        let pattern = asian.iter().map(|name| regex::escape(name)).collect::<Vec<_>>().join("|");
        let asian = (!asian.is_empty()).then(|| Regex::new(&pattern).ok()).flatten();
        let longest = names.keys().map(|name| name.split(' ').count()).max().unwrap_or(1);
        Self { list, names, asian, longest }
    }

    fn lists(&self, name: &str) -> bool {
        NO_CATEGORY.contains(&name) || self.list.iter().any(|known| known == name)
    }

    /// The category as the list spells it.
    pub(crate) fn spelled(&self, named: Named) -> &str {
        &self.list[named.category]
    }

    /// The category that exactly this name means, in any language, singular or plural.
    pub(crate) fn find(&self, name: &str) -> Option<Named> {
        self.names.get(&normal(name)).copied()
    }

    /// Words of the longest name.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Names in Chinese, Japanese and Korean.
    pub(crate) const fn asian(&self) -> Option<&Regex> {
        self.asian.as_ref()
    }

    /// Folds a name onto the list.
    pub(crate) fn fold(&self, name: &str) -> Folded {
        let trimmed = name.trim();
        let plain =
            trimmed.trim_matches(|c: char| c.is_whitespace() || "*`\"'“”‘’#:：.".contains(c));
        let folded = |named: Named, numbered| Folded {
            name: self.list[named.category].clone(),
            known: true,
            numbered,
        };
        if plain.len() > NAME_BYTES {
            return Folded { name: plain.to_lowercase(), known: false, numbered: false };
        }
        if let Some(named) = self.find(plain) {
            return folded(named, false);
        }
        let (base, number) = without_number(plain);
        if let Some(named) = self.find(base).or_else(|| self.with_words_around(base)) {
            return folded(named, number);
        }
        Folded { name: base.trim().to_lowercase(), known: false, numbered: number }
    }

    /// The category of a name with words around it that leave it what it is: `red car`, `dog (big)`,
    /// `man's voice`, `dog barking`.
    fn with_words_around(&self, name: &str) -> Option<Named> {
        let mut name = normal(name);
        if let Some(at) = name.find(['(', '（', '[', '【']) {
            name.truncate(at);
            name = name.trim().to_owned();
        }
        let name = name.trim_end_matches("(s)").trim();
        if let Some(named) = self.find(name) {
            return Some(named);
        }
        let words: Vec<&str> = name.split(' ').collect();
        if words.len() > 6 || LEXICON.is_other(name) {
            return None;
        }
        let leading = words.iter().take_while(|word| LEXICON.is_modifier(word)).count();
        for start in (1..=leading.min(words.len() - 1)).chain([0]) {
            for cut in 0..=1 {
                let rest = &words[start..];
                let Some(kept) = rest.len().checked_sub(cut).filter(|kept| *kept > 0) else {
                    continue;
                };
                if cut == 1 && !rest.last().is_some_and(|word| is_sound(word)) {
                    continue;
                }
                let kept = rest[..kept].join(" ");
                let kept = kept.strip_suffix("'s").or(kept.strip_suffix("’s")).unwrap_or(&kept);
                if LEXICON.is_other(kept) {
                    return None;
                }
                if let Some(named) = self.find(kept) {
                    return Some(named);
                }
            }
        }
        None
    }

    /// Whether a compound that ends with a category is something else: `hot dog`.
    pub(crate) fn is_other(name: &str) -> bool {
        LEXICON.is_other(name)
    }
}

/// Words after a category that only say that it is heard or seen.
fn is_sound(word: &str) -> bool {
    const SOUNDS: [&str; 17] = [
        "sound", "sounds", "voice", "voices", "noise", "music", "bark", "barks", "meow", "call",
        "cry", "song", "engine", "horn", "speech", "solo", "shot",
    ];
    SOUNDS.contains(&word) || (word.len() > 4 && word.ends_with("ing"))
}

/// A name without a number of its own at its end.
fn without_number(name: &str) -> (&str, bool) {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name.len() - base.len();
    let cut = base.trim_end_matches(['_', ' ', '#', '-', '.']);
    let separated = cut.len() < base.len() || cut.ends_with(char::is_alphabetic);
    if (1..=3).contains(&number) && separated && !cut.is_empty() {
        (cut, true)
    } else {
        (name, false)
    }
}

/// Lowercase, with single spaces for `_`, `-` and runs of spaces.
pub(crate) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if c.is_whitespace() || matches!(c, '_' | '-' | '‐' | '–') {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(folder: Folder, name: &str) -> String {
        let question = Question { folder, text: "", options: &[] };
        let folded = Categories::of(&question).fold(name);
        format!("{}{}", folded.name, if folded.known { "" } else { "?" })
    }

    #[test]
    fn names_are_folded_onto_the_list() {
        for (name, category) in [
            ("Dogs", "dog"),
            ("Vacuum_Cleaner", "vacuum-cleaner"),
            ("hairdryers", "hair-dryer"),
            ("women", "woman"),
            ("wolves", "wolf"),
            ("bass", "bass"),
            ("basses", "bass"),
            ("lawn mower", "mower"),
            ("acoustic guitars", "guitar"),
            ("bass guitar", "bass guitar?"),
            ("dog_2", "dog"),
            ("Dog #1", "dog"),
            ("狗", "dog"),
            ("chien", "dog"),
            ("Hunde", "dog"),
            ("개", "dog"),
            ("red car", "car"),
            ("toy car", "toy car?"),
            ("hot dog", "hot dog?"),
            ("dog (barking)", "dog"),
            ("dog barking", "dog"),
            ("man's voice", "man"),
            ("dog(s)", "dog"),
            ("Fox", "fox?"),
            ("buses", "bus"),
            ("babies", "baby"),
            ("**Piano**", "piano"),
            ("mujer", "woman"),
            ("male", "male"),
            ("males", "male"),
            ("女性", "female"),
            ("keyboard", "keyboard"),
        ] {
            assert_eq!(fold(Folder::Amic, name), category, "{name}");
        }
        for (name, category) in [
            ("glasses", "glasses"),
            ("sunglasses", "sunglasses"),
            ("Tomatoes", "tomato"),
            ("shelves", "shelf"),
            ("motorbike", "motorcycle"),
            ("planes", "airplane"),
            ("boxes", "box"),
            ("strawberries", "strawberry"),
            ("sheep", "sheep"),
            ("fishes", "fish"),
            ("orange", "orange"),
            ("oranges", "orange"),
            ("cabinets", "cabinetry"),
            ("people", "people?"),
            ("watches", "watch"),
            ("jellyfish", "jellyfish"),
            ("wine glasses", "wine glasses?"),
        ] {
            assert_eq!(fold(Folder::Vmic, name), category, "{name}");
        }
        assert_eq!(fold(Folder::Avl, "lawn mowers"), "lawn-mower");
        assert_eq!(fold(Folder::Avl, "people"), "person");
    }

    #[test]
    fn every_entry_of_a_list_is_itself() {
        for folder in [Folder::Amic, Folder::Vmic, Folder::Avl] {
            for name in option_lists(folder).flat_map(|(_, list)| list) {
                if !NO_CATEGORY.contains(&name.as_str()) {
                    assert_eq!(&fold(folder, name), name);
                }
            }
        }
    }

    #[test]
    fn options_of_ones_own_have_categories_of_their_own() {
        let options = ["guitar", "acoustic guitar", "congas", "Glass"].map(str::to_owned);
        let question = Question { folder: Folder::Amic, text: "", options: &options };
        let categories = Categories::of(&question);
        for (name, category) in [
            ("guitars", "guitar"),
            ("Acoustic_Guitars", "acoustic guitar"),
            ("congas", "congas"),
            ("glass", "Glass"),
            ("electric guitar", "guitar"),
        ] {
            assert_eq!(categories.fold(name).name, category);
        }
    }
}
