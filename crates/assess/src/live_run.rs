//! A label while it is being asked: how far the run is, and what its answers are worth so far.

use std::path::Path;

use avibench_protocol::{Family, Folder, FolderData, Position, Task};
use avibench_reading::{Convention, Reading, SettledConventions, read};
use avibench_score::{
    Attempts, Captions, FolderVerdicts, Plan, StrictAnswers, judge_strict, question_of,
    says_something, score_task, settle_conventions,
};
use avibench_store::{
    AskOutcome, Asked, JournalError, JournalLine, JournalTail, Label, OutcomeCounts,
};
use jiff::Timestamp;
use serde::de::IgnoredAny;

/// A run that is followed by what it appends to its journals. Nothing is locked or changed, and what was
/// read once is not read again.
#[derive(Debug)]
pub struct LiveRun {
    label: Label,
    folders: Vec<LiveFolder>,
    /// How boxes are meant, by the answers that the verdicts on them rest on.
    conventions: SettledConventions,
    last_answer: Option<Timestamp>,
}

/// One folder of the run.
#[derive(Debug)]
struct LiveFolder {
    folder: Folder,
    tail: JournalTail,
    /// How many samples are planned from the beginning of the file; `None` is all of them.
    first: Option<usize>,
    /// Which samples were drawn at random.
    drawn: Option<Vec<bool>>,
    /// By position.
    outcomes: Vec<Option<AskOutcome>>,
    /// Answers by position that stood in the prediction file when the run was opened, until the journal was
    /// read: another program may have given them, of which the journal knows nothing.
    saved: Vec<Option<String>>,
    /// By position; what rules read.
    readings: Vec<Option<Reading>>,
    /// Strict verdicts on what was asked, unless answers came since.
    verdicts: Option<FolderVerdicts>,
    /// Samples by how asking ended, unless answers came since.
    counts: Option<OutcomeCounts>,
    /// Why the journal cannot be read.
    problem: Option<String>,
}

/// How far a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderProgress {
    /// The folder.
    pub folder: Folder,
    /// Samples and checks by how asking ended; void ones are left out.
    pub counts: OutcomeCounts,
}

/// Makes the rules ready that read answers to these folders. Otherwise that happens with the first answers
/// of a run, and takes time from it.
pub fn prepare_rules(data: &[FolderData]) {
    for sample in data.iter().filter_map(|data| data.samples.first()) {
        let text = "no: the answer is [0.1, 0.2, 0.3, 0.4], 2 and **yes**";
        // What it says matters to nobody.
        drop(read(&question_of(sample), text));
    }
}

impl LiveRun {
    /// The run of a label in `directory`, its folder of raw answers. Reads which part of the data was
    /// planned; answers come with [`LiveRun::advance`].
    #[must_use]
    pub fn open(directory: &Path, label: Label, data: &[FolderData]) -> Self {
        let run = Asked::read(directory.to_owned());
        let planned: Vec<&FolderData> = data.iter().filter(|data| run.plans(data.folder)).collect();
        Self::of(&run, directory, label, &planned)
    }

    /// The run of a label of which nothing may be on disk yet, over all these folders.
    #[must_use]
    pub(crate) fn begun(directory: &Path, label: Label, data: &[FolderData]) -> Self {
        let run = Asked::read(directory.to_owned());
        Self::of(&run, directory, label, &data.iter().collect::<Vec<_>>())
    }

    fn of(run: &Asked, directory: &Path, label: Label, data: &[&FolderData]) -> Self {
        let folders = data.iter().map(|data| {
            let journal = directory.join("journal").join(format!("{}.jsonl", data.folder));
            let of_run = run.folder_by::<IgnoredAny>(data, Ok(None));
            LiveFolder {
                folder: data.folder,
                tail: JournalTail::new(journal),
                first: of_run.planned,
                drawn: of_run.drawn.clone(),
                saved: of_run.into_answers(),
                outcomes: vec![None; data.samples.len()],
                readings: vec![None; data.samples.len()],
                verdicts: None,
                counts: None,
                problem: None,
            }
        });
        let conventions = settle_conventions([], Convention::default());
        Self { label, folders: folders.collect(), conventions, last_answer: None }
    }

    /// The label.
    #[must_use]
    pub const fn label(&self) -> &Label {
        &self.label
    }

    /// Reads what was appended since the last time, and says whether that was anything. `data` is the
    /// data set that the run was opened with.
    pub fn advance(&mut self, data: &[FolderData]) -> bool {
        let mut has_changed = false;
        for folder in &mut self.folders {
            let Some(data) = data.iter().find(|data| data.folder == folder.folder) else {
                continue;
            };
            match folder.advance(data) {
                Ok(None) => {}
                Ok(Some(last)) => {
                    has_changed = true;
                    self.last_answer = self.last_answer.max(Some(last));
                    folder.problem = None;
                }
                Err(error) => {
                    let problem = Some(error.to_string());
                    has_changed |= folder.problem != problem;
                    folder.problem = problem;
                }
            }
        }
        has_changed
    }

    /// When the last answer was noted, of those that were read.
    #[must_use]
    pub const fn last_answer(&self) -> Option<Timestamp> {
        self.last_answer
    }

