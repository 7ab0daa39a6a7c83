//! Formatting one label as a person sees it: progress, table, savings, and what comes next.

use std::io::Write as _;
use std::path::Path;

use avibench_assess::FolderProvenance;
use avibench_engine::{Backend, End, RunSummary, TokenRates};
use avibench_protocol::Folder;
use avibench_refine::{
    Effort, Execution, Formatter, LabelPlan, LabelReadings, ReadingCounts, RefineNote,
};
use avibench_store::Label;

use super::refiner::RefinerArgs;
use crate::commands::session::{self, AskedFor};
use crate::commands::sharding;
use crate::exit::Exit;
use crate::interrupt;
use crate::terminal::{self, FormattingTable, Progress, dry_run_table, note_dry_run};

/// The language model that may be asked, if any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint<'a>(Option<&'a RefinerArgs>);

impl<'a> Endpoint<'a> {
    /// The one that the flags name.
    pub(super) const fn of(refiner: &'a RefinerArgs) -> Self {
        Self(Some(refiner))
    }

    /// None: formatting by rules needs no language model.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The endpoint.
    fn backend(self, effort: &Effort, model: &str) -> anyhow::Result<Backend> {
        match self.0 {
            Some(refiner) if refiner.has_endpoint() => refiner.backend(),
            _ => anyhow::bail!(
                "{} of {} answers need a language model ({model}), and no endpoint is named: give \
                 --base-url or OPENAI_BASE_URL and a key, or leave them unformatted with \
                 --refine rules",
                effort.for_model,
                effort.to_format,
            ),
        }
    }

    /// Executes a run with a display that can be interrupted.
    pub(super) async fn execute(
        self,
        execution: Execution,
        model: &str,
    ) -> anyhow::Result<RunSummary> {
        if execution.effort.to_send == 0 {
            return Ok(execution.write_known()?);
        }
        let backend = self.backend(&execution.effort, model)?;
        let log = self.0.and_then(|refiner| refiner.log_json.as_deref());
        let mut listeners = session::json_log(log)?;
        listeners.push(Box::new(Progress::new(format!("refining {}", execution.label))));
        session::execute(execution.open()?, backend, listeners).await
    }

    /// Asks the language model for the readings that rules leave in doubt. `None`: there is nothing
    /// to ask, or nobody, which stands in the way of no format.
    async fn ask_for_readings(
        self,
        formatter: &Formatter<'_>,
        readings: &LabelReadings,
        model: &str,
    ) -> anyhow::Result<Option<RunSummary>> {
        let Some(execution) = formatter.reading_execution(readings) else { return Ok(None) };
        let Some(refiner) = self.0.filter(|refiner| refiner.has_endpoint()) else {
            terminal::warning(format!(
                "rules leave in doubt what {} answers say, and no endpoint is named: they count as \
                 unread in strict scoring until the same command with --base-url or \
                 OPENAI_BASE_URL has asked {model}",
                execution.effort.in_doubt
            ));
            return Ok(None);
        };
        let backend = refiner.backend()?;
        let mut listeners = session::json_log(refiner.log_json.as_deref())?;
        listeners.push(Box::new(Progress::new(format!("reading {}", execution.label))));
        session::execute(execution.open()?, backend, listeners).await.map(Some)
    }
}

/// Shows notes and forgets them.
pub(crate) fn tell(notes: &mut Vec<RefineNote>) {
    for note in notes.drain(..) {
        if note.is_warning() {
            terminal::warning(note);
        } else {
            terminal::note(note);
        }
    }
}

/// Plans a label's answers and shows the notes; `None` if nothing under the label was answered.
/// Beside the plan stands how the command ends at best.
fn plan(formatter: &Formatter<'_>, label: &Label) -> anyhow::Result<Option<(LabelPlan, Exit)>> {
    let mut notes = Vec::new();
    let plan = formatter.plan(label, &mut notes);
    let at_best =
        if notes.iter().any(RefineNote::is_defect) { Exit::SomeFailed } else { Exit::Done };
    tell(&mut notes);
    Ok(Some(plan?).filter(LabelPlan::has_answers).map(|plan| (plan, at_best)))
}

/// Shows what formatting a label's answers would send and cost.
///
/// `None`: nothing under the label was answered.
pub(super) fn show_plan(formatter: &Formatter<'_>, label: &Label) -> anyhow::Result<Option<Exit>> {
    let Some((plan, at_best)) = plan(formatter, label)? else { return Ok(None) };
    let dry_run = formatter.dry_run(&plan)?;
    let rates = TokenRates::source(&formatter.settings().refiner.model);
    writeln!(terminal::stdout(), "{label}\n{}", dry_run_table(&dry_run, &rates))?;
    if plan.effort.readings_to_send > 0 {
        terminal::note(format!(
            "{} of the requests ask what answers say that rules leave in doubt, for strict scoring",
            plan.effort.readings_to_send
        ));
    }
    note_dry_run(&dry_run, "to format, run the same command without --dry-run");
    note_savings(formatter, &plan.effort);
    Ok(Some(at_best))
}

