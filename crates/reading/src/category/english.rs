//! English plurals.

/// Names that are the same for one and for many, or that exist as a plural only.
const NO_PLURAL: [&str; 13] = [
    "sheep",
    "deer",
    "fish",
    "shrimp",
    "jellyfish",
    "starfish",
    "shellfish",
    "aircraft",
    "glasses",
    "sunglasses",
    "congas",
    "pasta",
    "cabinetry",
];

const IRREGULAR: [(&str, &str); 9] = [
    ("man", "men"),
    ("woman", "women"),
    ("child", "children"),
    ("person", "people"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("foot", "feet"),
    ("ox", "oxen"),
    ("tooth", "teeth"),
];

/// Whether a name says nothing about one or many.
pub(super) fn has_no_plural(name: &str) -> bool {
    NO_PLURAL.contains(&name)
}

/// The plurals of a name in lowercase, also those that people write by mistake.
pub(super) fn plurals(name: &str) -> Vec<String> {
    let (before, last) = name.rsplit_once(' ').map_or(("", name), |(before, last)| (before, last));
    let prefix = if before.is_empty() { String::new() } else { format!("{before} ") };
    if let Some((_, plural)) = IRREGULAR.iter().find(|(one, _)| *one == last) {
        return vec![format!("{prefix}{plural}")];
    }
    let mut found = Vec::new();
    if let Some((stem, plural)) =
        IRREGULAR[..2].iter().find_map(|(one, many)| Some((last.strip_suffix(one)?, many)))
        && !matches!(stem, "hu" | "ger" | "ro")
    {
        found.push(format!("{prefix}{stem}{plural}"));
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| last.ends_with(end));
    let vowel = |c: char| "aeiou".contains(c);
    if hisses {
        found.push(format!("{prefix}{last}es"));
    } else if let Some(stem) = last.strip_suffix('y').filter(|stem| !stem.ends_with(vowel)) {
        found.push(format!("{prefix}{stem}ies"));
    } else {
        found.push(format!("{prefix}{last}s"));
        if last.ends_with('o') {
            found.push(format!("{prefix}{last}es"));
        }
        if let Some(stem) = last.strip_suffix("lf").or(last.strip_suffix("af")) {
            found.push(format!("{prefix}{stem}{}ves", &last[stem.len()..last.len() - 1]));
        }
    }
    found
}

/// The singular of a regular plural that is on no list; anything else stays as it is.
pub(crate) fn singular(name: &str) -> String {
    if has_no_plural(name) {
        return name.to_owned();
    }
    if let Some((one, many)) =
        IRREGULAR.iter().find(|(_, many)| name == *many || name.ends_with(&format!(" {many}")))
    {
        return format!("{}{one}", &name[..name.len() - many.len()]);
    }
    if let Some(stem) = name.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    for end in ["ches", "shes", "xes", "sses", "zes"] {
        if name.ends_with(end) {
            return name[..name.len() - 2].to_owned();
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => name.to_owned(),
    }
}