    /// Why journals cannot be read, a sentence each.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().filter_map(|folder| folder.problem.as_deref())
    }

    /// How asking a sample ended; `None` while it is open.
    pub(crate) fn outcome(&self, folder: Folder, position: Position) -> Option<AskOutcome> {
        *self.live_folder(folder)?.outcomes.get(position.0)?
    }

    /// What the answers of a folder say, by position, read by rules.
    pub(crate) fn readings(&self, folder: Folder) -> Option<&[Option<Reading>]> {
        self.live_folder(folder).map(|folder| folder.readings.as_slice())
    }

    fn live_folder(&self, folder: Folder) -> Option<&LiveFolder> {
        self.folders.iter().find(|of| of.folder == folder)
    }

    /// How far each folder is.
    pub fn progress<'a>(
        &'a mut self,
        data: &'a [FolderData],
    ) -> impl Iterator<Item = FolderProgress> + 'a {
        self.folders.iter_mut().filter_map(|folder| {
            let data = data.iter().find(|data| data.folder == folder.folder)?;
            let counts = match folder.counts {
                Some(counts) => counts,
                None => *folder.counts.insert(folder.count(data)),
            };
            Some(FolderProgress { folder: folder.folder, counts })
        })
    }

    /// What the answers to each task are worth so far: the strict headline, 0 to 1, over what was asked,
    /// read by rules; `None` where nothing of the task was asked, or where more is needed than answers,
    /// as captions need models. Such a number is no estimate of the final one, because answers do not
    /// come in a random order: it has no interval.
    pub fn so_far(&mut self, data: &[FolderData]) -> Vec<(Task, Option<f64>)> {
        let samples = |folder: Folder| data.iter().find(|data| data.folder == folder);
        let has_boxes = |folder: &LiveFolder| {
            matches!(folder.folder.family(), Family::Boxes | Family::FrameBoxes)
        };
        // How boxes are meant is settled by all answers that hold some.
        if self.folders.iter().any(|folder| has_boxes(folder) && folder.verdicts.is_none()) {
            let read =
                self.folders.iter().filter(|folder| has_boxes(folder)).filter_map(|folder| {
                    let data = samples(folder.folder)?;
                    Some((data.samples.as_slice(), folder.readings.as_slice()))
                });
            self.conventions = settle_conventions(read, Convention::default());
            for folder in self.folders.iter_mut().filter(|folder| has_boxes(folder)) {
                folder.verdicts = None;
            }
        }
        for folder in self.folders.iter_mut().filter(|folder| folder.verdicts.is_none()) {
            let Some(data) = samples(folder.folder) else { continue };
            let answers = StrictAnswers::new(&folder.readings, &self.conventions);
            let attempts = folder.attempts(data).only_asked();
            let captions = Captions::Unavailable("captions are rated by `avibench score`");
            let judged = judge_strict(folder.folder, &data.samples, &answers, &attempts, captions);
            folder.verdicts = Some(judged);
        }
        let of_task = |task: Task| -> Option<(Task, Option<f64>)> {
            let of_task = self.folders.iter().filter(|folder| folder.folder.task() == task);
            let verdicts: Vec<&FolderVerdicts> =
                of_task.filter_map(|folder| folder.verdicts.as_ref()).collect();
            (!verdicts.is_empty())
                .then(|| (task, score_task(&verdicts).ok().map(|score| score.headline())))
        };
        Task::ALL.into_iter().filter_map(of_task).collect()
    }
}

impl LiveFolder {
    /// The time of the last new line, if there is one.
    fn advance(&mut self, data: &FolderData) -> Result<Option<Timestamp>, JournalError> {
        let mut last = None;
        while let Some(appended) = self.tail.read()? {
            if appended.is_anew {
                self.outcomes.fill(None);
                self.readings.fill(None);
            }
            // Progress and scores are those of the first epoch; further ones only show that the run goes on.
            let found = appended.text.lines::<IgnoredAny>()?;
            for line in found.lines.iter().chain(&found.further) {
                last = last.max(Some(line.time));
            }
            for line in &found.lines {
                self.take(line, data);
            }
            self.forget();
        }
        self.take_saved(data);
        Ok(last)
    }

    fn take(&mut self, line: &JournalLine<'_, IgnoredAny>, data: &FolderData) {
        let at = line.position.0;
        let Some(sample) = data.samples.get(at).filter(|sample| sample.id == line.id()) else {
            return;
        };
        if line.outcome == AskOutcome::NotAttempted {
            return;
        }
        let standing = AskOutcome::standing(self.outcomes[at], line.outcome);
        self.outcomes[at] = Some(standing);
        if standing == line.outcome {
            let answer = line.prediction().filter(|answer| says_something(answer));
            self.readings[at] = answer.map(|answer| read(&question_of(sample), answer));
        }
    }

    /// Takes answers of which the journal knows nothing.
    fn take_saved(&mut self, data: &FolderData) {
        for (at, answer) in std::mem::take(&mut self.saved).into_iter().enumerate() {
            let (Some(answer), Some(sample)) = (answer, data.samples.get(at)) else { continue };
            if !self.outcomes[at].is_some_and(AskOutcome::has_answer) && says_something(&answer) {
                self.outcomes[at] = Some(AskOutcome::Answered);
                self.readings[at] = Some(read(&question_of(sample), &answer));
                self.forget();
            }
        }
    }

    /// Forgets what followed from the answers so far.
    fn forget(&mut self) {
        self.verdicts = None;
        self.counts = None;
    }

    fn attempts(&self, data: &FolderData) -> Attempts {
        let plan = Plan::new(self.first, self.drawn.as_deref());
        let was_asked = |at: Position| self.outcomes.get(at.0).is_some_and(Option::is_some);
        Attempts::new(&data.samples, &[], plan, was_asked)
    }

    fn count(&self, data: &FolderData) -> OutcomeCounts {
        let mut counts = OutcomeCounts::untouched(self.attempts(data).extent().planned);
        let asked = data.samples.iter().filter(|sample| !sample.is_void());
        for outcome in asked.filter_map(|sample| self.outcomes[sample.position.0]) {
            counts.record(outcome);
        }
        counts
    }
}
