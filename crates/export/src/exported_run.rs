//! A scored label as exports need it: report and rows, and what journals, manifest and data set add to them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use avibench_protocol::{Dataset, Folder, FolderData, FolderState};
use avibench_results::{Detail, PublicText, Report, RunFile, ScoringMode, StoredRun, read_run};
use avibench_store::{AskOutcome, EntryError, Label, Manifest, read_journal};
use jiff::Timestamp;

use crate::paired_rows::unpaired_folder;
use crate::{ExportForm, ExportNote, ReadLabelError};

/// Where a scored label lies, and for whom it is exported.
#[derive(Debug, Clone, Copy)]
pub struct ExportSources<'a> {
    /// The label.
    pub label: &'a Label,
    /// Folder of the score files.
    pub eval_dir: &'a Path,
    /// Folder of raw answers, one folder a label.
    pub outputs: &'a Path,
    /// Folder of formatted answers, one folder a label.
    pub refined: &'a Path,
    /// The data set, if it is at hand.
    pub dataset: Option<&'a Dataset>,
    /// Whom the export is for.
    pub form: ExportForm,
}

/// The kind of a generated data set that is not at hand.
const UNKNOWN_KIND: &str = "unknown-kind";

/// What the journal of a run says of a sample beyond its row.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedDetail {
    /// Why there is no answer.
    pub error: Option<EntryError>,
    /// The words in which the model or a filter declined.
    pub refusal: Option<String>,
    /// US dollars by the price table.
    pub cost: Option<f64>,
    /// When the answer was noted.
    pub time: Timestamp,
}

/// A scored label in memory.
#[derive(Debug)]
pub struct ExportedRun {
    /// Whom the export is for.
    pub form: ExportForm,
    /// Report and rows. In a public form the report names no machine and no path.
    pub run: StoredRun,
    /// Kind of the data set, if `avibench synth` made it and it is the one that was scored against; `unknown-kind` if it is
    /// not at hand, and its samples have stimuli as only generated ones do.
    pub generated: Option<String>,
    /// Folders of the data set that are those that were scored against.
    pub data: BTreeMap<Folder, FolderData>,
    /// When asking began, if the run noted it.
    pub started: Option<Timestamp>,
    /// When asking ended, if the run noted it.
    pub ended: Option<Timestamp>,
    /// When the scores were written.
    pub scored: Timestamp,
    /// What had to be left out.
    pub notes: Vec<ExportNote>,
    /// By folder and position.
    details: BTreeMap<Folder, Vec<Option<AskedDetail>>>,
}

impl ExportSources<'_> {
    /// Reads the label. Journals, manifest and data set are no conditions: what they would add is left out, with a note.
    ///
    /// # Errors
    ///
    /// If the label has no scores that can be read, or its rows lack what the form needs.
    pub fn read(&self) -> Result<ExportedRun, ReadLabelError> {
        let path = RunFile::Report.path(self.eval_dir, self.label);
        let mut run = read_run(&path)?;
        let written = std::fs::metadata(&path).and_then(|found| found.modified());
        let written = written.map_err(avibench_files::FileError::at("read", &path))?;
        let scored = Timestamp::try_from(written).unwrap_or(Timestamp::UNIX_EPOCH);
        if self.form.has_texts() && run.report.samples.detail == Detail::Slim {
            return Err(ReadLabelError::Slim { path });
        }
        if let Some(folder) = unpaired_folder(&run) {
            return Err(ReadLabelError::Unpaired { path, folder });
        }
        let mut notes = Vec::new();
        let directory = self.outputs.join(self.label.as_str());
        let manifest =
            noted(Manifest::read(&directory), &mut notes, ExportNote::Manifest).flatten();
        let refined = Manifest::read(&self.refined.join(self.label.as_str())).ok().flatten();
        let details = details(&directory, &run, &mut notes);
        let sessions = || manifest.iter().flat_map(|manifest| &manifest.sessions);
        let started = sessions().map(|session| session.started).min();
        let noted_last = details.values().flatten().flatten().map(|detail| detail.time).max();
        let ended = sessions().filter_map(|session| session.ended).max().max(noted_last);
        let (data, kind) = self.data(&run.report, &mut notes);
        // Only generated samples have a stimulus: without the data set they still don't pass for the benchmark's.
        let has_stimuli = || run.rows.iter().any(|row| row.stimulus_kind.is_some());
        let generated = kind.or_else(|| has_stimuli().then(|| UNKNOWN_KIND.to_owned()));
        if self.form == ExportForm::Public {
            let hosts: Vec<String> = manifest
                .iter()
                .chain(&refined)
                .flat_map(|manifest| &manifest.sessions)
                .flat_map(|session| session.hosts.iter().cloned())
                .collect();
            take_out_machine(&mut run.report, hosts);
        }
        let form = self.form;
        Ok(ExportedRun { form, run, generated, data, started, ended, scored, notes, details })
    }

    /// The folders that were scored against, and the kind of the data set if it was generated.
    fn data(
        &self,
        report: &Report,
        notes: &mut Vec<ExportNote>,
    ) -> (BTreeMap<Folder, FolderData>, Option<String>) {
        let mut data = BTreeMap::new();
        let Some(dataset) = self.dataset else {
            notes.push(ExportNote::NoData);
            return (data, None);
        };
        let mut is_whole = !report.data.is_empty();
        let mut is_absent = false;
        for scored in &report.data {
            let folder = scored.folder;
            match dataset.load(folder) {
                FolderState::Ready(found) if found.sha256 == scored.sha256 => {
                    data.insert(folder, found);
                    continue;
                }
                FolderState::Ready(_) => notes.push(ExportNote::OtherData(folder)),
                FolderState::Broken(error) => notes.push(ExportNote::BrokenData { folder, error }),
                FolderState::Absent => is_absent = true,
            }
            is_whole = false;
        }
        if is_absent {
            notes.push(ExportNote::NoData);
        }
        let is_word = |kind: &&str| {
            kind.len() <= 32 && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let kind = dataset.generated().filter(is_word).filter(|_| is_whole);
        (data, kind.map(str::to_owned))
    }
}

