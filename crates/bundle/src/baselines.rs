//! What guessing scores, as a report tells it.

use avibench_protocol::Task;
use avibench_score::GuessBaselines;
use serde_json::{Map, Value};

/// The baselines of a report: task, percent, whether the value is open. `None` if they cannot be made
/// anew, because an open task has another value than the program's own: what else is possible for it then
/// stands only in the file that the run was scored with.
pub(crate) fn stored_baselines(
    known: impl IntoIterator<Item = (Task, f64, bool)>,
) -> Option<GuessBaselines> {
    let embedded = GuessBaselines::embedded();
    let mut given = Map::new();
    let mut open = Vec::new();
    for (task, percent, is_open) in known {
        let is_own = embedded.percent(task).total_cmp(&percent).is_eq();
        if is_open {
            open.push(task);
        }
        match (is_open, is_own) {
            (true, true) => {}
            (true, false) => return None,
            (false, true) if !embedded.open().contains(&task) => {}
            (false, _) => {
                given.insert(task.name().to_owned(), Value::from(percent));
            }
        }
    }
    let text = Value::Object(given).to_string();
    let found = GuessBaselines::replaced_by("the bundle", &text).ok()?;
    (found.open() == open).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(of: &GuessBaselines) -> Vec<(Task, f64, bool)> {
        let open = of.open();
        let told = |task| (task, of.percent(task), open.contains(&task));
        GuessBaselines::tasks().map(told).collect()
    }

    #[test]
    fn baselines_are_made_anew_from_what_reports_tell() {
        for text in [
            "{}",
            r#"{"VAR": 12.5}"#,
            r#"{"AVM": 30, "AVR": 10}"#,
            r#"{"VAR": 0, "AVR": 1, "AVC": 99.9, "AVQA": 25}"#,
        ] {
            let own = GuessBaselines::replaced_by("mine.json", text).unwrap();
            let made = stored_baselines(told(&own)).unwrap();
            assert_eq!(told(&made), told(&own), "{text}");
        }
        let mut odd = told(GuessBaselines::embedded());
        let open = odd.iter_mut().find(|(_, _, is_open)| *is_open).unwrap();
        open.1 += 1.0;
        assert!(stored_baselines(odd).is_none());
        assert!(stored_baselines([(Task::Avm, 120.0, false)]).is_none());
    }
}
