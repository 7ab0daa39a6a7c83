//! Running a check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use avibench_files::FileError;
use avibench_media::{decode_audio, frames_at};
use avibench_protocol::{
    Conversation, Dataset, Folder, FolderData, FolderState, LocalModel as _, Sample, Truth,
};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::ablation::{by_ear, by_eye};
use super::asked::{conversation, is_right};
use super::floor::{Guess, floor};
use super::leak::{by_likeness, by_neighbours, judge};
use super::report::{CheckReport, Leak, Mistake, SubtaskReport};
use crate::StimuliError;
use crate::observer::Signal;
use crate::set::{MEDIUM_LIMIT, Manifest, Progress};

/// Solids in a clip that needs ear and eye.
const SOLIDS: f64 = 4.0;

/// What became of one record.
struct Examined<'a> {
    sample: &'a Sample,
    truth: &'a str,
    answer: String,
    bytes: u64,
    /// Seconds; 0 for pictures.
    duration: f64,
    guess: Guess,
    /// What one sense alone guesses, for questions that need both.
    guesses: Vec<(&'static str, String)>,
    /// What one sense alone measures.
    numbers: Vec<(&'static str, f64)>,
}

/// Checks the set in `dir`: every file against the manifest, every PriSe question by the observer,
/// and whether simple predictors get at answers without sensing.
///
/// # Errors
///
/// [`StimuliError::Manifest`] when the folder holds no set of ours, else what reading it says.
pub fn check(dir: &Path, progress: Progress<'_>) -> Result<CheckReport, StimuliError> {
    let manifest = Manifest::read(dir)?;
    let altered = altered_files(dir, &manifest)?;
    let dataset = Dataset::open(dir)?;
    let mut folders: Vec<FolderData> = Vec::new();
    for folder in Folder::ALL.into_iter().filter(|folder| folder.has_checks()) {
        match dataset.load(folder) {
            FolderState::Ready(data) => folders.push(data),
            FolderState::Absent => {}
            FolderState::Broken(error) => return Err(error.into()),
        }
    }
    let total: usize = folders.iter().map(|data| data.samples.len()).sum();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let mut report = CheckReport {
        kind: manifest.kind,
        seed: manifest.seed,
        altered,
        subtasks: Vec::new(),
        mistakes: Vec::new(),
        floors: Vec::new(),
        leaks: Vec::new(),
    };
    for data in &folders {
        let examined: Vec<Examined> = data
            .samples
            .par_iter()
            .filter(|sample| !sample.is_void())
            .map(|sample| {
                let result = examine(&data.path, sample);
                progress(1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), total);
                result
            })
            .collect::<Result<Vec<Option<_>>, _>>()?
            .into_iter()
            .flatten()
            .collect();
        judge_folder(data.folder, &examined, &mut report);
    }
    report.leaks.sort_by(|a, b| a.p.total_cmp(&b.p));
    Ok(report)
}

/// Files that are not as the manifest says.
fn altered_files(dir: &Path, manifest: &Manifest) -> Result<Vec<String>, StimuliError> {
    let listed: Vec<(&String, &String)> = manifest.files.iter().collect();
    let mut altered: Vec<String> = listed
        .par_iter()
        .filter(|(path, sha256)| {
            let bytes = MEDIUM_LIMIT.read(&dir.join(path)).unwrap_or_default();
            hex::encode(Sha256::digest(&bytes)) != **sha256
        })
        .map(|(path, _)| (*path).clone())
        .collect();
    let mut waiting = vec![dir.join("levels")];
    while let Some(folder) = waiting.pop() {
        let entries = std::fs::read_dir(&folder).map_err(FileError::at("read", &folder))?;
        for entry in entries {
            let path = entry.map_err(FileError::at("read", &folder))?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let below = path.strip_prefix(dir).unwrap_or(&path);
            let name: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            let name = name.join("/");
            if !manifest.files.contains_key(&name) {
                altered.push(name);
            }
        }
    }
    altered.sort();
    Ok(altered)
}

fn examine<'a>(path: &Path, sample: &'a Sample) -> Result<Option<Examined<'a>>, StimuliError> {
    let Some(Truth::Text(truth)) = &sample.truth else { return Ok(None) };
    let asked = conversation(path, sample)?;
    let answer = Signal::new().answer(&asked);
    let media = asked.images.iter().chain(&asked.audios).chain(&asked.video);
    let bytes = media.map(|medium| medium.bytes.len() as u64).sum();
    let (mut guesses, mut numbers) = (Vec::new(), Vec::new());
    if sample.folder == Folder::Avsqa && !sample.is_check() {
        let by_colour = sample.options_key().is_some_and(|key| key.ends_with("color"));
        guesses = by_eye(&asked, by_colour).map(|eye| eye.guesses).unwrap_or_default();
        numbers = by_ear(&asked).map(|ear| ear.to_vec()).unwrap_or_default();
    }
    let (duration, guess) = (duration(&asked), Guess::at(&asked, truth));
    Ok(Some(Examined { sample, truth, answer, bytes, duration, guess, guesses, numbers }))
}

