//! Putting a probe's questions to an endpoint, by the way that all questions go, and what follows from
//! its findings before a run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_engine::{
    Backend, End, FolderJobs, Job, Packing, RequestFormat, RetryPolicy, Run as EngineRun,
    RunSettings, RunSummary,
};
use avibench_files::remove_if_any;
use avibench_probe::{
    Ability, MOST_QUESTIONS, PROBE_FILE, Probe, ProbeQuestion, ProbeReply, ProbeReport,
    ProbeSpending, Sensed,
};
use avibench_protocol::{Folder, Position, ResolvedMedia, Sample};
use avibench_store::{
    AskOutcome, Entry, FailureKind, Label, Manifest, OnDifference, RunLock, Shard, ShardFolder,
    keeps_replies, read_journal,
};
use clap::Args;
use clap::builder::BoolishValueParser;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::by_name::by_name;
use super::endpoint::EndpointArgs;
use super::session;
use crate::exit::Exit;
use crate::interrupt;
use crate::terminal::{self, Progress, counted, duration, sentence};

/// The folder in which a round's questions stand; the probe is no data set, and any folder will do.
const FOLDER: Folder = Folder::Asqa;

/// How long findings hold: gateways and servers change.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// A run of fewer questions is not probed, because the probe could cost more than the run.
const FEWEST: usize = Ability::ALL.len() * MOST_QUESTIONS;

/// Tries of a question; requests in flight; the longest wait for a server that asks for time or refuses
/// everything, and for one that cannot be reached. What a probe cannot find out at once is unknown, and
/// the run meets the same server with all its patience, unless none is of use (`dead_end_of`).
const TRIES: u32 = 2;
const CONCURRENCY: usize = 4;
const MAX_WAIT: Duration = Duration::ZERO;
const PATIENCE: Duration = Duration::from_secs(5);

/// Abilities that an endpoint must have.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RequireArgs {
    /// End with exit code 3 unless a probe shows these, such as hear,see,video-sound (docs/probe.md)
    #[arg(long, help_heading = "Probe", value_delimiter = ',', hide_possible_values = true, value_parser = by_name::<Ability>(Ability::ALL.map(Ability::name)), value_name = "ABILITY")]
    pub require: Vec<Ability>,
}

/// Whether a run begins with a probe, and what that must show.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ProbeArgs {
    /// Leave out the probe that shows before the first question what the endpoint really receives;
    /// runs of fewer than 80 questions have none, --require has it all the same
    #[arg(
        long, help_heading = "Probe",
        env = "AVIBENCH_NO_PROBE",
        hide_env_values = true,
        value_parser = BoolishValueParser::new()
    )]
    pub no_probe: bool,
    #[command(flatten)]
    pub require: RequireArgs,
}

impl RequireArgs {
    /// Says what is lacking, and what that means for the exit code.
    pub(crate) fn check(&self, report: &ProbeReport) -> Exit {
        let mut exit = Exit::Done;
        for ability in &self.require {
            let verdict = report.verdict(*ability);
            if verdict != Sensed::Yes {
                exit = Exit::Lacking;
                terminal::warning(format!(
                    "--require {ability}: the probe of {} says {verdict}; \
                     `avibench probe` with the same flags shows what was answered",
                    report.time.strftime("%F %R UTC")
                ));
            }
        }
        exit
    }
}

/// What is probed, and by which way.
pub(crate) struct Prober<'a> {
    pub endpoint: &'a EndpointArgs,
    /// Those of the run: whom it asks, how, and what that may cost.
    pub settings: &'a RunSettings,
    /// The folder of raw answers, beside which findings are kept.
    pub output_dir: &'a Path,
    pub runtime: &'a Runtime,
    /// The folder of the label, if a shard of it asks: its first shard probes, and the others read that.
    pub label_directory: Option<&'a Path>,
}

/// What a probe found.
pub(crate) struct Probed {
    pub report: ProbeReport,
    /// Why a run that begins now would get no answer either, and what to do; none if there is hope.
    pub dead_end: Option<String>,
}

/// Whether a run may begin.
pub(crate) enum BeforeRun {
    /// It may; the probe has cost so many US dollars.
    GoOn { cost: f64 },
    /// It may not.
    Stop(Exit),
}

