//! Questions about still pictures.

use std::cmp::Ordering;

use avibench_media::Picture;

use super::Question;
use super::blob::Blob;
use super::figure::{self, Body};
use super::mask::{Mask, brightness};
use super::senses::Senses;
use super::sounds::yes_no;

/// Pixels that a thing has at least, for a picture of 384 by 384; in proportion for others.
const LEAST: f64 = 40.0 / (384.0 * 384.0);
/// Blur in pixels up to which an edge is crisp, and from which on it is washed out.
const CRISP: f64 = 0.8;
const WASHED_OUT: f64 = 2.9;

/// The answer, if the question is one of these and can be answered.
pub(super) fn answer(question: &Question, senses: &Senses) -> Option<String> {
    if question.says("see any") || question.says("blank") {
        let seen = holds_something(senses.picture()?);
        return Some(yes_no(seen != question.says("blank")));
    }
    let picture = senses.images().first()?;
    if question.offers(&["blurred", "normal", "clear"]) {
        return Some(degree(picture).to_owned());
    }
    if question.offers(&["yes", "no"]) && question.says("blurred") {
        let blur = if question.says("background") {
            layer_blur(picture, Layer::Background)
        } else if question.says("foreground") {
            layer_blur(picture, Layer::Foreground)
        } else {
            layer_blur(picture, Layer::Foreground).max(layer_blur(picture, Layer::Background))
        };
        return Some(yes_no(blur < CRISP));
    }
    let word = if question.offers(&["cone", "cube", "cylinder"]) {
        solid_name(picture)?
    } else if question.offers(&["top center", "bottom right"]) {
        odd_place(picture)?
    } else if question.offers(&["puprle", "yellow"]) {
        colour(picture)?
    } else if question.offers(&["the right one", "the top one"]) {
        if question.says("bright") { extreme(picture, light)? } else { extreme(picture, area)? }
    } else if question.offers(&["horizontal", "vertical", "inclined"]) {
        direction(picture)?
    } else if question.offers(&["center", "left", "right"]) {
        cone_place(picture)?
    } else if question.wants_number() && question.says("solid") {
        return Some(solids(picture).len().to_string());
    } else if question.wants_number() && question.says("line") {
        return Some(things(picture).len().to_string());
    } else {
        return None;
    };
    Some(word.to_owned())
}

/// Whether there is anything to be seen: a black picture shows nothing.
pub(super) fn anything_is_seen(senses: &Senses) -> bool {
    senses.picture().is_some_and(holds_something)
}

fn holds_something(picture: &Picture) -> bool {
    contrast(picture) > 25.0 || !things(picture).is_empty()
}

/// Flat things.
pub(super) fn things(picture: &Picture) -> Vec<Blob> {
    Blob::all(&Mask::flat(picture), least(picture))
}

/// Solids.
pub(super) fn solids(picture: &Picture) -> Vec<Blob> {
    Blob::all(&Mask::solids(picture), least(picture))
}

fn least(picture: &Picture) -> usize {
    (LEAST * f64::from(picture.width()) * f64::from(picture.height())).max(8.0) as usize
}

/// Difference of the darkest and the lightest hundredth of the pixels.
fn contrast(picture: &Picture) -> f64 {
    let mut lights: Vec<u8> = picture
        .rgb()
        .chunks_exact(3)
        .map(|p| brightness([0, 1, 2].map(|i| f64::from(p[i]))) as u8)
        .collect();
    let hundredth = lights.len() / 100;
    let low = ranked(&mut lights, hundredth, u8::cmp);
    let last = lights.len().saturating_sub(hundredth + 1);
    let high = ranked(&mut lights, last, u8::cmp);
    f64::from(high) - f64::from(low)
}

fn solid_name(picture: &Picture) -> Option<&'static str> {
    Some(match figure::body(solids(picture).first()?) {
        Body::Cone => "cone",
        Body::Cube => "cube",
        Body::Cylinder => "cylinder",
        Body::Cuboid => "cuboid",
        Body::Sphere | Body::Pyramid => "no available option",
    })
}

/// The most pointed of three solids.
fn cone_place(picture: &Picture) -> Option<&'static str> {
    let mut row = solids(picture);
    row.truncate(3);
    row.sort_by(|a, b| a.centre[0].total_cmp(&b.centre[0]));
    let pointed: Vec<f64> = row.iter().map(figure::pointedness).collect();
    let sharpest = smallest(&pointed)?;
    ["left", "center", "right"].get(sharpest).copied()
}

/// The thing whose area is farthest from the usual.
fn odd_place(picture: &Picture) -> Option<&'static str> {
    let things = things(picture);
    let mut areas: Vec<f64> = things.iter().map(|thing| thing.area() as f64).collect();
    areas.sort_by(f64::total_cmp);
    let usual = *areas.get(areas.len() / 2)?;
    let likeness: Vec<f64> =
        things.iter().map(|thing| -libm::log(thing.area() as f64 / usual).abs()).collect();
    let [x, y] = things[smallest(&likeness)?].centre;
    let third = |along: f64, side: u32| (3.0 * along / f64::from(side)) as usize;
    Some(match (third(x, picture.width()), third(y, picture.height())) {
        (0, 0) => "top left",
        (1, 0) => "top center",
        (2, 0) => "top right",
        (1, 1) => "center",
        (0, 2) => "bottom left",
        (1, 2) => "bottom center",
        (2, 2) => "bottom right",
        _ => "no available option",
    })
}

