//! All of a data set, looked over.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use avibench_media::{Container, DecodedMedium, MediumKind};
use avibench_protocol::{
    Dataset, Folder, FolderData, FolderState, MediaPathError, MediaPaths, Position, Sample, Truth,
};
use serde::Serialize;

use crate::finding::{DataFinding, FindingKind, Weight};
use crate::medium::{Examined, examine_media};
use crate::records;
use crate::summary::{FolderSummary, Range};

/// Version of the layout of an [`Examination`] in JSON.
const SCHEMA: u32 = 1;

/// What a data set holds, and what is not as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Examination {
    /// Version of this layout.
    pub schema_version: u32,
    /// The `levels` folder.
    pub levels: PathBuf,
    /// Kind of a generated set; null for the benchmark's own.
    pub generated: Option<String>,
    /// Each folder that is there.
    pub folders: Vec<FolderSummary>,
    /// Problems first, then by kind, folder and position.
    pub findings: Vec<DataFinding>,
}

/// What a sample's field is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Image,
    Audio,
    Video,
}

/// A medium and where it is first named.
struct Use {
    path: PathBuf,
    name: String,
    position: Position,
    place: Place,
}

impl Examination {
    /// Findings of a weight.
    #[must_use]
    pub fn count(&self, weight: Weight) -> usize {
        self.findings.iter().filter(|finding| finding.weight == weight).count()
    }

    /// Whether anything was found that a person should look at.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.findings.iter().any(|finding| finding.weight != Weight::Remark)
    }
}

/// Looks over `folders` of a data set; what is absent is left out. `done` is told how many media of
/// how many have been decoded.
pub fn examine(
    dataset: &Dataset,
    folders: &[Folder],
    done: &(dyn Fn(usize, usize) + Sync),
) -> Examination {
    let mut findings = Vec::new();
    let mut ready: Vec<(FolderData, FolderSummary, Vec<Use>)> = Vec::new();
    for &folder in folders {
        match dataset.load(folder) {
            FolderState::Absent => {}
            FolderState::Broken(error) => {
                let message = error.to_string();
                findings.push(DataFinding::new(FindingKind::UnreadableFolder, folder, message));
            }
            FolderState::Ready(data) => {
                let mut summary = FolderSummary::new(folder);
                let is_published = dataset.generated().is_none();
                records::look(&data, is_published, &mut summary, &mut findings);
                let uses = uses(&data, &mut findings);
                ready.push((data, summary, uses));
            }
        }
    }
    let mut paths: Vec<PathBuf> =
        ready.iter().flat_map(|(_, _, uses)| uses).map(|found| found.path.clone()).collect();
    paths.sort_unstable();
    paths.dedup();
    let media = examine_media(&paths, done);
    let mut summaries = Vec::new();
    for (data, mut summary, uses) in ready {
        judge(&data, &uses, &media, &mut summary, &mut findings);
        summaries.push(summary);
    }
    findings.sort_by(|a, b| (a.weight, a).cmp(&(b.weight, b)));
    findings.dedup();
    Examination {
        schema_version: SCHEMA,
        levels: dataset.levels().to_owned(),
        generated: dataset.generated().map(str::to_owned),
        folders: summaries,
        findings,
    }
}

/// All media that a folder's samples name, each once for each kind of place; what cannot be found
/// is said.
fn uses(data: &FolderData, findings: &mut Vec<DataFinding>) -> Vec<Use> {
    let mut uses: BTreeMap<(Place, String), Use> = BTreeMap::new();
    let mut refused: HashSet<String> = HashSet::new();
    for sample in &data.samples {
        if sample.is_void() {
            continue;
        }
        for (place, name) in places(sample) {
            if uses.contains_key(&(place, name.to_owned())) || refused.contains(name) {
                continue;
            }
            // One at a time, so that one that is missing hides no other.
            let alone = MediaPaths { images: vec![name.to_owned()], ..MediaPaths::default() };
            match alone.resolve(&data.path) {
                Ok(found) => {
                    let Some(path) = found.images.into_iter().next() else { continue };
                    let position = sample.position;
                    let name = name.to_owned();
                    uses.insert((place, name.clone()), Use { path, name, position, place });
                }
                Err(error) => {
                    let kind = match error {
                        MediaPathError::Escapes { .. } => FindingKind::MediumEscapes,
                        MediaPathError::Missing { .. } => FindingKind::MediumMissing,
                        MediaPathError::Unreadable { .. } => FindingKind::MediumUnusable,
                    };
                    let finding = DataFinding::new(kind, data.folder, error.to_string());
                    findings.push(finding.at(sample.position).of_medium(name));
                    refused.insert(name.to_owned());
                }
            }
        }
    }
    uses.into_values().collect()
}

fn places(sample: &Sample) -> impl Iterator<Item = (Place, &str)> {
    let media = &sample.media;
    let images = media.images.iter().map(|name| (Place::Image, name.as_str()));
    let audios = media.audios.iter().map(|name| (Place::Audio, name.as_str()));
    images.chain(audios).chain(media.video.as_deref().map(|name| (Place::Video, name)))
}

