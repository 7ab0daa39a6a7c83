//! How a run stands, while it runs: bars in a terminal, a line every ten seconds elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use avibench_engine::{Event, Listener, RunSummary, Snapshot};
use avibench_protocol::{Folder, Stage};
use avibench_store::OutcomeCounts;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::grid::{Grid, counted, wrapped};
use super::message;
use super::printable::on_one_line;
use super::steps::current_step;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The bars that are on the terminal.
static SHOWN: Mutex<Option<MultiProgress>> = Mutex::new(None);

fn shown() -> std::sync::MutexGuard<'static, Option<MultiProgress>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes to the terminal by `write`, above the bars if there are any: they would be drawn over it.
pub(super) fn above_bars(write: impl FnOnce()) {
    let bars = shown().clone();
    match bars {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// What a progress display says of a run beside its counts; whoever knows sets it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProgressNote(Arc<Mutex<String>>);

impl ProgressNote {
    /// Says something from now on.
    pub(crate) fn say(&self, text: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A progress display; it listens to a run.
pub(crate) struct Progress {
    what: String,
    note: ProgressNote,
    display: Display,
}

enum Display {
    Bars { all: MultiProgress, stages: Vec<(Stage, ProgressBar)>, total: ProgressBar },
    Lines { last: Option<(Instant, String)> },
}

impl Progress {
    /// A display headed `what`.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        let display = if std::io::stderr().is_terminal() {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(8));
            let total = all.add(bar("{prefix:13} {bar:24} {pos:>5}/{len}\n{msg}"));
            Display::Bars { all, stages: Vec::new(), total }
        } else {
            Display::Lines { last: None }
        };
        Self { what: headed(&on_one_line(&what.into())), note: ProgressNote::default(), display }
    }

    /// The same with what `note` says.
    pub(crate) fn with_note(mut self, note: ProgressNote) -> Self {
        self.note = note;
        self
    }
}

/// What is shown of a run, with the step of how many that it is.
fn headed(what: &str) -> String {
    match current_step() {
        Some(step) => format!("{}/{} {what}", step.number, step.of),
        None => what.to_owned(),
    }
}

fn bar(template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template)
        .expect("the template is constant")
        .progress_chars("█▌░");
    ProgressBar::new(0).with_style(style)
}

impl Listener for Progress {
    fn on_event(&mut self, event: &Event, snapshot: &Snapshot) {
        if let Event::Warned { message } = event {
            message::warning(message);
        }
        if let Event::Paused { message, wait, max_wait, .. } = event {
            message::warning(format!(
                "paused, because the server refuses every request: {message}; it is asked again in \
                 {}, and the run stops if that lasts for {} (--max-wait)",
                duration(*wait),
                duration(*max_wait)
            ));
        }
        if let Event::Resumed { after } = event {
            let after = duration(*after);
            message::note(format!("the server answers again, after {after}"));
        }
        if let Event::Started { .. } = event {
            self.start(snapshot);
        }
        let said = noted(&self.note, snapshot);
        match &mut self.display {
            Display::Bars { all, stages, total } => {
                for (stage, bar) in stages.iter() {
                    bar.set_position(snapshot.stage(*stage).done() as u64);
                }
                total.set_position(snapshot.total().done() as u64);
                total.set_message(wrapped("  ", &said));
                if let Event::Ended { .. } = event {
                    // The closing table says the rest.
                    let _ = all.clear();
                    *shown() = None;
                }
            }
            Display::Lines { last } => {
                let due = last.as_ref().is_none_or(|(last, _)| last.elapsed() >= LINE_EVERY);
                let ended = matches!(event, Event::Ended { .. });
                if ended || (due && matches!(event, Event::Tick | Event::Started { .. })) {
                    let tally = snapshot.total();
                    let (done, of) = (tally.done(), tally.total);
                    let text = format!("{}: {done}/{of} {said}", self.what);
                    // At the end it may have been said already.
                    if last.as_ref().is_none_or(|(_, said)| *said != text) {
                        message::note(&text);
                    }
                    *last = Some((Instant::now(), text));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A run that ends in an error tells of no end.
        if let Display::Bars { all, .. } = &self.display {
            let _ = all.clear();
            *shown() = None;
        }
    }
}

impl Progress {
    fn start(&mut self, snapshot: &Snapshot) {
        let Display::Bars { all, stages, total } = &mut self.display else { return };
        *shown() = Some(all.clone());
        total.set_prefix(self.what.clone());
        total.set_length(snapshot.total().total as u64);
        for stage in Stage::ALL {
            let tally = snapshot.stage(stage);
            if tally.total == 0 {
                continue;
            }
            let bar = all.insert_before(total, bar("{prefix:13} {bar:24} {pos:>5}/{len}"));
            bar.set_prefix(stage.title());
            bar.set_length(tally.total as u64);
            stages.push((stage, bar));
        }
    }
}

/// What is noted beside, and the line.
fn noted(note: &ProgressNote, snapshot: &Snapshot) -> String {
    let (note, line) = (note.text(), line(snapshot));
    if note.is_empty() { line } else { format!("{note}; {line}") }
}

/// Rate, time left, requests, retries, failures, tokens and money; what is zero is left out.
fn line(snapshot: &Snapshot) -> String {
    let tally = snapshot.total();
    let mut parts = Vec::new();
    if snapshot.paused {
        parts.push("paused".to_owned());
    }
    if let Some((epoch, of)) = snapshot.epoch() {
        parts.push(format!("epoch {epoch} of {of}"));
    }
    // Before the first answer there is no rate.
    if snapshot.done_now() > 0 {
        parts.push(format!("{:.1}/s", snapshot.rate()));
    }
    if let Some(left) = snapshot.remaining().filter(|_| tally.not_attempted > 0) {
        parts.push(format!("{} left", duration(left)));
    }
    parts.push(format!("{}/{} in flight", snapshot.in_flight, snapshot.limit));
    for (number, what) in [
        (tally.reused, "reused"),
        (snapshot.retries, if snapshot.retries == 1 { "retry" } else { "retries" }),
        (tally.empty, "empty"),
        (tally.cut_off, "cut off"),
        (tally.refused, "refused"),
        (tally.failed, "failed"),
        (tally.rejected, "rejected"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let tokens = snapshot.spending.tokens_in + snapshot.spending.tokens_out;
    if tokens > 0 {
        parts.push(format!("{tokens} tokens"));
    }
    if let Some(cost) = snapshot.spending.cost.filter(|&cost| cost > 0.0) {
        parts.push(format!("${cost:.2}"));
    }
    parts.join(", ")
}

/// A length of time in the largest two units.
pub(crate) fn duration(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", length.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The closing table: a line a folder. Where nothing came back, one line says so.
pub(crate) fn run_table(summary: &RunSummary) -> String {
    let total = summary.total();
    let outcomes = if total.has_replies() || total.total == 0 {
        run_grid(&summary.folders).to_string()
    } else {
        let none = [
            (total.failed, "failed"),
            (total.rejected, "rejected"),
            (total.not_attempted, "not asked"),
        ];
        let none = none.iter().filter(|(count, _)| *count > 0);
        let none: Vec<String> = none.map(|(count, how)| format!("{count} {how}")).collect();
        let of = counted(total.total, "sample");
        wrapped("", &format!("No reply came for {of}: {}.", none.join(", ")))
    };
    let spending = summary.spending;
    let mut closing = vec![format!(
        "{}, {}, in {}",
        counted(summary.requests, "request"),
        match summary.retries {
            1 => "1 of them a retry".to_owned(),
            retries => format!("{retries} of them retries"),
        },
        duration(summary.wall)
    )];
    if spending.tokens_in + spending.tokens_out > 0 {
        closing.push(format!("{} tokens in, {} out", spending.tokens_in, spending.tokens_out));
        closing.push(spending.cost.map_or_else(
            || "cost unknown, since no price table has the model".to_owned(),
            |cost| format!("${cost:.2}"),
        ));
    }
    format!("{outcomes}\n{}", wrapped("", &format!("{}.", closing.join("; "))))
}

/// Samples of a run by outcome, a line a folder and one for all.
pub(crate) fn run_grid(folders: &BTreeMap<Folder, OutcomeCounts>) -> Grid {
    let mut grid = Grid::new([
        "Folder",
        "Samples",
        "Answered",
        "Reused",
        "Empty",
        "Cut\noff",
        "Refused",
        "Failed",
        "Rejected",
        "Not\nasked",
    ]);
    let mut row = |name: &str, tally: OutcomeCounts| {
        let numbers = [
            tally.total,
            tally.answered,
            tally.reused,
            tally.empty,
            tally.cut_off,
            tally.refused,
            tally.failed,
            tally.rejected,
            tally.not_attempted,
        ];
        grid.row([name.to_owned()].into_iter().chain(numbers.map(|n| n.to_string())));
    };
    let mut total = OutcomeCounts::default();
    for (folder, tally) in folders {
        row(folder.name(), *tally);
        total += *tally;
    }
    row("all", total);
    grid
}

#[cfg(test)]
mod tests {
    use avibench_engine::{End, Remarks, Stops};
    use avibench_store::{ErrorCounts, Spending};

    use super::*;

    #[test]
    fn the_closing_table_fits_a_narrow_terminal_at_full_size() {
        let tally = OutcomeCounts {
            total: 5864,
            answered: 5864,
            reused: 5864,
            empty: 5864,
            cut_off: 5864,
            refused: 5864,
            failed: 5864,
            rejected: 5864,
            not_attempted: 5864,
        };
        let summary = RunSummary {
            end: End::Finished,
            folders: [(Folder::VsqaI, tally)].into(),
            epochs: BTreeMap::new(),
            requests: 0,
            retries: 0,
            errors: ErrorCounts::new(),
            troubles: BTreeMap::new(),
            remarks: Remarks::default(),
            stops: Stops::default(),
            token_limit: None,
            spending: Spending::default(),
            spending_total: Spending::default(),
            wall: Duration::ZERO,
            directory: std::path::PathBuf::new(),
        };
        let grid = run_grid(&summary.folders);
        assert!(grid.width() <= 80, "{grid}");
    }
}
