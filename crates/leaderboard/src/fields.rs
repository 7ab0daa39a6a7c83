//! An object as Python sees it: of a key that stands twice, the last value counts.

use std::collections::HashMap;

use avibench_python::{JsonText, PlacedEntry, PlacedJson, PlacedValue};

use crate::finding::Examination;
use crate::pointer::{Pointer, shortened};

/// The entries of an object, each key once, in the order of their first mention.
#[derive(Debug)]
pub(crate) struct Fields<'d> {
    /// The byte at which the object begins.
    pub(crate) offset: usize,
    entries: Vec<&'d PlacedEntry<'d>>,
}

impl<'d> Fields<'d> {
    /// The fields of an object at `at`, if it is one. A key that stands twice is warned of.
    pub(crate) fn of(
        value: &'d PlacedJson<'d>,
        at: &Pointer<'_>,
        examination: &mut Examination<'_>,
    ) -> Option<Self> {
        let PlacedValue::Object(all) = &value.value else { return None };
        let mut places: HashMap<&JsonText<'_>, usize> = HashMap::with_capacity(all.len());
        let mut entries: Vec<&PlacedEntry<'_>> = Vec::with_capacity(all.len());
        for entry in all {
            if let Some(&place) = places.get(&entry.key) {
                let key = entry.key.as_str();
                let message = format!(
                    "`{}` stands twice in this object; the last one counts, so remove the others",
                    shortened(key, 40)
                );
                examination.warning(&at.key(key), entry.key_place.start, message);
                entries[place] = entry;
            } else {
                places.insert(&entry.key, entries.len());
                entries.push(entry);
            }
        }
        Some(Self { offset: value.place.start, entries })
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'d PlacedJson<'d>> {
        self.entries.iter().find(|entry| entry.key == *key).map(|entry| &entry.value)
    }

    /// As [`Self::get`], for fields that may be null instead of absent.
    pub(crate) fn get_some(&self, key: &str) -> Option<&'d PlacedJson<'d>> {
        self.get(key).filter(|value| value.value != PlacedValue::Null)
    }

    /// Keys and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'d PlacedEntry<'d>> {
        self.entries.iter().copied()
    }

    /// Reports every key that is not `known`.
    pub(crate) fn refuse_others(
        &self,
        known: &[&str],
        at: &Pointer<'_>,
        examination: &mut Examination<'_>,
    ) {
        for entry in self.iter().filter(|entry| !known.iter().any(|name| entry.key == **name)) {
            let key = entry.key.as_str();
            // Guessing what was meant takes long where there are a million of them.
            let meant = examination.keeps_violations().then(|| closest(key, known)).flatten();
            let mend = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove it; there are only {}", listed(known)),
            };
            let message = format!("the field `{}` is not known here; {mend}", shortened(key, 40));
            examination.violation(&at.key(key), entry.key_place.start, message);
        }
    }
}

/// The name that was probably meant.
pub(crate) fn closest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    // No known name is this long, and comparing takes quadratic time.
    if name.len() > 64 {
        return None;
    }
    let folded = name.trim().to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&folded, &known.to_lowercase());
    let nearest = known.iter().copied().min_by_key(|known| distance(known))?;
    (distance(nearest) <= 1 + nearest.len() / 5).then_some(nearest)
}

/// `a, b and c`, in backticks.
pub(crate) fn listed(names: &[&str]) -> String {
    joined(names, "and")
}

/// `a, b or c`, in backticks.
pub(crate) fn any_of(names: &[&str]) -> String {
    joined(names, "or")
}

fn joined(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}
