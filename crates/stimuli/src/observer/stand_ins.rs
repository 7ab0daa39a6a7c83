//! Questions of the stand-in tasks, as far as plain signal processing goes.

use std::collections::BTreeMap;

use avibench_media::{Picture, Sound};

use super::Question;
use super::blob::Blob;
use super::figure::{self, Flat};
use super::hearing::{Heard, listen};
use super::images::things;
use super::senses::Senses;
use super::sounds::yes_no;

/// A sound shorter than this is a beat (seconds).
const BEAT: f64 = 0.12;
/// Frames that a clip is asked about.
const FRAMES: usize = 10;

/// The answer in the format that the question asks for, or `None` if it cannot tell.
pub(super) fn answer(question: &Question, senses: &Senses) -> Option<String> {
    if question.mentions("frame_0") {
        return frame_boxes(senses);
    }
    if question.mentions("x_min") {
        return boxes(question, senses);
    }
    if question.mentions("answer={") || question.mentions("how many of each") {
        return instances(question, senses);
    }
    if !senses.sounds().is_empty() && !senses.images().is_empty() && question.options.is_empty() {
        return fitting(senses);
    }
    if question.offers(&["yes", "no"]) {
        return yes_or_no(question, senses);
    }
    if question.wants_number() {
        let heard = senses.sound().map_or(0, |sound| listen(sound).len());
        return Some(heard.to_string());
    }
    if question.says("describe") || question.says("one sentence") {
        return caption(senses);
    }
    None
}

/// What a single sound is most like, of the sources that signal processing can tell apart.
fn source(heard: &Heard) -> &'static str {
    if heard.length < BEAT {
        "drum"
    } else if heard.is_noise() {
        "mower"
    } else {
        "flute"
    }
}

fn instances(question: &Question, senses: &Senses) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    if let (Some(picture), None) = (senses.picture(), senses.sound()) {
        for thing in things(picture) {
            let name = match figure::flat(&thing) {
                Flat::Circle => "balloon",
                Flat::Square => "box",
                Flat::Triangle => "flag",
            };
            *counts.entry(name).or_default() += 1;
        }
    } else {
        for heard in listen(senses.sound()?) {
            *counts.entry(source(&heard)).or_default() += 1;
        }
    }
    counts.retain(|name, _| question.options.is_empty() || question.offers(&[name]));
    let list: Vec<String> =
        counts.iter().map(|(name, count)| format!("'{name}': {count}")).collect();
    (!list.is_empty()).then(|| format!("answer={{{}}}", list.join(", ")))
}

/// Corners of a thing as fractions of the picture.
fn corners(picture: &Picture, [left, top, right, bottom]: [u32; 4]) -> String {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let [left, top, right, bottom] = [
        f64::from(left) / width,
        f64::from(top) / height,
        f64::from(right) / width,
        f64::from(bottom) / height,
    ];
    format!("[{left:.4}, {top:.4}, {right:.4}, {bottom:.4}]")
}

fn boxes(question: &Question, senses: &Senses) -> Option<String> {
    let picture = senses.picture()?;
    let name = listen(senses.sound()?).first().map(source)?;
    let name = if question.offers(&[name]) { name } else { "flute" };
    let found = things(picture);
    (!found.is_empty()).then(|| boxes_answer(name, picture, &found))
}

/// Boxes as the benchmark asks for them.
pub(super) fn boxes_answer(name: &str, picture: &Picture, found: &[Blob]) -> String {
    let list: Vec<String> = (1..)
        .zip(found)
        .map(|(i, thing)| format!("'{name}_{i}': '{}'", corners(picture, thing.bounds)))
        .collect();
    format!("answer={{{}}}", list.join(", "))
}

