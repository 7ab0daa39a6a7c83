//! `avibench evaluate`: probe, run, refine, score and report in a row.

mod finished;
mod summary;

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use avibench_assess::Assessor;
use avibench_pages::PageForm;
use avibench_probe::{PROBE_FILE, ProbeReport};
use avibench_protocol::Folder;
use avibench_results::{Detail, RunFile, read_report};
use avibench_store::{Label, Manifest, Spending};
use clap::Args;

use self::finished::{Finished, Inputs, Stamp};
use self::summary::Summary;
use super::ablation::AblationArgs;
use super::assessing::{AssessArgs, show_notes};
use super::common::{DataArgs, Loaded, OutputArgs, PromptArgs, ScoresArgs};
use super::endpoint::EndpointArgs;
use super::epochs::EpochArgs;
use super::fense::CaptionArgs;
use super::locks::LockArgs;
use super::money::MoneyArgs;
use super::probing::{ProbeArgs, is_first_run};
use super::ranges::{self, whole};
use super::refine::{Before, RefineStep};
use super::report::{ReportJob, default_file, open_in_browser};
use super::run::{Asked, Part, Run};
use super::score::write_scores;
use super::session::{self, AskedFor};
use super::sharding::ShardArgs;
use super::time_limit::TimeLimitArgs;
use super::until::UntilArgs;
use crate::exit::Exit;
use crate::terminal::{self, Steps, current_step, run_table};

/// The steps, in their order.
const STEPS: [&str; 5] = [PROBE, RUN, REFINE, SCORE, REPORT];
const PROBE: &str = "probe";
const RUN: &str = "run";
const REFINE: &str = "refine";
const SCORE: &str = "score";
const REPORT: &str = "report";

/// Evaluate a model from the first question to the report: probe, run, refine, score, report.
///
/// Each step is the command of its name. After Ctrl-C, a crash or an error the same command goes on
/// where it stopped, and does nothing again that is finished. It ends with a summary: numbers with
/// intervals, coverage, cost, files.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench evaluate --backend chance --data-root DATA\n\
\x20 avibench evaluate --base-url https://host.example/v1 \\\n\
\x20     --model-path my-model --data-root DATA \\\n\
\x20     --prompts definitions.py --max-cost 20 --open\n\
\x20 avibench evaluate --use gemini --refine-model gemini-2.5-flash")]
pub(crate) struct Evaluate {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    endpoint: EndpointArgs,
    #[command(flatten)]
    prompts: PromptArgs,
    /// Only the first N samples of each folder, which need not be like the others: to estimate
    /// scores, take --subset
    #[arg(long, help_heading = "Data", alias = "n_samples", value_parser = whole::<usize>(ranges::SAMPLES), value_name = "N")]
    n_samples: Option<usize>,
    #[command(flatten)]
    ablation: AblationArgs,
    #[command(flatten)]
    epochs: EpochArgs,
    #[command(flatten)]
    until: UntilArgs,
    #[command(flatten)]
    money: MoneyArgs,
    #[command(flatten)]
    probe: ProbeArgs,
    #[command(flatten)]
    refine: RefineStep,
    /// What guessing scores on each task, as `score --guess-baselines` takes it
    #[arg(long, help_heading = "Scoring", value_name = "FILE")]
    guess_baselines: Option<std::path::PathBuf>,
    #[command(flatten)]
    captions: CaptionArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    scores: ScoresArgs,
    /// Go on under a label that holds another model, prompt pack, data set, profile or refiner
    #[arg(long, help_heading = "What is done")]
    force: bool,
    /// Say what asking would send and cost; send nothing, and do no other step
    #[arg(long = "dry-run", help_heading = "What is done")]
    plan_only: bool,
    #[command(flatten)]
    time_limit: TimeLimitArgs,
    #[command(flatten)]
    locks: LockArgs,
    /// Open the report in a browser at the end
    #[arg(long, help_heading = "What is done")]
    open: bool,
}

