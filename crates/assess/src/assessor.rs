//! A data set that labels are assessed against.

use std::path::Path;

use avibench_protocol::{Dataset, Family, Folder, FolderData, FolderState, Record, Sample};
use avibench_results::{DataHash, Divergences};
use avibench_score::{
    Attempts, Captions, Completeness, FolderVerdicts, OptionChance, Plan, Psychometrics,
    caption_pairs, divergence, judge_official, judge_strict, psychometrics, strict_caption_pairs,
};
use avibench_store::{Asked, Label, Manifest, Misalignment, RunProgress, read_predictions};

use crate::{
    AssessError, AssessNote, AssessSettings, Assessment, CaptionRater, LabelRecords,
    UnscoredReason, UnscoredTask,
};

/// A data set with its folders, read once for all labels.
pub struct Assessor<'a> {
    pub(crate) settings: AssessSettings,
    dataset: Dataset,
    folders: Vec<(Folder, FolderState)>,
    captions: &'a dyn CaptionRater,
}

impl<'a> Assessor<'a> {
    /// Reads the data set. Folders that cannot be used are named when they are needed.
    ///
    /// # Errors
    ///
    /// If there is no data set at [`AssessSettings::data_root`].
    pub fn open(
        settings: AssessSettings,
        captions: &'a dyn CaptionRater,
    ) -> Result<Self, AssessError> {
        let dataset = Dataset::open(&settings.data_root)?;
        let folders = Folder::ALL.map(|folder| (folder, dataset.load(folder))).into();
        Ok(Self { settings, dataset, folders, captions })
    }

    /// The data set.
    #[must_use]
    pub const fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Judges a label's answers in both modes. A folder that cannot be judged does not stop the
    /// others.
    ///
    /// # Errors
    ///
    /// If the label has no answers, or none of them can be judged.
    pub fn assess(&self, label: &Label) -> Result<Assessment, AssessError> {
        let directory = self.settings.refined.join(label.as_str());
        let tasks = directory.join("tasks");
        if !tasks.is_dir() {
            return Err(AssessError::NoAnswers { label: label.clone(), expected: tasks });
        }
        // If the manifest cannot be read, the check is skipped here; `LabelRecords::read` notes the
        // damage.
        let made_for = Manifest::read(&directory).ok().flatten();
        let run = Asked::read(self.settings.outputs.join(label.as_str()));
        let mut progress = RunProgress::default();
        let mut assessment = Assessment::new(label.clone());
        for (folder, state) in &self.folders {
            let judged = self
                .data(*folder, state, made_for.as_ref())
                .and_then(|data| self.judge(data, &tasks, (&run, &mut progress), &mut assessment));
            if let Err(reason) = judged {
                assessment.unscored.push(UnscoredTask::of_folder(*folder, reason));
            }
        }
        assessment.notes.extend(progress.unfinished(label).map(AssessNote::Unfinished));
        let AssessSettings { outputs, refined, .. } = &self.settings;
        assessment.recorded =
            LabelRecords::read(outputs, refined, label, &assessment.refined, &mut assessment.notes);
        if assessment.official.is_empty() {
            // The data set lacks most folders of most models; what else is wrong says more.
            let telling = assessment.unscored.iter().position(|unscored| !unscored.has_no_data());
            let reason = assessment.unscored.swap_remove(telling.unwrap_or(0)).reason;
            return Err(AssessError::NothingToScore { label: label.clone(), reason });
        }
        if !assessment.has_answers {
            return Err(AssessError::NothingAnswered { label: label.clone() });
        }
        Ok(assessment)
    }

