//! The published tables of the paper, to stand beside a user's own scores.

use std::sync::LazyLock;

use serde_json::Value;

use crate::Task;

const EMBEDDED: &str = include_str!("../data/published.json");

/// Stage scores of one published model, in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedStages {
    /// Name as published.
    pub model: String,
    /// Perception, understanding, reasoning, sensation; `None` where no single number is given.
    pub stages: [Option<f64>; 4],
    /// Mean of the four stages.
    pub overall: Option<f64>,
    /// Whether the row was read in a public digest of the paper, not on the project page.
    pub from_digest: bool,
}

/// Taxonomy levels of one published model, in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedLevels {
    /// Name as published.
    pub model: String,
    /// L1 task, L2 modality, L3 stage, L4 domain.
    pub levels: [Option<f64>; 4],
    /// Whether the row was read in a public digest of the paper, not on the project page.
    pub from_digest: bool,
}

/// Task scores of one published model, in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedTasks {
    /// Name as published.
    pub model: String,
    scores: [Option<f64>; Task::ALL.len()],
}

/// What is known to be wrong or open about a published number.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedNote {
    /// The model's name as published.
    pub model: String,
    /// The number's name, such as `l4_domain`; `None` if the note is about the row.
    pub field: Option<String>,
    /// The note.
    pub text: String,
}

/// The published tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Where the numbers stand.
    pub source: String,
    /// Stage table; models first, people last.
    pub stages: Vec<PublishedStages>,
    /// Level table.
    pub levels: Vec<PublishedLevels>,
    /// Task table: the models whose task scores are known.
    pub tasks: Vec<PublishedTasks>,
    /// Notes on single numbers and rows.
    pub notes: Vec<PublishedNote>,
}

impl PublishedTasks {
    /// The published score of a task, in percent.
    #[must_use]
    pub fn get(&self, task: Task) -> Option<f64> {
        // Tasks are numbered in table order.
        self.scores[task as usize]
    }
}

impl Published {
    /// The note on a model's number, if there is one.
    #[must_use]
    pub fn note(&self, model: &str, field: &str) -> Option<&PublishedNote> {
        self.notes.iter().find(|note| note.model == model && note.field.as_deref() == Some(field))
    }
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    let root: Value = serde_json::from_str(EMBEDDED).expect("the embedded file is tested to parse");
    let rows = |table: &str| root[table].as_object().cloned().unwrap_or_default();
    let from_digest = |row: &Value| row["digest"].as_bool().unwrap_or(false);
    let order: Vec<&str> =
        root["task_order"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Published {
        source: root["source"].as_str().unwrap_or_default().to_owned(),
        stages: rows("stages")
            .into_iter()
            .map(|(model, row)| PublishedStages {
                model,
                stages: ["perception", "understand", "reasoning", "sensation"]
                    .map(|key| row[key].as_f64()),
                overall: row["overall"].as_f64(),
                from_digest: from_digest(&row),
            })
            .collect(),
        levels: rows("levels")
            .into_iter()
            .map(|(model, row)| PublishedLevels {
                model,
                levels: LEVELS.map(|key| row[key].as_f64()),
                from_digest: from_digest(&row),
            })
            .collect(),
        tasks: rows("tasks")
            .into_iter()
            .map(|(model, row)| PublishedTasks {
                model,
                scores: Task::ALL.map(|task| {
                    let column = order.iter().position(|name| *name == task.name())?;
                    row[column].as_f64()
                }),
            })
            .collect(),
        notes: rows("notes").into_iter().map(|(about, text)| note(&about, &text)).collect(),
    }
});

const LEVELS: [&str; 4] = ["l1_task", "l2_modality", "l3_stage", "l4_domain"];

/// A note's key is a model's name, with the name of the number behind it if it is about one.
fn note(about: &str, text: &Value) -> PublishedNote {
    let number = about.rsplit_once(' ').filter(|(_, field)| LEVELS.contains(field));
    let (model, field) = number.map_or((about, None), |(model, field)| (model, Some(field)));
    PublishedNote {
        model: model.to_owned(),
        field: field.map(str::to_owned),
        text: text.as_str().unwrap_or_default().to_owned(),
    }
}

/// The published rows.
#[must_use]
pub fn published() -> &'static Published {
    &PUBLISHED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stage;

    #[test]
    fn overall_is_the_mean_of_the_stages_but_where_a_note_says_otherwise() {
        let mut checked = 0;
        for row in &published().stages {
            let known: Vec<f64> = row.stages.iter().flatten().copied().collect();
            let mut notes = published().notes.iter().filter(|note| note.model == row.model);
            let is_noted = notes.any(|note| note.field.is_none());
            if let (4, Some(overall), false) = (known.len(), row.overall, is_noted) {
                let mean = known.iter().sum::<f64>() / 4.0;
                assert!((mean - overall).abs() < 0.0101, "{}: {mean} {overall}", row.model);
                checked += 1;
            }
        }
        assert_eq!(checked, 9);
        assert_eq!(published().levels.len(), 10);
        assert_eq!(published().levels.iter().filter(|row| row.from_digest).count(), 3);
    }

    #[test]
    fn published_stages_are_the_means_of_published_tasks() {
        for row in &published().tasks {
            let stages = published().stages.iter().find(|s| s.model == row.model).unwrap();
            for (stage, published) in Stage::ALL.into_iter().zip(stages.stages) {
                let scores: Vec<f64> = stage.tasks().map(|task| row.get(task).unwrap()).collect();
                let mean = scores.iter().sum::<f64>() / scores.len() as f64;
                assert!((mean - published.unwrap()).abs() < 0.0101, "{}: {stage}", row.model);
            }
        }
        assert_eq!(published().tasks.len(), 4);
    }

    #[test]
    fn notes_belong_to_a_number_or_a_row() {
        let note = published().note("GPT-4o", "l4_domain").unwrap();
        assert!(note.text.contains("0.66"));
        assert!(published().note("GPT-4o", "l3_stage").is_none());
        assert!(published().notes.iter().any(|note| note.field.is_none()));
    }
}