/// A step's end that keeps the next one from beginning.
enum Stopped {
    /// With this code; why was said.
    With(Exit),
    /// It could not be done.
    Error(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// What the steps leave to each other.
struct Course<'a> {
    evaluate: &'a Evaluate,
    data: &'a Loaded,
    label: Label,
    steps: Steps,
    /// How the whole will end if nothing else happens.
    exit: Exit,
    /// Each step with what was done in it.
    done: Vec<(&'static str, String)>,
}

impl Evaluate {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let begun = Instant::now();
        self.time_limit.begin()?;
        let data = self.data.load_to_ask(self.n_samples)?;
        let run = self.asking();
        let label = run.label()?;
        if self.plan_only {
            return Ok(match run.ask(&data, &mut |_| {})? {
                Asked::Nothing(exit) => data.exit(exit),
                Asked::Questions(..) => Exit::Done,
            });
        }
        let mut course = Course {
            evaluate: &self,
            data: &data,
            label,
            steps: Steps::new(&STEPS),
            exit: Exit::Done,
            done: Vec::new(),
        };
        let ended = course.all(&run);
        match ended {
            Ok(()) => {}
            Err(Stopped::With(exit)) => {
                let step = current_step();
                let at = step.map_or_else(String::new, |step| step.to_string());
                // The answers to a probe are kept once it has come to its end.
                let go_on = if step.is_some_and(|step| step.name == PROBE) {
                    format!("the same command begins {at} again")
                } else {
                    format!("the same command goes on with {at}")
                };
                drop(course);
                terminal::hint(go_on);
                return Ok(exit);
            }
            // Which step that is was said when it began.
            Err(Stopped::Error(error)) => return Err(error),
        }
        let exit = data.exit(course.exit);
        course.close(begun)?;
        Ok(exit)
    }

    /// The flags as those of `run`.
    fn asking(&self) -> Run {
        Run {
            data: self.data.clone(),
            endpoint: self.endpoint.clone(),
            prompts: self.prompts.clone(),
            outputs: self.outputs.clone(),
            n_samples: self.n_samples,
            ablation: self.ablation.clone(),
            epochs: self.epochs,
            until: self.until.clone(),
            captions: self.captions.clone(),
            force: self.force,
            plan_only: self.plan_only,
            json: false,
            money: self.money.clone(),
            probe: self.probe.clone(),
            log_json: None,
            // A label is evaluated as a whole; shards have the single commands.
            shard: ShardArgs::default(),
            time_limit: TimeLimitArgs::default(),
            locks: self.locks,
        }
    }
}

impl Course<'_> {
    fn all(&mut self, run: &Run) -> Result<(), Stopped> {
        self.probe_and_run(run)?;
        self.refine()?;
        self.score()?;
        self.report()
    }

    fn ends(&mut self, exit: Exit) {
        if self.exit == Exit::Done {
            self.exit = exit;
        }
    }

    fn did(&mut self, step: &'static str, what: impl Into<String>) {
        self.done.push((step, what.into()));
    }

    /// The label's folder of raw answers.
    fn answers(&self) -> std::path::PathBuf {
        self.evaluate.outputs.output_dir.join(self.label.as_str())
    }

    /// The label's folder of formatted answers.
    fn formatted(&self) -> std::path::PathBuf {
        self.evaluate.refine.refined.refined_dir.join(self.label.as_str())
    }

    fn probe_and_run(&mut self, run: &Run) -> Result<(), Stopped> {
        let steps = &self.steps;
        // Reading media and wording questions come before the probe and belong to it.
        steps.begin(PROBE);
        let probe = self.answers().join(PROBE_FILE);
        let without = if self.evaluate.probe.no_probe {
            "left out (--no-probe)"
        } else if self.evaluate.endpoint.is_built_in() {
            "none, since the model is built in"
        } else if is_first_run(&self.answers()) {
            "none, since fewer than 80 questions are asked"
        } else {
            "none, since asking had begun without one"
        };
        let mut probed = String::new();
        let asked = run.ask(self.data, &mut |part| {
            if part == Part::Asking {
                probed = probe_line(&probe).unwrap_or_else(|| without.to_owned());
                steps.begin(RUN);
            }
        })?;
        let summary = match asked {
            Asked::Questions(summary, _) => summary,
            Asked::Nothing(exit) => return Err(Stopped::With(exit)),
        };
        if summary.requests > 0 || !summary.is_complete() {
            terminal::note(run_table(&summary));
        }
        let exit = session::close(&summary, AskedFor::Answers, "")?;
        if matches!(exit, Exit::Stopped(_)) {
            return Err(Stopped::With(exit));
        }
        let total = summary.total();
        if total.answered + total.cut_off == 0 {
            terminal::warning("nothing was answered, so there is nothing to format or score");
            return Err(Stopped::With(Exit::SomeFailed));
        }
        self.ends(exit);
        self.did(PROBE, probed);
        let asked = match summary.requests {
            0 => "nothing was left to ask".to_owned(),
            requests => terminal::counted(requests, "request"),
        };
        let samples = terminal::counted(total.total, "sample");
        let reused = match total.reused {
            0 => String::new(),
            reused => format!(", {reused} of them from earlier"),
        };
        self.did(RUN, format!("{asked}; {} of {samples} answered{reused}", total.answered));
        Ok(())
    }

