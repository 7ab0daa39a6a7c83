//! Names of categories in English and other languages, read from `data/categories.toml`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Form, Language, english, normal};

#[derive(Deserialize)]
struct File {
    categories: HashMap<String, Names>,
    words: Words,
}

/// Names of one category by language.
#[derive(Deserialize)]
struct Names {
    en: String,
    zh: String,
    ja: String,
    ko: String,
    es: String,
    fr: String,
    de: String,
}

#[derive(Deserialize)]
struct Words {
    modifiers: String,
    others: String,
}

/// A name of a category.
pub(super) struct Other {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) language: Language,
}

/// Names of categories beyond the lists, and words around them.
pub(super) struct Lexicon {
    categories: HashMap<String, Vec<Other>>,
    modifiers: HashSet<String>,
    others: HashSet<String>,
}

pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../data/categories.toml"))
        .expect("the data file is part of the program and tested");
    Lexicon {
        categories: file
            .categories
            .iter()
            .map(|(name, names)| (name.clone(), names.all()))
            .collect(),
        modifiers: items(&file.words.modifiers).map(str::to_owned).collect(),
        others: items(&file.words.others)
            .flat_map(|name| english::plurals(name).into_iter().chain([name.to_owned()]))
            .collect(),
    }
});

impl Lexicon {
    /// Names of a category beyond its own.
    pub(super) fn names_of(&self, category: &str) -> &[Other] {
        self.categories.get(category).map_or(&[], Vec::as_slice)
    }

    /// Whether a word before a category leaves it what it is.
    pub(super) fn is_modifier(&self, word: &str) -> bool {
        self.modifiers.contains(word)
    }

    /// Whether a name ends like a category and is something else.
    pub(super) fn is_other(&self, name: &str) -> bool {
        self.others.contains(name)
    }
}

impl Names {
    fn all(&self) -> Vec<Other> {
        let mut all = Vec::new();
        for item in items(&self.en) {
            let (one, many) = match item.split_once('/') {
                Some((one, many)) => (one, vec![normal(many)]),
                None => (item, english::plurals(&normal(item))),
            };
            push(&mut all, one, &many, Language::English);
        }
        for item in [&self.zh, &self.ja, &self.ko].into_iter().flat_map(|names| items(names)) {
            push(&mut all, item, &[normal(item)], Language::Asian);
        }
        for item in [&self.es, &self.fr, &self.de].into_iter().flat_map(|names| items(names)) {
            let (one, many) = item.split_once('/').unwrap_or((item, item));
            push(&mut all, one, &[normal(many)], Language::European);
        }
        all
    }
}

fn push(all: &mut Vec<Other>, one: &str, many: &[String], language: Language) {
    let one = normal(one);
    let form = if many.contains(&one) { Form::Either } else { Form::Singular };
    for name in many.iter().filter(|name| **name != one) {
        all.push(Other { name: name.clone(), form: Form::Plural, language });
    }
    all.push(Other { name: one, form, language });
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}
