//! Verdicts along the order of a plan, and the bounds that follow from them.

use avibench_statistics::{SampledPopulation, SampledSum, SampledSumError, SumTerm};

use super::SequenceUnit;
use super::plan::TaskPopulation;
use crate::Parts;

/// Bounds of a score after the first questions of an order.
#[derive(Debug, Clone)]
pub struct SequenceWalk {
    sum: SampledSum,
    tasks: Vec<WalkedTask>,
    counted: usize,
}

/// What was seen of a task.
#[derive(Debug, Clone)]
struct WalkedTask {
    population: TaskPopulation,
    terms: Vec<SumTerm>,
    drawn: usize,
    /// Sums of what is known of values: the middles of their ranges.
    sums: Vec<f64>,
    /// Whether any category was right so far.
    any_category: bool,
}

impl SequenceWalk {
    pub(super) fn new(
        populations: &[SampledPopulation],
        tasks: &[TaskPopulation],
        alpha: f64,
        wanted: f64,
    ) -> Result<Self, SampledSumError> {
        let walked = |(population, of): (&TaskPopulation, &SampledPopulation)| WalkedTask {
            population: population.clone(),
            terms: of.terms.clone(),
            drawn: 0,
            sums: vec![0.0; of.terms.len()],
            any_category: !population.needs_a_category(),
        };
        Ok(Self {
            sum: SampledSum::new(populations, alpha, wanted)?,
            tasks: tasks.iter().zip(populations).map(walked).collect(),
            counted: 0,
        })
    }

    /// Takes the next question of the order, with the statistics of its formal record after double-confirm; `None`
    /// if they are not known: the request failed, rules doubt what the answer or a check says, or
    /// nothing can rate it. Such a question counts as anything from 0 to 1.
    pub fn step(&mut self, unit: &SequenceUnit, parts: Option<&Parts>) {
        self.counted += 1;
        let Some(number) = unit.population else { return };
        let Some(task) = self.tasks.get_mut(number) else { return };
        let values = parts.and_then(|parts| task.population.values(parts));
        let ranges: Vec<(f64, f64)> = match &values {
            Some(values) => values.iter().map(|value| (*value, *value)).collect(),
            None => vec![(0.0, 1.0); task.terms.len()],
        };
        self.sum.draw(number, &ranges);
        task.drawn += 1;
        for (sum, (least, most)) in task.sums.iter_mut().zip(&ranges) {
            *sum += f64::midpoint(*least, *most);
        }
        task.any_category |= parts.is_some_and(Parts::has_category);
    }

    /// How many questions of the order were taken.
    #[must_use]
    pub const fn counted(&self) -> usize {
        self.counted
    }

    /// The least and the most that the score of the whole data set is, 0 to 1.
    pub fn bounds(&mut self) -> (f64, f64) {
        let (low, high) = self.sum.bounds();
        // The Instance part is 0 as long as no category at all is right.
        let may_lack: f64 = self
            .tasks
            .iter()
            .filter(|task| !task.any_category)
            .filter_map(|task| task.terms.get(1))
            .map(|term| term.at(1.0))
            .sum();
        ((low - may_lack).clamp(0.0, 1.0), high.clamp(0.0, 1.0))
    }

    /// The score of what was taken, with the middle of what is possible where something is not known; `None`
    /// until something was taken of every task.
    #[must_use]
    pub fn estimate(&self) -> Option<f64> {
        let mut estimate = 0.0;
        for task in &self.tasks {
            if task.drawn == 0 {
                return None;
            }
            // The second of two terms is the Instance part, which is 0 as long as no category at all is right.
            let counting = if task.any_category { task.terms.len() } else { 1 };
            let means = task.sums.iter().map(|sum| sum / task.drawn as f64);
            let terms = task.terms.iter().zip(means).take(counting);
            estimate += terms.map(|(term, mean)| term.at(mean)).sum::<f64>();
        }
        Some(estimate)
    }
}
