//! Tables of scores that can be sorted by any column.

use maud::{Markup, html};

use super::publications::PAPER_URL;
use super::ranking::{Rank, ranks, shown};
use super::rows::{BoardCell, BoardRow, Version};
use super::text::{host, link, visible};
use crate::numbers::{NOTHING, points};

/// A table of some scores of every row.
pub(crate) struct ScoreTable<'v, 'a> {
    pub(crate) version: &'v Version<'a>,
    /// What it shows, for its caption and its region.
    pub(crate) caption: &'static str,
    /// Name of the region, which tells tables of versions apart.
    pub(crate) label: String,
    /// Heads of the columns of scores, each with a longer name.
    pub(crate) heads: Vec<(&'static str, &'static str)>,
    /// How many of the first columns stand in another table as well: rows with these alone are left out.
    pub(crate) own: usize,
    /// The column by which rows are sorted at first.
    pub(crate) sorted: usize,
    /// Whether dates, coverage and sources stand beside the scores.
    pub(crate) has_facts: bool,
    /// The scores of a row, one for each head.
    pub(crate) cells: fn(&BoardRow<'_>) -> Vec<BoardCell>,
}

impl ScoreTable<'_, '_> {
    /// The table; nothing if no row has any of its scores.
    pub(crate) fn draw(&self) -> Markup {
        let has_some = |row: &&BoardRow<'_>| {
            let cells = (self.cells)(row);
            cells[self.own..].iter().any(|cell| cell.score.official.is_some())
        };
        let mut rows: Vec<&BoardRow<'_>> = self.version.rows.iter().collect();
        // The first table has every entry; the others, and published rows, need a score.
        rows.retain(|row| has_some(row) || (self.has_facts && row.entry.is_some()));
        let people: Vec<&BoardRow<'_>> = self.version.people.iter().filter(has_some).collect();
        if rows.is_empty() && people.is_empty() {
            return html! {};
        }
        let score = |row: &BoardRow<'_>| (self.cells)(row)[self.sorted].score.official.map(shown);
        // Rows are sorted by name within a score already.
        rows.sort_by(|a, b| score(b).partial_cmp(&score(a)).unwrap_or(std::cmp::Ordering::Equal));
        let scores: Vec<Option<f64>> = rows.iter().map(|row| score(row)).collect();
        let ranks = ranks(&scores);
        html! {
            div.scroll tabindex="0" role="region" aria-label=(self.label) {
                table.board.dense[self.heads.len() > 8].slim[self.heads.len() < 5] {
                    caption { span { (self.caption) } }
                    thead { tr {
                        th.number.rank scope="col" { "Rank" }
                        th.model scope="col" data-sort="text" { "Model" }
                        @for (at, (head, name)) in self.heads.iter().enumerate() {
                            th.number scope="col" data-sort="number"
                                aria-sort=[(at == self.sorted).then_some("descending")]
                                title=[(head != name).then_some(*name)] { (head) }
                        }
                        @if self.has_facts {
                            th scope="col" data-sort="number" { "Released" }
                            th scope="col" { "Coverage" }
                            th scope="col" { "Source" }
                        }
                    } }
                    tbody {
                        @for (row, rank) in rows.iter().zip(&ranks) { (self.row(row, *rank)) }
                    }
                    @if !people.is_empty() {
                        tbody.people { @for row in people { (self.row(row, None)) } }
                    }
                }
            }
        }
    }

    fn row(&self, row: &BoardRow<'_>, rank: Option<Rank>) -> Markup {
        html! {
            tr.published[row.entry.is_none()] data-id=[row.entry.map(|entry| entry.id.as_str())] {
                td.number.rank { @match rank {
                    Some(rank) => { (rank.place) @if rank.is_shared { span.tie title="shared" { "=" } } },
                    None => (NOTHING),
                } }
                th.model scope="row" data-value=(visible(&row.name)) {
                    span.name { (visible(&row.name)) }
                    @if row.is_partial() { " " span.chip { "partial" } }
                    @match row.entry {
                        Some(entry) => small { (visible(&entry.provider)) },
                        None => small { "published" },
                    }
                }
                @for (at, cell) in (self.cells)(row).iter().enumerate() {
                    (score_cell(cell, at == self.sorted))
                }
                @if self.has_facts { (facts(row)) }
            }
        }
    }
}

/// A number with what is known about it: where it was read, its interval, its strict counterpart.
fn score_cell(cell: &BoardCell, is_sorted: bool) -> Markup {
    let score = &cell.score;
    let mark = score.official.and(cell.source.mark());
    html! {
        td.number.sorted[is_sorted] data-value=[score.official.map(|score| points(Some(score)))] {
            (points(score.official))
            // Marks take no room, so that digits stand below each other.
            span.marks {
                @if let Some((letter, source)) = mark {
                    sup.mark title={ "read in " (source) } { (letter) }
                }
                @if let (Some(_), Some(remark)) = (score.official, cell.remark) {
                    sup.mark title=(remark) { "*" }
                }
            }
            @if let Some([low, high]) = score.interval {
                span.interval { (format!("{low:.1}–{high:.1}")) }
            }
            @if score.strict.is_some() { span.strict { "strict " (points(score.strict)) } }
        }
    }
}

fn facts(row: &BoardRow<'_>) -> Markup {
    let Some(entry) = row.entry else {
        return html! {
            td.date { (NOTHING) }
            td { (NOTHING) }
            td.source { "paper " a href=(PAPER_URL) rel="noopener noreferrer" { (host(PAPER_URL)) } }
        };
    };
    let coverage = &entry.coverage;
    let [tasks, all_tasks] = coverage.tasks.each_ref().map(|count| short_count(count));
    let date = entry.released;
    // The order of days, which is all that sorting needs.
    let day =
        i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day());
    html! {
        td.date data-value=(day) {
            a href=(link(&entry.release_source)) rel="noopener noreferrer"
                aria-label={ "Released " (date) ", source" } { (date) }
        }
        td.coverage {
            (tasks) " of " (all_tasks) " tasks"
            @if let Some([samples, all_samples]) = &coverage.samples {
                small { (short_count(samples)) " of " (short_count(all_samples)) " samples" }
            }
        }
        td.source {
            (entry.source_type) " "
            a href=(link(&entry.source_url)) rel="noopener noreferrer" { (host(&entry.source_url)) }
        }
    }
}

/// A count as it is written, which may be of any length.
fn short_count(count: &str) -> String {
    if count.len() > 12 { format!("{}…", &count[..11]) } else { count.to_owned() }
}