/// What the journals say of each sample that has a row, by the line that stands.
fn details(
    directory: &Path,
    run: &StoredRun,
    notes: &mut Vec<ExportNote>,
) -> BTreeMap<Folder, Vec<Option<AskedDetail>>> {
    let mut details = BTreeMap::new();
    for scored in &run.report.data {
        let folder = scored.folder;
        let strict = run.rows.iter();
        let ids: Vec<&str> = strict
            .filter(|row| row.mode == ScoringMode::Strict && row.folder == folder)
            .map(|row| row.id.as_str())
            .collect();
        let path: PathBuf = directory.join("journal").join(format!("{folder}.jsonl"));
        let Some(journal) = noted(read_journal(&path), notes, ExportNote::Journal) else {
            continue;
        };
        let mut standing: Vec<Option<AskOutcome>> = vec![None; ids.len()];
        let mut found: Vec<Option<AskedDetail>> = vec![None; ids.len()];
        for entry in journal.entries {
            let at = entry.position.0;
            // A line whose id differs from the data's is about other data.
            if ids.get(at) != Some(&entry.id.as_str())
                || entry.outcome == AskOutcome::NotAttempted
                || AskOutcome::standing(standing[at], entry.outcome) != entry.outcome
            {
                continue;
            }
            standing[at] = Some(entry.outcome);
            found[at] = Some(AskedDetail {
                error: entry.error,
                refusal: entry.refusal,
                cost: entry.cost,
                time: entry.time,
            });
        }
        details.insert(folder, found);
    }
    details
}

/// A value, or a note about why there is none.
fn noted<T, E>(
    found: Result<T, E>,
    notes: &mut Vec<ExportNote>,
    note: fn(E) -> ExportNote,
) -> Option<T> {
    found.map_err(|error| notes.push(note(error))).ok()
}

/// Takes out what names the machine or its network.
fn take_out_machine(report: &mut Report, hosts: Vec<String>) {
    report.take_out_machine();
    // The report knows the hosts of a probe only; the sessions of a run know all.
    let text = PublicText::new(hosts);
    if let Some(asking) = &mut report.asking {
        asking.model = text.name(&asking.model);
        asking.backend = text.name(&asking.backend);
        asking.profile = asking.profile.as_deref().map(|profile| text.name(profile));
        asking.prompt_pack = text.name(&asking.prompt_pack);
        asking.parameters = text.parameters(&asking.parameters);
    }
    for origin in report.origins.iter_mut().flat_map(|origins| &mut origins.origins) {
        let origin = &mut origin.origin;
        for name in [&mut origin.model, &mut origin.packing, &mut origin.prompt_pack] {
            *name = name.as_deref().map(|name| text.name(name));
        }
    }
    if let Some(formatting) = &mut report.formatting {
        formatting.refiner = formatting.refiner.as_deref().map(|name| text.name(name));
        formatting.mode = formatting.mode.as_deref().map(|name| text.name(name));
    }
}

impl ExportedRun {
    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.run.report
    }

    /// The model's name, as asked for; without a `run.json` that of the answers, or else the label.
    #[must_use]
    pub fn model(&self) -> &str {
        let report = self.report();
        let asked = report.asking.as_ref().map(|asking| asking.model.as_str());
        let of_origin = || {
            let mut origins = report.origins.iter().flat_map(|origins| &origins.origins);
            origins.find_map(|origin| origin.origin.model.as_deref())
        };
        asked.or_else(of_origin).unwrap_or(&report.label)
    }

    /// What the data set is called.
    #[must_use]
    pub fn dataset_name(&self) -> String {
        match &self.generated {
            Some(kind) => format!("avibench generated set: {kind}"),
            None => "AVI-Bench".to_owned(),
        }
    }

    /// What the journal of the run says of a sample; `None` without one.
    #[must_use]
    pub fn detail(&self, folder: Folder, position: usize) -> Option<&AskedDetail> {
        self.details.get(&folder)?.get(position)?.as_ref()
    }
}
