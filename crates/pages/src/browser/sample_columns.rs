//! What the data set says of a folder's samples.

use std::collections::HashMap;

use avibench_prompts::PromptPack;
use avibench_protocol::{Folder, FolderData, MediaPaths, Sample, Truth};
use avibench_results::SampleRow;
use avibench_score::question_of;
use serde_json::{Value, json};

use super::{Browser, Columns};
use crate::{MediaLinks, Waveforms};

/// Where the parts of a sample come from that its row does not hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampleSources<'a> {
    /// The prompts that the runs put their questions in, if it is known which.
    pub(crate) pack: Option<&'a PromptPack>,
    /// How media are named.
    pub(crate) links: &'a MediaLinks,
}

impl SampleSources<'_> {
    /// The address of the folder's media.
    pub(crate) fn media_base(&self, data: &FolderData) -> Option<String> {
        self.links.folder(&data.path, data.folder.stage().name(), data.folder.name())
    }
}

impl Browser {
    /// On public pages: nothing but who belongs together.
    pub(super) fn bare_columns(data: &FolderData, order: &[usize]) -> Columns {
        let samples = || order.iter().map(|&at| &data.samples[at]);
        let mut columns = Columns::default();
        columns.add("cluster", clusters(samples()).map(Some));
        columns.add("check", samples().map(|sample| sample.is_check().then_some(true)));
        columns
    }

    pub(super) fn sample_columns(
        &mut self,
        data: &FolderData,
        rows: &[SampleRow],
        sources: &SampleSources<'_>,
        waveforms: &Waveforms,
    ) -> Columns {
        let samples = &data.samples;
        let rows: HashMap<usize, &SampleRow> = rows.iter().map(|row| (row.position, row)).collect();
        let row = |sample: &Sample| rows.get(&sample.position.0).copied();
        let mut columns = Columns::default();
        columns.add("cluster", clusters(samples.iter()).map(Some));
        columns.add("check", samples.iter().map(|sample| sample.is_check().then_some(true)));
        columns.add(
            "intensity",
            samples.iter().map(|sample| Some(sample.stimulus.as_ref()?.intensity)),
        );
        let mut text = |name: &str, of: &dyn Fn(&Sample) -> Option<String>| {
            let numbers: Vec<Option<u32>> =
                samples.iter().map(|s| of(s).map(|text| self.strings.number(&text))).collect();
            columns.add(name, numbers);
        };
        text("id", &|sample| Some(sample.id.clone()));
        text("subtask", &|sample| sample.subtask.clone());
        text("kind", &|sample| Some(sample.stimulus.as_ref()?.kind.clone()));
        text("unit", &|sample| Some(sample.stimulus.as_ref()?.unit.clone()));
        text("question", &|sample| sample.text.clone());
        text("truth", &|sample| row(sample)?.truth.clone());
        text("video", &|sample| sample.media.video.clone());
        text("media_problem", &|sample| media_problem(data, &sample.media));
        let mut list = |name: &str, of: &dyn Fn(&Sample) -> Vec<String>| {
            let mut numbers = Vec::with_capacity(samples.len());
            for sample in samples {
                let texts: Vec<u32> =
                    of(sample).iter().map(|text| self.strings.number(text)).collect();
                numbers.push((!texts.is_empty()).then(|| self.lists.number(&texts)));
            }
            columns.add(name, numbers);
        };
        list("options", &|sample| question_of(sample).options.to_vec());
        list("images", &|sample| sample.media.images.clone());
        list("sounds", &|sample| sample.media.audios.clone());
        if let Some(pack) = sources.pack {
            // The words around a question are the same for many; the question itself stands once.
            list("request", &|sample| request(pack, sample));
        }
        columns.add(
            "size",
            samples.iter().map(|sample| sample.picture_size().map(|size| json!(size))),
        );
        columns.add("truth_boxes", samples.iter().map(truth_boxes));
        let waves: Vec<Option<Value>> =
            samples.iter().map(|sample| self.waves_of(data, sample, waveforms)).collect();
        columns.add("waves", waves);
        columns
    }

    /// The numbers of the waveforms of a sample's sounds, then of its video.
    fn waves_of(
        &mut self,
        data: &FolderData,
        sample: &Sample,
        waveforms: &Waveforms,
    ) -> Option<Value> {
        let media = sample.media.audios.iter().chain(&sample.media.video);
        let numbers: Vec<Option<usize>> = media
            .map(|name| {
                let wave = waveforms.get(&data.path.join(name))?;
                self.waves.push(json!([wave.seconds, wave.peaks_base64()]));
                Some(self.waves.len() - 1)
            })
            .collect();
        numbers.iter().any(Option::is_some).then(|| json!(numbers))
    }
}

/// The number of each sample's cluster, from 0 in the order of samples.
fn clusters<'a>(samples: impl Iterator<Item = &'a Sample>) -> impl Iterator<Item = u32> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    samples.map(move |sample| {
        let next = numbers.len() as u32;
        *numbers.entry(sample.formal_id()).or_insert(next)
    })
}

/// Why the media of a sample cannot be shown. It names files of this machine, so that it never stands on
/// a public page.
fn media_problem(data: &FolderData, media: &MediaPaths) -> Option<String> {
    media.resolve(&data.path).err().map(|error| error.to_string())
}

/// The text that was sent, with the question's own text as a piece of its own: before, question, after.
fn request(pack: &PromptPack, sample: &Sample) -> Vec<String> {
    let Ok(prompt) = pack.prompt(sample) else { return Vec::new() };
    let question = sample.text.as_deref().unwrap_or_default();
    match prompt.text.split_once(question).filter(|_| !question.is_empty()) {
        Some((before, after)) => [before, question, after].map(str::to_owned).to_vec(),
        None => vec![prompt.text],
    }
}

/// `[name, [left, top, right, bottom]]` of each box, in pixels; null for a frame without one.
fn truth_boxes(sample: &Sample) -> Option<Value> {
    let corners = |[x, y, w, h]: [f64; 4]| [x, y, x + w, y + h];
    match sample.truth.as_ref()? {
        Truth::Boxes { boxes: Some(boxes), .. } => {
            Some(boxes.iter().map(|(name, numbers)| json!([name, corners(*numbers)])).collect())
        }
        Truth::FrameBoxes { frames: Some(frames), .. } => {
            let frame =
                |(name, numbers): &(String, Option<[f64; 4]>)| json!([name, numbers.map(corners)]);
            Some(frames.iter().map(frame).collect())
        }
        _ => None,
    }
}

/// Whether a folder's samples have boxes.
pub(super) fn has_boxes(folder: Folder) -> bool {
    use avibench_protocol::Family;
    matches!(folder.family(), Family::Boxes | Family::FrameBoxes)
}
