//! Bundles with a byte changed: what counts is found, and what is not found has no effect.

use std::num::NonZeroU32;

use avibench_bundle::{Bundle, PublicBundle};
use avibench_results::ScoringMode;
use avibench_score::{FolderVerdicts, GuessBaselines, estimate};
use avibench_statistics::{Stream, StreamKey};
use serde_json::Value;

use crate::label::{MadeLabel, Making};
use crate::zipped::{member, unzipped, with_hashes, zipped};

fn random(count: usize, draw: &mut Stream) -> usize {
    draw.below(NonZeroU32::new(count as u32).unwrap()) as usize
}

/// Another byte at a random place.
fn change(content: &mut [u8], draw: &mut Stream) {
    let at = random(content.len(), draw);
    let new = random(256, draw) as u8;
    content[at] = if new == content[at] { new ^ 1 } else { new };
}

/// Another digit in place of a random one, which leaves JSON readable most often.
fn change_digit(content: &mut [u8], draw: &mut Stream) {
    let digits = (0..content.len()).filter(|at| content[*at].is_ascii_digit());
    let digits: Vec<usize> = digits.collect();
    let at = digits[random(digits.len(), draw)];
    content[at] = b'0' + (content[at] - b'0' + 1 + random(9, draw) as u8) % 10;
}

/// Where a number of one value is not that of the other but for rounding.
fn different(place: &str, one: &Value, other: &Value) -> Option<String> {
    let is_same = match (one, other) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 2e-9 * a.abs().max(1.0)
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            return pairs.find_map(|(at, (a, b))| different(&format!("{place}.{at}"), a, b));
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            let mut fields = a.iter();
            return fields.find_map(|(key, a)| different(&format!("{place}.{key}"), a, &b[key]));
        }
        _ => one == other,
    };
    (!is_same).then(|| format!("{place}: {one} {other}"))
}

/// What a bundle states, and what its samples give.
fn numbers(bundle: &PublicBundle) -> Vec<Value> {
    let modes = [ScoringMode::Official, ScoringMode::Strict];
    let stated = modes.map(|mode| serde_json::to_value(bundle.numbers(mode)).unwrap());
    let verdicts = modes.map(|mode| bundle.verdicts(mode));
    let sets: Vec<(&str, &[FolderVerdicts])> =
        verdicts.iter().map(|verdicts| ("", verdicts.as_slice())).collect();
    let given = estimate(&sets, GuessBaselines::embedded()).unwrap();
    stated.into_iter().chain([serde_json::to_value(given).unwrap()]).collect()
}

#[test]
fn two_hundred_changes_of_members_are_found() {
    let members = unzipped(&MadeLabel::new(Making::SMALL).public().bytes);
    let mut draw = StreamKey::new(7, "changes of members").stream(0);
    for _ in 0..200 {
        let mut changed = members.clone();
        // Each member is as likely as any other, however short.
        let which = random(changed.len(), &mut draw);
        change(&mut changed[which].1, &mut draw);
        let error = Bundle::from_bytes(&zipped(&changed)).unwrap_err().to_string();
        assert!(error.contains("was changed"), "{}: {error}", changed[which].0);
    }
    let private = unzipped(&MadeLabel::new(Making::SMALL).private().bytes);
    for _ in 0..40 {
        let mut changed = private.clone();
        let which = random(changed.len(), &mut draw);
        change(&mut changed[which].1, &mut draw);
        assert!(Bundle::from_bytes(&zipped(&changed)).is_err(), "{}", changed[which].0);
    }
}

