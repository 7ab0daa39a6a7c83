//! A data set that labels are assessed against.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_probe::ProbeReport;
use avibench_protocol::{Dataset, Family, Folder, FolderData, FolderState, Sample};
use avibench_reading::{Convention, SettledConventions};
use avibench_results::BoxReport;
use avibench_score::{
    Captions, Completeness, FolderVerdicts, OptionChance, Psychometrics, caption_pairs,
    psychometrics, settle_conventions, strict_caption_pairs,
};
use avibench_store::{Asked, Label, Manifest, RunProgress, ShardsState, labels_there};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};

use crate::counted_sequence::CountedSequence;
use crate::epochs::{Epochs, FirstEpoch};
use crate::label_folder::{JudgedFolder, LabelFolder};
use crate::recorded;
use crate::{
    AssessError, AssessNote, AssessSettings, Assessment, CaptionRater, CaptionsUnavailable,
    LabelRecords, UnscoredReason, UnscoredTask,
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
        let load = |folder: &Folder| (*folder, dataset.load(*folder));
        let folders = Folder::ALL.par_iter().with_max_len(1).map(load).collect();
        Ok(Self { settings, dataset, folders, captions })
    }

    /// The data set.
    #[must_use]
    pub const fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The folders of the data set that could be read.
    pub fn folders(&self) -> impl Iterator<Item = &FolderData> {
        self.folders.iter().filter_map(|(_, state)| match state {
            FolderState::Ready(data) => Some(data),
            _ => None,
        })
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
        let asked = self.settings.outputs.join(label.as_str());
        let shards = [&asked, &directory].map(|place| ShardsState::of(place));
        if !tasks.is_dir() {
            let AssessSettings { outputs, refined, flags, .. } = &self.settings;
            let next = if shards.iter().any(Option::is_some) {
                format!("it has shards, which `avibench merge {label}{flags}` puts together")
            } else if asked.is_dir() {
                format!("`avibench refine --models {label}{flags}` formats the answers of its run")
            } else if let Some(there) = labels_there(&[refined, outputs], label) {
                there
            } else {
                "there are no labels here, and `avibench run` or `evaluate` asks a model first"
                    .to_owned()
            };
            let (label, expected) = (label.clone(), tasks);
            return Err(AssessError::NoAnswers { label, expected, next });
        }
        // If the manifest cannot be read, the check is skipped here; `LabelRecords` notes the damage.
        let made_for = Manifest::read(&directory).ok().flatten();
        let run = Asked::read(asked.clone());
        let mut notes = Vec::new();
        let (run, sequence) = CountedSequence::of(run, &asked, self.folders(), &mut notes);
        let mut progress = RunProgress::default();
        let mut assessment = Assessment::new(label.clone());
        assessment.notes = notes;
        let mut records = BTreeMap::new();
        let (mut epochs, mut planned) = (Epochs::default(), Vec::new());
        let probe = recorded::probe(&asked, &mut assessment.notes);
        let probed = probe.as_ref().map(ProbeReport::convention).unwrap_or_default();
        let (judged, conventions, boxes) =
            self.judge_folders(&directory, made_for.as_ref(), &run, probed);
        assessment.reading.boxes = boxes;
        for (folder, read) in judged {
            let read = read.and_then(|(read, judged)| {
                // What a journal that cannot be read would say of the run is not known.
                if read.is_known {
                    let extent = read.attempts.extent();
                    progress.add(&run, folder, extent.planned, extent.asked);
                }
                read.check().map(|()| (read, judged))
            });
            match read {
                Ok((read, judged)) => {
                    let (judged, said) = match judged {
                        Some(judged) => (judged, Vec::new()),
                        None => self.judge_captions(&read, &conventions, &mut assessment),
                    };
                    let first = FirstEpoch {
                        data: read.data,
                        strict: &judged.strict,
                        raw: &read.raw,
                        unformatted: read.unformatted,
                    };
                    let captions = (folder.family() == Family::Caption).then_some(self.captions);
                    if read.is_of_run() {
                        epochs.add(&first, &read.epochs, &conventions, captions);
                        planned.push((folder, read.attempts.extent().planned));
                    }
                    records.insert(folder, assessment.add(read, judged, said));
                }
                Err(reason) => assessment.unscored.push(UnscoredTask::of_folder(folder, reason)),
            }
        }
        assessment.notes.extend(progress.unfinished(label).map(AssessNote::Unfinished));
        let unmerged = shards.iter().flatten();
        let unmerged = unmerged.map(|shards| shards.warning(label, &self.settings.flags));
        let unmerged = unmerged.flatten().next();
        assessment.notes.extend(unmerged.map(AssessNote::Unmerged));
        let AssessSettings { outputs, refined, .. } = &self.settings;
        let endings = &assessment.outcomes.folders;
        assessment.recorded =
            LabelRecords::new(outputs, refined, label, records, endings, &mut assessment.notes);
        assessment.recorded.probe = probe;
        assessment.repeats = epochs.report(run.planned_epochs(), &planned)?;
        assessment.count_origins();
        assessment.sequence =
            sequence.and_then(|sequence| sequence.report(&assessment.strict, &assessment.endings));
        if assessment.official.is_empty() {
            // The data set lacks most folders of most models, or they were not asked of them; what else is
            // wrong says more.
            let is_telling =
                |unscored: &UnscoredTask| !unscored.has_no_data() && !unscored.was_not_asked();
            let telling = assessment.unscored.iter().position(is_telling);
            let reason = assessment.unscored.swap_remove(telling.unwrap_or(0)).reason;
            return Err(AssessError::NothingToScore { label: label.clone(), reason });
        }
        if !assessment.has_answers {
            return Err(AssessError::NothingAnswered { label: label.clone() });
        }
        Ok(assessment)
    }

    /// Reads the files of a label and judges its answers, folder by folder on all threads, and gives
    /// the folders in their order, with how boxes are meant; `probed` is what a probe of the endpoint has
    /// shown of that. Captions are read but not judged: whoever rates them may use all threads himself.
    fn judge_folders<'b>(
        &'b self,
        directory: &Path,
        made_for: Option<&Manifest>,
        run: &Asked,
        probed: Convention,
    ) -> (Vec<(Folder, ReadFolder<'b>)>, SettledConventions, Option<BoxReport>) {
        let Self { dataset, folders, .. } = self;
        let only_asked = self.settings.only_asked;
        // How boxes are meant is settled by all answers that hold some.
        let waits = |folder: &Folder| {
            matches!(folder.family(), Family::Caption | Family::Boxes | Family::FrameBoxes)
        };
        let nothing_settled = settle_conventions([], probed);
        let judge = |(folder, state): &'b (Folder, FolderState)| {
            let judged = data(dataset, *folder, state, made_for).and_then(|data| {
                let read = LabelFolder::read(data, directory, run, only_asked)?;
                let is_ready = !waits(folder) && read.check().is_ok();
                let judged =
                    is_ready.then(|| read.judge([Captions::Rated(&[]); 2], &nothing_settled));
                Ok((read, judged))
            });
            (*folder, judged)
        };
        let mut judged: Vec<(Folder, ReadFolder<'b>)> =
            folders.par_iter().with_max_len(1).map(judge).collect();
        let has_boxes =
            |folder: Folder| matches!(folder.family(), Family::Boxes | Family::FrameBoxes);
        let of_boxes = judged.iter().filter(|(folder, _)| has_boxes(*folder));
        let read = of_boxes
            .filter_map(|(_, read)| read.as_ref().ok())
            .map(|(read, _)| (read.data.samples.as_slice(), read.readings.readings.as_slice()));
        let conventions = settle_conventions(read, probed);
        let mut report = None;
        for (read, verdicts) in
            judged.iter_mut().filter(|(of, _)| has_boxes(*of)).filter_map(|(_, r)| r.as_mut().ok())
        {
            if read.check().is_err() {
                continue;
            }
            let usual = conventions.usual();
            let report = report.get_or_insert_with(|| BoxReport { usual, open: Vec::new() });
            report.open.extend(read.open_conventions(&conventions));
            *verdicts = Some(read.judge([Captions::Rated(&[]); 2], &conventions));
        }
        (judged, conventions, report)
    }

    /// Official and strict verdicts on captions, and what the models said about single ones.
    fn judge_captions(
        &self,
        folder: &LabelFolder<'_>,
        conventions: &SettledConventions,
        assessment: &mut Assessment,
    ) -> (JudgedFolder, Vec<String>) {
        let LabelFolder { data, slots, readings, .. } = folder;
        let official = caption_pairs(&data.samples, slots);
        let strict = strict_caption_pairs(&data.samples, &readings.readings);
        match self.captions.rate([&official, &strict], data.samples.len()) {
            Ok([official, strict]) => {
                let ratings = [official.captions(), strict.captions()];
                let judged = folder.judge(ratings, conventions);
                assessment.fluency = [official.fluency, strict.fluency];
                assessment.caption_rater = official.rater;
                (judged, [official.warnings, strict.warnings].concat())
            }
            Err(unavailable) => {
                assessment.has_broken_models =
                    matches!(unavailable, CaptionsUnavailable::Models(_));
                let reason = unavailable.to_string();
                let captions = [Captions::Unavailable(&reason); 2];
                (folder.judge(captions, conventions), Vec::new())
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
        let mut folders = self.folders();
        folders.find(|data| data.folder == folder).map(|data| data.samples.as_slice())
    }
}

/// A folder that was read, with its verdicts unless it has to wait for them.
type ReadFolder<'a> = Result<(LabelFolder<'a>, Option<JudgedFolder>), UnscoredReason>;

/// A folder's data, if the label's answers are to it.
fn data<'a>(
    dataset: &Dataset,
    folder: Folder,
    state: &'a FolderState,
    made_for: Option<&Manifest>,
) -> Result<&'a FolderData, UnscoredReason> {
    let data = match state {
        FolderState::Ready(data) => data,
        FolderState::Absent => {
            return Err(UnscoredReason::NoData { expected: dataset.path(folder) });
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
