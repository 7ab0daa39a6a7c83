//! `probe.json`: what a probe found out about an endpoint, kept beside `run.json`.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::{NotJson, read_json_as};
use avibench_reading::Convention;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Ability, AbilityFinding, Sensed};

/// Its name in the folder of a label.
pub const PROBE_FILE: &str = "probe.json";

/// Version of the file; findings of other versions asked other questions.
const VERSION: u32 = 1;

/// It holds a few numbers about each ability.
const LIMIT: SizeLimit = SizeLimit::new(16 << 20, "remove it, and probe again");

/// What a probe found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// Version of the format.
    pub version: u32,
    /// The program that asked, with its version.
    pub program: String,
    /// When the probe ended.
    pub time: Timestamp,
    /// What was asked follows from it.
    pub seed: u64,
    /// The model's name, as asked for.
    pub model: String,
    /// The backend: `openai`, `exec:...`, ...
    pub backend: String,
    /// Hosts of the endpoints; none for what runs on this machine.
    pub hosts: Vec<String>,
    /// How media were packed, `name@hash`; none where files are handed over as they are.
    pub profile: Option<String>,
    /// Request parameters.
    pub parameters: Map<String, Value>,
    /// What asking took.
    pub spending: ProbeSpending,
    /// One finding an ability.
    pub findings: Vec<AbilityFinding>,
}

/// What a probe took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeSpending {
    /// Questions asked.
    pub questions: usize,
    /// Requests made, those that asked again included.
    pub requests: usize,
    /// Prompt tokens, by the server's count.
    pub tokens_in: u64,
    /// Tokens that the model generated.
    pub tokens_out: u64,
    /// US dollars by the price table; none where no price is known.
    pub cost: Option<f64>,
    /// Wall time in seconds.
    pub seconds: f64,
}

/// A file of findings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeFileError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It holds no findings.
    #[error("{} holds no findings of a probe: {reason}; remove it", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: NotJson,
    },
    /// Another version of the program wrote it.
    #[error("{} has version {found}, and this program reads {VERSION}; remove it", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version it has.
        found: u32,
    },
}

/// What every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl ProbeReport {
    /// The version that [`Self::version`] is to have.
    pub const VERSION: u32 = VERSION;

    /// Reads a file; none if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds no findings of this version.
    pub fn read(path: &Path) -> Result<Option<Self>, ProbeFileError> {
        let Some(text) = LIMIT.read_if_any(path)? else { return Ok(None) };
        let of_path = |reason| ProbeFileError::Format { path: path.to_owned(), reason };
        let Versioned { version } = read_json_as(&text).map_err(of_path)?;
        if version != VERSION {
            return Err(ProbeFileError::Version { path: path.to_owned(), found: version });
        }
        read_json_as(&text).map(Some).map_err(of_path)
    }

    /// Writes it, whole or not at all. The folder has to be there.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        write_atomic(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        })
    }

    /// The verdict on an ability.
    #[must_use]
    pub fn verdict(&self, ability: Ability) -> Sensed {
        let found = self.findings.iter().find(|finding| finding.ability == ability);
        found.map_or(Sensed::Unknown, |finding| finding.verdict)
    }

    /// The abilities with this verdict.
    pub fn with(&self, verdict: Sensed) -> impl Iterator<Item = &AbilityFinding> {
        self.findings.iter().filter(move |finding| finding.verdict == verdict)
    }

    /// Whether all of it was found out: nothing is unknown.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.with(Sensed::Unknown).next().is_none()
    }

    /// Whether it is about this model, packed in this way and asked with these parameters.
    #[must_use]
    pub fn is_of(
        &self,
        model: &str,
        profile: Option<&str>,
        parameters: &Map<String, Value>,
    ) -> bool {
        self.model == model && self.profile.as_deref() == profile && self.parameters == *parameters
    }

    /// How boxes are meant that leave it open.
    #[must_use]
    pub fn convention(&self) -> Convention {
        let boxes = self.findings.iter().find(|finding| finding.ability == Ability::Boxes);
        boxes.map_or_else(Convention::default, AbilityFinding::convention)
    }

    /// The verdicts as the end of a sentence: `hear and see work; video-sound does not work; boxes is unclear`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let part = |verdict: Sensed| {
            let names: Vec<&str> =
                self.with(verdict).map(|finding| finding.ability.name()).collect();
            let is_one = names.len() == 1;
            let what = match (verdict, is_one) {
                (Sensed::Yes, true) => "works",
                (Sensed::Yes, false) => "work",
                (Sensed::No, true) => "does not work",
                (Sensed::No, false) => "do not work",
                (Sensed::Unclear, true) => "is unclear",
                (Sensed::Unclear, false) => "are unclear",
                (Sensed::Unknown, true) => "is not known",
                (Sensed::Unknown, false) => "are not known",
            };
            (!names.is_empty()).then(|| format!("{} {what}", listed(&names)))
        };
        let verdicts = [Sensed::Yes, Sensed::No, Sensed::Unclear, Sensed::Unknown];
        verdicts.into_iter().filter_map(part).collect::<Vec<_>>().join("; ")
    }

    /// What is lacking, a sentence each, with what to try. What only follows from something else that is
    /// lacking is left out.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let sentence = |finding: &AbilityFinding| {
            let ability = finding.ability;
            format!(
                "the endpoint of `{}` {}: {} in questions with known answers. Scores of what needs it \
                 will say nothing about the model: {}",
                self.model,
                ability.lacks(),
                finding.evidence(),
                ability.mend()
            )
        };
        let has_cause = |finding: &&AbilityFinding| {
            finding.ability.rests_on().iter().any(|&cause| self.verdict(cause) == Sensed::No)
        };
        self.with(Sensed::No).filter(|finding| !has_cause(finding)).map(sentence).collect()
    }
}