impl Prober<'_> {
    /// Probes the endpoint before the first of so many `questions` under a label, those of all shards
    /// together, or takes what is kept of it, and keeps the findings with the label or its shard. What is
    /// required is looked up whenever the run begins. Of several shards the first probes; the others take
    /// its findings, and go on without them unless something is required.
    pub(crate) fn before_run(
        &self,
        args: &ProbeArgs,
        backend: &Arc<Backend>,
        questions: usize,
    ) -> anyhow::Result<BeforeRun> {
        let directory = &self.settings.directory;
        let is_first = is_first_run(directory);
        let of_label = directory.join(PROBE_FILE);
        if is_first {
            // What an earlier run without a reply was probed with is not known of this one.
            remove_if_any(&of_label)?;
        }
        let is_probed = is_first && !args.no_probe && !self.endpoint.is_built_in();
        if args.require.require.is_empty() && !is_probed {
            return Ok(BeforeRun::GoOn { cost: 0.0 });
        }
        let mut cost = 0.0;
        let known = if is_first { None } else { self.known(&of_label) };
        let known = known.or_else(|| self.known(&self.of_first_shard()?));
        let report = if let Some(report) = known.or_else(|| self.known(&self.kept_at())) {
            terminal::note(format!(
                "a probe of {} found that {}; `avibench probe` asks anew",
                report.time.strftime("%F %R UTC"),
                report.sentence()
            ));
            report
        } else if args.require.require.is_empty() && questions < FEWEST {
            return Ok(BeforeRun::GoOn { cost: 0.0 });
        } else if args.require.require.is_empty() && self.of_first_shard().is_some() {
            terminal::note(
                "shard 1 has not probed the endpoint yet, so that this shard goes on without its findings",
            );
            return Ok(BeforeRun::GoOn { cost: 0.0 });
        } else {
            let Some(Probed { report, dead_end }) = self.ask(backend, fastrand::u64(..))? else {
                return Ok(BeforeRun::Stop(interrupt::stopped()));
            };
            if let Some(reason) = dead_end {
                // Under an ablation the run may send less than the probe, and fare better.
                anyhow::ensure!(
                    !args.require.require.is_empty() || self.settings.ablation.is_some(),
                    "{reason} No question of the data set was asked; once mended, run the same command again \
                     (--no-probe asks without a probe)"
                );
                terminal::warning(reason);
            }
            cost = report.spending.cost.unwrap_or_default();
            terminal::note(format!("the probe found that {}", report.sentence()));
            report
        };
        tell_warnings(&report);
        if args.require.check(&report) != Exit::Done {
            return Ok(BeforeRun::Stop(Exit::Lacking));
        }
        if is_first {
            std::fs::create_dir_all(directory)
                .map_err(|e| anyhow::anyhow!("cannot create {}: {e}", directory.display()))?;
            report.write(&of_label)?;
        }
        Ok(BeforeRun::GoOn { cost })
    }

    /// Where the first shard keeps its findings; `None` for that shard itself, and where there are none.
    fn of_first_shard(&self) -> Option<PathBuf> {
        let shard = self.settings.shard.as_ref()?.shard;
        let first = Shard::new(1, shard.of()).ok().filter(|first| *first != shard)?;
        Some(ShardFolder::of(self.label_directory?, first).path.join(PROBE_FILE))
    }

    /// Where findings are kept.
    pub(crate) fn kept_in(&self) -> PathBuf {
        self.output_dir.join(".probes")
    }

    /// The file of what is kept of this endpoint, model, packing and parameters.
    fn kept_at(&self) -> PathBuf {
        let RunSettings { backend, model, parameters, request, .. } = self.settings;
        let key = json!({
            "urls": self.endpoint.connection.route.places(),
            "backend": backend,
            "model": model,
            "profile": self.profile(),
            "parameters": parameters,
            "stream": request.is_some() && self.endpoint.connection.stream,
        });
        let hash = hex::encode(Sha256::digest(key.to_string()));
        self.kept_in().join(format!("{}.json", &hash[..16]))
    }

    fn profile(&self) -> Option<String> {
        let packing = self.settings.request.as_ref().and_then(RequestFormat::packing);
        packing.map(Packing::identity)
    }

    /// Findings about this model, packing and parameters in a file, unless they are too old. A file that
    /// cannot be read is as good as none.
    fn known(&self, path: &Path) -> Option<ProbeReport> {
        let report = ProbeReport::read(path).ok().flatten()?;
        let is_of = report.is_of(
            &self.settings.model,
            self.profile().as_deref(),
            &self.settings.parameters,
        );
        let age = Timestamp::now().duration_since(report.time).unsigned_abs();
        (is_of && age < KEPT_FOR).then_some(report)
    }

    /// Asks until everything is settled, and keeps the findings if nothing is left unknown. `None` if
    /// it was interrupted.
    pub(crate) fn ask(&self, backend: &Arc<Backend>, seed: u64) -> anyhow::Result<Option<Probed>> {
        terminal::note("probing what the endpoint receives, by about 50 short questions");
        let started = Instant::now();
        let scratch = tempfile::tempdir()?;
        let mut probe = Probe::new(seed);
        let mut spending = ProbeSpending::default();
        let mut dead_end = None;
        loop {
            let questions = probe.next_round()?;
            if questions.is_empty() {
                break;
            }
            let round = scratch.path().join(spending.questions.to_string());
            let summary = self.ask_round(&questions, &round, backend, &spending)?;
            spending.requests += summary.requests;
            spending.tokens_in += summary.spending.tokens_in;
            spending.tokens_out += summary.spending.tokens_out;
            if let Some(cost) = summary.spending.cost {
                *spending.cost.get_or_insert(0.0) += cost;
            }
            if summary.end == End::Interrupted {
                return Ok(None);
            }
            if spending.questions == 0 {
                dead_end = dead_end_of(&summary, self.settings.retry.tries);
            }
            let ended = summary.end.describe();
            let journal = read_journal(&summary.directory.join(format!("journal/{FOLDER}.jsonl")))?;
            spending.questions += journal.entries.len();
            for (at, question) in questions.iter().enumerate() {
                let entry = journal.entries.iter().rfind(|entry| entry.position.0 == at);
                probe.take(question, reply(entry, ended.as_deref()));
            }
        }
        spending.seconds = started.elapsed().as_secs_f64();
        let report = ProbeReport {
            version: ProbeReport::VERSION,
            program: self.settings.program.clone(),
            time: Timestamp::now(),
            seed,
            model: self.settings.model.clone(),
            backend: self.settings.backend.clone(),
            hosts: backend.hosts(),
            profile: self.profile(),
            parameters: self.settings.parameters.clone(),
            spending,
            findings: probe.findings(),
        };
        terminal::note(spent(&spending));
        if report.is_whole() {
            self.keep(&report);
        }
        Ok(Some(Probed { report, dead_end }))
    }

    /// Keeps findings for later runs. Where that is not possible, the next run asks again.
    fn keep(&self, report: &ProbeReport) {
        let path = self.kept_at();
        let kept = std::fs::create_dir_all(self.kept_in())
            .map_err(|error| error.to_string())
            .and_then(|()| report.write(&path).map_err(|error| error.to_string()));
        if let Err(reason) = kept {
            terminal::warning(format!("the findings are not kept for later runs: {reason}"));
        }
    }

    /// Puts the questions of one round, under a label of its own in `folder`.
    fn ask_round(
        &self,
        questions: &[ProbeQuestion],
        folder: &Path,
        backend: &Arc<Backend>,
        spent: &ProbeSpending,
    ) -> anyhow::Result<RunSummary> {
        std::fs::create_dir_all(folder)?;
        let jobs = (0..)
            .zip(questions)
            .map(|(at, question)| job(at, question, folder))
            .collect::<anyhow::Result<Vec<Job>>>()?;
        let jobs = FolderJobs {
            folder: FOLDER,
            samples: jobs.iter().map(|job| Arc::clone(&job.sample)).collect(),
            data_sha256: String::new(),
            precomputed: Vec::new(),
            jobs,
        };
        let retry = self.settings.retry;
        let settings = RunSettings {
            label: Label::new("probe")?,
            directory: folder.join("answers"),
            prompt_pack: String::new(),
            wording: None,
            ablation: None,
            rewritten: None,
            subset: None,
            order: None,
            sequence: None,
            epochs: 1,
            shard: None,
            retry: RetryPolicy {
                tries: retry.tries.min(TRIES),
                max_wait: MAX_WAIT,
                patience: retry.patience.min(PATIENCE),
                ..retry
            },
            concurrency: self.settings.concurrency.min(CONCURRENCY),
            spent_elsewhere: spent.cost.unwrap_or_default(),
            on_difference: OnDifference::Refuse,
            ..self.settings.clone()
        };
        self.runtime.block_on(async {
            self.keep_to_limits(questions.len(), spent).await;
            let run = EngineRun::open(settings, vec![jobs])?;
            let progress = Box::new(Progress::new("probing"));
            session::execute(run, Arc::clone(backend), vec![progress]).await
        })
    }

    /// Each round counts requests a minute from 0, so that rounds which would exceed the limit together
    /// stand a minute apart.
    async fn keep_to_limits(&self, questions: usize, spent: &ProbeSpending) {
        let requests = spent.requests + questions;
        let exceeds = |limit: Option<u64>, wanted: u64| limit.is_some_and(|limit| wanted > limit);
        let RunSettings { requests_per_minute, tokens_per_minute, .. } = self.settings;
        if spent.requests > 0
            && (exceeds(*requests_per_minute, requests as u64)
                || exceeds(*tokens_per_minute, 2 * spent.tokens_in))
        {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
    }
}

