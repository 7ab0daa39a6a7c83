//! Formatting the answers of one label. Where all of them are known without asking, they are
//! written through the store alone; otherwise the engine asks for the rest, with its limits,
//! retries and resume.

use std::collections::HashMap;
use std::path::PathBuf;

use avibench_engine::{DryRun, FolderJobs, Run, RunError, RunSettings, RunSummary};
use avibench_prompts::PromptPack;
use avibench_protocol::{Folder, FolderData};
use avibench_score::{Attempts, Plan};
use avibench_store::{
    Asked, IdentityDifference, Label, Manifest, ManifestError, Misalignment, OnDifference,
    OpenLabel, RunProgress, SessionEnd, ShardFolder, ShardIdentity, ShardsState, labels_there,
};

use crate::answers::{Answers, Part};
use crate::plan::Planner;
use crate::readings::{LabelReadings, ReadingPlanner};
use crate::replacement::{refiner_differences, rule_difference};
use crate::replies::Replies;
use crate::{Effort, RefineError, RefineMode, RefineNote, RefineSettings};

/// Formats label after label against one data set.
pub struct Formatter<'a> {
    pub(crate) settings: &'a RefineSettings,
    pub(crate) folders: &'a [FolderData],
    pub(crate) pack: &'a PromptPack,
    pub(crate) replies: Replies,
    /// What language models have replied about readings.
    pub(crate) reading_replies: Replies,
}

/// What a label's answers take.
#[derive(Debug, Clone)]
pub struct LabelPlan {
    /// The label.
    pub label: Label,
    /// What is to be done with each answer.
    pub folders: Vec<FolderJobs>,
    /// What that takes in all.
    pub effort: Effort,
    /// What the answers say, for strict scoring.
    pub readings: LabelReadings,
    /// Which part of the answers is formatted here, if others format the rest.
    pub(crate) shard: Option<ShardIdentity>,
    /// A rule that has changed since it read one of the label's answers.
    pub(crate) changed_rule: Option<IdentityDifference>,
}

impl LabelPlan {
    /// Whether there is any answer, were it an empty one.
    #[must_use]
    pub fn has_answers(&self) -> bool {
        self.folders.iter().any(|jobs| !jobs.precomputed.is_empty() || !jobs.jobs.is_empty())
    }
}

/// What is to be executed by whoever shows it. Nothing is written before [`Execution::open`], so
/// that a missing endpoint leaves no trace.
pub struct Execution {
    /// The label.
    pub label: Label,
    /// What it takes; a language model is needed only if [`Effort::to_send`] is above 0.
    pub effort: Effort,
    settings: RunSettings,
    folders: Vec<FolderJobs>,
}

impl Execution {
    pub(crate) fn new(
        label: Label,
        effort: Effort,
        settings: RunSettings,
        folders: Vec<FolderJobs>,
    ) -> Self {
        Self { label, effort, settings, folders }
    }

    /// Opens the run.
    ///
    /// # Errors
    ///
    /// If another program writes under the label, or its files stand in the way.
    pub fn open(self) -> Result<Run, RefineError> {
        Ok(Run::open(self.settings, self.folders)?)
    }

    /// Writes the answers that are known without asking. That is all if [`Effort::to_send`] is 0.
    ///
    /// # Errors
    ///
    /// If another program writes under the label, or its files stand in the way or cannot be
    /// written.
    pub fn write_known(self) -> Result<RunSummary, RefineError> {
        let samples: Vec<_> = self.folders.iter().map(FolderJobs::samples).collect();
        let opening = self.settings.opening(&self.folders);
        let mut label = OpenLabel::open(opening, &samples).map_err(RunError::from)?;
        for jobs in &self.folders {
            let Some(folder) = label.folder(jobs.folder) else { continue };
            for known in &jobs.precomputed {
                folder.precompute(known);
            }
        }
        let session = label.begin(Vec::new()).map_err(RunError::from)?;
        Ok(session.finish(SessionEnd::Finished).map_err(RunError::from)?.into())
    }
}

