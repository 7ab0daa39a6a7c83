//! What can be said of a folder's records without their media.

use std::collections::{BTreeMap, HashMap, HashSet};

use avibench_protocol::{Family, Folder, FolderData, Options, Position, Sample, Truth, options_of};
use avibench_python::{Json, parse_int, read_json_items};

use crate::finding::{DataFinding, FindingKind};
use crate::summary::FolderSummary;

/// Fields of a record that the protocol knows; `stimulus` describes generated ones.
const FIELDS: [&str; 6] = ["id", "task", "subtask", "input", "output", "stimulus"];
const INPUT_FIELDS: [&str; 5] = ["pre_question", "question", "video", "audio_list", "image_list"];
const QUESTION_FIELDS: [&str; 3] = ["prompt", "text", "options"];
const OUTPUT_FIELDS: [&str; 2] = ["pre_answer", "question_answer"];
/// Frames that a question of AVLG asks about.
const FRAMES: usize = 10;
/// Pixels by which a box may reach over the edge: ground truths are rounded.
const ROUNDING: f64 = 1.0;

/// Looks at all records of a folder; `is_published` if the set claims to be the benchmark's.
pub(crate) fn look(
    data: &FolderData,
    is_published: bool,
    summary: &mut FolderSummary,
    findings: &mut Vec<DataFinding>,
) {
    let folder = data.folder;
    let samples = &data.samples;
    summary.samples = samples.len();
    summary.checks = samples.iter().filter(|sample| sample.is_check()).count();
    let expected = folder.published_records();
    if is_published && samples.len() != expected {
        let message = format!("it has {} records, the benchmark {expected}", samples.len());
        findings.push(DataFinding::new(FindingKind::RecordCount, folder, message));
    }
    for sample in samples {
        let mut find = |kind, message: String| {
            findings.push(DataFinding::new(kind, folder, message).at(sample.position));
        };
        if let Some(defect) = &sample.defect {
            find(FindingKind::UnusableRecord, defect.to_string());
            continue;
        }
        if let Some(defect) = &sample.stimulus_defect {
            find(FindingKind::UnusableRecord, defect.to_string());
        }
        if sample.is_void() {
            summary.void_checks += 1;
            find(FindingKind::VoidCheck, "the check has no question or no answer".to_owned());
            continue;
        }
        if let Some(lacking) = sample.lacking() {
            find(FindingKind::Lacking, format!("it {lacking}"));
        }
        truth(sample, &mut find);
    }
    repeated(samples, summary, findings);
    pairs(data, findings);
    fields(data, findings);
}

/// How many answers of a folder no model can match, or cannot be told to be matched: what [`look`]
/// finds wrong with ground truths that are there.
pub(crate) fn nonsense(data: &FolderData) -> usize {
    let is_nonsense = |sample: &&Sample| {
        let mut found = false;
        if sample.defect.is_none() && !sample.is_void() {
            truth(sample, &mut |kind, _| found |= kind != FindingKind::NoTruth);
        }
        found
    };
    data.samples.iter().filter(is_nonsense).count()
}