/// Several with `and` before the last.
fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Probe;

    fn report() -> ProbeReport {
        ProbeReport {
            version: VERSION,
            program: "avibench 0".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            seed: 3,
            model: "m".to_owned(),
            backend: "openai".to_owned(),
            hosts: vec!["127.0.0.1:1".to_owned()],
            profile: Some("gateway@1".to_owned()),
            parameters: Map::new(),
            spending: ProbeSpending::default(),
            findings: Probe::new(3).findings(),
        }
    }

    #[test]
    fn a_file_is_read_as_it_was_written_and_others_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(PROBE_FILE);
        assert!(ProbeReport::read(&path).unwrap().is_none());
        report().write(&path).unwrap();
        assert_eq!(ProbeReport::read(&path).unwrap(), Some(report()));
        for (text, said) in [
            ("{", "holds no findings"),
            ("{\"version\": 1}", "holds no findings"),
            ("{\"version\": 2}", "has version 2"),
        ] {
            std::fs::write(&path, text).unwrap();
            let message = ProbeReport::read(&path).unwrap_err().to_string();
            assert!(message.contains(said) && message.contains("probe.json"), "{message}");
        }
    }

    #[test]
    fn verdicts_make_sentences() {
        let mut report = report();
        assert!(!report.is_whole());
        for finding in &mut report.findings {
            finding.verdict = Sensed::Yes;
        }
        let said = report.sentence();
        assert!(said.starts_with("hear, see, ") && said.ends_with(" and boxes work"), "{said}");
        assert!(report.warnings().is_empty());
        report.findings[0].verdict = Sensed::No;
        report.findings[9].verdict = Sensed::Unclear;
        let said = report.sentence();
        assert!(said.starts_with("see, sound-order, "), "{said}");
        assert!(said.ends_with(" and sync work; hear does not work; boxes is unclear"), "{said}");
        report.findings[2].verdict = Sensed::No;
        let warnings = report.warnings();
        assert!(warnings[0].contains("`m` does not hear recordings"), "{warnings:?}");
        assert_eq!(warnings.len(), 1, "who does not hear keeps no order of what he hears");
        assert!(report.is_of("m", Some("gateway@1"), &Map::new()));
        assert!(!report.is_of("m", None, &Map::new()));
    }
}
