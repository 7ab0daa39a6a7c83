//! A run of the engine as a person sees it: interruptible, logged, and closed with what to do next.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use avibench_build::BUILD;
use avibench_engine::{
    Backend, End, JsonLog, Listener, Run, RunSummary, StopHandle, Stops, TokenLimit,
};
use avibench_results::Program;
use avibench_store::Label;

use crate::exit::{Exit, Stop};
use crate::interrupt::{self, Handed};
use crate::terminal::{self, counted, sentence};

/// The program, as reports have it.
pub(crate) fn program() -> Program {
    Program {
        name: BUILD.name.to_owned(),
        version: BUILD.version.to_owned(),
        commit: Some(BUILD.commit.to_owned()),
        profile: Some(BUILD.profile.to_owned()),
        target: Some(BUILD.target.to_owned()),
        features: Some(BUILD.features.to_owned()),
    }
}

/// Time for requests in flight when a run is to stop.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// The listener that writes every event to a file, if one is named.
pub(crate) fn json_log(path: Option<&Path>) -> anyhow::Result<Vec<Box<dyn Listener>>> {
    let log = path.map(JsonLog::open).transpose()?;
    Ok(log.map(|log| Box::new(log) as Box<dyn Listener>).into_iter().collect())
}

/// Asks what is left to ask. Ctrl-C, SIGTERM, SIGHUP and the end of its time stop softly, Ctrl-C after that
/// at once.
pub(crate) async fn execute(
    run: Run,
    backend: impl Into<Arc<Backend>>,
    listeners: Vec<Box<dyn Listener>>,
) -> anyhow::Result<RunSummary> {
    Box::pin(execute_until(run, backend, listeners, &StopHandle::new())).await
}

/// The same, where `stop` may also be pulled by others.
pub(crate) async fn execute_until(
    run: Run,
    backend: impl Into<Arc<Backend>>,
    listeners: Vec<Box<dyn Listener>>,
    stop: &StopHandle,
) -> anyhow::Result<RunSummary> {
    let pull = stop.clone();
    let handed = Handed::to(move |signal| {
        let again = pull.is_stopped();
        // Schedulers send SIGTERM to all processes of a job, whose script may forward it once more: only a
        // person means it when asking twice.
        if again && signal != Stop::Interrupt {
            return;
        }
        pull.stop();
        terminal::note(if again {
            "stopping now".to_owned()
        } else {
            let again = if signal == Stop::Interrupt { " again" } else { "" };
            format!(
                "stopping ({}): requests in flight get 10 s; Ctrl-C{again} stops now",
                signal.name()
            )
        });
    });
    let summary = run.execute(backend, listeners, stop).await;
    drop(handed);
    Ok(summary?)
}

/// Whose answers a run asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedFor {
    /// Answers of the model that is evaluated.
    Answers,
    /// Replies of the language model that formats them.
    Replies,
}

impl AskedFor {
    /// So many of them.
    fn counted(self, number: usize) -> String {
        match (self, number) {
            (Self::Answers, _) => counted(number, "answer"),
            (Self::Replies, 1) => "1 reply".to_owned(),
            (Self::Replies, _) => format!("{number} replies"),
        }
    }

    /// How a higher limit of tokens is set.
    fn higher_limit(self, limit: Option<&TokenLimit>) -> String {
        let (name, above) = match limit {
            None => ("max_tokens", String::new()),
            Some(TokenLimit { parameter, value }) => {
                (parameter.as_str(), format!(", more than the {value} that this run set"))
            }
        };
        let how = match self {
            Self::Answers => "under another --model-label",
            Self::Replies => "with --force",
        };
        format!("`--param {name}=...`{above}, {how}")
    }
}

/// Says what the limit of tokens did to answers.
pub(crate) fn warn_of_stops(summary: &RunSummary, asked_for: AskedFor) {
    let total = summary.total();
    let higher = asked_for.higher_limit(summary.token_limit.as_ref());
    let Stops { budget_spent, on_thinking } = summary.stops;
    if budget_spent > 0 {
        let by = match on_thinking {
            0 => String::new(),
            all if all == budget_spent => " by thinking".to_owned(),
            some => format!(" ({some} of them by thinking)"),
        };
        terminal::warning(format!(
            "{} {} empty because the budget of tokens was used up{by} before any text came (finish \
             reason `length`); raise it with {higher}",
            asked_for.counted(budget_spent),
            if budget_spent == 1 { "is" } else { "are" },
        ));
    }
    if total.cut_off > 0 {
        let (were, go) = if total.cut_off == 1 { ("was", "it goes") } else { ("were", "they go") };
        terminal::warning(format!(
            "{} {were} cut off by the limit of tokens (finish reason `length`), and {} as far as \
             {go}; raise the limit with {higher}",
            asked_for.counted(total.cut_off),
            if total.cut_off == 1 { "counts" } else { "count" },
        ));
    }
    if summary.is_mostly_without_text() {
        terminal::warning(format!(
            "more than half of what was asked is empty or cut off: {} of {}",
            total.without_whole_text(),
            counted(total.done(), "sample")
        ));
    }
}

/// What comes after the answers of a label: the commands with the flags of the folders that were named.
pub(crate) fn after_answers(label: &Label, flags: &str) -> String {
    format!("avibench refine --models {label}{flags}, then avibench score --models {label}{flags}")
}

/// Lists what went wrong, says where the answers are and what comes `next`; and what the end means
/// for the exit code.
pub(crate) fn close(summary: &RunSummary, asked_for: AskedFor, next: &str) -> anyhow::Result<Exit> {
    for (kind, trouble) in &summary.troubles {
        terminal::warning(format!(
            "{}: {}, such as {} {}: {}",
            counted(trouble.count, "sample"),
            kind.describe(),
            trouble.folder,
            trouble.position,
            trouble.message
        ));
    }
    warn_of_stops(summary, asked_for);
    if summary.total().has_replies() {
        terminal::note(format!("answers: {}", summary.directory.join("tasks").display()));
    }
    let go_on = "run the same command again: it goes on where it stopped";
    match &summary.end {
        End::Finished | End::Enough if summary.is_complete() => {
            // Where steps follow each other, the next one begins by itself.
            if terminal::current_step().is_none() {
                terminal::hint(next);
            }
            Ok(if summary.is_mostly_without_text() { Exit::SomeFailed } else { Exit::Done })
        }
        // Where steps follow each other, what goes on is all of them, and the last word says so.
        End::Finished | End::Enough => {
            if terminal::current_step().is_none() {
                terminal::hint(format!("to ask the samples without an answer again, {go_on}"));
            }
            Ok(Exit::SomeFailed)
        }
        End::Interrupted => {
            if terminal::current_step().is_none() {
                terminal::hint(go_on);
            }
            Ok(interrupt::stopped())
        }
        // It says itself what is lost and what is not.
        end @ End::Unwritable { .. } => {
            anyhow::bail!("{}. Once mended, {go_on}", end.describe().unwrap_or_default())
        }
        end => {
            let reason = sentence(&end.describe().unwrap_or_default());
            if !summary.total().has_replies() {
                anyhow::bail!("{reason} Once mended, run the same command again");
            }
            anyhow::bail!("{reason} Nothing that was answered is lost; once mended, {go_on}")
        }
    }
}