/// Whether a run is the first under the label of this folder, and so to be probed. One that got no reply has asked
/// as good as nothing, and meets another endpoint once that is mended. A manifest that cannot be read, and a process
/// that is writing there, are the run's business.
pub(crate) fn is_first_run(directory: &Path) -> bool {
    let is_first = match Manifest::read(directory) {
        Ok(None) => true,
        Ok(Some(_)) => !keeps_replies(directory),
        Err(_) => false,
    };
    is_first && RunLock::holder(directory).is_none()
}

/// Says what the endpoint lacks.
pub(crate) fn tell_warnings(report: &ProbeReport) {
    for warning in report.warnings() {
        terminal::warning(warning);
    }
}

/// Why the first round shows that nothing will be answered, if it does. Complaints about the load do not show
/// that, since a run waits longer than a probe; and who sets more than the usual `tries` waits for a server that
/// is not there yet.
fn dead_end_of(summary: &RunSummary, tries: u32) -> Option<String> {
    let total = summary.total();
    let has_hope = total.has_replies() || summary.errors.keys().any(|kind| kind.is_congestion());
    let end = match &summary.end {
        _ if has_hope => return None,
        End::Unreachable { .. } if tries > RetryPolicy::default().tries => return None,
        end @ (End::Refused { .. } | End::Unreachable { .. }) => end.clone(),
        End::Finished if total.rejected == total.total => {
            let kind = FailureKind::Request;
            let message = summary.troubles.get(&kind)?.message.clone();
            End::Refused { kind, message }
        }
        _ => return None,
    };
    end.describe().map(|reason| sentence(&reason))
}