    fn refine(&mut self) -> Result<(), Stopped> {
        self.steps.begin(REFINE);
        let Evaluate { refine, endpoint, data, prompts, outputs, money, .. } = self.evaluate;
        let inputs = self
            .inputs_of_data()
            .with("refiner", &refine.refiner())
            .with("prompts", &prompts.load()?.hash())
            .with_label(&self.answers());
        let mut finished = Finished::read(&self.answers());
        if finished.refine == Some(Stamp::of_label(&inputs, &self.formatted())) {
            terminal::note("nothing has changed since the last formatting, so its answers stand");
            self.did(REFINE, "unchanged since the last time");
            return Ok(());
        }
        if refine.is_by_rules_unasked() {
            terminal::note(
                "no --refine-model is named, so rules alone format the answers (--refine rules); \
                 what they do not read stays unformatted",
            );
        }
        let before = Before {
            data,
            prompts,
            outputs,
            connection: &endpoint.connection,
            money,
            spent: spending(&self.answers()).cost.unwrap_or_default(),
            force: self.evaluate.force,
            locks: self.evaluate.locks,
        };
        let job = refine.job(&self.label, &before);
        match job.format(self.data)? {
            Exit::Done => {
                finished.refine = Some(Stamp::of_label(&inputs, &self.formatted()));
                self.keep(&finished);
            }
            Exit::SomeFailed => self.ends(Exit::SomeFailed),
            exit => return Err(Stopped::With(exit)),
        }
        let why =
            if refine.is_by_rules_unasked() { ", since no --refine-model is named" } else { "" };
        self.did(REFINE, format!("formatted by {}{why}", refine.mode()));
        Ok(())
    }

    fn score(&mut self) -> Result<(), Stopped> {
        self.steps.begin(SCORE);
        let eval_dir = &self.evaluate.scores.eval_dir;
        let file = RunFile::Report.path(eval_dir, &self.label);
        let inputs = self.inputs_of_scores();
        let mut finished = Finished::read(&self.answers());
        let files = [RunFile::Scores, RunFile::JsonLines, RunFile::Parquet];
        let are_there = files.iter().all(|part| part.path(eval_dir, &self.label).exists());
        if are_there && finished.score.as_ref().is_some_and(|stamp| stamp.holds(&inputs, &file)) {
            terminal::note("nothing has changed since the last scoring, so its numbers stand");
            self.did(SCORE, "unchanged since the last time");
            return Ok(());
        }
        let assessing = AssessArgs {
            dataset: self.evaluate.data.dataset.clone(),
            outputs: self.evaluate.outputs.clone(),
            refined: self.evaluate.refine.refined.clone(),
            resamples: None,
            seed: None,
            guess_baselines: self.evaluate.guess_baselines.clone(),
            captions: self.evaluate.captions.clone(),
        };
        let captions = self.evaluate.captions.rater()?;
        let assessor = Assessor::open(assessing.settings()?, &*captions)?;
        let assessment = assessor.assess(&self.label)?;
        let has_defects = assessment.has_defects();
        show_notes(&assessment.notes);
        let scored = write_scores(&assessor, assessment, &self.label, eval_dir, Detail::Full)?;
        if has_defects {
            self.ends(Exit::SomeFailed);
        }
        // Caption models that can be fetched, and files that could not be read, may be there next time.
        let has_captions = self.data.folders.iter().any(|data| data.folder == Folder::Avc);
        let lacks_models = has_captions && scored.report.captions.is_none();
        let may_change = has_defects || (lacks_models && self.evaluate.captions.may_fetch());
        finished.score = if may_change { None } else { Stamp::of(&inputs, &file) };
        self.keep(&finished);
        self.did(SCORE, "official and strict scores written");
        Ok(())
    }

    /// The data and this program.
    fn inputs_of_data(&self) -> Inputs {
        let inputs = Inputs::default().with("program", avibench_build::PROGRAM);
        let folders = self.data.folders.iter();
        folders.fold(inputs, |inputs, data| inputs.with(data.folder.name(), &data.sha256))
    }

    /// Everything that scores are made from.
    fn inputs_of_scores(&self) -> Inputs {
        let inputs = self.inputs_of_data();
        let inputs = match &self.evaluate.guess_baselines {
            Some(path) => inputs.with_file(path),
            None => inputs,
        };
        let inputs = match self.evaluate.captions.found() {
            Some(models) => inputs.with("caption models", &models),
            None => inputs,
        };
        inputs.with_label(&self.answers()).with_label(&self.formatted())
    }

