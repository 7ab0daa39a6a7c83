//! Names of categories, as the option list spells them.

use std::collections::{HashMap, HashSet};

use crate::unread_reason::Misfit;

/// Entries of the category lists that are no categories.
const NOT_CATEGORIES: [&str; 2] = ["not sure", "no available option"];

/// Field names and placeholders: none of them is a thing that is seen or heard.
const NOT_THINGS: [&str; 16] = [
    "category",
    "categories",
    "count",
    "counts",
    "number",
    "name",
    "label",
    "object",
    "objects",
    "source",
    "answer",
    "total",
    "instance",
    "instances",
    "bbox",
    "frame",
];

/// The categories that a question offers, ready for comparing.
pub(crate) struct Categories<'a> {
    /// Spelling by letters.
    known: HashMap<String, &'a str>,
    /// Letters of their plurals.
    plurals: HashSet<String>,
}

impl<'a> Categories<'a> {
    pub(crate) fn new(options: &'a [String]) -> Self {
        let options = options.iter().map(String::as_str);
        let categories = options.filter(|option| !NOT_CATEGORIES.contains(option));
        let known: HashMap<String, &str> =
            categories.map(|option| (squeeze(option), option)).collect();
        let plurals = known.keys().flat_map(|singular| plurals(singular)).collect();
        Self { known, plurals }
    }

    /// The category that `name` means, spelled as in the list if it is among its options.
    ///
    /// Case, hyphens and underscores do not matter. A word that the list does not hold stays as it
    /// is: the model said it. Doubtful are several words and the plural of an option.
    pub(crate) fn category(&self, name: &str) -> Result<String, Misfit> {
        let name = name.trim();
        let letters = squeeze(name);
        if let Some(option) = self.known.get(&letters) {
            return Ok((*option).to_owned());
        }
        if letters.is_empty() {
            return Err(Misfit::CategoryUnnamed);
        }
        if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(Misfit::CategoryOfSeveralWords);
        }
        if NOT_THINGS.contains(&letters.trim_end_matches(|c: char| c.is_ascii_digit())) {
            return Err(Misfit::Placeholder);
        }
        if self.plurals.contains(&letters) {
            return Err(Misfit::Plural);
        }
        Ok(name.to_owned())
    }

    /// A category and the number that distinguishes its instances: `tuba_1`, `Tuba 1`, `tuba`.
    pub(crate) fn instance(&self, name: &str) -> Result<(String, Option<u32>), Misfit> {
        let name = name.trim();
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &name[stem.len()..];
        let number = match digits {
            "" => None,
            digits if digits.len() <= 4 => digits.parse().ok(),
            _ => return Err(Misfit::InstanceNumber),
        };
        let stem = match number {
            Some(_) => stem.trim_end_matches(['_', '-', '#', ' ']),
            None => stem,
        };
        Ok((self.category(stem)?, number))
    }
}

/// Letters and digits in lower case.
fn squeeze(name: &str) -> String {
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

    #[test]
    fn names_take_the_spelling_of_the_list() {
        let options: Vec<String> =
            ["hair-dryer", "dog", "woman", "baby", "bus", "glasses", "not sure"]
                .map(str::to_owned)
                .to_vec();
        let categories = Categories::new(&options);
        let read = |name| categories.category(name);
        assert_eq!(read("Hair Dryer").unwrap(), "hair-dryer");
        assert_eq!(read("hair_dryer").unwrap(), "hair-dryer");
        assert_eq!(read("DOG").unwrap(), "dog");
        assert_eq!(read("glasses").unwrap(), "glasses");
        assert_eq!(read("clock").unwrap(), "clock");
        for doubtful in
            ["dogs", "women", "babies", "buses", "big dog", "", "not sure", "dog's", "count"]
        {
            assert!(read(doubtful).is_err(), "{doubtful}");
        }
    }

    #[test]
    fn instances_carry_a_number() {
        let categories = Categories::new(&[]);
        let instance = |name| categories.instance(name);
        assert_eq!(instance("Tuba 1"), Ok(("Tuba".into(), Some(1))));
        assert_eq!(instance("lawn-mower_02"), Ok(("lawn-mower".into(), Some(2))));
        assert_eq!(instance("tuba"), Ok(("tuba".into(), None)));
        assert_eq!(instance("tuba#3"), Ok(("tuba".into(), Some(3))));
        assert!(instance("category_1").is_err());
        assert!(instance("12").is_err());
    }
}
