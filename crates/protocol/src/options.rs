//! The option lists of the benchmark, as its ground truths spell them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use avibench_python::Value;

use crate::{Folder, Sample};

const EMBEDDED: &str = include_str!("../data/options.json");

static LISTS: LazyLock<BTreeMap<String, BTreeMap<String, Vec<String>>>> =
    LazyLock::new(|| serde_json::from_str(EMBEDDED).expect("the embedded file is tested to parse"));

/// What a sample's `options` field leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Options<'a> {
    /// The question is open.
    None,
    /// The key's list of options, spelled as in ground truths.
    List(&'static [String]),
    /// A key that this folder's lists do not know.
    Unresolved(&'a str),
    /// A key that is no text, on which the original stops.
    Unusable(&'a Value),
}

/// The option list that `key` names in `folder`.
#[must_use]
pub fn option_list(folder: Folder, key: &str) -> Option<&'static [String]> {
    LISTS.get(folder.name())?.get(key).map(Vec::as_slice)
}

/// All option lists of a folder by key.
pub fn option_lists(folder: Folder) -> impl Iterator<Item = (&'static str, &'static [String])> {
    let lists = LISTS.get(folder.name()).into_iter().flatten();
    lists.map(|(key, list)| (key.as_str(), list.as_slice()))
}

/// The options of a sample.
#[must_use]
pub fn options_of(sample: &Sample) -> Options<'_> {
    match &sample.options {
        None => Options::None,
        Some(Value::Str(key)) => {
            option_list(sample.folder, key).map_or(Options::Unresolved(key), Options::List)
        }
        Some(other) => Options::Unusable(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_has_its_lists() {
        for folder in Folder::ALL {
            assert!(LISTS.contains_key(folder.name()), "{folder}");
        }
        assert_eq!(
            option_list(Folder::Asqa, "options_sound_order").unwrap(),
            ["sound", "noise", "not sure"]
        );
        // The spelling slips belong to the benchmark.
        assert!(
            option_list(Folder::VsqaI, "get_from_color").unwrap().contains(&"puprle".to_owned())
        );
        assert_eq!(option_list(Folder::Avc, "anything"), None);
    }
}