/// Ground truths that are absent, of another shape, or make no sense.
fn truth(sample: &Sample, find: &mut dyn FnMut(FindingKind, String)) {
    use FindingKind::{NoTruth, NonsenseTruth, NotAnOption, UnknownOptions, UnusableTruth};
    let Some(truth) = &sample.truth else {
        return find(NoTruth, "`output.question_answer` is null or absent".to_owned());
    };
    let options = match options_of(sample) {
        Options::List(options) => Some(options),
        Options::None => None,
        Options::Unresolved(key) => {
            find(UnknownOptions, format!("the option list `{key}` is not among the folder's"));
            None
        }
        Options::Unusable(_) => {
            find(UnknownOptions, "`input.question.options` is no text".to_owned());
            None
        }
    };
    match truth {
        Truth::Other { error, .. } => find(UnusableTruth, error.to_string()),
        Truth::Text(text) => {
            if text.trim().is_empty() {
                find(NonsenseTruth, "the answer is empty".to_owned());
            }
            let is_set = sample.folder.family() == Family::SetMatch;
            let parts = text.split(|c| is_set && c == ';').map(str::trim);
            for part in parts {
                let is_option = |options: &&[String]| {
                    options.iter().any(|option| option.trim().eq_ignore_ascii_case(part))
                };
                if options.as_ref().is_some_and(|options| !is_option(options)) {
                    find(NotAnOption, format!("`{part}` is not among the options"));
                }
            }
        }
        Truth::Counts(counts) => {
            if counts.is_empty() {
                find(NonsenseTruth, "the answer counts nothing".to_owned());
            }
            for (category, count) in counts {
                let is_natural = parse_int(count).is_ok_and(|count| count > 0.into());
                if !is_natural {
                    find(NonsenseTruth, format!("the count of `{category}` is `{count}`"));
                }
            }
        }
        Truth::Indices(indices) => candidates(sample, indices, find),
        Truth::References(references) => {
            if references.iter().all(|reference| reference.trim().is_empty()) {
                find(NonsenseTruth, "there is no reference caption".to_owned());
            }
        }
        Truth::Boxes { boxes, size } => match boxes {
            None => find(UnusableTruth, "`bbox` is absent".to_owned()),
            Some(boxes) if boxes.is_empty() => {
                find(NonsenseTruth, "the answer holds no box".to_owned());
            }
            Some(boxes) => {
                for (name, corners) in boxes {
                    within(name, *corners, *size, find);
                }
            }
        },
        Truth::FrameBoxes { frames, size } => {
            let Some(frames) = frames else {
                return find(UnusableTruth, "`bbox` is absent".to_owned());
            };
            if frames.len() != FRAMES {
                let message = format!("the answer has {} frames, not {FRAMES}", frames.len());
                find(NonsenseTruth, message);
            }
            for (name, corners) in frames {
                if let Some(corners) = corners {
                    within(name, *corners, *size, find);
                }
            }
        }
    }
}

/// Indices into the list of candidates, which are pictures or sounds.
fn candidates(sample: &Sample, indices: &[i64], find: &mut dyn FnMut(FindingKind, String)) {
    let count = match sample.folder {
        Folder::Var => sample.media.audios.len(),
        _ => sample.media.images.len(),
    };
    for index in indices {
        let is_there = usize::try_from(*index).is_ok_and(|index| index < count);
        if !is_there {
            let message = format!("the answer names candidate {index} of {count} (from 0)");
            find(FindingKind::NonsenseTruth, message);
        }
    }
    let different: HashSet<_> = indices.iter().collect();
    if different.len() < indices.len() {
        find(FindingKind::NonsenseTruth, "the answer names a candidate twice".to_owned());
    }
}

/// A box `[x, y, width, height]` that has an area inside its picture.
fn within(
    name: &str,
    corners: [f64; 4],
    size: Option<[f64; 2]>,
    find: &mut dyn FnMut(FindingKind, String),
) {
    let [x, y, width, height] = corners;
    let has_area = width > 0.0 && height > 0.0 && corners.iter().all(|number| number.is_finite());
    if !has_area {
        return find(FindingKind::NonsenseTruth, format!("the box `{name}` has no area"));
    }
    let Some([picture_width, picture_height]) = size else {
        return find(FindingKind::UnusableTruth, "`original_wh` is absent".to_owned());
    };
    if !(picture_width > 0.0 && picture_height > 0.0) {
        let message = format!("`original_wh` is {picture_width} x {picture_height}");
        return find(FindingKind::NonsenseTruth, message);
    }
    let is_inside = x >= -ROUNDING
        && y >= -ROUNDING
        && x + width <= picture_width + ROUNDING
        && y + height <= picture_height + ROUNDING;
    if !is_inside {
        let message = format!(
            "the box `{name}` ({x}, {y}, {width} x {height}) reaches out of its picture of \
             {picture_width} x {picture_height}"
        );
        find(FindingKind::NonsenseTruth, message);
    }
}