/// Formats the answers of one label.
///
/// `None`: nothing under the label was answered, and nothing was written.
pub(crate) async fn format_label(
    formatter: &mut Formatter<'_>,
    label: &Label,
    endpoint: Endpoint<'_>,
    flags: &str,
) -> anyhow::Result<Option<Exit>> {
    let Some((plan, at_best)) = plan(formatter, label)? else { return Ok(None) };
    let readings = plan.readings.clone();
    let folders: Vec<Folder> = plan.folders().collect();
    let model = formatter.settings().refiner.model.clone();
    let execution = formatter.execution(plan)?;
    let effort = execution.effort;
    let summary = Box::pin(endpoint.execute(execution, &model)).await?;
    let mut notes = Vec::new();
    formatter.learn(label, &mut notes);
    tell(&mut notes);
    let table = table(&formatter.directory(label), &folders, &summary)?;
    let mode = formatter.settings().mode;
    terminal::note(format!("answers of {label}, formatted ({mode})\n{table}"));
    note_savings(formatter, &effort);
    let asked = match summary.end {
        End::Finished => Box::pin(endpoint.ask_for_readings(formatter, &readings, &model)).await,
        _ => Ok(None),
    };
    // What was read before something went wrong is kept.
    let counts = formatter.attach(readings, &mut notes)?;
    tell(&mut notes);
    note_readings(&counts, &model);
    let unread = asked?.map_or(Exit::Done, |asked| close_readings(&asked, &model));
    let total = summary.total();
    let next = match formatter.settings().shard {
        Some(_) => sharding::next(label, flags),
        None => format!("avibench score --models {label}{flags}"),
    };
    let exit = match session::close(&summary, AskedFor::Replies, &next)? {
        Exit::Done if unread == Exit::Done => at_best,
        Exit::Done => unread,
        exit => exit,
    };
    if exit == Exit::Done && total.empty + total.refused > 0 {
        terminal::warning(format!(
            "{model} gave no text for {} answers; they count as unanswered until the same command, \
             or one with another --refine-model and --force, has formatted them",
            total.empty + total.refused
        ));
        return Ok(Some(Exit::SomeFailed));
    }
    Ok(Some(exit))
}

/// Says how the answers were read for strict scoring.
fn note_readings(counts: &ReadingCounts, model: &str) {
    let ReadingCounts { by_rules, by_model, in_doubt } = counts;
    let by_model = if *by_model > 0 { format!(", {model} read {by_model}") } else { String::new() };
    terminal::note(format!(
        "for strict scoring, rules read {by_rules} answers{by_model}, and {in_doubt} are unread"
    ));
}

/// Says which answers the language model did not read, and what comes next.
fn close_readings(summary: &RunSummary, model: &str) -> Exit {
    for (kind, trouble) in &summary.troubles {
        terminal::warning(format!(
            "{} readings: {}, such as {} {}: {}",
            trouble.count,
            kind.describe(),
            trouble.folder,
            trouble.position,
            trouble.message
        ));
    }
    if summary.is_complete() {
        return Exit::Done;
    }
    let reason = summary.end.describe().map_or_else(String::new, |reason| format!(": {reason}"));
    terminal::warning(format!(
        "{model} has not read every answer that is in doubt{reason}; the rest counts as unread in \
         strict scoring until the same command goes on"
    ));
    if summary.end == End::Interrupted { interrupt::stopped() } else { Exit::SomeFailed }
}

fn table(
    directory: &Path,
    folders: &[Folder],
    summary: &RunSummary,
) -> anyhow::Result<FormattingTable> {
    let mut table = FormattingTable::new();
    for folder in folders {
        let counts = FolderProvenance::read(directory, *folder)?.counts;
        table.add(&counts, summary.folders.get(folder).copied().unwrap_or_default());
    }
    Ok(table)
}

/// What rules read, and what that is worth.
fn note_savings(formatter: &Formatter<'_>, effort: &Effort) {
    let Effort { to_format, by_rule, spared_in, spared_out, .. } = *effort;
    if by_rule == 0 {
        return;
    }
    let settings = formatter.settings();
    let share = 100.0 * by_rule as f64 / to_format as f64;
    let money = settings.price.map_or_else(String::new, |price| {
        format!(", about ${:.2}", price.cost(spared_in, 0, spared_out))
    });
    terminal::note(format!(
        "rules read {by_rule} of {to_format} answers that need a format ({share:.1}%), which \
         spares {} some {} tokens{money}",
        settings.refiner.model,
        spared_in + spared_out
    ));
}
