//! What identifies a pack's content.

use std::collections::BTreeMap;

use avibench_python::{Value, repr};
use sha2::{Digest as _, Sha256};

use crate::pack::{PromptPack, Wording};
use crate::read::FORMAT;
use crate::section::{OptionText, Section};

/// Lower-case hex sha256 of everything but the name.
pub(crate) fn of(pack: &PromptPack) -> String {
    let mut canonical = Canonical(Sha256::new());
    canonical.text(&format!("avibench prompt pack {FORMAT}"));
    canonical.text(match pack.wording {
        Wording::Careful => "careful",
        Wording::Exact => "exact",
    });
    canonical.section("shared", &pack.shared);
    for (folder, section) in &pack.folders {
        canonical.section(folder.name(), section);
    }
    hex::encode(canonical.0.finalize())
}

/// Every text goes in with its length before it, every collection with its size, so that no two
/// contents give the same bytes.
struct Canonical(Sha256);

impl Canonical {
    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text);
    }

    fn section(&mut self, name: &str, section: &Section) {
        self.text(name);
        for field in [&section.default, &section.categories, &section.refine] {
            self.count(usize::from(field.is_some()));
            self.text(field.as_deref().unwrap_or_default());
        }
        self.entries(&section.prompts, |canonical, prompt| canonical.text(prompt));
        self.entries(&section.options, |canonical, options| match options {
            OptionText::List(list) => {
                canonical.count(list.len());
                for option in list {
                    canonical.text(option);
                }
            }
            OptionText::Written(text) => {
                canonical.count(usize::MAX);
                canonical.text(text);
            }
        });
        // Absent in careful packs, so that their hash stays what it was.
        if let Some(constants) = &section.constants {
            self.text(&repr(&Value::Dict(constants.clone())));
        }
    }

    fn entries<V>(&mut self, entries: &BTreeMap<String, V>, mut value: impl FnMut(&mut Self, &V)) {
        self.count(entries.len());
        for (key, content) in entries {
            self.text(key);
            value(self, content);
        }
    }
}