fn frame_boxes(senses: &Senses) -> Option<String> {
    let count = senses.film().len();
    if count == 0 {
        return None;
    }
    let list: Vec<String> = (0..FRAMES)
        .map(|frame| {
            let at = ((frame as f64 + 0.5) / FRAMES as f64 * count as f64) as usize;
            let picture = &senses.film()[at.min(count - 1)].picture;
            let place = things(picture)
                .first()
                .map_or_else(|| "None".to_owned(), |thing| corners(picture, thing.bounds));
            format!("'frame_{frame}': {place}")
        })
        .collect();
    Some(format!("answer={{{}}}", list.join(", ")))
}

/// Candidates that agree with the one they are compared with in the number of things or beats.
fn fitting(senses: &Senses) -> Option<String> {
    let seen: Vec<usize> = senses.images().iter().map(|picture| things(picture).len()).collect();
    let beats: Vec<usize> = senses.sounds().iter().map(|sound| listen(sound).len()).collect();
    let (([wanted], candidates) | (candidates, [wanted])) = (&seen[..], &beats[..]) else {
        return None;
    };
    let indices: Vec<String> = (0..candidates.len())
        .filter(|&i| candidates[i] == *wanted)
        .map(|i| i.to_string())
        .collect();
    Some(format!("[{}]", indices.join(", ")))
}

fn yes_or_no(question: &Question, senses: &Senses) -> Option<String> {
    if question.says("belong together") || question.says("match") {
        return together(senses).map(yes_no);
    }
    if question.says("visible") {
        let figures: Vec<Flat> = things(senses.picture()?).iter().map(figure::flat).collect();
        let wanted =
            [("circle", Flat::Circle), ("square", Flat::Square), ("triangle", Flat::Triangle)];
        let (_, wanted) = wanted.into_iter().find(|(name, _)| question.says(name))?;
        return Some(yes_no(figures.contains(&wanted)));
    }
    if question.says("sounding") || question.says("any sound") {
        let heard = senses.sound().map(listen).unwrap_or_default();
        let wanted = ["drum", "flute", "mower"].into_iter().find(|name| question.says(name));
        return Some(yes_no(
            heard.iter().any(|heard| wanted.is_none_or(|name| source(heard) == name)),
        ));
    }
    None
}

/// Whether whatever swells in the picture swells with each sound.
fn together(senses: &Senses) -> Option<bool> {
    let heard = listen(senses.sound()?);
    let areas: Vec<(f64, f64)> = senses
        .film()
        .iter()
        .map(|frame| {
            let area = things(&frame.picture).first().map_or(0, Blob::area);
            (frame.seconds, area as f64)
        })
        .collect();
    let mut sorted: Vec<f64> = areas.iter().map(|(_, area)| *area).collect();
    sorted.sort_by(f64::total_cmp);
    let rest = *sorted.get(sorted.len() / 3)?;
    let swells: Vec<f64> =
        areas.iter().filter(|(_, area)| *area > 1.5 * rest).map(|(time, _)| *time).collect();
    let has_partner = |heard: &Heard| swells.iter().any(|swell| (swell - heard.onset).abs() < 0.16);
    Some(!heard.is_empty() && heard.iter().all(has_partner))
}

fn caption(senses: &Senses) -> Option<String> {
    let (first, last) = (senses.film().first()?, senses.film().last()?);
    let (from, to) = (things(&first.picture), things(&last.picture));
    let slid = to.first()?.centre[0] - from.first()?.centre[0];
    let side = f64::from(first.picture.width());
    let movement = match slid / side {
        s if s > 0.1 => "moves to the right",
        s if s < -0.1 => "moves to the left",
        _ => "is seen",
    };
    let thing = match figure::flat(from.first()?) {
        Flat::Circle => "disc",
        Flat::Square => "square",
        Flat::Triangle => "triangle",
    };
    let sound = senses.sound().map(loudest_source).unwrap_or_default();
    Some(format!("A {thing} {movement} over a plain background{sound}."))
}

fn loudest_source(sound: &Sound) -> &'static str {
    match listen(sound).first().map(source) {
        Some("drum") => " while a drum beats",
        Some("flute") => " while a flute plays",
        Some(_) => " while there is a noise",
        None => " in silence",
    }
}