    /// A folder's data, if the label's answers are to it.
    fn data<'b>(
        &self,
        folder: Folder,
        state: &'b FolderState,
        made_for: Option<&Manifest>,
    ) -> Result<&'b FolderData, UnscoredReason> {
        let data = match state {
            FolderState::Ready(data) => data,
            FolderState::Absent => {
                return Err(UnscoredReason::NoData { expected: self.dataset.path(folder) });
            }
            FolderState::Broken(error) => {
                return Err(UnscoredReason::BrokenData { message: error.to_string() });
            }
        };
        let was = made_for.and_then(|manifest| manifest.identity.data.get(&folder));
        if was.is_some_and(|was| was.sha256 != data.sha256) {
            return Err(UnscoredReason::OtherData { path: data.path.clone() });
        }
        Ok(data)
    }

    fn judge(
        &self,
        data: &FolderData,
        tasks: &Path,
        (run, progress): (&Asked, &mut RunProgress),
        assessment: &mut Assessment,
    ) -> Result<(), UnscoredReason> {
        let folder = data.folder;
        let path = tasks.join(format!("{folder}.json"));
        let slots = if path.exists() { read_predictions(&path)? } else { Vec::new() };
        let asked = run.folder(data);
        let plan = asked.planned.map_or(Plan::Whole, Plan::First);
        let was_asked = |at| asked.was_asked(at, &slots);
        let attempts = Attempts::new(&data.samples, &slots, plan, was_asked);
        let extent = attempts.extent();
        progress.add(run, folder, extent.planned, extent.asked);
        let unformatted = asked.unformatted(data, &slots);
        if !path.exists() {
            if unformatted > 0 {
                return Err(UnscoredReason::NotFormatted { count: unformatted, expected: path });
            }
            // Of a task in two halves, the half that was not asked counts where the other was.
            if folder.task().folders().len() == 1 {
                return Err(UnscoredReason::NoPredictions { expected: path });
            }
        }
        if unformatted > 0 {
            assessment.notes.push(AssessNote::Unformatted { folder, count: unformatted });
        }
        assessment.has_answers |= slots.iter().flatten().any(Record::is_done);
        if let Some(misalignment) = Misalignment::of(&slots, data) {
            assessment.notes.push(AssessNote::Misaligned { path, misalignment });
        }
        let [official, strict] = self.verdicts(data, &slots, &attempts, assessment);
        assessment.notes.extend(official.warnings.iter().cloned().map(AssessNote::Record));
        let reasons = divergence(&official, &strict, &data.samples, &slots);
        if extent.completeness() != Completeness::Untouched {
            assessment.divergence.push(Divergences::new(folder, &reasons));
            assessment.data.push(DataHash { folder, sha256: data.sha256.clone() });
        }
        assessment.official.push(official);
        assessment.strict.push(strict);
        assessment.refined.insert(folder, slots);
        Ok(())
    }

    /// Official and strict verdicts.
    fn verdicts(
        &self,
        data: &FolderData,
        slots: &[Option<Record>],
        attempts: &Attempts,
        assessment: &mut Assessment,
    ) -> [FolderVerdicts; 2] {
        let in_both_modes = |official, strict| {
            [
                judge_official(data.folder, &data.samples, slots, official).of_attempts(attempts),
                judge_strict(data.folder, &data.samples, slots, attempts, strict),
            ]
        };
        if data.folder.family() != Family::Caption {
            return in_both_modes(Captions::Rated(&[]), Captions::Rated(&[]));
        }
        let official = caption_pairs(&data.samples, slots);
        let strict = strict_caption_pairs(&data.samples, slots);
        match self.captions.rate([&official, &strict], data.samples.len()) {
            Ok([official, strict]) => {
                let warnings = official.warnings.iter().chain(&strict.warnings);
                assessment.notes.extend(warnings.cloned().map(AssessNote::Caption));
                let verdicts = in_both_modes(
                    Captions::Rated(&official.ratings),
                    Captions::Rated(&strict.ratings),
                );
                assessment.fluency = [official.fluency, strict.fluency];
                assessment.caption_models = official.models;
                verdicts
            }
            Err(unavailable) => {
                let reason = unavailable.to_string();
                in_both_modes(Captions::Unavailable(&reason), Captions::Unavailable(&reason))
            }
        }
    }

    /// Curves and thresholds of strict verdicts, if the data set writes intensities down.
    pub(crate) fn psychometrics(
        &self,
        strict: &[FolderVerdicts],
    ) -> Result<Option<Psychometrics>, AssessError> {
        let folders: Vec<_> = strict
            .iter()
            .filter(|verdicts| verdicts.extent.completeness() != Completeness::Untouched)
            .filter_map(|verdicts| Some((self.samples(verdicts.folder)?, verdicts)))
            .collect();
        Ok(psychometrics(&folders)?)
    }

    /// What guessing among the listed options scores, for the folders where that can be told.
    pub(crate) fn option_chances(&self) -> Vec<OptionChance> {
        let of = |folder: Folder| OptionChance::of(folder, self.samples(folder)?);
        self.folders.iter().filter_map(|(folder, _)| of(*folder)).collect()
    }

    /// The samples of a folder that could be read.
    pub(crate) fn samples(&self, folder: Folder) -> Option<&[Sample]> {
        self.folders.iter().find_map(|(of, state)| match state {
            FolderState::Ready(data) if *of == folder => Some(data.samples.as_slice()),
            _ => None,
        })
    }
}
