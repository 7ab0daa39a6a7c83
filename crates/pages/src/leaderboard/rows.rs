//! Rows of a benchmark version: its entries, and what the paper published.

use avibench_leaderboard::{Board, BoardEntry, BoardScore};
use avibench_protocol::{Stage, Task, published};
use indexmap::IndexMap;

use super::publications::{CellSource, PAPER_VERSION, is_of_people, remark};

/// A benchmark version with its rows.
#[derive(Debug)]
pub(crate) struct Version<'a> {
    /// Its name, as entries have it.
    pub(crate) name: String,
    /// Whether it is the one that the document's chart is about.
    pub(crate) is_charted: bool,
    /// Rows of models.
    pub(crate) rows: Vec<BoardRow<'a>>,
    /// Rows of people, who take part in no rank.
    pub(crate) people: Vec<BoardRow<'a>>,
}

/// What a model (or people) scored.
#[derive(Debug, Clone)]
pub(crate) struct BoardRow<'a> {
    /// Its name.
    pub(crate) name: String,
    /// The entry; none of rows that only the paper has.
    pub(crate) entry: Option<&'a BoardEntry>,
    pub(crate) overall: BoardCell,
    /// In table order.
    pub(crate) stages: [BoardCell; 4],
    /// From L1 to L4.
    pub(crate) levels: [BoardCell; 4],
    /// In table order.
    pub(crate) tasks: [BoardCell; Task::ALL.len()],
}

/// A score, and where it was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoardCell {
    pub(crate) score: BoardScore,
    pub(crate) source: CellSource,
    /// What is known to be wrong or open about it.
    pub(crate) remark: Option<&'static str>,
}

impl BoardCell {
    fn of_entry(score: BoardScore) -> Self {
        Self { score, source: CellSource::Entry, remark: None }
    }

    fn published(score: Option<f64>, source: CellSource) -> Self {
        let score = BoardScore { official: score, ..BoardScore::default() };
        Self { score, source, remark: None }
    }

    /// This number, or the published one where there is none.
    fn or(self, published: Self) -> Self {
        let is_same = self.score.official == published.score.official;
        match self.score.official {
            None => published,
            Some(_) => Self { remark: published.remark.filter(|_| is_same), ..self },
        }
    }
}

/// The versions: that of the chart first, then in the order of the document; that of the paper is always
/// there.
pub(crate) fn versions(board: &Board) -> Vec<Version<'_>> {
    let mut groups: IndexMap<&str, Vec<BoardRow<'_>>> = IndexMap::new();
    if !board.entries.is_empty() {
        groups.insert(&board.chart_version, Vec::new());
    }
    for entry in &board.entries {
        groups.entry(&entry.benchmark_version).or_default().push(BoardRow::of_entry(entry));
    }
    add_published(groups.entry(PAPER_VERSION).or_default());
    let chart = board.chart_version.as_str();
    groups.into_iter().map(|(name, rows)| Version::new(name, rows, name == chart)).collect()
}

impl<'a> Version<'a> {
    fn new(name: &str, rows: Vec<BoardRow<'a>>, is_charted: bool) -> Self {
        let (mut people, mut rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.entry.is_none() && is_of_people(&row.name));
        for rows in [&mut people, &mut rows] {
            rows.sort_by(|a, b| {
                let score = |row: &BoardRow<'_>| row.overall.score.official.unwrap_or(-1.0);
                score(b).total_cmp(&score(a)).then_with(|| a.name.cmp(&b.name))
            });
        }
        Self { name: name.to_owned(), is_charted, rows, people }
    }
}

/// Adds the published rows; where an entry shows one already, only what that lacks.
fn add_published<'a>(rows: &mut Vec<BoardRow<'a>>) {
    let published = published();
    let mut names: Vec<&str> = Vec::new();
    let all = published.stages.iter().map(|row| row.model.as_str());
    let all = all.chain(published.levels.iter().map(|row| row.model.as_str()));
    for name in all.chain(published.tasks.iter().map(|row| row.model.as_str())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names {
        let seed = BoardRow::published(name);
        let is_same = |row: &&mut BoardRow<'a>| {
            row.name == name && row.entry.is_some_and(|entry| entry.source_type == "paper")
        };
        match rows.iter_mut().find(is_same) {
            Some(row) => row.fill(&seed),
            None => rows.push(seed),
        }
    }
}

impl<'a> BoardRow<'a> {
    fn of_entry(entry: &'a BoardEntry) -> Self {
        let mut row = Self {
            name: entry.model_name.clone(),
            entry: Some(entry),
            overall: BoardCell::of_entry(entry.scores.overall),
            stages: entry.scores.stages.map(BoardCell::of_entry),
            levels: entry.scores.levels.map(BoardCell::of_entry),
            tasks: entry.scores.tasks.map(BoardCell::of_entry),
        };
        row.add_strict_means();
        row
    }

    fn published(name: &str) -> Self {
        let published = published();
        let stages = published.stages.iter().find(|row| row.model == name);
        let levels = published.levels.iter().find(|row| row.model == name);
        let tasks = published.tasks.iter().find(|row| row.model == name);
        let source =
            |is_from_digest: Option<bool>| CellSource::of_row(is_from_digest.unwrap_or_default());
        let of_stages = source(stages.map(|row| row.from_digest));
        let of_levels = source(levels.map(|row| row.from_digest));
        let mut at = 0;
        Self {
            name: name.to_owned(),
            entry: None,
            overall: BoardCell::published(stages.and_then(|row| row.overall), of_stages),
            stages: stages
                .map_or([None; 4], |row| row.stages)
                .map(|score| BoardCell::published(score, of_stages)),
            levels: levels.map_or([None; 4], |row| row.levels).map(|score| {
                let field = avibench_leaderboard::LEVEL_NAMES[at];
                at += 1;
                BoardCell { remark: remark(name, field), ..BoardCell::published(score, of_levels) }
            }),
            // The project page has none of tasks.
            tasks: Task::ALL.map(|task| {
                BoardCell::published(tasks.and_then(|row| row.get(task)), CellSource::Digest)
            }),
        }
    }

    fn fill(&mut self, seed: &BoardRow<'_>) {
        let fill = |own: &mut [BoardCell], seeds: &[BoardCell]| {
            for (cell, seed) in own.iter_mut().zip(seeds) {
                *cell = cell.or(*seed);
            }
        };
        self.overall = self.overall.or(seed.overall);
        fill(&mut self.stages, &seed.stages);
        fill(&mut self.levels, &seed.levels);
        fill(&mut self.tasks, &seed.tasks);
    }

    /// Strict scores of stages and Overall where an entry has those of all tasks: a stage is the mean of
    /// its tasks, Overall that of the stages.
    fn add_strict_means(&mut self) {
        let mut stages = Vec::new();
        for (stage, cell) in Stage::ALL.into_iter().zip(&mut self.stages) {
            let strict: Option<Vec<f64>> =
                stage.tasks().map(|task| self.tasks[task as usize].score.strict).collect();
            let mean = strict.map(|all| all.iter().sum::<f64>() / all.len() as f64);
            cell.score.strict = cell.score.strict.or(mean);
            stages.push(cell.score.strict);
        }
        let all: Option<Vec<f64>> = stages.into_iter().collect();
        let mean = all.map(|all| all.iter().sum::<f64>() / all.len() as f64);
        self.overall.score.strict = self.overall.score.strict.or(mean);
    }

    /// Whether the row covers only a part of the benchmark.
    pub(crate) fn is_partial(&self) -> bool {
        self.entry.is_some_and(|entry| !entry.coverage.is_full)
    }
}
