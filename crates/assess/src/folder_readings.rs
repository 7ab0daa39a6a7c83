//! What the answers of a folder say: readings that `refine` left, and those that are made now.

use avibench_protocol::{Folder, Prediction, Record, Sample};
use avibench_reading::{Reader, Reading, StoredReading, fingerprint, read};
use avibench_results::FolderReadingReport;
use avibench_score::{question_of, says_something};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Deserialize as _;
use serde_json::Value;

/// The readings of a folder's answers.
#[derive(Debug, Default)]
pub(crate) struct FolderReadings {
    /// By position; `None` where there is no answer.
    pub(crate) readings: Vec<Option<Reading>>,
    /// Answers of the run that are no longer those that were formatted.
    pub(crate) changed: usize,
}

impl FolderReadings {
    /// Reads a folder's answers, on several threads. What `refine` has `stored` holds where it was
    /// made of the same answer; else rules read the raw answer, or the formatted one in `slots`
    /// where no raw one is at hand. An answer that was neither formatted nor read counts as missing
    /// in both modes.
    pub(crate) fn new(
        samples: &[Sample],
        raw: &[Option<String>],
        slots: &[Option<Record>],
        stored: &[Option<Value>],
    ) -> Self {
        let of_sample = |sample: &Sample| {
            let at = sample.position.0;
            let formatted = match Prediction::at(slots, sample.position) {
                Prediction::Text(text) => Some(text),
                Prediction::Missing | Prediction::Unusable(_) => None,
            };
            let stored = stored.get(at).and_then(Option::as_ref);
            let stored = stored.and_then(|stored| StoredReading::deserialize(stored).ok());
            let question = question_of(sample);
            let raw = raw.get(at).and_then(Option::as_deref);
            let raw = raw.filter(|_| formatted.is_some() || stored.is_some());
            let Some(raw) = raw.filter(|_| !sample.is_void()) else {
                let text = formatted.filter(|text| says_something(text));
                return (text.map(|text| read(&question, text)), false);
            };
            let known = fingerprint(&question, raw);
            let has_changed = stored.as_ref().is_some_and(|stored| stored.of != known);
            let reading = match stored.filter(|stored| stored.holds_for(&known)) {
                Some(stored) => Some(stored.reading),
                None => says_something(raw).then(|| read(&question, raw)),
            };
            (reading, has_changed)
        };
        let read: Vec<(Option<Reading>, bool)> = samples.par_iter().map(of_sample).collect();
        let changed = read.iter().filter(|(_, has_changed)| *has_changed).count();
        Self { readings: read.into_iter().map(|(reading, _)| reading).collect(), changed }
    }

    /// How the answers were read, for the report.
    pub(crate) fn report(&self, folder: Folder) -> FolderReadingReport {
        let mut report = FolderReadingReport::new(folder);
        for reading in self.readings.iter().flatten() {
            match (&reading.read, &reading.evidence.reader) {
                (avibench_reading::Read::Unread(reason), _) => {
                    *report.unread.entry(*reason).or_default() += 1;
                }
                (_, Reader::Rules { .. }) => report.by_rules += 1,
                (_, Reader::Model { .. }) => report.by_model += 1,
            }
        }
        report
    }
}
