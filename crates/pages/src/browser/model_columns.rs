//! What a run answered to a folder's samples, and what became of it.

use std::collections::HashMap;

use avibench_answers::ProvenanceKind;
use avibench_probe::ProbeReport;
use avibench_protocol::{FolderData, Sample};
use avibench_reading::{
    Convention, FrameBox, Read, Reader, Reading, ReadingValue, SettledConventions,
    corners_in_pixels,
};
use avibench_results::{SampleRow, ScoringMode, StoredRun};
use avibench_score::settle_conventions;
use serde_json::{Value, json};

use super::sample_columns::has_boxes;
use super::{Browser, Columns, rows_of};

/// How the run's boxes are meant, as scoring settled it.
pub(super) fn conventions(run: &StoredRun, folders: &[FolderData]) -> SettledConventions {
    let read: Vec<(&FolderData, Vec<Option<Reading>>)> = folders
        .iter()
        .filter(|data| has_boxes(data.folder))
        .map(|data| {
            let mut readings = vec![None; data.samples.len()];
            for row in rows_of(run, ScoringMode::Strict, data.folder) {
                if let Some(slot) = readings.get_mut(row.position) {
                    slot.clone_from(&row.reading);
                }
            }
            (data, readings)
        })
        .collect();
    let probed =
        run.report.probe.as_ref().map_or_else(Convention::default, ProbeReport::convention);
    let folders =
        read.iter().map(|(data, readings)| (data.samples.as_slice(), readings.as_slice()));
    settle_conventions(folders, probed)
}

impl Browser {
    /// The columns of a run, official and strict rows side by side.
    pub(super) fn model_columns(
        &mut self,
        run: &StoredRun,
        data: &FolderData,
        order: &[usize],
        [official, strict]: [&[SampleRow]; 2],
        conventions: &SettledConventions,
    ) -> Columns {
        let by_position = |rows: &[SampleRow]| -> HashMap<usize, usize> {
            rows.iter().enumerate().map(|(at, row)| (row.position, at)).collect()
        };
        let places = [by_position(official), by_position(strict)];
        let official: Vec<Option<&SampleRow>> =
            order.iter().map(|at| places[0].get(at).map(|&row| &official[row])).collect();
        let strict: Vec<Option<&SampleRow>> =
            order.iter().map(|at| places[1].get(at).map(|&row| &strict[row])).collect();
        let mut columns = Columns::default();
        columns.add_columns("official", self.scores(&official));
        columns.add_columns("strict", self.scores(&strict));
        self.texts(&mut columns, "asked", &strict, |row| Some(row.ask_outcome?.key().to_owned()));
        let reasons = reasons(run, data);
        let numbers: Vec<Option<u32>> = order
            .iter()
            .map(|position| {
                let names = reasons.get(position)?;
                let numbers: Vec<u32> =
                    names.iter().map(|name| self.strings.number(name)).collect();
                Some(self.lists.number(&numbers))
            })
            .collect();
        columns.add("parted", numbers);
        if self.form.has_texts() {
            self.answers(&mut columns, data, [&official, &strict], conventions);
        }
        columns
    }

    /// Verdict, score and its parts in one mode.
    fn scores(&mut self, rows: &[Option<&SampleRow>]) -> Columns {
        let mut columns = Columns::default();
        self.texts(&mut columns, "outcome", rows, |row| Some(row.outcome.name().to_owned()));
        self.texts(&mut columns, "rule", rows, |row| Some(row.rule.name().to_owned()));
        let mut real = |name: &str, of: &dyn Fn(&SampleRow) -> Option<f64>| {
            columns.add(name, rows.iter().map(|row| of((*row)?)));
        };
        // A score that does not count is none.
        real("score", &|row| row.score.filter(|_| row.counted));
        real("semantic", &|row| row.semantic);
        real("category_f1", &|row| row.category_f1);
        real("iou", &|row| row.iou);
        real("error", &|row| row.error);
        real("hit_at_1", &|row| row.hit_at_1);
        real("hit_at_3", &|row| row.hit_at_3);
        real("f1", &|row| row.f1);
        real("discount", &|row| row.discount);
        real("similarity", &|row| row.similarity);
        real("fense", &|row| row.fense);
        real("p_error", &|row| row.p_error);
        real("stand_in_similarity", &|row| row.stand_in_similarity);
        real("stand_in", &|row| row.stand_in);
        columns
    }

