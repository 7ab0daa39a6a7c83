//! The further epochs of a label: what they hold, and what they say together with the first.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, FolderData, Sample};
use avibench_reading::SettledConventions;
use avibench_results::{EpochGap, RepeatReport, ResultsError};
use avibench_score::{
    Attempts, Captions, Consistency, EpochVerdicts, Extent, FolderVerdicts, Plan, StrictAnswers,
    judge_strict, repeated_scores, says_something, strict_caption_pairs,
};
use avibench_store::{AskedFolder, Epoch};
use serde_json::Value;

use crate::folder_readings::FolderReadings;
use crate::{AssessError, CaptionRater};

/// One folder in one further epoch.
#[derive(Debug)]
pub(crate) struct EpochFolder {
    epoch: Epoch,
    attempts: Attempts,
    readings: FolderReadings,
    /// Answers as the model wrote them, by position.
    raw: Vec<Option<String>>,
    /// Answers that `refine` has not read.
    unread: usize,
}

/// What is known of all epochs of a label.
#[derive(Debug, Default)]
pub(crate) struct Epochs {
    /// Strict verdicts on folders that are whole in an epoch, the first one included.
    verdicts: BTreeMap<Epoch, Vec<FolderVerdicts>>,
    answers: Consistency,
    left_out: Vec<EpochGap>,
    has_further: bool,
}

impl EpochFolder {
    /// What a journal tells of a further epoch; `stored` are the readings that `refine` left.
    pub(crate) fn new(
        data: &FolderData,
        epoch: Epoch,
        asked: AskedFolder,
        stored: &[Option<Value>],
    ) -> Self {
        let plan = Plan::new(asked.planned, asked.drawn.as_deref());
        let was_asked = |at| asked.ending(at, &[]).is_some();
        let attempts = Attempts::new(&data.samples, &[], plan, was_asked);
        let raw = asked.into_answers();
        let is_unread = |sample: &&Sample| {
            let at = sample.position.0;
            let answer = raw.get(at).and_then(Option::as_deref);
            let is_stored = stored.get(at).is_some_and(Option::is_some);
            !sample.is_void() && answer.is_some_and(says_something) && !is_stored
        };
        let unread = data.samples.iter().filter(is_unread).count();
        let readings = FolderReadings::new(&data.samples, &raw, &[], stored);
        Self { epoch, attempts, readings, raw, unread }
    }

    /// Strict verdicts; `conventions` say how boxes are meant, which the first epoch has settled.
    fn judge(
        &self,
        data: &FolderData,
        conventions: &SettledConventions,
        captions: Captions<'_>,
    ) -> FolderVerdicts {
        let answers = StrictAnswers::new(&self.readings.readings, conventions);
        judge_strict(data.folder, &data.samples, &answers, &self.attempts, captions)
    }

    /// The same where captions have to be rated first.
    fn judge_captions(
        &self,
        data: &FolderData,
        conventions: &SettledConventions,
        captions: &dyn CaptionRater,
    ) -> FolderVerdicts {
        let pairs = strict_caption_pairs(&data.samples, &self.readings.readings);
        match captions.rate([&[], &pairs], data.samples.len()) {
            Ok([_, rated]) => self.judge(data, conventions, rated.captions()),
            Err(unavailable) => {
                let reason = unavailable.to_string();
                self.judge(data, conventions, Captions::Unavailable(&reason))
            }
        }
    }
}

/// The first epoch of a folder.
pub(crate) struct FirstEpoch<'a> {
    pub(crate) data: &'a FolderData,
    pub(crate) strict: &'a FolderVerdicts,
    pub(crate) raw: &'a [Option<String>],
    /// Answers that are not formatted.
    pub(crate) unformatted: usize,
}

impl Epochs {
    /// Adds a folder with its further epochs.
    pub(crate) fn add(
        &mut self,
        first: &FirstEpoch<'_>,
        further: &[EpochFolder],
        conventions: &SettledConventions,
        captions: Option<&dyn CaptionRater>,
    ) {
        self.has_further |= !further.is_empty();
        let FirstEpoch { data, strict, raw, unformatted } = *first;
        if !self.is_whole(Epoch::FIRST, data.folder, strict.extent, unformatted) {
            return;
        }
        self.verdicts.entry(Epoch::FIRST).or_default().push(strict.clone());
        let mut whole = Vec::new();
        for of in further {
            if !self.is_whole(of.epoch, data.folder, of.attempts.extent(), of.unread) {
                continue;
            }
            let verdicts = match captions {
                Some(captions) => of.judge_captions(data, conventions, captions),
                None => of.judge(data, conventions, Captions::Rated(&[])),
            };
            self.verdicts.entry(of.epoch).or_default().push(verdicts);
            whole.push(of);
        }
        if whole.is_empty() {
            return;
        }
        for sample in data.samples.iter().filter(|sample| !sample.is_void()) {
            let at = sample.position.0;
            let of_first = raw.get(at).and_then(Option::as_deref);
            let mut others =
                whole.iter().map(|of| of.raw.get(at).and_then(Option::as_deref)).peekable();
            if of_first.is_none() && others.clone().all(|answer| answer.is_none()) {
                continue;
            }
            self.answers.samples += 1;
            self.answers.same += usize::from(others.all(|answer| answer == of_first));
        }
    }

    /// Whether everything of a folder was asked and read in an epoch; notes what is lacking.
    fn is_whole(&mut self, epoch: Epoch, folder: Folder, extent: Extent, unread: usize) -> bool {
        let Extent { planned, asked, .. } = extent;
        if planned > 0 && asked == planned && unread == 0 {
            return true;
        }
        let epoch = epoch.number();
        self.left_out.push(EpochGap { epoch, folder, planned, asked, unread });
        false
    }

    /// What they say; `None` where questions were asked once. `planned` is how often the run asks each, and
    /// `folders` are those that it is about.
    pub(crate) fn report(
        mut self,
        planned: u32,
        folders: &[(Folder, usize)],
    ) -> Result<Option<RepeatReport>, AssessError> {
        if !self.has_further && planned < 2 {
            return Ok(None);
        }
        for epoch in Epoch::all(planned).skip(1) {
            for (folder, samples) in folders {
                let number = epoch.number();
                let has = |of: &FolderVerdicts| of.folder == *folder;
                let is_there = self.verdicts.get(&epoch).is_some_and(|of| of.iter().any(has));
                let is_known = |gap: &EpochGap| gap.epoch == number && gap.folder == *folder;
                if !is_there && !self.left_out.iter().any(is_known) {
                    let (planned, asked, unread) = (*samples, 0, 0);
                    let folder = *folder;
                    self.left_out.push(EpochGap { epoch: number, folder, planned, asked, unread });
                }
            }
        }
        self.left_out.sort_by_key(|gap| (gap.epoch, gap.folder));
        let epochs: Vec<EpochVerdicts<'_>> = self
            .verdicts
            .iter()
            .map(|(epoch, folders)| EpochVerdicts { epoch: epoch.number(), folders })
            .collect();
        let scores = repeated_scores(&epochs).map_err(ResultsError::from)?;
        let Self { answers, left_out, .. } = self;
        Ok(Some(RepeatReport { planned, scores, answers, left_out }))
    }
}