/// A question with its media as files below `folder`.
fn job(at: usize, question: &ProbeQuestion, folder: &Path) -> anyhow::Result<Job> {
    let write = |name: String, bytes: &[u8]| -> anyhow::Result<PathBuf> {
        let path = folder.join(name);
        std::fs::write(&path, bytes)
            .map_err(|e| anyhow::anyhow!("cannot write {}: {e}", path.display()))?;
        Ok(path)
    };
    let all = |files: &[Vec<u8>], extension: &str| -> anyhow::Result<Vec<PathBuf>> {
        let numbered = files.iter().enumerate();
        numbered.map(|(i, bytes)| write(format!("{at}-{i}.{extension}"), bytes)).collect()
    };
    let media = ResolvedMedia {
        images: all(&question.images, "png")?,
        audios: all(&question.sounds, "wav")?,
        video: question.video.as_ref().map(|mp4| write(format!("{at}.mp4"), mp4)).transpose()?,
    };
    let id = format!("{} {}", question.ability, question.number);
    let sample = Sample::from_json(FOLDER, Position(at), &json!({"id": id, "input": {}}))?;
    let job = Job::without_media(Arc::new(sample), question.text.clone());
    Ok(Job { media: Ok(media), ..job })
}

/// What came back for a question, by its line in the journal; `ended` is why the round ended early.
fn reply(entry: Option<&Entry>, ended: Option<&str>) -> ProbeReply {
    let Some(entry) = entry else {
        return ProbeReply::Failed(ended.unwrap_or("it was not asked").to_owned());
    };
    match entry.outcome {
        AskOutcome::Answered => ProbeReply::Said(entry.answer.clone().unwrap_or_default()),
        AskOutcome::Empty => ProbeReply::Silent("the answer is empty".to_owned()),
        AskOutcome::CutOff => ProbeReply::Silent("the answer is cut off".to_owned()),
        AskOutcome::Refused => ProbeReply::Silent("the server says that it was refused".to_owned()),
        AskOutcome::Failed | AskOutcome::Rejected | AskOutcome::NotAttempted => {
            let reason = entry.error.as_ref().map(|error| error.message.clone());
            ProbeReply::Failed(reason.unwrap_or_else(|| entry.outcome.name().to_owned()))
        }
    }
}

/// What a probe took.
fn spent(spending: &ProbeSpending) -> String {
    let ProbeSpending { questions, requests, tokens_in, tokens_out, cost, seconds } = *spending;
    let cost = cost.map_or_else(|| "cost unknown".to_owned(), |cost| format!("${cost:.4}"));
    format!(
        "{} in {}; {}, {tokens_in} tokens in, {tokens_out} out; {cost}",
        counted(questions, "question"),
        duration(Duration::from_secs_f64(seconds)),
        counted(requests, "request"),
    )
}
