//! What people call the numbers that reports name by a key.

use avibench_protocol::{Stage, Task};

/// The title of a stage, a task, `overall` or a level as tables and pages have it, by its key or name in reports.
#[must_use]
pub fn number_title(name: &str) -> String {
    let stage = Stage::ALL.into_iter().find(|stage| stage.name() == name).map(Stage::title);
    let is_of = |task: &Task| task.key() == name || task.name() == name;
    let task = Task::ALL.into_iter().find(is_of).map(Task::name);
    match stage.or(task) {
        Some(title) => title.to_owned(),
        None if name == "overall" => "Overall".to_owned(),
        None => name.to_uppercase().replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_number_has_its_title() {
        for (name, title) in [
            ("overall", "Overall"),
            ("understand", "Understanding"),
            ("avqa", "AVQA"),
            ("AVQA", "AVQA"),
            ("vsqa_i", "VSQA-I"),
            ("l3", "L3"),
        ] {
            assert_eq!(number_title(name), title);
        }
    }
}
