//! The tables of stages and levels, own rows beside the published ones, and their notes.

use std::collections::{BTreeMap, BTreeSet};

use avibench_protocol::{Folder, Stage, published};
use avibench_results::{ModeReport, STAND_IN_MARK};
use avibench_score::{Completeness, Estimate, LevelRange, Mean, ScoreSummary, Unmeasured};

use super::grid::{Grid, wrapped};
use super::number_names::{LEVELS, shown_name};
use super::printable;
use super::score_tables::{Scored, modes, percent, range};
use super::stand_in::stand_in_note;

/// What a mark beside a number says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Note {
    Unfinished,
    Part,
    Drawn,
    OpenBaselines(usize, String),
    Digest,
    Published(String),
    StandIn,
}

/// The stage table and the level table with the notes that their marks need.
pub(super) struct MeanTables {
    notes: BTreeSet<Note>,
    /// Means that lack something, as `NAME: without WHAT`, and the labels that they are of.
    partial: BTreeMap<String, BTreeSet<String>>,
}

impl MeanTables {
    /// Both tables of all models. `with_published`: whether published rows have a place beside
    /// them.
    pub(super) fn print(rows: &[Scored], with_published: bool) -> String {
        let mut tables = Self { notes: BTreeSet::new(), partial: BTreeMap::new() };
        let stages = tables.stages(rows, with_published);
        let levels = tables.levels(rows, with_published);
        let title =
            |what| wrapped("", &format!("{what} (percent; below each number its 95% interval)"));
        let mut text = format!("{}\n{stages}\n\n{}\n{levels}\n", title("Stages"), title("Levels"));
        for (what, labels) in &tables.partial {
            let of = match labels.len() {
                _ if rows.len() == 1 => String::new(),
                all if all == rows.len() => "of all models, ".to_owned(),
                _ => format!("of {}, ", labels.iter().cloned().collect::<Vec<_>>().join(", ")),
            };
            text.push_str(&wrapped("~ ", &format!("mean of what is there: {of}{what}.")));
            text.push('\n');
        }
        for note in &tables.notes {
            text.push_str(&note.text());
            text.push('\n');
        }
        for sentence in [
            "L2 to L4 can rise when the better of ear and eye gets worse: they weigh the gap.",
            "L4 can exceed L3: it is the harmonic mean of L3 and sensation.",
        ] {
            text.push_str(&wrapped("", sentence));
            text.push('\n');
        }
        text
    }

    fn stages(&mut self, rows: &[Scored], with_published: bool) -> Grid {
        let titles = Stage::ALL.map(Stage::title);
        let mut grid = Grid::new([&[""], &titles[..], &["Overall"]].concat());
        for row in rows {
            grid.heading(row.heading());
            for (mode, numbers) in modes(row) {
                let Some(summary) = &numbers.summary else { continue };
                let mut cells = vec![format!(" {mode}")];
                let names = Stage::ALL.map(Stage::name).into_iter().chain(["overall"]);
                let means = Stage::ALL.map(|stage| summary.stage(stage));
                for (name, mean) in names.zip(means.into_iter().chain([&summary.overall])) {
                    let at = (row.label.as_str(), name);
                    let estimate = numbers.estimates.above_tasks(name);
                    cells.push(self.mean(at, mean, estimate, is_drawn(numbers, name)));
                }
                grid.row(cells);
            }
        }
        if with_published {
            grid.heading("published");
            for row in &published().stages {
                let values = row.stages.into_iter().chain([row.overall]);
                let name = self.model(&row.model, row.from_digest);
                grid.row([name].into_iter().chain(values.map(percent)));
            }
        }
        grid
    }

    fn levels(&mut self, rows: &[Scored], with_published: bool) -> Grid {
        let mut grid = Grid::new([&[""], &LEVELS[..]].concat());
        for row in rows {
            grid.heading(row.heading());
            for (mode, numbers) in modes(row) {
                let Some(summary) = &numbers.summary else { continue };
                let cells = (1..=4).map(|level| self.level(level, summary, numbers));
                let cells: Vec<String> = [format!(" {mode}")].into_iter().chain(cells).collect();
                grid.row(cells);
            }
        }
        if with_published {
            grid.heading("published");
            for row in &published().levels {
                let mut cells = vec![self.model(&row.model, row.from_digest)];
                for (value, name) in
                    row.levels.into_iter().zip(["l1_task", "l2_modality", "l3_stage", "l4_domain"])
                {
                    let note = published().note(&row.model, name);
                    let mark = if note.is_some() { "†" } else { "" };
                    if let Some(note) = note {
                        let text = format!("{}, {}: {}", row.model, name, note.text);
                        self.notes.insert(Note::Published(text));
                    }
                    cells.push(format!("{}{mark}", percent(value)));
                }
                grid.row(cells);
            }
        }
        grid
    }

