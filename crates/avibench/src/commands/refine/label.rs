//! Formatting the answers of one label, through the engine: its limits, retries, journal and resume.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use avibench_engine::{Backend, DryRun, FolderJobs, Run, RunSettings, RunSummary};
use avibench_prompts::PromptPack;
use avibench_protocol::{Folder, FolderData};
use avibench_store::{Label, Manifest, read_predictions};

use super::plan::{Effort, Planner};
use super::refiner::Refiner;
use super::replies::Replies;
use super::{Job, Mode, count_ways};
use crate::commands::common::check_alignment;
use crate::commands::session;
use crate::exit::Exit;
use crate::terminal::{self, FormattingTable, Progress, plan_table};

/// Formats label after label.
pub(super) struct Formatter<'a> {
    pub(super) job: &'a Job,
    pub(super) folders: &'a [FolderData],
    pub(super) pack: &'a PromptPack,
    pub(super) refiner: &'a Refiner,
    pub(super) replies: Replies,
}

/// What a label's answers take.
#[derive(Default)]
pub(super) struct LabelPlan {
    pub(super) folders: Vec<FolderJobs>,
    pub(super) effort: Effort,
}

impl Formatter<'_> {
    /// Formats the answers of one label.
    pub(super) async fn format(&mut self, label: &Label) -> anyhow::Result<Exit> {
        let plan = self.plan(label)?;
        let directory = self.job.refined.refined_dir.join(label.as_str());
        let settings = self.settings(label, directory.clone())?;
        if self.job.plan_only {
            writeln!(
                anstream::stdout(),
                "{label}\n{}",
                plan_table(&DryRun::new(&settings, &plan.folders)?)
            )?;
            self.note_savings(&plan.effort)?;
            return Ok(Exit::Done);
        }
        let backend = self.backend(&plan.effort)?;
        let folders: Vec<Folder> = plan.folders.iter().map(|folder| folder.folder).collect();
        let summary = self.execute(settings, plan.folders, backend).await?;
        self.replies.add(&directory);
        terminal::note(self.table(label, &directory, &folders, &summary)?);
        self.note_savings(&plan.effort)?;
        let total = summary.total();
        let exit = session::close(&summary, "avibench score")?;
        if exit == Exit::Done && total.empty + total.refused > 0 {
            terminal::warning(format!(
                "{} gave no text for {} answers; they count as unanswered until the same command, \
                 or one with another --refine-model, has formatted them",
                self.refiner.model,
                total.empty + total.refused
            ));
            return Ok(Exit::SomeFailed);
        }
        Ok(exit)
    }

    /// What is to be done with a label's answers.
    pub(super) fn plan(&self, label: &Label) -> anyhow::Result<LabelPlan> {
        let raw = self.job.outputs.output_dir.join(label.as_str()).join("tasks");
        anyhow::ensure!(
            raw.is_dir(),
            "no answers under the label `{label}`: expected {}",
            raw.display()
        );
        let directory = self.job.outputs.output_dir.join(label.as_str());
        let asked = Manifest::read(&directory).unwrap_or_else(|_| {
            terminal::warning(format!(
                "{} cannot be read: whether the answers are to this data set is not checked",
                directory.join("run.json").display()
            ));
            None
        });
        let planner = Planner {
            mode: self.job.refine,
            pack: self.pack,
            refiner: self.refiner,
            replies: &self.replies,
        };
        let mut plan = LabelPlan::default();
        for data in self.folders {
            let path = raw.join(format!("{}.json", data.folder));
            if !path.exists() {
                continue;
            }
            let was = asked.as_ref().and_then(|run| run.identity.data.get(&data.folder));
            anyhow::ensure!(
                was.is_none_or(|was| was.sha256 == data.sha256),
                "{} answers another data.json of {} than {} holds: give the --data-root that the \
                 run had, or ask again under another label",
                path.display(),
                data.folder,
                data.path.display()
            );
            let slots = read_predictions(&path)?;
            check_alignment(&path, &slots, data);
            let folder = planner.folder(data, &slots);
            if let Some(first) = folder.unusable.first() {
                terminal::warning(format!(
                    "{}: {} answers are no text, the first at {first}; they count as missing",
                    path.display(),
                    folder.unusable.len()
                ));
            }
            plan.effort.add(folder.effort);
            plan.folders.push(folder.jobs);
        }
        anyhow::ensure!(
            !plan.folders.is_empty(),
            "{} holds no answers to the chosen folders",
            raw.display()
        );
        Ok(plan)
    }

    /// The endpoint, if it is needed.
    pub(super) fn backend(&self, effort: &Effort) -> anyhow::Result<Backend> {
        if effort.to_send == 0 {
            return Ok(Backend::Nobody);
        }
        anyhow::ensure!(
            self.job.refiner.has_endpoint(),
            "{} of {} answers need a language model ({}), and no endpoint is named: give \
             --base-url or OPENAI_BASE_URL and a key, or leave them as they came with \
             --refine rules",
            effort.for_model,
            effort.to_format,
            self.refiner.model
        );
        self.job.refiner.backend()
    }

    /// How the engine goes about it; its files go to `directory`.
    pub(super) fn settings(
        &self,
        label: &Label,
        directory: PathBuf,
    ) -> anyhow::Result<RunSettings> {
        let Job { refine, refiner, .. } = self.job;
        let settings = RunSettings {
            program: session::PROGRAM.to_owned(),
            backend: format!("refine {}", refine.name()),
            prompt_pack: self.pack.hash(),
            retry: refiner.connection.retry(),
            grace: session::GRACE,
            remake: true,
            ..RunSettings::new(label.clone(), directory, &self.refiner.model)
        };
        if *refine == Mode::Rules {
            return Ok(RunSettings { model: "rules".to_owned(), ..settings });
        }
        Ok(RunSettings {
            parameters: self.refiner.parameters.clone(),
            concurrency: refiner.concurrency,
            requests_per_minute: refiner.connection.rpm,
            tokens_per_minute: refiner.connection.tpm,
            price: refiner.money.price(&self.refiner.model)?,
            max_cost: refiner.money.max_cost,
            finish: Some(self.refiner.finish()),
            ..settings
        })
    }

    /// Does what is planned.
    pub(super) async fn execute(
        &self,
        settings: RunSettings,
        folders: Vec<FolderJobs>,
        backend: Backend,
    ) -> anyhow::Result<RunSummary> {
        let mut listeners = session::json_log(self.job.refiner.log_json.as_deref())?;
        let what = format!("refining {}", settings.label);
        // What needs nobody is done before a display could show it.
        if !matches!(backend, Backend::Nobody) {
            listeners.push(Box::new(Progress::new(what)));
        }
        session::execute(Run::open(settings, folders)?, backend, listeners).await
    }

    fn table(
        &self,
        label: &Label,
        directory: &Path,
        folders: &[Folder],
        summary: &RunSummary,
    ) -> anyhow::Result<String> {
        let mut table = FormattingTable::new();
        for folder in folders {
            let ways = count_ways(directory, *folder)?;
            table.add(&ways, summary.folders.get(folder).copied().unwrap_or_default());
        }
        Ok(format!("answers of {label}, formatted ({})\n{table}", self.job.refine.name()))
    }

    /// What rules read, and what that is worth.
    fn note_savings(&self, effort: &Effort) -> anyhow::Result<()> {
        let Effort { to_format, by_rule, spared_in, spared_out, .. } = *effort;
        if by_rule == 0 {
            return Ok(());
        }
        let share = 100.0 * by_rule as f64 / to_format as f64;
        let price = self.job.refiner.money.price(&self.refiner.model)?;
        let money = price.map_or_else(String::new, |price| {
            format!(", about ${:.2}", price.cost(spared_in, 0, spared_out))
        });
        terminal::note(format!(
            "rules read {by_rule} of {to_format} answers that need a format ({share:.1}%), which \
             spares {} some {} tokens{money}",
            self.refiner.model,
            spared_in + spared_out
        ));
        Ok(())
    }
}
