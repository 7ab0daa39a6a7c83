//! Which models share a rank, where the samples behind their numbers are at hand.

use avibench_protocol::Stage;
use maud::{Markup, html};

use super::text::visible;

/// Ranks of the entries of one benchmark version in one mode, by tests on what each sample scored.
#[derive(Debug, Clone, PartialEq)]
pub struct RankSets {
    /// The benchmark version.
    pub version: String,
    /// `official` or `strict`.
    pub mode: &'static str,
    /// Names of the models, as their entries have them.
    pub models: Vec<String>,
    /// Each number that at least two of them have.
    pub numbers: Vec<RankedNumber>,
}

/// A number with the ranks of the models that have it.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedNumber {
    /// A task, a stage, `overall`, or `l1` to `l4`.
    pub name: String,
    /// Which model, by its place in [`RankSets::models`], its value in percent, and its rank: 1 plus the
    /// number of models that are better by more than noise.
    pub places: Vec<(usize, f64, usize)>,
}

impl RankSets {
    /// The table; nothing without numbers.
    pub(crate) fn draw(&self) -> Markup {
        if self.numbers.is_empty() {
            return html! {};
        }
        let last = self.numbers.iter().flat_map(|number| &number.places).map(|place| place.2).max();
        let last = last.unwrap_or(1);
        html! {
            div.scroll tabindex="0" role="region" aria-label={ "Rank sets, " (self.mode) ", " (visible(&self.version)) } {
                table.board.slim {
                    caption {
                        "Rank sets, " (self.mode) " scores"
                        span { "Of the entries whose bundles were at hand and computed anew. Models that share a rank cannot be told apart: the difference of their numbers is no larger than noise." }
                    }
                    thead { tr {
                        th.model scope="col" { "Number" }
                        @for rank in 1..=last { th scope="col" { "Rank " (rank) } }
                    } }
                    tbody { @for number in &self.numbers { (self.line(number, last)) } }
                }
            }
        }
    }

    fn line(&self, number: &RankedNumber, last: usize) -> Markup {
        let stage = Stage::ALL.into_iter().find(|stage| stage.name() == number.name);
        let title = match (stage, number.name.as_str()) {
            (Some(stage), _) => stage.title().to_owned(),
            (None, "overall") => "Overall".to_owned(),
            (None, name) => name.to_uppercase(),
        };
        html! {
            tr {
                th.model scope="row" { (title) }
                @for rank in 1..=last {
                    td {
                        @for (model, value, _) in number.places.iter().filter(|place| place.2 == rank) {
                            span.ranked { (visible(self.models.get(*model).map_or("", String::as_str))) " " small { (format!("{value:.2}")) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_stand_under_their_rank_and_names_are_text() {
        let sets = RankSets {
            version: "1".to_owned(),
            mode: "strict",
            models: ["a<b>", "c", "d"].map(str::to_owned).to_vec(),
            numbers: vec![RankedNumber {
                name: "l4".to_owned(),
                places: vec![(0, 50.0, 1), (1, 49.0, 1), (2, 10.0, 3)],
            }],
        };
        let drawn = sets.draw().into_string();
        assert!(drawn.contains("a&lt;b&gt;") && !drawn.contains("<b>"), "{drawn}");
        let cells: Vec<&str> = drawn.split("<td>").skip(1).collect();
        assert!(cells[0].contains("50.00") && cells[0].contains("49.00"), "{drawn}");
        assert!(!cells[1].contains("span") && cells[2].contains("10.00"), "{drawn}");
        assert!(drawn.contains("L4"));
    }
}