    /// A stage or Overall.
    fn mean(
        &mut self,
        (label, name): (&str, &str),
        mean: &Mean,
        estimate: Option<Estimate>,
        is_drawn: bool,
    ) -> String {
        if mean.value.or(mean.partial).is_none() {
            return "-".to_owned();
        }
        let mark = self.mark(&mean.unmeasured, is_drawn);
        let number = match (mean.value, mean.partial) {
            (Some(value), _) => percent(Some(100.0 * value)),
            (None, Some(partial)) => {
                let missing: Vec<&str> =
                    mean.unmeasured.missing.iter().map(|name| shown_name(name)).collect();
                let without = format!("{} without {}", shown_name(name), missing.join(", "));
                let labels = self.partial.entry(without).or_default();
                labels.insert(printable(label));
                format!("~{}", percent(Some(100.0 * partial)))
            }
            (None, None) => return "-".to_owned(),
        };
        let value = mean.value.or(mean.partial);
        let bounds = value.zip(mean.at_most);
        let below = match bounds {
            Some((value, most)) => Some(format!("{:.1}–{:.1}*", 100.0 * value, 100.0 * most)),
            None => estimate.and_then(|estimate| range(estimate, 100.0)),
        };
        let below = below.map_or_else(String::new, |below| format!("\n{below}"));
        format!("{number}{mark}{below}")
    }

    fn level(&mut self, level: usize, summary: &ScoreSummary, numbers: &ModeReport) -> String {
        let name = format!("l{level}");
        let estimate = numbers.estimates.above_tasks(&name);
        let Some(value) = estimate.and_then(|estimate| estimate.value) else {
            return "-".to_owned();
        };
        let mark = self.mark(&summary.level_lacks(level), is_drawn(numbers, &name));
        let mut cell = format!("{}{mark}", percent(Some(value)));
        if let Some(interval) = estimate.and_then(|estimate| range(estimate, 1.0)) {
            cell = format!("{cell}\n{interval}");
        }
        if let Some(ranges) = &summary.level_ranges {
            let of_level = match level {
                3 => ranges.l3,
                4 => ranges.l4,
                _ => None,
            };
            if let Some(LevelRange { low, high }) = of_level.filter(|range| range.is_noteworthy()) {
                cell = format!("{cell}\nc: {low:.2}–{high:.2}");
                let open: Vec<&str> = ranges.open.iter().map(|task| task.name()).collect();
                self.notes.insert(Note::OpenBaselines(ranges.combinations, open.join(", ")));
            }
        }
        cell
    }

    /// The marks of a number that lacks something, or rests on samples that were drawn at random.
    fn mark(&mut self, unmeasured: &Unmeasured, is_drawn: bool) -> String {
        let mut mark = String::new();
        if is_drawn {
            self.notes.insert(Note::Drawn);
            mark.push('~');
        }
        if !unmeasured.unfinished.is_empty() {
            self.notes.insert(Note::Unfinished);
            mark.push('*');
        }
        if !unmeasured.part.is_empty() {
            self.notes.insert(Note::Part);
            mark.push('#');
        }
        if !unmeasured.by_stand_in.is_empty() {
            self.notes.insert(Note::StandIn);
            mark.push_str(STAND_IN_MARK);
        }
        mark
    }

    /// A published model's name, broken where it would make the table too wide.
    fn model(&mut self, model: &str, from_digest: bool) -> String {
        for note in published().notes.iter().filter(|n| n.model == model && n.field.is_none()) {
            self.notes.insert(Note::Published(format!("{model}: {}", note.text)));
        }
        let is_noted = published().notes.iter().any(|n| n.model == model && n.field.is_none());
        let mut name = format!(" {}", model.replacen(" (", "\n  (", 1).replacen(", ", ",\n  ", 1));
        if is_noted {
            name.push('†');
        }
        if from_digest {
            self.notes.insert(Note::Digest);
            name.push('‡');
        }
        name
    }
}

/// Whether a stage, or what rests on all stages, is over samples of a task that were drawn at random.
fn is_drawn(numbers: &ModeReport, name: &str) -> bool {
    let stage = Stage::ALL.into_iter().find(|stage| stage.name() == name);
    // Sensation is part of L4 only.
    let is_below_l4 = ["l1", "l2", "l3"].contains(&name);
    let is_part = |of: Stage| match stage {
        Some(stage) => of == stage,
        None => of != Stage::Sensation || !is_below_l4,
    };
    let folders = Folder::ALL.into_iter().filter(|folder| is_part(folder.stage()));
    let drawn = numbers.coverage.iter().map(|coverage| &coverage.judged);
    let drawn: Vec<_> = drawn.filter(|of| of.completeness == Some(Completeness::Drawn)).collect();
    folders.into_iter().any(|folder| drawn.iter().any(|task| task.covers(folder)))
}

impl Note {
    fn text(&self) -> String {
        match self {
            Self::Unfinished => wrapped(
                "* ",
                "unfinished: samples that were planned have not been asked. Strictly they count as \
                 wrong, and the range below goes from there to what the number would be if all of \
                 them were right; officially they are left out. No interval, no test.",
            ),
            Self::Part => wrapped(
                "# ",
                "over the first samples of a task only, as the run planned (--n-samples). No \
                 interval, since these are no random draw from the whole.",
            ),
            Self::Drawn => wrapped(
                "~ ",
                "behind a number: over samples of its tasks that were drawn at random (--subset, \
                 --until); the interval allows for that.",
            ),
            Self::OpenBaselines(combinations, tasks) => wrapped(
                "c: ",
                &format!(
                    "least and greatest value under {combinations} sets of guess baselines for \
                     {tasks}: the published ones are not known, and each of these sets reproduces \
                     the published levels equally well."
                ),
            ),
            Self::Published(text) => wrapped("† ", text),
            Self::StandIn => stand_in_note(),
            Self::Digest => wrapped(
                "‡ ",
                "as quoted from the paper's tables by a public digest; all others stand on the \
                 project page.",
            ),
        }
    }
}
