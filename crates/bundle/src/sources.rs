//! A scored label on disk, and the bundles that are made of it.

use std::path::{Path, PathBuf};

use avibench_files::SizeLimit;
use avibench_protocol::Dataset;
use avibench_results::{DataHash, Program, PublicText, Report, RunFile, ScoringMode, StoredRun};
use avibench_store::{Label, Manifest};

use crate::member_names::{REPORT, SAMPLES, label_files};
use crate::packing::{Heading, PackedBundle, Packing, json, sha256_hex};
use crate::{BundleError, BundleForm, PublicBundle, PublicReport, PublicSample};

/// Largest file that goes into a bundle.
const LIMIT: SizeLimit =
    SizeLimit::new(1 << 30, "look what makes it so large; no answer needs that much");

/// Where a scored label lies, and what is to be said of it.
#[derive(Debug, Clone, Copy)]
pub struct LabelSources<'a> {
    /// The label.
    pub label: &'a Label,
    /// Folder of the score files.
    pub eval_dir: &'a Path,
    /// Folder of raw answers, one folder a label.
    pub outputs: &'a Path,
    /// Folder of formatted answers, one folder a label.
    pub refined: &'a Path,
    /// The data set, if it is at hand: a generated one may be passed on, the benchmark's may not.
    pub dataset: Option<&'a Dataset>,
    /// The program that makes the bundle.
    pub program: &'a Program,
}

/// The scores of a label, as bytes and understood.
struct Scores {
    path: PathBuf,
    report: Vec<u8>,
    rows: Vec<u8>,
    run: StoredRun,
}

impl LabelSources<'_> {
    /// Makes the public bundle. Its manifest names the hash of the private one, which is made for that and
    /// forgotten.
    ///
    /// # Errors
    ///
    /// If the label has no scores, or they lack what a bundle needs, or a file cannot be read.
    pub fn public(&self) -> Result<PackedBundle, BundleError> {
        let scores = self.scores()?;
        let private = self.pack_private(&scores)?;
        let incomplete =
            |problem: String| BundleError::Incomplete { path: scores.path.clone(), problem };
        let run = &scores.run;
        let text = PublicText::new(self.hosts());
        let official = run.verdicts(ScoringMode::Official);
        let report = PublicReport::new(&run.report, &official, &text).map_err(incomplete)?;
        let samples = PublicSample::all(run).map_err(incomplete)?;
        let mut lines = Vec::with_capacity(samples.len() * 160);
        for sample in &samples {
            let written = serde_json::to_writer(&mut lines, sample);
            written.map_err(|error| incomplete(error.to_string()))?;
            lines.push(b'\n');
        }
        let mut bundle = PublicBundle::new(report, samples);
        // What does not follow from its samples is not handed out.
        bundle.settle().map_err(|first| {
            incomplete(format!(
                "its numbers do not follow from its rows: {} is {}, but the rows give {}",
                first.place, first.stored, first.recomputed
            ))
        })?;
        let mut packing = Packing::new();
        packing.add(REPORT, &json(&bundle.report, REPORT)?)?;
        packing.add(SAMPLES, &lines)?;
        let heading = self.heading(BundleForm::Public, &run.report, Some(private.sha256));
        packing.finish(heading)
    }

    /// Makes the private bundle: report and rows, journals and formatted answers.
    ///
    /// # Errors
    ///
    /// If the label has no scores, or a file cannot be read.
    pub fn private(&self) -> Result<PackedBundle, BundleError> {
        self.pack_private(&self.scores()?)
    }

    fn pack_private(&self, scores: &Scores) -> Result<PackedBundle, BundleError> {
        let mut packing = Packing::new();
        packing.add(REPORT, &scores.report)?;
        packing.add(SAMPLES, &scores.rows)?;
        for file in label_files() {
            let root = if file.is_refined { self.refined } else { self.outputs };
            let path = root.join(self.label.as_str()).join(&file.place);
            if let Some(content) = LIMIT.read_if_any(&path)? {
                packing.add(&file.name, &content)?;
            }
        }
        packing.finish(self.heading(BundleForm::Private, &scores.run.report, None))
    }

    fn scores(&self) -> Result<Scores, BundleError> {
        let path = RunFile::Report.path(self.eval_dir, self.label);
        let report = LIMIT.read(&path)?;
        let rows_path = RunFile::JsonLines.path(self.eval_dir, self.label);
        let rows = LIMIT.read(&rows_path)?;
        let run = StoredRun::from_bytes([&report, &rows], [&path, &rows_path])?;
        Ok(Scores { path, report, rows, run })
    }

    /// Kind of the data set, if `avibench synth` made it and it is the one that was scored against.
    fn generated(&self, report: &Report) -> Option<String> {
        let dataset = self.dataset?;
        let kind = dataset.generated()?;
        let is_word =
            kind.len() <= 32 && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let is_same = |scored: &DataHash| {
            let path = dataset.path(scored.folder).join("data.json");
            LIMIT.read(&path).is_ok_and(|bytes| sha256_hex(&bytes) == scored.sha256)
        };
        (is_word && !report.data.is_empty() && report.data.iter().all(is_same))
            .then(|| kind.to_owned())
    }

    /// The hosts that the label's sessions asked, those of formatting included.
    fn hosts(&self) -> Vec<String> {
        let of = |root: &Path| Manifest::read(&root.join(self.label.as_str())).ok().flatten();
        let manifests = [of(self.outputs), of(self.refined)].into_iter().flatten();
        let sessions = manifests.flat_map(|manifest| manifest.sessions);
        sessions.flat_map(|session| session.hosts).collect()
    }

    fn heading<'a>(
        &'a self,
        form: BundleForm,
        report: &'a Report,
        private_sha256: Option<String>,
    ) -> Heading<'a> {
        Heading {
            form,
            label: self.label.as_str(),
            program: self.program,
            generated: self.generated(report),
            data: &report.data,
            private_sha256,
        }
    }
}
