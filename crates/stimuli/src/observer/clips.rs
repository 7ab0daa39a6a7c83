//! Questions about silent clips.

use avibench_media::Picture;

use super::Question;
use super::blob::Blob;
use super::figure::{self, Body, Flat};
use super::images::{ranked, smallest, things};
use super::mask::{Mask, brightness};
use super::senses::Senses;

/// Share of a picture's side below which nothing has moved.
const STILL: f64 = 0.025;
/// Ratio of areas below which nothing has grown.
const GROWN: f64 = 1.12;

/// The answer, if the question is one of these and can be answered.
pub(super) fn answer(question: &Question, senses: &Senses) -> Option<String> {
    let look: fn(&[&Picture]) -> Option<&'static str> =
        if question.offers(&["square", "circle", "triangle"]) {
            if question.says("not change") { area_that_stays } else { area_that_changes }
        } else if question.offers(&["Triangular pyramid", "Sphere"]) {
            turning
        } else if question.offers(&["horizontal", "no movenment"]) {
            flat_movement
        } else if question.offers(&["Bottom-left to top-right", "No movement"]) {
            spatial_change
        } else if question.offers(&["Rotation", "Enlarging"]) {
            deep_movement
        } else if question.offers(&["Rough", "Smooth"]) {
            surface
        } else if question.wants_number() && question.says("objects are") {
            return Some(most_things(&senses.frames()?).to_string());
        } else {
            return None;
        };
    look(&senses.frames()?).map(str::to_owned)
}

fn area_that_changes(frames: &[&Picture]) -> Option<&'static str> {
    only_one(frames, true)
}

fn area_that_stays(frames: &[&Picture]) -> Option<&'static str> {
    only_one(frames, false)
}

/// The greatest number of separate things in at least two frames: one before another hides it.
/// Crumbs, far smaller than half of the things, are none: one at the very edge spoils the ground.
fn most_things(frames: &[&Picture]) -> usize {
    let whole = |frame: &&Picture| {
        let things = things(frame);
        // The largest come first.
        let usual = things.get(things.len() / 2).map_or(0, Blob::area);
        things.iter().filter(|thing| 5 * thing.area() >= 2 * usual).count()
    };
    let mut counts: Vec<usize> = frames.iter().map(whole).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts.get(1).copied().unwrap_or(0)
}

/// Which of three flat figures grows or shrinks (`wanted`) or does not.
fn only_one(frames: &[&Picture], wanted: bool) -> Option<&'static str> {
    let middle = things(frames[frames.len() / 2]);
    let first = things(frames.first()?);
    let last = things(frames.last()?);
    let nearest = |blobs: &[Blob], to: &Blob| {
        let away =
            |blob: &Blob| libm::hypot(blob.centre[0] - to.centre[0], blob.centre[1] - to.centre[1]);
        let distances: Vec<f64> = blobs.iter().map(away).collect();
        smallest(&distances).map(|i| blobs[i].area() as f64)
    };
    let mut fitting = Vec::new();
    for blob in middle.iter().take(3) {
        let ratio = nearest(&last, blob)? / nearest(&first, blob)?;
        let changes = !(1.0 / GROWN..=GROWN).contains(&ratio);
        if changes == wanted {
            fitting.push(match figure::flat(blob) {
                Flat::Circle => "circle",
                Flat::Square => "square",
                Flat::Triangle => "triangle",
            });
        }
    }
    Some(match fitting[..] {
        [only] => only,
        _ => "no available option",
    })
}

/// The largest solid of a frame.
fn solid(frame: &Picture) -> Option<Blob> {
    Blob::all(&Mask::solids(frame), 30).into_iter().next()
}

/// What a turning solid is in most of the frames.
fn turning(frames: &[&Picture]) -> Option<&'static str> {
    let mut votes = std::collections::BTreeMap::new();
    for frame in frames {
        *votes.entry(figure::body(&solid(frame)?)).or_insert(0) += 1;
    }
    let (body, _) = votes.into_iter().max_by_key(|&(_, count)| count)?;
    Some(match body {
        Body::Pyramid => "Triangular pyramid",
        Body::Cone => "Cone",
        Body::Cube => "Cube",
        Body::Sphere => "Sphere",
        Body::Cylinder | Body::Cuboid => "None",
    })
}

/// The way of the largest flat thing: its middle in every frame, in picture widths.
fn way(frames: &[&Picture]) -> Option<Vec<[f64; 2]>> {
    frames
        .iter()
        .map(|frame| {
            let side = f64::from(frame.width());
            things(frame).first().map(|thing| thing.centre.map(|along| along / side))
        })
        .collect()
}

/// How far a way goes from side to side along x and y, and the angle and straightness of it.
fn extent(way: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let along = way.iter().map(|place| place[axis]);
        along.clone().fold(f64::NEG_INFINITY, f64::max) - along.fold(f64::INFINITY, f64::min)
    })
}