    fn report(&mut self) -> Result<(), Stopped> {
        self.steps.begin(REPORT);
        let labels = std::slice::from_ref(&self.label);
        let eval_dir = &self.evaluate.scores.eval_dir;
        let out = default_file(eval_dir, labels);
        let packs =
            [self.evaluate.prompts.load()?, avibench_prompts::PromptPack::embedded().clone()];
        let dataset = &self.data.dataset;
        let inputs = Inputs::default()
            .with("program", avibench_build::PROGRAM)
            .with("data", &dataset.levels().display().to_string())
            .with("prompts", &packs[0].hash())
            .with_file(&RunFile::Report.path(eval_dir, &self.label))
            .with_file(&RunFile::JsonLines.path(eval_dir, &self.label));
        let inputs = match &self.evaluate.guess_baselines {
            Some(path) => inputs.with_file(path),
            None => inputs,
        };
        let mut finished = Finished::read(&self.answers());
        if finished.report.as_ref().is_some_and(|stamp| stamp.holds(&inputs, &out)) {
            terminal::note(format!("the page is there already: {}", out.display()));
            self.did(REPORT, "unchanged since the last time");
            return Ok(());
        }
        let job = ReportJob {
            form: PageForm::Private,
            embed: 0,
            eval_dir,
            out: out.clone(),
            packs: packs.iter().collect(),
            guess_baselines: self.evaluate.guess_baselines.as_deref(),
        };
        let made = job.make(dataset, labels)?;
        let size = format!("{:.1} MB", made.bytes as f64 / 1e6);
        terminal::note(format!("report: {} ({size})", out.display()));
        finished.report = Stamp::of(&inputs, &out);
        self.keep(&finished);
        self.did(REPORT, "one page made");
        Ok(())
    }

    /// Notes what is finished. Where that is not possible, the next start does it again.
    fn keep(&self, finished: &Finished) {
        if let Err(error) = finished.write(&self.answers()) {
            terminal::warning(format!("the next start does this step again: {error}"));
        }
    }

    /// Prints the summary, and says what can be done next.
    fn close(self, begun: Instant) -> anyhow::Result<()> {
        let Evaluate { scores, open, .. } = self.evaluate;
        let report = RunFile::Report.path(&scores.eval_dir, &self.label);
        let page = RunFile::Page.path(&scores.eval_dir, &self.label);
        let mut refining = spending(&self.formatted());
        refining += spending(&self.formatted().join("readings"));
        let summary = Summary {
            report: read_report(&report).context("the numbers cannot be shown")?,
            spent: vec![("asking", spending(&self.answers())), ("formatting", refining)],
            files: vec![
                ("report", page.clone()),
                ("scores", RunFile::Scores.path(&scores.eval_dir, &self.label)),
                ("all numbers", report),
                ("answers", self.answers().join("tasks")),
                ("formatted", self.formatted().join("tasks")),
            ],
            took: begun.elapsed(),
            steps: self.done,
            generated: self.data.dataset.generated().map(str::to_owned),
            label: self.label.clone(),
        };
        writeln!(terminal::stdout(), "{summary}")?;
        drop(self.steps);
        if *open {
            open_in_browser(&page);
        }
        let label = &self.label;
        let Evaluate { data, outputs, refine, scores, .. } = self.evaluate;
        let flags =
            [data.dataset.flag(), outputs.flag(), refine.refined.flag(), scores.flag()].concat();
        let captions = self.evaluate.captions.flags();
        if self.exit == Exit::Done {
            terminal::hint(format!(
                "look at {} in a browser; `avibench score --models {label}{flags}{captions}` prints every table, \
                 `avibench bundle {label}{flags}` makes a file that anyone can recompute",
                page.display()
            ));
        } else {
            terminal::hint("the same command asks the samples without an answer again");
        }
        Ok(())
    }
}

/// What is known of the endpoint.
fn probe_line(path: &Path) -> Option<String> {
    let report = ProbeReport::read(path).ok().flatten()?;
    Some(format!("found that {} (as of {})", report.sentence(), report.time.strftime("%F %R UTC")))
}

/// Tokens and money of all sessions under a label's folder.
fn spending(directory: &Path) -> Spending {
    let manifest = Manifest::read(directory).ok().flatten();
    manifest.map_or_else(Spending::default, |manifest| manifest.spending)
}