#[test]
fn two_hundred_changes_with_fitting_hashes_are_found_or_have_no_effect() {
    let packed = MadeLabel::new(Making { samples: 12, ..Making::SMALL }).public();
    let members = unzipped(&packed.bytes);
    let original = numbers(Bundle::from_bytes(&packed.bytes).unwrap().public().unwrap());
    let mut draw = StreamKey::new(11, "changes with hashes").stream(0);
    let (mut refused, mut differs, mut without_effect) = (0, 0, 0);
    for round in 0..200 {
        let mut changed = members.clone();
        let name = ["report.json", "samples.jsonl"][random(2, &mut draw)];
        let was = String::from_utf8_lossy(member(&mut changed, name)).into_owned();
        let change = if round % 2 == 0 { change } else { change_digit };
        change(member(&mut changed, name), &mut draw);
        let is = String::from_utf8_lossy(member(&mut changed, name)).into_owned();
        let changed = zipped(&with_hashes(changed));
        let Ok(bundle) = Bundle::from_bytes(&changed) else {
            refused += 1;
            continue;
        };
        let found = bundle.verify(None).unwrap();
        if !found.agrees() {
            differs += 1;
            continue;
        }
        let now = numbers(bundle.public().unwrap());
        let effect = original.iter().zip(&now).find_map(|(was, is)| different("", was, is));
        let line = was.lines().zip(is.lines()).find(|(was, is)| was != is);
        assert_eq!(effect, None, "{name}: {line:?} was not found");
        without_effect += 1;
    }
    println!("{refused} could not be read, {differs} differ, {without_effect} without effect");
    assert!(refused > 30 && differs > 30, "{refused} {differs} {without_effect}");
}

#[test]
fn changes_of_the_file_itself_are_found_or_leave_all_members_as_they_are() {
    let packed = MadeLabel::new(Making::SMALL).public();
    let original = unzipped(&packed.bytes);
    let mut draw = StreamKey::new(13, "changes of the file").stream(0);
    let structure = packed.bytes.windows(4).position(|at| at == b"PK\x01\x02").unwrap();
    for round in 0..400 {
        let mut bytes = packed.bytes.clone();
        // Half of them in the list of members, which most of the file is not.
        let from = if round % 2 == 0 { 0 } else { structure };
        change(&mut bytes[from..], &mut draw);
        if Bundle::from_bytes(&bytes).is_ok() {
            assert_eq!(unzipped(&bytes), original);
        }
    }
    for length in [0, 1, 21, 22, 100, packed.bytes.len() - 1] {
        let error = Bundle::from_bytes(&packed.bytes[..length]).unwrap_err().to_string();
        assert!(error.contains("does not end as a bundle does"), "{error}");
    }
}

#[test]
fn a_forged_number_is_named_with_both_values() {
    let mut members = unzipped(&MadeLabel::new(Making::SMALL).public().bytes);
    let content = member(&mut members, "report.json");
    let mut report: Value = serde_json::from_slice(content).unwrap();
    let stated = report["official"]["estimates"]["overall"]["value"].as_f64().unwrap();
    report["official"]["estimates"]["overall"]["value"] = (stated + 0.1).into();
    report["strict"]["coverage"][0]["judged"] = 1_000_000.into();
    *content = serde_json::to_vec(&report).unwrap();
    let bundle = Bundle::from_bytes(&zipped(&with_hashes(members))).unwrap();
    let found = bundle.verify(None).unwrap();
    let places: Vec<&str> = found.differences.iter().map(|of| of.place.as_str()).collect();
    assert_eq!(places, ["official.estimates.overall.value", "strict.coverage.amic.judged"]);
    assert!(found.differences[0].stored.starts_with(&(stated + 0.1).to_string()[..5]));
    assert!(found.differences[0].recomputed.starts_with(&stated.to_string()[..5]));
}

#[test]
fn lists_longer_than_there_are_tasks_are_named_and_cost_no_time() {
    let mut members = unzipped(&MadeLabel::new(Making::SMALL).public().bytes);
    let content = member(&mut members, "report.json");
    let mut report: Value = serde_json::from_slice(content).unwrap();
    let entry = report["strict"]["coverage"][0].clone();
    report["strict"]["coverage"] = vec![entry; 20_000].into();
    *content = serde_json::to_vec(&report).unwrap();
    let bundle = Bundle::from_bytes(&zipped(&with_hashes(members))).unwrap();
    let found = bundle.verify(None).unwrap();
    assert_eq!(found.differences.len(), 1);
    assert_eq!(found.differences[0].stored, "a list of 20000 entries");
}

#[test]
fn a_coherent_forgery_passes_which_is_why_verifying_shows_no_honesty() {
    // The same program makes a bundle of answers that nobody gave.
    let invented = MadeLabel::new(Making { seed: 99, ..Making::SMALL }).public();
    assert!(Bundle::from_bytes(&invented.bytes).unwrap().verify(None).unwrap().agrees());
}
