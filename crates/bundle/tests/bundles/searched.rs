//! Public bundles searched for what must not be in them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::label::{MadeLabel, Making, SECRETS};
use crate::zipped::{Members, unzipped};

/// Every place where a text stands, with the text; numbers of lists left out of the place.
fn texts(place: &str, value: &Value, found: &mut BTreeSet<(String, String)>) {
    match value {
        Value::String(text) => {
            found.insert((place.to_owned(), text.clone()));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(place, value, found)),
        Value::Object(object) => {
            for (key, value) in object {
                texts(&format!("{place}/{key}"), value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn texts_of(members: &Members) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (name, content) in members {
        match name.as_str() {
            "manifest.json" | "report.json" => {
                texts(name, &serde_json::from_slice(content).unwrap(), &mut found);
            }
            "samples.jsonl" => {
                for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                    texts(name, &serde_json::from_slice(line).unwrap(), &mut found);
                }
            }
            "manifest.sha256" => assert_eq!(content.len(), 64 + 2 + "manifest.json\n".len()),
            other => assert_eq!(other, "", "a public bundle holds this"),
        }
    }
    found
}

#[test]
fn a_public_bundle_holds_no_text_of_the_run() {
    let made = MadeLabel::new(Making::SMALL);
    let members = unzipped(&made.public().bytes);
    let rows = std::fs::read(made.root.path().join("eval/model.samples.jsonl")).unwrap();
    let everything = unzipped(&made.private().bytes);
    for secret in SECRETS {
        let holds =
            |content: &[u8]| content.windows(secret.len()).any(|at| at == secret.as_bytes());
        for (name, content) in &members {
            assert!(!holds(content), "{name} holds `{secret}`");
        }
        assert!(
            holds(&rows)
                || holds(&std::fs::read(made.report()).unwrap())
                || everything.iter().any(|(_, c)| holds(c)),
            "`{secret}` is nowhere in the run, so that its absence shows nothing"
        );
    }
    // The hash of the rows is the key of the order: who knew it could put samples back in their places.
    let report: Value = serde_json::from_slice(&std::fs::read(made.report()).unwrap()).unwrap();
    let key = report["samples"]["json_lines_sha256"].as_str().unwrap();
    for (name, content) in &members {
        assert!(!String::from_utf8_lossy(content).contains(key), "{name}");
    }
}

#[test]
fn texts_stand_only_where_they_are_allowed_to() {
    let members = unzipped(&MadeLabel::new(Making::SMALL).public().bytes);
    let words = [
        "right",
        "wrong",
        "partly",
        "unread",
        "zeroed",
        "missing",
        "not_asked",
        "not_planned",
        "unrated",
        "void",
        "answered",
        "empty",
        "cut_off",
        "refused",
        "failed",
        "rejected",
        "not_attempted",
    ];
    let is_hash = |text: &str| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    let is_folder = |text: &str| avibench_protocol::Folder::ALL.iter().any(|of| of.name() == text);
    let is_task = |text: &str| {
        avibench_protocol::Task::ALL.iter().any(|of| of.name() == text || of.key() == text)
    };
    let is_key = |text: &str| is_task(text) || is_folder(&text.to_uppercase());
    let is_stage = |text: &str| avibench_protocol::Stage::ALL.iter().any(|of| of.name() == text);
    for (place, text) in texts_of(&members) {
        let (member, field) = place.split_once('/').unwrap();
        let fields: Vec<&str> = field.split('/').collect();
        let is_allowed = match (member, fields.as_slice()) {
            ("samples.jsonl", ["folder"])
            | ("report.json", ["repeat_factors", "folder"])
            | (_, ["data", "folder"]) => is_folder(&text),
            ("samples.jsonl", ["asked"] | ["official" | "strict", "outcome"]) => {
                words.contains(&text.as_str())
            }
            ("manifest.json", ["kind"]) => text == "avibench bundle",
            ("manifest.json", ["form"]) => text == "public",
            ("manifest.json", ["notice"]) => text.starts_with("Numbers that can be computed anew"),
            (_, ["label"]) => text == "model",
            (_, ["program", "name"]) => text == "avibench",
            (_, ["program", "version"]) => text == "0.0.0",
            (_, ["data", "sha256"]) => text == "cd".repeat(32),
            ("manifest.json", ["private_sha256"] | ["members", "sha256"]) => is_hash(&text),
            ("manifest.json", ["members", "name"]) => {
                ["report.json", "samples.jsonl"].contains(&text.as_str())
            }
            ("report.json", ["asking" | "origins", "model"]) => text == "omni-7b",
            ("report.json", ["asking", "backend"]) => text == "exec",
            ("report.json", ["asking", "profile"]) => text == "gateway@051b1a843ecdc1e9",
            ("report.json", ["asking", "prompt_pack"]) => text == "ab".repeat(32),
            ("report.json", ["asking", "parameters", "lora"]) => text == "lora.bin",
            ("report.json", ["asking", "parameters", "prefix" | "near"]) => text == "(left out)",
            ("report.json", ["asking", "parameters", "url"]) => text == "worker",
            ("report.json", ["guess_baselines", "task"]) => is_task(&text),
            ("report.json", ["official" | "strict", "summary", "level_ranges", "open"]) => {
                is_task(&text)
            }
            ("report.json", ["official" | "strict", "estimates", "tasks", rest @ ..]) => match rest
            {
                ["key"] => is_key(&text),
                ["task"] => is_task(&text),
                ["stage"] => is_stage(&text),
                ["parts", "name"] => {
                    text.chars().all(|c| c.is_ascii_alphanumeric() || "@_-. ".contains(c))
                }
                _ => false,
            },
            ("report.json", ["official" | "strict", "estimates", "stages" | "levels", "name"]) => {
                is_stage(&text) || ["l1", "l2", "l3", "l4"].contains(&text.as_str())
            }
            ("report.json", ["official" | "strict", "coverage", "key"]) => is_key(&text),
            ("report.json", ["official" | "strict", "coverage", "completeness"]) => text == "whole",
            _ => false,
        };
        assert!(is_allowed, "{place}: {text}");
    }
}

#[test]
fn the_numbers_of_samples_say_nothing_of_their_places() {
    let members = unzipped(&MadeLabel::new(Making::SMALL).public().bytes);
    let (_, lines) = members.iter().find(|(name, _)| name == "samples.jsonl").unwrap();
    let clusters: Vec<u64> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice::<Value>(line).unwrap())
        .filter(|line| line["folder"] == "AVM")
        .map(|line| line["cluster"].as_u64().unwrap())
        .collect();
    // In the data, samples of an id stand side by side; three of each four times.
    let neighbours = clusters.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert!(neighbours < 8, "{neighbours} of 39 neighbours share an id: {clusters:?}");
    let firsts = |most: u64| clusters.iter().position(|cluster| *cluster == most).unwrap();
    assert!((1..=*clusters.iter().max().unwrap()).all(|of| firsts(of - 1) < firsts(of)));
}
