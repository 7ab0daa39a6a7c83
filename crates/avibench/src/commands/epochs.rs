//! `--epochs`: how often every question is asked.

use avibench_engine::RunSummary;
use avibench_store::Epoch;
use clap::Args;
use serde_json::{Map, Value};

use super::ranges::{self, whole};
use crate::terminal::{self, counted};

/// How often every question is asked.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct EpochArgs {
    /// Ask every question K times, to measure how much answers vary from one time to the next: first all
    /// questions once, then all of them again. Official scores are those of the first time
    #[arg(long, help_heading = "Repeats", default_value_t = 1, value_parser = whole::<u32>(ranges::EPOCHS), value_name = "K")]
    pub epochs: u32,
}

impl EpochArgs {
    /// Says beforehand where the answers of all epochs may turn out to be the same.
    pub(crate) fn warn(self, parameters: &Map<String, Value>) {
        if self.epochs < 2 {
            return;
        }
        if let Some(reason) = fixed(parameters) {
            terminal::warning(format!(
                "--epochs {}: {reason}, so the answers of all epochs may be the same; then they say \
                 nothing of how answers vary, and cost as much",
                self.epochs
            ));
        }
    }

    /// Says that a label has epochs that this run leaves as they are.
    pub(crate) fn note_further(self, planned: u32) {
        if self.epochs < planned {
            terminal::note(format!(
                "the label is of a run that asks every question {planned} times, and --epochs {} asks \
                 no more of {}; to go on with all of them, give --epochs {planned}",
                self.epochs,
                match planned - self.epochs {
                    1 => format!("epoch {planned}"),
                    _ => format!("epochs {} to {planned}", self.epochs + 1),
                },
            ));
        }
    }
}

/// What of the parameters makes a model answer alike each time; `None` if nothing is known to.
fn fixed(parameters: &Map<String, Value>) -> Option<String> {
    let is_set = |name: &str| parameters.get(name).filter(|value| !value.is_null());
    let is_zero = |value: &&Value| value.as_f64() == Some(0.0);
    if let Some(value) = is_set("temperature").filter(is_zero) {
        return Some(format!("`temperature` is {value}"));
    }
    ["seed", "random_seed"]
        .into_iter()
        .find_map(|name| Some(format!("`{name}` is fixed at {}", is_set(name)?)))
}

/// How many questions of each epoch were asked, in a sentence; `None` where there is one epoch.
pub(crate) fn progress_of_epochs(summary: &RunSummary) -> Option<String> {
    if summary.epochs.is_empty() {
        return None;
    }
    let last = summary.epochs.keys().next_back().map_or(1, |epoch| epoch.number());
    let open = summary.epochs.iter().filter(|(_, tally)| tally.not_attempted > 0);
    let open: Vec<String> = open
        .map(|(epoch, tally)| format!("epoch {epoch} has {} of {}", tally.done(), tally.total))
        .collect();
    let each = summary.epochs.get(&Epoch::FIRST).map_or(0, |tally| tally.total);
    let each = format!("{} in each of {last} epochs", counted(each, "sample"));
    Some(if open.is_empty() {
        format!("{each}, all of them asked")
    } else {
        format!("{each}; {}", open.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fixes_answers_is_noticed() {
        let fixed = |parameters: Value| fixed(parameters.as_object().unwrap());
        assert_eq!(fixed(json!({"temperature": 0})).unwrap(), "`temperature` is 0");
        assert_eq!(fixed(json!({"temperature": 0.0})).unwrap(), "`temperature` is 0.0");
        assert_eq!(fixed(json!({"temperature": 0.7, "seed": 3})).unwrap(), "`seed` is fixed at 3");
        assert_eq!(fixed(json!({"temperature": 0.7, "seed": null})), None);
        assert_eq!(fixed(json!({})), None);
    }
}