fn area(blob: &Blob, _: &Picture) -> f64 {
    blob.area() as f64
}

fn light(blob: &Blob, picture: &Picture) -> f64 {
    brightness(blob.colour(picture))
}

/// Which of three things in a row or a column has most of something.
fn extreme(picture: &Picture, measure: fn(&Blob, &Picture) -> f64) -> Option<&'static str> {
    let mut three = things(picture);
    three.truncate(3);
    let spread = |axis: usize| {
        let along = three.iter().map(|blob| blob.centre[axis]);
        along.clone().fold(f64::NEG_INFINITY, f64::max) - along.fold(f64::INFINITY, f64::min)
    };
    let axis = usize::from(spread(1) > spread(0));
    three.sort_by(|a, b| a.centre[axis].total_cmp(&b.centre[axis]));
    let lack: Vec<f64> = three.iter().map(|blob| -measure(blob, picture)).collect();
    let names = [
        ["the left one", "the middle one", "the right one"],
        ["the top one", "the middle one", "the bottom one"],
    ];
    names[axis].get(smallest(&lack)?).copied()
}

fn colour(picture: &Picture) -> Option<&'static str> {
    let (degrees, _) = figure::hue(things(picture).first()?.colour(picture));
    Some(match figure::hue_name(degrees) {
        "purple" => "puprle",
        name @ ("red" | "yellow" | "green" | "blue") => name,
        _ => "no available option",
    })
}

fn direction(picture: &Picture) -> Option<&'static str> {
    let things = things(picture);
    let mut off: Vec<f64> = things.iter().map(|thing| thing.axis().abs()).collect();
    off.sort_by(f64::total_cmp);
    Some(match *off.get(off.len() / 2)? {
        angle if angle < 8.0 => "horizontal",
        angle if angle > 82.0 => "vertical",
        _ => "inclined",
    })
}

fn degree(picture: &Picture) -> &'static str {
    // The pattern behind is the coarser one: strong blur does not wipe it out.
    let blur = layer_blur(picture, Layer::Background);
    if blur < CRISP {
        "clear"
    } else if blur < WASHED_OUT {
        "normal"
    } else {
        "blurred"
    }
}

/// Half of a picture with depth: the vivid thing in front, or the quiet pattern behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Foreground,
    Background,
}

/// Blur of a layer in pixels (standard deviation of the Gaussian). The steepest slope of a blurred
/// edge is its height over sqrt(2 pi) sigma; a crisp one rises within a pixel.
fn layer_blur(picture: &Picture, layer: Layer) -> f64 {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut vivid = Vec::with_capacity(width * height);
    let mut lights = Vec::with_capacity(width * height);
    for pixel in picture.rgb().chunks_exact(3) {
        let pixel = [0, 1, 2].map(|i| f64::from(pixel[i]));
        let (_, saturation) = figure::hue(pixel);
        vivid.push(saturation > 0.45);
        lights.push(brightness(pixel));
    }
    // A blurred rim belongs to neither layer.
    let near = |at: usize, wanted: bool, reach: usize| {
        let (x, y) = (at % width, at / width);
        let step = reach.max(1);
        [(x.saturating_sub(step), y), (x + step, y), (x, y.saturating_sub(step)), (x, y + step)]
            .into_iter()
            .chain([(x, y)])
            .all(|(x, y)| x < width && y < height && vivid[y * width + x] == wanted)
    };
    let wanted = layer == Layer::Foreground;
    let reach = width / if wanted { 40 } else { 16 };
    let mut slopes = Vec::new();
    let mut levels = Vec::new();
    for at in (0..lights.len()).filter(|&at| near(at, wanted, reach)) {
        let (x, y) = (at % width, at / width);
        if x > 0 && y > 0 && x + 1 < width && y + 1 < height {
            let across = lights[at + 1] - lights[at - 1];
            let down = lights[at + width] - lights[at - width];
            slopes.push(libm::sqrt(across * across + down * down) / 2.0);
            levels.push(lights[at]);
        }
    }
    let at = |values: &mut [f64], share: f64| {
        ranked(values, (share * values.len() as f64) as usize, f64::total_cmp)
    };
    let edge = at(&mut levels, 0.95) - at(&mut levels, 0.05);
    let slope = at(&mut slopes, 0.98).max(1e-6);
    // Central differences see a crisp edge as half its height a pixel: 0.8 pixels of blur.
    let width_of_edge = edge / slope / 2.506_628;
    libm::sqrt((width_of_edge * width_of_edge - 0.64).max(0.0))
}

/// The value at a place of the sorted values, or zero beyond them. Sorting them all would take much longer.
pub(super) fn ranked<T: Copy + Default>(
    values: &mut [T],
    place: usize,
    order: impl FnMut(&T, &T) -> Ordering,
) -> T {
    if place >= values.len() {
        return T::default();
    }
    *values.select_nth_unstable_by(place, order).1
}

/// Index of the smallest value.
pub(super) fn smallest(values: &[f64]) -> Option<usize> {
    (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b]))
}