/// What the media of a folder turned out to be.
fn judge(
    data: &FolderData,
    uses: &[Use],
    media: &HashMap<PathBuf, Examined>,
    summary: &mut FolderSummary,
    findings: &mut Vec<DataFinding>,
) {
    let folder = data.folder;
    let (mut seconds, mut widths, mut heights) = (Vec::new(), Vec::new(), Vec::new());
    let mut by_content: HashMap<[u8; 32], &Use> = HashMap::new();
    let mut seen: HashSet<&PathBuf> = HashSet::new();
    for found in uses {
        let Some(medium) = media.get(&found.path) else { continue };
        let mut find = |kind, message: String| {
            let finding = DataFinding::new(kind, folder, message);
            findings.push(finding.at(found.position).of_medium(&found.name));
        };
        let decoded = match &medium.content {
            Ok(decoded) => decoded,
            Err(reason) => {
                find(FindingKind::MediumUnusable, format!("{}: {reason}", found.name));
                continue;
            }
        };
        if let Some(message) = misplaced(found.place, decoded) {
            find(FindingKind::MediumMisplaced, format!("{} {message}", found.name));
        }
        // A medium in two places, or under two names that are one file, counts once.
        if !seen.insert(&found.path) {
            continue;
        }
        count(decoded, medium.bytes, summary);
        let length = decoded.video_seconds.or(decoded.sound.map(|sound| sound.seconds));
        seconds.extend(length);
        if let Some((width, height)) = decoded.size {
            widths.push(f64::from(width));
            heights.push(f64::from(height));
        }
        if let Some(message) = misnamed(&found.name, decoded) {
            find(FindingKind::MisleadingName, message);
        }
        if let Some(why) = &decoded.undecoded {
            find(FindingKind::Undecoded, format!("{}: {why}", found.name));
        }
        if decoded.sound.is_some_and(|sound| sound.is_silent) {
            let message = format!("{}: every sample of its sound is 0", found.name);
            let finding = DataFinding::new(FindingKind::Silence, folder, message);
            // VAH asks whether something sounds that may not.
            let weight = if folder == Folder::Vah { Weight::Remark } else { Weight::Doubt };
            let finding = DataFinding { weight, ..finding };
            findings.push(finding.at(found.position).of_medium(&found.name));
        }
        if let Some(first) = by_content.get(&medium.sha256) {
            let message = format!("{} has the same content as {}", found.name, first.name);
            let finding = DataFinding::new(FindingKind::SameMedium, folder, message);
            findings.push(finding.at(found.position).of_medium(&found.name));
        } else {
            by_content.insert(medium.sha256, found);
        }
    }
    summary.seconds = Range::of(seconds);
    summary.width = Range::of(widths);
    summary.height = Range::of(heights);
    let by_name: HashMap<(Place, &str), &DecodedMedium> = uses
        .iter()
        .filter_map(|found| {
            let decoded = media.get(&found.path)?.content.as_ref().ok()?;
            Some(((found.place, found.name.as_str()), decoded))
        })
        .collect();
    for sample in data.samples.iter().filter(|sample| !sample.is_void()) {
        let mut find = |kind, name: &str, message: String| {
            let finding = DataFinding::new(kind, folder, message);
            findings.push(finding.at(sample.position).of_medium(name));
        };
        let video = sample.media.video.as_deref();
        if let Some(name) = video.filter(|_| folder.needs_sound() && sample.media.audios.is_empty())
            && let Some(decoded) = by_name.get(&(Place::Video, name))
            && decoded.sound.is_none()
            && decoded.undecoded.is_none()
        {
            find(FindingKind::NoSoundTrack, name, format!("{name} has no sound track"));
        }
        let size = match &sample.truth {
            Some(Truth::Boxes { size, .. } | Truth::FrameBoxes { size, .. }) => *size,
            _ => None,
        };
        let shown = sample.media.images.first().map(|name| (Place::Image, name.as_str()));
        let shown = shown.or(video.map(|name| (Place::Video, name)));
        if let Some([width, height]) = size
            && let Some((place, name)) = shown
            && let Some((found_width, found_height)) =
                by_name.get(&(place, name)).and_then(|decoded| decoded.size)
            && (width, height) != (f64::from(found_width), f64::from(found_height))
        {
            let message = format!(
                "{name} is {found_width} x {found_height}, but `original_wh` says {width} x {height}"
            );
            find(FindingKind::OtherSize, name, message);
        }
    }
}

fn count(decoded: &DecodedMedium, bytes: u64, summary: &mut FolderSummary) {
    summary.bytes += bytes;
    match decoded.format.kind {
        MediumKind::Picture => summary.pictures += 1,
        MediumKind::Sound => summary.sounds += 1,
        MediumKind::Video => {
            summary.videos += 1;
            summary.videos_with_sound += usize::from(decoded.sound.is_some());
        }
    }
}

/// What is wrong with a medium's place; a picture in a video's place stands for itself.
fn misplaced(place: Place, decoded: &DecodedMedium) -> Option<String> {
    let kind = decoded.format.kind;
    let expected = match (place, kind) {
        (Place::Image, MediumKind::Picture)
        | (Place::Audio, MediumKind::Sound)
        | (Place::Video, MediumKind::Video | MediumKind::Picture) => return None,
        (Place::Image, _) => "image_list",
        (Place::Audio, _) => "audio_list",
        (Place::Video, _) => "video",
    };
    let name = decoded.format.container.name();
    Some(format!("is {} ({name}), but stands in `{expected}`", kind.described()))
}

/// What is wrong with a medium's name.
fn misnamed(name: &str, decoded: &DecodedMedium) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let said = Container::of_extension(extension)?;
    let is = decoded.format.container;
    // MP4 and QuickTime, WebM and Matroska are one format each to all who read them.
    let kin = |container| match container {
        Container::QuickTime => Container::Mp4,
        Container::WebM => Container::Matroska,
        other => other,
    };
    (kin(said) != kin(is)).then(|| format!("{name} is {}", is.name()))
}
