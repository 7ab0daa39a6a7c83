//! The smoke set's stand-ins for the eleven folders beside PriSe: as simple as can be, but with
//! every field, medium and kind of answer that the protocol knows.

use std::collections::BTreeMap;

use avibench_media::MediaError;
use avibench_protocol::{Folder, MediaPaths};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::options::SetOptions;
use super::plan::Planned;
use super::record::record;
use super::stand_in::{SIDE, Source, disc, figures, sounds};
use super::write::{Store, Written};
use crate::StimuliError;
use crate::kind::Medium;
use crate::paint::Figure;
use crate::random::Stream;

/// Records of every stand-in folder in a set of a few records.
const FEW: usize = 6;
/// One void check of each kind in as many records of VSQA_I.
const VOID_EVERY: usize = 40;

/// The records of one folder and the files they need.
type Made = (Folder, Vec<Value>, Vec<Written>);

/// Number of stand-in records of a folder; none in a PriSe folder.
pub(super) fn count(folder: Folder, options: &SetOptions) -> usize {
    match options.relative() {
        _ if folder.has_checks() => 0,
        Some(scale) => (libm::round(folder.published_records() as f64 * scale) as usize).max(1),
        None => FEW,
    }
}

/// Number of figures in the clips of a subtask, where a second question can ask for it.
pub(super) fn figures_on_view(subtask: &str) -> Option<usize> {
    match subtask {
        "area_changes" | "area_stays" => Some(3),
        "movement_2d" | "spatial_change" => Some(1),
        _ => None,
    }
}

/// A second question about a clip with its check, both under the ids of the first pair; none where
/// the clip's subtask allows none.
pub(super) fn second_pair(planned: &Planned, first: &[Value; 2]) -> Option<[Value; 2]> {
    let count = figures_on_view(planned.subtask.name)?;
    let [mut formal, check] = first.clone();
    formal["subtask"] = "objects_counting".into();
    formal["input"]["question"]["options"] = Value::Null;
    formal["input"]["question"]["text"] =
        "How many objects are shown in this video? Answer with a number.".into();
    formal["output"]["question_answer"] = count.to_string().into();
    // What was varied is not what is asked for.
    formal.as_object_mut()?.shift_remove("stimulus");
    Some([formal, check])
}

/// The stand-ins of all folders that are no PriSe folders. `advance` is called for each record.
pub(super) fn stand_ins(
    options: &SetOptions,
    folders: &[Folder],
    store: &Store<'_>,
    advance: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Made>, StimuliError> {
    folders
        .par_iter()
        .filter(|folder| !folder.has_checks())
        .map(|&folder| {
            let mut desk = Desk { folder, store, records: Vec::new(), files: Vec::new() };
            for i in 0..count(folder, options) {
                let mut stream = Stream::new(options.seed, &format!("smoke/{folder}/{i}"));
                desk.make(&mut stream, i)?;
                advance(1);
            }
            Ok((folder, desk.records, desk.files))
        })
        .collect()
}

/// Leaves in the PriSe folders what the benchmark's own files have, too: void checks, a subtask
/// that is null or absent, a field that nobody knows.
pub(super) fn unsettle(records: &mut BTreeMap<Folder, Vec<Value>>) {
    let length = records.get(&Folder::VsqaI).map_or(0, Vec::len);
    let mut change = |folder, position: usize, edit: fn(&mut Map<String, Value>)| {
        let record = records.get_mut(&folder).and_then(|records| records.get_mut(position));
        if let Some(Value::Object(record)) = record {
            edit(record);
        }
    };
    for round in (0..length).step_by(VOID_EVERY) {
        change(Folder::VsqaI, round + 1, |record| {
            record["input"]["question"]["text"] = Value::Null;
        });
        change(Folder::VsqaI, round + 3, |record| {
            record["output"]["question_answer"] = Value::Null;
        });
    }
    change(Folder::Asqa, 5, |record| {
        record.insert("subtask".to_owned(), Value::Null);
    });
    change(Folder::Avsqa, 3, |record| {
        record.remove("subtask");
    });
    change(Folder::VsqaV, 0, |record| {
        record.insert("note".to_owned(), json!({"unknown": ["fields", "are", "kept", "aside"]}));
    });
}

/// A clip that was written before.
fn video(id: &str) -> MediaPaths {
    MediaPaths { video: Some(format!("./input/videos/{id}.mp4")), ..MediaPaths::default() }
}

/// Where the records of one folder are written.
struct Desk<'a> {
    folder: Folder,
    store: &'a Store<'a>,
    records: Vec<Value>,
    files: Vec<Written>,
}