/// Seconds that the media last; 0 for pictures and for what cannot be read.
fn duration(asked: &Conversation) -> f64 {
    let sounds = asked.audios.iter().filter_map(|medium| decode_audio(&medium.bytes).ok());
    let sounds: f64 = sounds.map(|sound| sound.duration()).sum();
    // The one frame that is asked for is that in the middle.
    let middle = asked.video.as_ref().and_then(|medium| frames_at(&medium.bytes, 1).ok());
    let middle = middle.and_then(|frames| frames.first().map(|frame| frame.seconds));
    sounds + 2.0 * middle.unwrap_or(0.0)
}

fn judge_folder(folder: Folder, examined: &[Examined], report: &mut CheckReport) {
    let mut failed: BTreeSet<&str> = BTreeSet::new();
    for record in examined {
        if !is_right(&record.answer, record.truth) {
            if record.sample.is_check() {
                failed.extend(record.sample.id.strip_prefix("pre_"));
            }
            report.mistakes.push(Mistake {
                folder,
                position: record.sample.position,
                subtask: record.sample.subtask.clone().unwrap_or_default(),
                truth: record.truth.to_owned(),
                answer: record.answer.clone(),
            });
        }
    }
    let guesses = examined
        .iter()
        .map(|record| (record.sample.id.as_str(), record.sample.is_check(), &record.guess));
    report.floors.push(floor(folder, guesses));
    let texts_of_checks: BTreeMap<&str, &str> = examined
        .iter()
        .filter_map(|record| {
            Some((record.sample.id.strip_prefix("pre_")?, record.sample.text.as_deref()?))
        })
        .collect();
    let mut subtasks: BTreeMap<&str, Vec<&Examined>> = BTreeMap::new();
    // A second question about a clip varies nothing, so its answers need no balance.
    let varied = |record: &&Examined| !record.sample.is_check() && record.sample.stimulus.is_some();
    for record in examined.iter().filter(varied) {
        let name = record.sample.subtask.as_deref().unwrap_or_default();
        subtasks.entry(name).or_default().push(record);
    }
    for (name, records) in subtasks {
        let is_passed = |record: &&&Examined| {
            is_right(&record.answer, record.truth) && !failed.contains(record.sample.id.as_str())
        };
        let mut answers: BTreeMap<String, usize> = BTreeMap::new();
        for record in &records {
            *answers.entry(record.truth.to_owned()).or_default() += 1;
        }
        report.subtasks.push(SubtaskReport {
            folder,
            name: name.to_owned(),
            records: records.len(),
            right: records.iter().filter(is_passed).count(),
            answers,
        });
        report.leaks.extend(leaks(folder, name, &records, &texts_of_checks));
    }
}

/// Tries every simple predictor on the records of one subtask.
fn leaks(
    folder: Folder,
    name: &str,
    records: &[&Examined],
    texts_of_checks: &BTreeMap<&str, &str>,
) -> Vec<Leak> {
    let truths: Vec<&str> = records.iter().map(|record| record.truth).collect();
    let number = |by: &'static str, feature: &dyn Fn(&Examined) -> f64| {
        let values: Vec<f64> = records.iter().map(|record| feature(record)).collect();
        by_neighbours(folder, name, by, &values, &truths)
    };
    let mut leaks: Vec<Leak> = [
        number("position", &|record| record.sample.position.0 as f64),
        number("file size", &|record| record.bytes as f64),
        number("duration", &|record| record.duration),
        by_likeness(
            folder,
            name,
            "wording of the question",
            &records
                .iter()
                .map(|record| record.sample.text.as_deref().unwrap_or_default())
                .collect::<Vec<_>>(),
            &truths,
        ),
        by_likeness(
            folder,
            name,
            "wording of the check",
            &records
                .iter()
                .map(|record| {
                    texts_of_checks.get(record.sample.id.as_str()).copied().unwrap_or_default()
                })
                .collect::<Vec<_>>(),
            &truths,
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let rules = records.first().map_or(0, |record| record.guesses.len());
    for rule in 0..rules {
        let guess = |record: &&&Examined| {
            record.guesses.get(rule).is_some_and(|(_, guess)| is_right(guess, record.truth))
        };
        let right = records.iter().filter(guess).count();
        // Whoever sees the picture knows which solids there are and may pick one of them.
        let floor = if name.ends_with("all") { 0.0 } else { 1.0 / SOLIDS };
        leaks.push(judge(folder, name, records[0].guesses[rule].0, right, &truths, floor));
    }
    let measures = records.first().map_or(0, |record| record.numbers.len());
    for measure in 0..measures {
        let by = records[0].numbers[measure].0;
        leaks.extend(number(by, &|record| record.numbers.get(measure).map_or(0.0, |n| n.1)));
    }
    leaks
}
