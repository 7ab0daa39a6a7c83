//! What strict scoring judges: the reading of each answer, and how boxes are meant.

use avibench_protocol::{Family, Options, Prediction, Record, Sample, options_of};
use avibench_reading::{
    BoxForm, Convention, Order, Question, Reading, ReadingValue, RunConventions, Scale,
    SettledConventions, read,
};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::END_OF_TEXT;

/// The form in which the benchmark's prompts ask for boxes: corners as fractions of the picture.
const ASKED: Convention = Convention { order: Some(Order::Xyxy), scale: Some(Scale::Unit) };

/// What may be known of a question while an answer to it is read: everything but its truth.
#[must_use]
pub fn question_of(sample: &Sample) -> Question<'_> {
    let options = match options_of(sample) {
        Options::List(list) => list,
        Options::None | Options::Unresolved(_) | Options::Unusable(_) => &[],
    };
    Question { folder: sample.folder, text: sample.text.as_deref().unwrap_or_default(), options }
}

/// Reads answers by rules, on several threads; `None` where there is no answer.
#[must_use]
pub fn read_by_rules(samples: &[Sample], slots: &[Option<Record>]) -> Vec<Option<Reading>> {
    let reading = |sample: &Sample| match Prediction::at(slots, sample.position) {
        Prediction::Text(text) if says_something(text) => Some(read(&question_of(sample), text)),
        _ => None,
    };
    samples.par_iter().map(reading).collect()
}

/// Whether a text is an answer at all, and not only white space and end markers.
#[must_use]
pub fn says_something(text: &str) -> bool {
    text.split(END_OF_TEXT).any(|piece| !piece.trim().is_empty())
}

/// How the boxes of a run are meant, by all its answers to folders that ask for boxes, and by what a
/// probe of the endpoint has shown.
#[must_use]
pub fn settle_conventions<'a>(
    folders: impl IntoIterator<Item = (&'a [Sample], &'a [Option<Reading>])>,
    probed: Convention,
) -> SettledConventions {
    let mut run = RunConventions::new(ASKED).with_probe(probed);
    for (samples, readings) in folders {
        for (sample, reading) in samples.iter().zip(readings) {
            let has_boxes = matches!(sample.folder.family(), Family::Boxes | Family::FrameBoxes);
            if let Some(value) = reading.as_ref().and_then(Reading::value).filter(|_| has_boxes) {
                run.add(value, sample.picture_size());
            }
        }
    }
    run.settle()
}

/// What strict scoring judges of a folder.
#[derive(Debug, Clone, Copy)]
pub struct StrictAnswers<'a> {
    /// The reading of each answer by position; `None` where there is no answer.
    pub readings: &'a [Option<Reading>],
    /// How boxes are meant.
    pub conventions: &'a SettledConventions,
    /// Whether answers of which two conventions stay open are judged by the less likely one.
    pub by_other_convention: bool,
}

impl<'a> StrictAnswers<'a> {
    /// Readings with boxes as the run means them most likely.
    #[must_use]
    pub const fn new(readings: &'a [Option<Reading>], conventions: &'a SettledConventions) -> Self {
        Self { readings, conventions, by_other_convention: false }
    }

    /// How the numbers of an answer's boxes are meant in a picture of this size.
    pub(crate) fn form_of(&self, value: &ReadingValue, picture: [f64; 2]) -> BoxForm {
        let settled = self.conventions.of(value, Some(picture));
        // A value without boxes has none in any form.
        let usual = BoxForm { order: Order::Xyxy, scale: Scale::Unit };
        settled.map_or(usual, |settled| match settled.other {
            Some(other) if self.by_other_convention => other,
            _ => settled.form,
        })
    }

    /// Of how many answers two conventions stay open.
    #[must_use]
    pub fn open_conventions(&self, samples: &[Sample]) -> usize {
        let is_open = |(sample, reading): &(&Sample, &Option<Reading>)| {
            let value = reading.as_ref().and_then(Reading::value);
            let settled = value.and_then(|value| self.conventions.of(value, sample.picture_size()));
            settled.is_some_and(|settled| settled.other.is_some())
        };
        samples.iter().zip(self.readings).filter(is_open).count()
    }
}