impl Desk<'_> {
    fn make(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        match self.folder {
            Folder::Amic => self.sources(stream, i),
            Folder::Vmic => self.things(stream, i),
            Folder::Avl => self.boxes(stream, i),
            Folder::Var | Folder::Avr => self.candidates(stream, i),
            Folder::Avlg => self.frame_boxes(stream, i),
            _ => self.about_a_clip(stream, i),
        }
    }

    fn fail(&self) -> impl Fn(MediaError) -> StimuliError + use<> {
        let folder = self.folder;
        move |source| StimuliError::Medium { medium: format!("{folder}, a stand-in"), source }
    }

    fn put(&mut self, id: &str, medium: &Medium) -> Result<MediaPaths, StimuliError> {
        let (media, written) = self.store.medium(self.folder, id, medium)?;
        self.files.push(written);
        Ok(media)
    }

    fn ask(
        &mut self,
        id: &str,
        text: &str,
        options: Option<&str>,
        media: &MediaPaths,
        truth: &Value,
    ) {
        let record = record(self.folder, id, None, (Some(text), options), media, truth);
        self.records.push(Value::Object(record));
    }

    fn sources(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        let names = [(Source::Drum, "drum"), (Source::Flute, "flute"), (Source::Mower, "mower")];
        let mut all = Vec::new();
        let mut truth = Map::new();
        for (k, (source, name)) in names.into_iter().enumerate() {
            let count = if i % 3 == k { 0 } else { 1 + stream.below(2) };
            all.extend(std::iter::repeat_n(source, count));
            if count > 0 {
                truth.insert(name.to_owned(), Value::String(count.to_string()));
            }
        }
        stream.shuffle(&mut all);
        let sound = sounds(stream, &all).map_err(self.fail())?;
        let id = format!("{i:05}");
        let media = self.put(&id, &Medium::Sound(sound))?;
        let text = "Which sound sources can be heard, and how many of each?";
        self.ask(&id, text, Some("amic_cls_list"), &media, &Value::Object(truth));
        Ok(())
    }

    fn things(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        let names =
            [(Figure::Circle, "balloon"), (Figure::Square, "box"), (Figure::Triangle, "flag")];
        let mut all = Vec::new();
        let mut truth = Map::new();
        for (k, (figure, name)) in names.into_iter().enumerate() {
            let count = if i % 3 == k { 0 } else { 1 + stream.below(3) };
            all.extend(std::iter::repeat_n(figure, count));
            if count > 0 {
                truth.insert(name.to_owned(), Value::String(count.to_string()));
            }
        }
        let (picture, _) = figures(stream, &all).map_err(self.fail())?;
        let id = format!("{i:05}");
        let media = self.put(&id, &Medium::Picture(picture))?;
        let text = "Circles stand for balloons, squares for boxes, triangles for flags. Which \
                    objects can be seen, and how many of each?";
        self.ask(&id, text, Some("vmic_cls_list"), &media, &Value::Object(truth));
        Ok(())
    }

    fn boxes(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        let count = 1 + i % 3;
        let (picture, boxes) =
            figures(stream, &vec![Figure::Circle; count]).map_err(self.fail())?;
        let sound = sounds(stream, &vec![Source::Flute; count]).map_err(self.fail())?;
        let id = format!("{i:05}");
        let mut media = self.put(&id, &Medium::Picture(picture))?;
        media.audios = self.put(&id, &Medium::Sound(sound))?.audios;
        let bbox: Map<String, Value> =
            (1..).zip(boxes).map(|(n, place)| (format!("flute_{n}"), json!(place))).collect();
        let truth = json!({"bbox": bbox, "original_wh": [SIDE, SIDE]});
        let text = "Every disc stands for a flute. Where are the flutes that sound?";
        self.ask(&id, text, Some("avl_cls_list"), &media, &truth);
        Ok(())
    }

    /// A picture of some discs and recordings of some drum beats, or the other way round; equal
    /// numbers go together. Of six records, in the first nothing fits, in the second two candidates
    /// do.
    fn candidates(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        let wanted = 1 + stream.below(4);
        let others: Vec<usize> = (1..=5).filter(|&count| count != wanted).collect();
        let mut counts: Vec<usize> =
            (0..4).map(|_| stream.try_pick(&others).copied().unwrap_or(5)).collect();
        let fitting = match i % 6 {
            0 => 0,
            1 => 2,
            _ => 1,
        };
        let first = stream.below(4);
        for k in 0..fitting {
            counts[(first + k) % 4] = wanted;
        }
        let mut media = MediaPaths::default();
        let by_image = self.folder == Folder::Var;
        let one = if by_image { vec![wanted] } else { counts.clone() };
        for (k, &count) in one.iter().enumerate() {
            let (picture, _) =
                figures(stream, &vec![Figure::Circle; count]).map_err(self.fail())?;
            let id = format!("{i:05}_{k}");
            media.images.extend(self.put(&id, &Medium::Picture(picture))?.images);
        }
        let one = if by_image { counts.clone() } else { vec![wanted] };
        for (k, &count) in one.iter().enumerate() {
            let sound = sounds(stream, &vec![Source::Drum; count]).map_err(self.fail())?;
            let id = format!("{i:05}_{k}");
            media.audios.extend(self.put(&id, &Medium::Sound(sound))?.audios);
        }
        let truth: Vec<usize> = (0..4).filter(|&k| counts[k] == wanted).collect();
        let text = if by_image {
            "A sound goes with the image if it has as many beats as there are discs. Which of the \
             sounds go with the image?"
        } else {
            "An image goes with the sound if it shows as many discs as there are beats. Which of \
             the images go with the sound?"
        };
        self.ask(&format!("{i:05}"), text, None, &media, &json!(truth));
        Ok(())
    }

    fn frame_boxes(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        // Two questions about one clip have one id.
        let id = format!("{:05}", i / 2);
        if let (false, Some(before)) = (i.is_multiple_of(2), self.records.last()) {
            let truth = before["output"]["question_answer"].clone();
            let media = video(&id);
            self.ask(&id, "Where is the round object?", None, &media, &truth);
            return Ok(());
        }
        let hidden: Vec<usize> =
            if i.is_multiple_of(4) { vec![0, 1] } else { vec![4 + stream.below(4)] };
        let (clip, boxes) = disc(stream, &[], &[0.5, 1.1], &hidden).map_err(self.fail())?;
        let media = self.put(&id, &Medium::Clip(clip))?;
        let bbox: Map<String, Value> = boxes
            .into_iter()
            .enumerate()
            .map(|(frame, place)| (format!("frame_{frame}"), json!(place)))
            .collect();
        let truth = json!({"bbox": bbox, "original_wh": [SIDE, SIDE]});
        self.ask(&id, "Where is the disc that moves to the right?", None, &media, &truth);
        Ok(())
    }

    /// AVM, AVC, AVH, VAH and AVQA: a disc that moves and drum beats.
    fn about_a_clip(&mut self, stream: &mut Stream, i: usize) -> Result<(), StimuliError> {
        let id = format!("{:05}", if self.folder == Folder::Avqa { i / 2 } else { i });
        let yes = i.is_multiple_of(2);
        let times = [0.4, 1.0, 1.6];
        let beats: &[f64] = match self.folder {
            Folder::Avm if !yes => &[0.1, 0.7, 1.3],
            Folder::Vah if !yes => &[],
            _ => &times[..=i / 2 % times.len()],
        };
        let swells: &[f64] = if self.folder == Folder::Avm && !yes { &times } else { beats };
        let is_second_question = self.folder == Folder::Avqa && !yes;
        let media = if is_second_question {
            video(&id)
        } else {
            let (clip, _) = disc(stream, swells, beats, &[]).map_err(self.fail())?;
            self.put(&id, &Medium::Clip(clip))?
        };
        let answer = if yes { "yes" } else { "no" };
        match self.folder {
            Folder::Avm => {
                let text =
                    "Do sound and picture belong together: does the disc swell with each beat?";
                self.ask(&id, text, Some("avm_options_list"), &media, &answer.into());
            }
            Folder::Avc => {
                let caption =
                    "A disc moves to the right over a plain background while a drum beats.";
                let truth = if yes {
                    Value::from(caption)
                } else {
                    json!([caption, "A colored circle slides to the right and drum beats sound."])
                };
                let text = "Describe what can be seen and heard in one sentence.";
                self.ask(&id, text, None, &media, &truth);
            }
            Folder::Avh => {
                let text = if yes { "Is a circle visible?" } else { "Is a triangle visible?" };
                self.ask(&id, text, Some("avh_options_list"), &media, &answer.into());
            }
            Folder::Vah => {
                let text = "Is a drum sounding?";
                self.ask(&id, text, Some("vah_options_list"), &media, &answer.into());
            }
            _ if yes => {
                let text = "How many beats can be heard in this video? Answer with a number.";
                self.ask(&id, text, None, &media, &beats.len().to_string().into());
            }
            _ => {
                let text = "Is there any sound in this video?";
                self.ask(&id, text, Some("avqa_options_list_is"), &media, &"yes".into());
            }
        }
        Ok(())
    }
}
