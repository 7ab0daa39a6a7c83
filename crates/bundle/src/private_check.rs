//! Readings by rules, made anew from the answers in rows.

use avibench_reading::{Question, RULES_VERSION, Reader, Reading, read};
use avibench_results::{Detail, SampleRow, ScoringMode, StoredRun};
use avibench_score::says_something;

use crate::Verification;
use crate::numbers_diff::TOLERANCE;

/// Most differences of a kind that are named.
pub(crate) const NAMED: usize = 20;

/// Reads the answers of strict rows anew, where rules of this version had read them.
pub(crate) fn check_readings(run: &StoredRun, found: &mut Verification) {
    if run.report.samples.detail == Detail::Slim {
        let why = "the rows hold no texts (`score --slim` leaves them out)";
        found.leaves_out("readings by rules", why);
        return;
    }
    let (mut by_model, mut by_others, mut same, mut different) = (0, 0, 0, 0);
    let strict = run.rows.iter().filter(|row| row.mode == ScoringMode::Strict);
    for row in strict {
        let Some(stored) = &row.reading else { continue };
        match stored.evidence.reader {
            Reader::Model { .. } => by_model += 1,
            Reader::Rules { version, .. } if version != RULES_VERSION => by_others += 1,
            Reader::Rules { .. } if is_read_so(row, stored) => same += 1,
            Reader::Rules { .. } => {
                different += 1;
                if different <= NAMED {
                    let place = format!("{} {} (strict) reading", row.folder, row.position);
                    found.differs(
                        place,
                        "a reading by rules",
                        "another reading of the same answer",
                    );
                }
            }
        }
    }
    found.count("readings by rules", same + different);
    if by_model > 0 {
        let why = "asking a model again may give another one; their replies are in the journals";
        found.leaves_out(format!("{by_model} readings by a language model"), why);
    }
    if by_others > 0 {
        let why = format!("this program has version {RULES_VERSION} of the rules");
        found.leaves_out(format!("{by_others} readings by rules of another version"), why);
    }
}

/// Whether the rules find in a row's answer what the row says.
fn is_read_so(row: &SampleRow, stored: &Reading) -> bool {
    let options: Vec<String> =
        row.options.as_deref().and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default();
    let text = row.question.as_deref().unwrap_or_default();
    let question = Question { folder: row.folder, text, options: &options };
    // The raw answer, or the formatted one where no raw one is at hand.
    let mut answers = [&row.raw_answer, &row.refined_answer].into_iter().flatten();
    answers
        .any(|answer| says_something(answer) && is_same_reading(&read(&question, answer), stored))
}

/// Whether two readings are the same but for the rounding of numbers in files.
fn is_same_reading(one: &Reading, other: &Reading) -> bool {
    let (Ok(one), Ok(other)) = (serde_json::to_value(one), serde_json::to_value(other)) else {
        return false;
    };
    is_same_value(&one, &other)
}

/// Whether two values are the same but for the rounding of numbers.
pub(crate) fn is_same_value(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() <= TOLERANCE)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same =
                |(key, a): (&String, &Value)| b.get(key).is_some_and(|b| is_same_value(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => one == other,
    }
}
