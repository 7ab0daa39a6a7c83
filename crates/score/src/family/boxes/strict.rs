//! Boxes: instances located in one image, assigned category by category.

use std::collections::BTreeMap;

use avibench_protocol::Sample;
use avibench_reading::{Boxes, NamedBox, Reading, ReadingValue, corners_in_pixels, folded_name};
use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

use super::BoxesParts;
use super::official::{category, set_f1};
use crate::geometry::{Corners, corners, iou, is_same_box};
use crate::judgement::{Judgement, RIGHT_IOU, excerpt, written_boxes};
use crate::strict_readings::{StrictAnswers, question_of};
use crate::{ScoringRule, VerdictOutcome};

/// Steps of an overlap in the integers that assignment adds up: exact where floats are not.
const OVERLAP_STEPS: f64 = (1_u64 << 48) as f64;

/// The most boxes of an answer that are compared with the label; the others are surplus. Assigning
/// them takes the cube of their number, and no picture of the benchmark shows so many instances.
const MOST_COMPARED: usize = 500;

/// The boxes to be found.
pub(crate) struct LabelledBoxes {
    /// Category, folded as those of answers are, and corners in pixels.
    label: Vec<(String, Corners)>,
    size: [f64; 2],
}

impl LabelledBoxes {
    pub(super) fn new(sample: &Sample, boxes: &[(String, [f64; 4])], size: [f64; 2]) -> Self {
        let question = question_of(sample);
        let name = |key: &str| folded_name(&question, &category(key));
        let label = boxes.iter().map(|(key, rectangle)| (name(key), corners(*rectangle)));
        Self { label: label.collect(), size }
    }

    /// Every instance missed.
    pub(super) fn nothing(&self) -> BoxesParts {
        BoxesParts { iou: 0.0, category_f1: 0.0, error: self.label.len() as f64 }
    }

    /// Judges the boxes of an answer in the convention in which they are meant. Where the label has
    /// no boxes, only an answer without boxes is right.
    pub(super) fn judge(&self, reading: &Reading, answers: &StrictAnswers<'_>) -> Judgement {
        let Some(value) = reading.value() else {
            return Judgement::unread(reading, self.nothing());
        };
        let found: &[NamedBox] = match value {
            ReadingValue::Boxes(Boxes { boxes, .. }) => boxes,
            _ => &[],
        };
        let categories: Vec<String> = found.iter().map(|found| category(&found.name)).collect();
        let form = answers.form_of(value, self.size);
        let in_pixels = |numbers| corners_in_pixels(numbers, form.order, form.scale, self.size);
        let predicted: Vec<Option<Corners>> =
            found.iter().map(|found| found.numbers.map(in_pixels)).collect();
        let compared = predicted.len().min(MOST_COMPARED);
        let overlaps = self.assign(&categories[..compared], &predicted[..compared]);
        let there = self.label.len();
        let misses = there - overlaps.len();
        let extras = categories.len() - overlaps.len();
        let error = (misses + extras).min(there);
        let (iou, category_f1) = match (there, categories.len()) {
            (0, 0) => (1.0, 1.0),
            (0, _) => (0.0, 0.0),
            _ => {
                let wanted: Vec<String> = self.label.iter().map(|(key, _)| key.clone()).collect();
                // `sum` of nothing is -0.0, which would be shown as such.
                let total = overlaps.iter().fold(0.0, |total, overlap| total + overlap);
                (total / there as f64, set_f1(&categories, &wanted))
            }
        };
        let outcome = match error {
            0 if iou >= RIGHT_IOU => VerdictOutcome::Right,
            _ if iou > 0.0 => VerdictOutcome::Partly,
            _ => VerdictOutcome::Wrong,
        };
        let parts = Some(BoxesParts { iou, category_f1, error: error as f64 }.into());
        let written = found.iter().map(|found| (found.name.as_str(), found.numbers));
        let rule =
            if compared < predicted.len() { ScoringRule::FirstBoxes } else { ScoringRule::Reading };
        let span = reading.evidence.span.clone();
        Judgement { outcome, parts, read: excerpt(&written_boxes(written)), rule, span }
    }

    /// Overlaps, all above 0, of the pairs of label and prediction that together overlap most; in
    /// the order of categories, because the last bits of a sum depend on the order of its terms.
    fn assign(&self, categories: &[String], predicted: &[Option<Corners>]) -> Vec<f64> {
        let mut groups: BTreeMap<&str, (Vec<Corners>, Vec<Corners>)> = BTreeMap::new();
        for (category, corners) in &self.label {
            groups.entry(category).or_default().0.push(*corners);
        }
        for (category, corners) in categories.iter().zip(predicted) {
            if let (Some((_, group)), Some(corners)) = (groups.get_mut(category.as_str()), corners)
            {
                group.push(*corners);
            }
        }
        groups.values().flat_map(|(label, predicted)| best_overlaps(label, predicted)).collect()
    }
}

fn best_overlaps(label: &[Corners], predicted: &[Corners]) -> Vec<f64> {
    let overlap = |truth: Corners, box_: Corners| {
        if is_same_box(truth, box_) { 1.0 } else { iou(truth, box_) }
    };
    // Predictions beside every label box cannot be assigned, and an answer may hold many.
    let mut columns: Vec<Vec<f64>> = predicted
        .iter()
        .map(|&predicted| label.iter().map(|&truth| overlap(truth, predicted)).collect())
        .filter(|overlaps: &Vec<f64>| overlaps.iter().any(|&overlap| overlap > 0.0))
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    if label.len() > MOST_COMPARED {
        // Rows are the fewer here, which is what the time depends on.
        let weights = Matrix::from_fn(columns.len(), label.len(), |(row, column)| {
            (columns[row][column].max(0.0) * OVERLAP_STEPS) as i64
        });
        let (_, assigned) = kuhn_munkres(&weights);
        let overlaps = assigned.into_iter().enumerate().map(|(row, column)| columns[row][column]);
        return overlaps.filter(|&overlap| overlap > 0.0).collect();
    }
    // The library leaves no row unassigned: columns of zeros are for label boxes left over.
    columns.resize(columns.len().max(label.len()), vec![0.0; label.len()]);
    let weights = Matrix::from_fn(label.len(), columns.len(), |(row, column)| {
        (columns[column][row].max(0.0) * OVERLAP_STEPS) as i64
    });
    let (_, assigned) = kuhn_munkres(&weights);
    let overlaps = assigned.into_iter().enumerate().map(|(row, column)| columns[column][row]);
    overlaps.filter(|&overlap| overlap > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_assignment_beats_the_greedy_one() {
        let label = [[0.0, 0.0, 10.0, 10.0], [4.0, 0.0, 14.0, 10.0]];
        let predicted = [[3.0, 0.0, 13.0, 10.0], [50.0, 0.0, 60.0, 10.0], [5.0, 0.0, 15.0, 10.0]];
        let overlaps = best_overlaps(&label, &predicted);
        let expected = 7.0 / 13.0 + 9.0 / 11.0;
        assert!((overlaps.iter().sum::<f64>() - expected).abs() < 1e-12, "{overlaps:?}");
        assert!(best_overlaps(&label, &predicted[1..2]).is_empty());
        assert_eq!(best_overlaps(&label, &label[1..]), [1.0]);
        assert!(best_overlaps(&[], &predicted).is_empty());
    }
}