/// Ids and whole questions that stand more than once.
fn repeated(samples: &[Sample], summary: &mut FolderSummary, findings: &mut Vec<DataFinding>) {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut questions: HashMap<_, Position> = HashMap::new();
    for sample in samples {
        *ids.entry(&sample.id).or_default() += 1;
        // A medium that two questions are about brings the same check twice.
        if sample.is_check() || sample.media.is_empty() {
            continue;
        }
        let media: Vec<&str> = sample.media.iter().collect();
        let question = (&sample.text, sample.options_key(), media);
        if let Some(first) = questions.get(&question) {
            let message = format!("the same question about the same media as sample {first}");
            let finding = DataFinding::new(FindingKind::SameQuestion, sample.folder, message);
            findings.push(finding.at(sample.position));
        } else {
            questions.insert(question, sample.position);
        }
    }
    summary.repeated_ids = ids.values().filter(|count| **count > 1).count();
}

/// Checks without a formal question, and formal questions without a check.
fn pairs(data: &FolderData, findings: &mut Vec<DataFinding>) {
    let checks: HashSet<&str> =
        data.samples.iter().filter(|sample| sample.is_check()).map(Sample::formal_id).collect();
    if checks.is_empty() {
        return;
    }
    let formal: HashSet<&str> =
        data.samples.iter().filter(|s| !s.is_check()).map(|s| s.id.as_str()).collect();
    let mut count = |lonely: usize, what: &str| {
        if lonely > 0 {
            let message = format!("{lonely} {what}");
            findings.push(DataFinding::new(FindingKind::LonelyCheck, data.folder, message));
        }
    };
    count(checks.difference(&formal).count(), "of the checks have no question of their id");
    count(formal.difference(&checks).count(), "of the questions have no check of their id");
}

/// Fields that nobody reads, and fields that every record should have.
fn fields(data: &FolderData, findings: &mut Vec<DataFinding>) {
    // It has just been read; if it has changed since, the next look will tell.
    let Ok(bytes) = data.data_json() else { return };
    let mut unknown: BTreeMap<String, (usize, Position)> = BTreeMap::new();
    let mut missing: BTreeMap<&str, (usize, Position)> = BTreeMap::new();
    let mut position = 0;
    // What cannot be read has been said.
    drop(read_json_items(&bytes, |record| {
        let at = Position(position);
        position += 1;
        let parts: [(&str, Option<&Json<'_>>, &[&str]); 4] = [
            ("", Some(&record), &FIELDS),
            ("input.", record.get("input"), &INPUT_FIELDS),
            (
                "input.question.",
                record.get("input").and_then(|input| input.get("question")),
                &QUESTION_FIELDS,
            ),
            ("output.", record.get("output"), &OUTPUT_FIELDS),
        ];
        for (way, part, known) in parts {
            let Some(Json::Object(entries)) = part else { continue };
            for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.as_ref())) {
                unknown.entry(format!("{way}{key}")).or_insert((0, at)).0 += 1;
            }
        }
        if matches!(record, Json::Object(_)) {
            for field in ["id", "task", "input", "output"] {
                if record.get(field).is_none() {
                    missing.entry(field).or_insert((0, at)).0 += 1;
                }
            }
        }
    }));
    let records =
        |count| if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    for (field, (count, at)) in unknown {
        let message = format!("`{field}` in {}", records(count));
        findings.push(DataFinding::new(FindingKind::UnknownField, data.folder, message).at(at));
    }
    for (field, (count, at)) in missing {
        let message = format!("`{field}` in {}", records(count));
        findings.push(DataFinding::new(FindingKind::MissingField, data.folder, message).at(at));
    }
}
