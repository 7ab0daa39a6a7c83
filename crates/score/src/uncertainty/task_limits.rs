//! The intervals of a task's numbers.
//!
//! Every part is a mean over clusters, or a function of such means; each family has its own. What
//! double-confirm and repeated retrieval answers did on the full sample stays as it is.

use super::reading::TaskSums;
use super::{ClusterSums, Limits};
use crate::family::{TaskFamily as _, for_family};

/// The limits of every part of the task, in the order of its score's parts, the headline last.
/// `None` if no cluster has any weight.
pub(super) fn task_limits(task: &TaskSums) -> Option<Vec<Limits>> {
    let limits = for_family!(task.task.family(), F => F::limits(&ClusterSums::new::<F>(task)))?;
    // The score itself is computed once and elsewhere: its last bits are the ones to show.
    let exact = task.score.parts().into_iter().zip(limits);
    let exact = exact.map(|((_, value), limits)| {
        let floor = limits.low.min(0.0);
        Limits { value, ..limits }.within(floor, 1.0)
    });
    Some(exact.collect())
}
