//! Names of categories, as the option list spells them.

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

/// The category that `name` means, spelled as in `options` if it is among them.
///
/// Case, hyphens and underscores do not matter. A word that the list does not hold stays as it is:
/// the model said it. Doubtful are several words and the plural of an option.
pub(crate) fn category(name: &str, options: &[String]) -> Result<String, &'static str> {
    let name = name.trim();
    let wanted = squeeze(name);
    let known = || {
        options
            .iter()
            .filter(|option| !NOT_CATEGORIES.contains(&option.as_str()))
            .map(|option| (option, squeeze(option)))
    };
    if let Some((option, _)) = known().find(|(_, squeezed)| *squeezed == wanted) {
        return Ok(option.clone());
    }
    if wanted.is_empty() {
        return Err("a category without a name");
    }
    if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
        return Err("a category of several words");
    }
    if NOT_THINGS.contains(&wanted.trim_end_matches(|c: char| c.is_ascii_digit())) {
        return Err("a placeholder instead of a category");
    }
    if known().any(|(_, singular)| is_plural(&wanted, &singular)) {
        return Err("a category in the plural");
    }
    Ok(name.to_owned())
}

/// A category and the number that distinguishes its instances: `tuba_1`, `Tuba 1`, `tuba`.
pub(crate) fn instance(
    name: &str,
    options: &[String],
) -> Result<(String, Option<u32>), &'static str> {
    let name = name.trim();
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[stem.len()..];
    let number = match digits {
        "" => None,
        digits if digits.len() <= 4 => digits.parse().ok(),
        _ => return Err("an instance number that is too large"),
    };
    let stem = if number.is_some() { stem.trim_end_matches(['_', '-', '#', ' ']) } else { stem };
    Ok((category(stem, options)?, number))
}

/// Letters and digits in lower case.
fn squeeze(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

fn is_plural(word: &str, singular: &str) -> bool {
    let changed = |from: &str, to: &str| {
        singular.strip_suffix(from).is_some_and(|stem| word.strip_prefix(stem) == Some(to))
    };
    changed("", "s")
        || changed("", "es")
        || changed("y", "ies")
        || changed("f", "ves")
        || changed("man", "men")
        || (singular == "person" && word == "people")
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
        let read = |name| category(name, &options);
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
        assert_eq!(instance("Tuba 1", &[]), Ok(("Tuba".into(), Some(1))));
        assert_eq!(instance("lawn-mower_02", &[]), Ok(("lawn-mower".into(), Some(2))));
        assert_eq!(instance("tuba", &[]), Ok(("tuba".into(), None)));
        assert_eq!(instance("tuba#3", &[]), Ok(("tuba".into(), Some(3))));
        assert!(instance("category_1", &[]).is_err());
        assert!(instance("12", &[]).is_err());
    }
}