    /// What the model said, how it was read, and what asking took.
    fn answers(
        &mut self,
        columns: &mut Columns,
        data: &FolderData,
        [official, strict]: [&[Option<&SampleRow>]; 2],
        conventions: &SettledConventions,
    ) {
        self.texts(columns, "answer", strict, |row| row.raw_answer.clone());
        self.texts(columns, "refined", strict, |row| row.refined_answer.clone());
        self.texts(columns, "reasoning", strict, |row| row.reasoning.clone());
        self.texts(columns, "official_read", official, |row| Some(row.read.clone()));
        self.texts(columns, "reading", strict, |row| {
            Some(row.reading.as_ref()?.value()?.text().into_owned())
        });
        self.texts(columns, "unread", strict, |row| match row.reading.as_ref()?.read {
            Read::Unread(reason) => Some(reason.name().to_owned()),
            Read::Value(_) => None,
        });
        self.texts(columns, "read_by", strict, |row| Some(reader(row.reading.as_ref()?)));
        self.texts(columns, "provenance", strict, |row| {
            row.provenance.map(ProvenanceKind::name).map(str::to_owned)
        });
        self.texts(columns, "formatter", strict, |row| row.formatter.clone());
        self.texts(columns, "finish", strict, |row| row.finish_reason.clone());
        let spans = strict.iter().map(|row| Some(json!(span((*row)?)?)));
        columns.add("span", spans);
        let whole = |of: fn(&SampleRow) -> Option<u64>| strict.iter().map(move |row| of((*row)?));
        columns.add("tokens_in", whole(|row| row.usage.tokens_in));
        columns.add("tokens_out", whole(|row| row.usage.tokens_out));
        columns.add("tokens_reasoning", whole(|row| row.usage.tokens_reasoning));
        columns.add("tries", whole(|row| row.usage.tries));
        let latency = strict.iter().map(|row| Some((*row)?.usage.latency_ms?.round()));
        columns.add("latency_ms", latency);
        if has_boxes(data.folder) {
            let boxes = strict.iter().map(|row| {
                let row = (*row)?;
                boxes(row.reading.as_ref()?, data.samples.get(row.position)?, conventions)
            });
            columns.add("boxes", boxes);
            let convention = |row: &SampleRow| {
                let sample = data.samples.get(row.position)?;
                let form =
                    conventions.of(row.reading.as_ref()?.value()?, sample.picture_size())?.form;
                Some(format!("{} in {}", form.order.name(), form.scale.name()))
            };
            self.texts(columns, "convention", strict, convention);
        }
    }

    fn texts(
        &mut self,
        columns: &mut Columns,
        name: &str,
        rows: &[Option<&SampleRow>],
        of: impl Fn(&SampleRow) -> Option<String>,
    ) {
        let numbers: Vec<Option<u32>> =
            rows.iter().map(|row| of((*row)?).map(|text| self.strings.number(&text))).collect();
        columns.add(name, numbers);
    }
}

/// Why the modes differ, by position.
fn reasons(run: &StoredRun, data: &FolderData) -> HashMap<usize, Vec<&'static str>> {
    let mut reasons: HashMap<usize, Vec<&'static str>> = HashMap::new();
    for found in run.report.divergence.iter().filter(|found| found.folder == data.folder) {
        for count in &found.reasons {
            for position in &count.positions {
                reasons.entry(*position).or_default().push(count.reason.name());
            }
        }
    }
    reasons
}

/// Who read an answer, and by which rule.
fn reader(reading: &Reading) -> String {
    match &reading.evidence.reader {
        Reader::Rules { version, rule } => format!("rule {}, version {version}", rule.name()),
        Reader::Model { model, version } => format!("{model}, version {version}"),
    }
}

/// Where the words stand in the raw answer that decided: first and one after last, in UTF-16 units, as
/// JavaScript counts.
fn span(row: &SampleRow) -> Option<[usize; 2]> {
    let answer = row.raw_answer.as_deref()?;
    let span = row.reading.as_ref()?.evidence.span.as_ref()?;
    let units = |text: &str| text.encode_utf16().count();
    let (before, marked) = (answer.get(..span.start)?, answer.get(span.clone())?);
    let from = units(before);
    Some([from, from + units(marked)])
}

/// The boxes of an answer in pixels of the picture: `[name, [left, top, right, bottom]]`; null where a box
/// cannot be read or an object is said to be absent.
fn boxes(reading: &Reading, sample: &Sample, conventions: &SettledConventions) -> Option<Value> {
    let size = sample.picture_size()?;
    let value = reading.value()?;
    let form = conventions.of(value, Some(size))?.form;
    // Hundredths of a pixel are more than anybody sees.
    let in_pixels = |numbers| {
        corners_in_pixels(numbers, form.order, form.scale, size)
            .map(|edge| (edge * 100.0).round() / 100.0)
    };
    match value {
        ReadingValue::Boxes(found) => Some(
            found
                .boxes
                .iter()
                .map(|found| json!([found.name, found.numbers.map(in_pixels)]))
                .collect(),
        ),
        ReadingValue::Frames(frames, _) => {
            let frame = |(number, found): (&u32, &FrameBox)| match found {
                FrameBox::Box(numbers) => json!([format!("frame_{number}"), in_pixels(*numbers)]),
                FrameBox::Absent | FrameBox::Unreadable => json!([format!("frame_{number}"), null]),
            };
            Some(frames.iter().map(frame).collect())
        }
        _ => None,
    }
}
