//! What two reports rest on, and where that differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::{Program, Report};

/// Something that numbers rest on and that changed between two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is, such as `strict version` or `data of AVQA`.
    pub what: String,
    /// What it was; null if it was not known or not there.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        write!(f, "{}: {} -> {}", self.what, value(&self.before), value(&self.after))
    }
}

/// What changed between two reports besides verdicts and numbers, in the order in which answers
/// become numbers.
pub(crate) fn changes(before: &Report, after: &Report) -> Vec<Change> {
    let (old, new) = (Basis::of(before), Basis::of(after));
    let mut names: Vec<&String> = new.0.iter().map(|(name, _)| name).collect();
    let gone: BTreeSet<&String> = old.0.iter().map(|(name, _)| name).collect();
    names.extend(gone.into_iter().filter(|name| new.get(name).is_none()));
    names
        .into_iter()
        .filter(|name| old.get(name) != new.get(name))
        .map(|name| Change {
            what: name.clone(),
            before: old.get(name).map(str::to_owned),
            after: new.get(name).map(str::to_owned),
        })
        .collect()
}

/// What a report's numbers rest on: names and values, known ones only.
struct Basis(Vec<(String, String)>);

impl Basis {
    fn of(report: &Report) -> Self {
        let mut basis = Self(Vec::new());
        for data in &report.data {
            basis.add(format!("data of {}", data.folder), short(&data.sha256));
        }
        if let Some(asking) = &report.asking {
            basis.add("model asked", &asking.model);
            basis.add("backend", &asking.backend);
            basis.add("packing", asking.profile.as_deref().unwrap_or("none"));
            basis.add("prompts", short(&asking.prompt_pack));
            for (name, value) in &asking.parameters {
                basis.add(format!("parameter `{name}`"), value.to_string());
            }
        }
        if let Some(formatting) = &report.formatting {
            basis.add_known("refiner", formatting.refiner.as_deref());
            basis.add_known("formatting", formatting.mode.as_deref());
            let mut rules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for rule in &formatting.rules {
                rules.entry(rule.rule.name()).or_default().push(rule.version.to_string());
            }
            for (rule, versions) in rules {
                basis.add(format!("version of rule `{rule}`"), versions.join(" and "));
            }
        }
        if let Some(captions) = &report.captions {
            basis.add("captions rated by", captions.to_string());
        }
        basis.add("official version", report.scoring.official.to_string());
        basis.add("strict version", report.scoring.strict.to_string());
        if let Some(reading) = &report.reading {
            basis.add("reading rules version", reading.rules_version.to_string());
        }
        basis.add("levels version", report.scoring.levels_version.to_string());
        basis.add("resamples", report.resampling.resamples.to_string());
        basis.add("seed of resamples", report.resampling.seed.to_string());
        let Program { name, version, commit, profile, target, features } = &report.program;
        basis.add("program", format!("{name} {version}"));
        basis.add_known("commit", commit.as_deref());
        basis.add_known("build profile", profile.as_deref());
        basis.add_known("build target", target.as_deref());
        basis.add_known("instruction sets", features.as_deref());
        basis
    }

    fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    fn add_known(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Hashes are told apart by their beginnings.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