impl<'a> Formatter<'a> {
    /// Reads what language models have replied so far, so that no text is sent twice.
    #[must_use]
    pub fn new(
        settings: &'a RefineSettings,
        folders: &'a [FolderData],
        pack: &'a PromptPack,
        notes: &mut Vec<RefineNote>,
    ) -> Self {
        let (replies, reading_replies) = match settings.mode {
            RefineMode::Rules => (Replies::default(), Replies::default()),
            RefineMode::Hybrid | RefineMode::Llm => {
                let refined = &settings.refined;
                (Replies::read(refined, notes), Replies::read_readings(refined, notes))
            }
        };
        Self { settings, folders, pack, replies, reading_replies }
    }

    /// How it formats.
    #[must_use]
    pub const fn settings(&self) -> &'a RefineSettings {
        self.settings
    }

    /// What is to be done with a label's answers.
    ///
    /// # Errors
    ///
    /// If there are no answers, they cannot be read, or they are to another data set.
    pub fn plan(
        &self,
        label: &Label,
        notes: &mut Vec<RefineNote>,
    ) -> Result<LabelPlan, RefineError> {
        let planner = ReadingPlanner {
            mode: self.settings.mode,
            refiner: &self.settings.refiner,
            replies: &self.reading_replies,
        };
        self.plan_with(label, &self.replies, Some(&planner), notes)
    }

    /// The same with the replies that count as known, and with readings if somebody plans them.
    pub(crate) fn plan_with(
        &self,
        label: &Label,
        replies: &Replies,
        readings: Option<&ReadingPlanner<'_>>,
        notes: &mut Vec<RefineNote>,
    ) -> Result<LabelPlan, RefineError> {
        let raw = self.settings.outputs.join(label.as_str()).join("tasks");
        let places = self.answer_places(label)?;
        let directory = places[0].clone();
        let shards = ShardsState::of(&self.settings.outputs.join(label.as_str()));
        if let (None, Some(shards)) = (self.settings.shard, shards) {
            notes.extend(shards.warning(label, &self.settings.flags).map(RefineNote::Unmerged));
        }
        let asked = Manifest::read(&directory).unwrap_or_else(|_| {
            notes.push(RefineNote::Manifest { path: directory.join("run.json") });
            None
        });
        let planner = Planner {
            mode: self.settings.mode,
            pack: self.pack,
            refiner: &self.settings.refiner,
            replies,
        };
        let run = Asked::read(directory.clone());
        let mut progress = RunProgress::default();
        let mut plan = LabelPlan::new(label.clone());
        let mut first_defect = None;
        let mut part = self.settings.shard.map(Part::new);
        let asked_folders = asked.iter().flat_map(|asked| asked.identity.data.keys());
        let is_here = |folder: &&Folder| self.folders.iter().any(|data| data.folder == **folder);
        if let (Some(_), Some(folder)) = (&part, asked_folders.clone().find(|f| !is_here(f))) {
            return Err(RefineError::PartOfFolders { label: label.clone(), folder: *folder });
        }
        for data in self.folders {
            let marked = part.as_mut().map(|part| part.add(asked.as_ref(), data));
            let of_run = run.folder(data);
            let attempts = Attempts::new(
                &data.samples,
                &[],
                Plan::new(of_run.planned, of_run.drawn.as_deref()),
                |at| of_run.ending(at, &[]).is_some(),
            );
            let extent = attempts.extent();
            // What a journal that cannot be read would say of the run is not known.
            if of_run.is_known() && marked.is_none() {
                progress.add(&run, data.folder, extent.planned, extent.asked);
            }
            // A folder that cannot be used costs no other.
            let answers = Answers { places: &places, asked: asked.as_ref(), marked };
            let planned = self.plan_folder(&mut plan, &planner, readings, data, &answers, notes);
            let replaced = planned.err().and_then(|error| first_defect.replace(error));
            notes.extend(replaced.map(|reason| RefineNote::LeftOut { reason: Box::new(reason) }));
        }
        match first_defect {
            Some(reason) if plan.folders.is_empty() => return Err(reason),
            Some(reason) => notes.push(RefineNote::LeftOut { reason: Box::new(reason) }),
            None => {}
        }
        plan.shard = part.map(|part| part.finish(asked.as_ref()));
        plan.readings.shard.clone_from(&plan.shard);
        notes.extend(progress.unfinished(label).map(RefineNote::Unfinished));
        if plan.folders.is_empty() {
            return Err(RefineError::NoFolders { path: raw });
        }
        Ok(plan)
    }

    /// The folders that hold a label's answers: its own, and where a part of them is formatted, that of the
    /// shard that asked the same part and may not have been merged.
    fn answer_places(&self, label: &Label) -> Result<Vec<PathBuf>, RefineError> {
        // A run that was killed may have left nothing but its journal.
        let has_answers =
            |place: &PathBuf| ["tasks", "journal"].iter().any(|name| place.join(name).is_dir());
        let directory = self.settings.outputs.join(label.as_str());
        let shard = self.settings.shard.map(|shard| ShardFolder::of(&directory, shard).path);
        let mut places: Vec<PathBuf> = [directory.clone()].into_iter().chain(shard).collect();
        places.retain(has_answers);
        if places.is_empty() {
            let next = if ShardFolder::below(&directory).is_empty() {
                labels_there(&[&self.settings.outputs], label)
                    .unwrap_or_else(|| "`avibench run` or `evaluate` asks a model first".to_owned())
            } else {
                let flags = &self.settings.flags;
                format!("it has shards, which `avibench merge {label}{flags}` puts together")
            };
            let (label, expected) = (label.clone(), directory.join("tasks"));
            return Err(RefineError::NoAnswers { label, expected, next });
        }
        Ok(places)
    }

    /// Adds what is to be done with the answers to one folder, if there are any.
    fn plan_folder(
        &self,
        plan: &mut LabelPlan,
        planner: &Planner<'_>,
        readings: Option<&ReadingPlanner<'_>>,
        data: &FolderData,
        answers: &Answers<'_>,
        notes: &mut Vec<RefineNote>,
    ) -> Result<(), RefineError> {
        let path = answers.places[0].join("tasks").join(format!("{}.json", data.folder));
        let Some(slots) = answers.read(data, notes)? else { return Ok(()) };
        let was = answers.asked.and_then(|run| run.identity.data.get(&data.folder));
        if was.is_some_and(|was| was.sha256 != data.sha256) {
            let (folder, data) = (data.folder, data.path.clone());
            return Err(RefineError::OtherData { folder, path, data });
        }
        if let Some(misalignment) = Misalignment::of(&slots, data) {
            notes.push(RefineNote::Misaligned { path: path.clone(), misalignment });
        }
        let mut folder = planner.folder(data, &slots);
        if let Some(&first) = folder.unusable.first() {
            notes.push(RefineNote::NotText { path, count: folder.unusable.len(), first });
        }
        if plan.changed_rule.is_none() {
            let formatted = self.directory(&plan.label);
            plan.changed_rule = rule_difference(&formatted, &folder.jobs, &slots)?;
        }
        plan.effort += folder.effort;
        if let Some(planner) = readings {
            let mut readings = planner.folder(data, &slots);
            // Official scores are those of the first epoch, so that answers of further epochs are read
            // and not formatted: formatting them would pay for texts that nobody scores.
            for (epoch, slots) in answers.read_further(data) {
                planner.add_epoch(&mut readings, epoch, &slots);
            }
            plan.effort += readings.effort();
            for known in &mut folder.jobs.precomputed {
                known.reading = readings.json(known.position);
            }
            plan.readings.folders.push(readings);
        }
        plan.folders.push(folder.jobs);
        Ok(())
    }

    /// What formatting and reading would send and cost; nothing is sent or written.
    ///
    /// # Errors
    ///
    /// Where formatting itself would be refused.
    pub fn dry_run(&self, plan: &LabelPlan) -> Result<DryRun, RefineError> {
        let settings = self.run_settings(&plan.label, self.directory(&plan.label));
        let settings = RunSettings { shard: plan.shard.clone(), ..settings };
        self.check_refiner(plan, &settings)?;
        let mut dry_run = DryRun::new(&settings, &plan.folders, &|_, _| ())?;
        let readings = plan.readings.jobs();
        if !readings.is_empty() {
            let settings = self.reading_settings(&plan.label, plan.shard.clone());
            dry_run.add_requests(&DryRun::new(&settings, &readings, &|_, _| ())?);
        }
        Ok(dry_run)
    }

    /// Formatting what is planned.
    ///
    /// # Errors
    ///
    /// If another refiner formatted the answers that the label holds, unless
    /// [`RefineSettings::force`] has them replaced.
    pub fn execution(&self, plan: LabelPlan) -> Result<Execution, RefineError> {
        let directory = self.directory(&plan.label);
        self.check_refiner(&plan, &self.run_settings(&plan.label, directory.clone()))?;
        let spent_elsewhere = self.spent_in(&self.readings_directory(&plan.label));
        let readings = plan.readings.json();
        let mut execution = self.execution_in(directory, plan);
        if self.settings.mode != RefineMode::Rules {
            execution.settings.finish = Some(self.settings.refiner.finish(readings));
        }
        execution.settings.spent_elsewhere = spent_elsewhere;
        Ok(execution)
    }

    fn check_refiner(&self, plan: &LabelPlan, settings: &RunSettings) -> Result<(), RefineError> {
        if self.settings.force {
            return Ok(());
        }
        // A manifest that cannot be read proves nothing; it is replaced.
        let found = match Manifest::read(&settings.directory) {
            Err(ManifestError::Format { .. }) => None,
            found => found?,
        };
        let mut differences = found.map_or_else(Vec::new, |found| {
            refiner_differences(&found, &settings.opening(&plan.folders).identity)
        });
        if differences.is_empty() {
            differences.extend(plan.changed_rule.clone());
        }
        if differences.is_empty() {
            return Ok(());
        }
        let (label, directory) = (plan.label.clone(), settings.directory.clone());
        Err(RefineError::OtherRefiner { label, directory, differences })
    }

    /// The same with files that go to `directory`.
    pub(crate) fn execution_in(&self, directory: PathBuf, plan: LabelPlan) -> Execution {
        let LabelPlan { label, folders, effort, shard, .. } = plan;
        let settings = RunSettings { shard, ..self.run_settings(&label, directory) };
        Execution::new(label, effort, settings, folders)
    }

    /// Takes in what a label's journals hold after its run, so that later labels send no text again.
    pub fn learn(&mut self, label: &Label, notes: &mut Vec<RefineNote>) {
        let directory = self.directory(label);
        self.replies.add(&directory, notes);
    }

    /// Where a label's formatted answers go, or those of its part that is formatted here.
    #[must_use]
    pub fn directory(&self, label: &Label) -> PathBuf {
        let directory = self.settings.refined.join(label.as_str());
        match self.settings.shard {
            Some(shard) => ShardFolder::of(&directory, shard).path,
            None => directory,
        }
    }

    /// How the engine goes about it; its files go to `directory`.
    pub(crate) fn run_settings(&self, label: &Label, directory: PathBuf) -> RunSettings {
        let RefineSettings { mode, refiner, .. } = self.settings;
        let settings = RunSettings {
            program: self.settings.program.clone(),
            backend: format!("refine {mode}"),
            prompt_pack: self.pack.hash(),
            retry: self.settings.retry,
            grace: self.settings.grace,
            on_difference: OnDifference::Remake,
            locking: self.settings.locking,
            ..RunSettings::new(label.clone(), directory, &refiner.model)
        };
        if *mode == RefineMode::Rules {
            return RunSettings { model: "rules".to_owned(), ..settings };
        }
        RunSettings {
            parameters: refiner.parameters.clone(),
            request: self.settings.request.clone(),
            concurrency: self.settings.concurrency,
            requests_per_minute: self.settings.requests_per_minute,
            tokens_per_minute: self.settings.tokens_per_minute,
            price: self.settings.price,
            max_cost: self.settings.max_cost,
            finish: Some(refiner.finish(HashMap::new())),
            ..settings
        }
    }
}

impl LabelPlan {
    /// Nothing is to be done.
    pub(crate) fn new(label: Label) -> Self {
        let readings = LabelReadings::new(label.clone());
        let effort = Effort::default();
        Self { label, folders: Vec::new(), effort, readings, shard: None, changed_rule: None }
    }

    /// The folders that hold answers.
    pub fn folders(&self) -> impl Iterator<Item = Folder> {
        self.folders.iter().map(|jobs| jobs.folder)
    }
}