fn flat_movement(frames: &[&Picture]) -> Option<&'static str> {
    let way = way(frames)?;
    let [across, down] = extent(&way);
    if across.max(down) < STILL {
        return Some("no movenment");
    }
    let (from, to) = (*way.first()?, *way.last()?);
    let direct = libm::hypot(to[0] - from[0], to[1] - from[1]);
    let travelled: f64 =
        way.windows(2).map(|w| libm::hypot(w[1][0] - w[0][0], w[1][1] - w[0][1])).sum();
    if direct < 0.8 * travelled {
        return Some("None");
    }
    let angle = libm::atan2(down, across).to_degrees();
    Some(match angle {
        a if a < 15.0 => "horizontal",
        a if a > 75.0 => "vertical",
        _ => "inclined",
    })
}

fn spatial_change(frames: &[&Picture]) -> Option<&'static str> {
    let way = way(frames)?;
    let (from, to) = (*way.first()?, *way.last()?);
    let (right, down) = (to[0] - from[0], to[1] - from[1]);
    if libm::hypot(right, down) < STILL {
        return Some("No movement");
    }
    let angle = libm::atan2(down.abs(), right.abs()).to_degrees();
    if !(15.0..=75.0).contains(&angle) {
        return Some("None");
    }
    Some(match (right > 0.0, down > 0.0) {
        (true, false) => "Bottom-left to top-right",
        (false, false) => "Bottom-right to top-left",
        (true, true) => "Top-left to bottom-right",
        (false, true) => "Top-right to bottom-left",
    })
}

fn deep_movement(frames: &[&Picture]) -> Option<&'static str> {
    let (first, last) = (*frames.first()?, *frames.last()?);
    let (from, to) = (solid(first)?, solid(last)?);
    // Where a solid stands is told by its foot: growing lifts the middle.
    let slid = (to.centre[0] - from.centre[0]).abs();
    let width = from.size()[0].max(to.size()[0]);
    let moved = libm::hypot(slid, f64::from(to.bounds[3]) - f64::from(from.bounds[3]));
    let ratio = to.area() as f64 / from.area() as f64;
    let size_change = libm::log(ratio).abs();
    // Turning changes neither by much, but the faces change their light.
    if slid / width > 0.12 && slid / width > 0.6 * size_change {
        return Some("Translation");
    }
    if size_change > libm::log(1.30) {
        return Some(if ratio > 1.0 { "Enlarging" } else { "Shrinking" });
    }
    let changed = changed_share(first, last, &from);
    Some(if changed > 0.08 {
        "Rotation"
    } else if moved / width > 0.12 {
        "Translation"
    } else {
        "None"
    })
}

/// Share of a blob's pixels whose brightness differs between two frames.
fn changed_share(a: &Picture, b: &Picture, blob: &Blob) -> f64 {
    let light = |picture: &Picture, [x, y]: [u32; 2]| {
        picture.pixel(x, y).map_or(0.0, |pixel| brightness(pixel.map(f64::from)))
    };
    let changed = blob
        .pixels
        .iter()
        .filter(|&&pixel| (light(a, pixel) - light(b, pixel)).abs() > 10.0)
        .count();
    changed as f64 / blob.area() as f64
}

/// Fine structure of the surface against its brightness.
fn surface(frames: &[&Picture]) -> Option<&'static str> {
    let each: Vec<f64> =
        frames.iter().step_by(3).map(|frame| roughness(frame)).collect::<Option<_>>()?;
    let mean = each.iter().sum::<f64>() / each.len() as f64;
    Some(match mean {
        r if r < 0.015 => "Smooth",
        r if r < 0.060 => "Moderate",
        _ => "Rough",
    })
}

/// Difference of brightness from the mean of a neighbourhood, against the mean brightness, over the
/// inner part of the largest solid.
pub(super) fn roughness(frame: &Picture) -> Option<f64> {
    let blob = solid(frame)?;
    let inner = blob.inner((frame.width() / 24).max(2));
    let light =
        |x: u32, y: u32| frame.pixel(x, y).map_or(0.0, |pixel| brightness(pixel.map(f64::from)));
    let reach = (frame.width() / 64).max(1);
    let mut differences = Vec::with_capacity(inner.len());
    let mut lights = 0.0;
    for &[x, y] in &inner {
        let around = [(x - reach, y), (x + reach, y), (x, y - reach), (x, y + reach)];
        let mean = around.iter().map(|&(x, y)| light(x, y)).sum::<f64>() / 4.0;
        let here = light(x, y);
        differences.push((here - mean).abs());
        lights += here;
    }
    let count = inner.len() as f64;
    if differences.is_empty() {
        return None;
    }
    // The upper quartile: edges of the solid itself are few.
    let place = differences.len() * 3 / 4;
    let upper = ranked(&mut differences, place, f64::total_cmp);
    Some(upper / (lights / count).max(1.0))
}
