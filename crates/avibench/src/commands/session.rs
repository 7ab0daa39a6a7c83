//! A run of the engine as a person sees it: interruptible, logged, and closed with what to do next.

use std::path::Path;
use std::time::Duration;

use avibench_build::BUILD;
use avibench_engine::{Backend, End, JsonLog, Listener, Run, RunSummary, StopHandle};
use avibench_results::Program;

use crate::exit::Exit;
use crate::terminal;

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

/// Asks what is left to ask. Ctrl-C stops softly, a second one at once.
pub(crate) async fn execute(
    run: Run,
    backend: Backend,
    listeners: Vec<Box<dyn Listener>>,
) -> anyhow::Result<RunSummary> {
    let stop = StopHandle::new();
    let interrupts = tokio::spawn(watch_interrupts(stop.clone()));
    let summary = run.execute(backend, listeners, &stop).await;
    interrupts.abort();
    Ok(summary?)
}

async fn watch_interrupts(stop: StopHandle) {
    while tokio::signal::ctrl_c().await.is_ok() {
        let again = stop.is_stopped();
        stop.stop();
        terminal::note(if again {
            "stopping now"
        } else {
            "stopping: requests in flight get 10 s; Ctrl-C again stops now"
        });
    }
}

/// Lists what went wrong, says where the answers are and what comes `next`; and what the end means
/// for the exit code.
pub(crate) fn close(summary: &RunSummary, next: &str) -> anyhow::Result<Exit> {
    for (kind, trouble) in &summary.troubles {
        terminal::warning(format!(
            "{} samples: {}, such as {} {}: {}",
            trouble.count,
            kind.describe(),
            trouble.folder,
            trouble.position,
            trouble.message
        ));
    }
    terminal::note(format!("answers: {}", summary.directory.join("tasks").display()));
    let go_on = "run the same command again: it goes on where it stopped";
    match &summary.end {
        End::Finished if summary.is_complete() => {
            terminal::hint(next);
            Ok(Exit::Done)
        }
        End::Finished => {
            terminal::hint(format!("to ask the samples without an answer again, {go_on}"));
            Ok(Exit::SomeFailed)
        }
        End::Interrupted => {
            terminal::hint(go_on);
            Ok(Exit::Interrupted)
        }
        end => {
            let reason = end.describe().unwrap_or_default();
            let stop = if reason.ends_with(['.', '?', '!']) { "" } else { "." };
            anyhow::bail!("{reason}{stop} Nothing that was answered is lost; once mended, {go_on}")
        }
    }
}
