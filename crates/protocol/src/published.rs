//! The headline tables of the paper, to stand beside a user's own scores.

use std::sync::LazyLock;

use serde_json::Value;

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
}

/// Taxonomy levels of one published model, in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedLevels {
    /// Name as published.
    pub model: String,
    /// L1 task, L2 modality, L3 stage, L4 domain.
    pub levels: [Option<f64>; 4],
}

/// Both headline tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Where the numbers stand.
    pub source: String,
    /// Stage table, best first.
    pub stages: Vec<PublishedStages>,
    /// Level table, best first.
    pub levels: Vec<PublishedLevels>,
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    let root: Value = serde_json::from_str(EMBEDDED).expect("the embedded file is tested to parse");
    let rows = |table: &str| root[table].as_object().cloned().unwrap_or_default();
    Published {
        source: root["source"].as_str().unwrap_or_default().to_owned(),
        stages: rows("stages")
            .into_iter()
            .map(|(model, row)| PublishedStages {
                model,
                stages: ["perception", "understand", "reasoning", "sensation"]
                    .map(|key| row[key].as_f64()),
                overall: row["overall"].as_f64(),
            })
            .collect(),
        levels: rows("levels")
            .into_iter()
            .map(|(model, row)| PublishedLevels {
                model,
                levels: ["l1_task", "l2_modality", "l3_stage", "l4_domain"]
                    .map(|key| row[key].as_f64()),
            })
            .collect(),
    }
});

/// The published rows.
#[must_use]
pub fn published() -> &'static Published {
    &PUBLISHED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overall_is_the_mean_of_the_stages_in_every_published_row() {
        let mut checked = 0;
        for row in &published().stages {
            let known: Vec<f64> = row.stages.iter().flatten().copied().collect();
            if let (4, Some(overall)) = (known.len(), row.overall) {
                let mean = known.iter().sum::<f64>() / 4.0;
                assert!((mean - overall).abs() < 0.0101, "{}: {mean} {overall}", row.model);
                checked += 1;
            }
        }
        assert_eq!(checked, 5);
        assert_eq!(published().levels.len(), 7);
    }
}
