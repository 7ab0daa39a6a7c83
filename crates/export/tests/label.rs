//! A scored label with texts of the test's choice, written as scoring writes it.

use std::path::Path;

use avibench_export::{ExportForm, ExportSources, ExportedRun};
use avibench_store::Label;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// Texts that only whoever has the data may see, one a place.
pub(crate) struct Marked {
    texts: Vec<String>,
}

impl Marked {
    /// Texts around marks that stand nowhere else.
    pub(crate) fn new(around: &[String]) -> Self {
        let around = |at: usize| around.get(at % around.len().max(1)).map_or("", String::as_str);
        let text = |at: usize| format!("{}mark{at:04}{}", around(at), around(at + 1));
        Self { texts: (0..64).map(text).collect() }
    }

    fn at(&self, at: usize) -> &str {
        &self.texts[at]
    }
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// One row; those of a sample differ in their mode.
fn row(marked: &Marked, mode: &str, position: usize, kind: Kind) -> Value {
    let at = 8 * position;
    let (asked, outcome, counted, score) = match (kind, mode) {
        (Kind::Right, _) => ("answered", "right", true, json!(1.0)),
        (Kind::Check, _) => ("answered", "right", false, json!(1.0)),
        (Kind::Refused, _) => ("refused", "unread", true, json!(0.0)),
        (Kind::Failed, "official") => ("failed", "missing", false, Value::Null),
        (Kind::Failed, _) => ("failed", "missing", true, json!(0.0)),
    };
    let answer = if kind == Kind::Failed { Value::Null } else { json!(marked.at(at + 5)) };
    json!({
        "label": "model", "mode": mode, "stage": "perception", "task": "AVM", "folder": "AVM",
        "position": position, "id": marked.at(at), "cluster": format!("AVM/{}", marked.at(at)),
        "subtask": marked.at(at + 1), "stimulus_kind": null, "intensity": 1.5, "unit": marked.at(63),
        "is_check": kind == Kind::Check, "counted": counted, "ask_outcome": asked, "outcome": outcome,
        "rule": "option_first", "score": score, "correct": outcome == "right", "read": marked.at(at + 7),
        "span_start": 0, "span_end": 3, "finish_reason": marked.at(60), "tokens_in": 7, "tokens_out": 3,
        "latency_ms": 11.5, "tries": 1, "model": format!("/home/{}/omni", marked.at(61)),
        "packing": "gateway@051b1a843ecdc1e9", "prompt_pack": "ab", "program": "0.0.0",
        "question": marked.at(at + 2), "options": json!([marked.at(at + 3)]).to_string(),
        "truth": marked.at(at + 4), "raw_answer": answer, "refined_answer": answer,
        "reasoning": marked.at(at + 6)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Right,
    Check,
    Refused,
    Failed,
}

const KINDS: [Kind; 5] = [Kind::Right, Kind::Check, Kind::Refused, Kind::Failed, Kind::Right];

/// A label on disk.
pub(crate) struct MarkedLabel {
    root: TempDir,
    label: Label,
}

impl MarkedLabel {
    pub(crate) fn new(marked: &Marked) -> Self {
        let root = tempfile::tempdir().unwrap();
        let made = Self { root, label: Label::new("model").unwrap() };
        let mut rows = String::new();
        for mode in ["official", "strict"] {
            for (position, kind) in KINDS.into_iter().enumerate() {
                rows.push_str(&row(marked, mode, position, kind).to_string());
                rows.push('\n');
            }
        }
        let estimate = json!({"value": 0.75, "low": 0.5, "high": null});
        let none = json!({"value": null, "low": null, "high": null});
        let named = |name: &str, of: &Value| {
            let mut named = json!({"name": name});
            named.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
            named
        };
        let mode = json!({"scores": {}, "coverage": [],
            "unscored": [{"task": "AVH", "reason": format!("no file {}", marked.at(59))}],
            "estimates": {"overall": none, "stages": [named("perception", &none)], "levels": [named("l1", &none)],
                "tasks": [{"key": "avm", "task": "AVM", "stage": "perception", "headline": estimate,
                    "parts": [named("score", &estimate)]}]}});
        let host = "gpu07.example.org";
        let report = json!({"schema_version": 1, "program": {"name": "avibench", "version": "0.0.0"}, "label": "model",
            "scoring": {"official": 1, "strict": 2, "levels_version": 2, "uncertainty_version": 2},
            "data": [{"folder": "AVM", "sha256": "cd".repeat(32)}], "resampling": {"seed": 0, "resamples": 10},
            "official": mode, "strict": mode, "divergence": [{"folder": "AVM", "reasons": []}],
            "asking": {"model": format!("/home/{}/omni-7b", marked.at(58)), "backend": format!("exec:python {}", marked.at(57)),
                "profile": null, "prompt_pack": "ab", "parameters": {"temperature": 0.25, "system": format!("a {}", marked.at(56)),
                    "near": host}, "tokens_in": 5, "tokens_out": 6, "outcomes": []},
            "samples": {"json_lines": "model.samples.jsonl", "json_lines_sha256": sha256(&rows),
                "parquet": "model.samples.parquet", "rows": 2 * KINDS.len()}});
        let at = |position: usize| marked.at(8 * position);
        let line = |position: usize, outcome: &str, more: Value| {
            let mut line = json!({"v": 1, "position": position, "id": at(position), "outcome": outcome, "tries": 1,
                "time": "2026-01-01T00:00:00Z"});
            line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            format!("{line}\n")
        };
        let journal = [
            line(0, "answered", json!({"answer": marked.at(5), "cost": 0.5})),
            line(2, "refused", json!({"refusal": marked.at(55)})),
            line(3, "failed", json!({"error": {"kind": "server", "message": marked.at(54)}})),
        ];
        let manifest = json!({"version": 1, "label": "model", "model": "m", "backend": "openai", "profile": null,
            "parameters": {}, "prompt_pack": "ab", "data": {}, "folders": {},
            "spending": {"tokens_in": 5, "tokens_out": 6, "cost": null},
            "sessions": [{"program": "avibench 0.0.0", "hosts": [format!("{host}:8000")], "started": "2026-01-01T00:00:00Z"}]});
        made.write("eval/model.samples.jsonl", &rows);
        made.write("eval/model.report.json", &report.to_string());
        made.write("asked/model/journal/AVM.jsonl", &journal.concat());
        made.write("asked/model/run.json", &manifest.to_string());
        made
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn read(&self, form: ExportForm) -> ExportedRun {
        let at = |name: &str| self.root.path().join(name);
        let (eval_dir, outputs, refined) = (at("eval"), at("asked"), at("refined"));
        let sources = ExportSources {
            label: &self.label,
            eval_dir: &eval_dir,
            outputs: &outputs,
            refined: &refined,
            dataset: None,
            form,
        };
        sources.read().unwrap()
    }
}
