//! Sharp or blurred: the background, the foreground, the whole image, and how much.

use std::f64::consts::PI;

use avibench_media::{MediaError, Picture};
use avibench_protocol::Folder;

use super::made::rounded;
use super::place::SIDE;
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::paint::{Canvas, Figure, Hue, Rgb, Shape, blur, hsv};
use crate::random::Stream;

const YES_NO: Answers = Answers::Words(&["yes", "no"]);
const BLUR: [f64; 4] = [0.3, 3.0, 6.5, 9.0];

/// Is the background clear?
pub(super) const BACKGROUND: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "background_clear",
    options: Some("get_from_background_binary"),
    answers: YES_NO,
    unit: "px of blur",
    intensities: BLUR,
    make: |stream, answer, level| {
        let blurred = if answer == "no" { level } else { 0.0 };
        let other = if stream.chance(0.5) { level } else { 0.0 };
        let picture = scene(stream, other, blurred)?;
        let question = "Is the background of this image clear, that is sharp and not blurred?";
        Ok(Made::picture(picture, question, blurred).note("other_layer", rounded(other)))
    },
};

/// Is the foreground clear?
pub(super) const FOREGROUND: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "foreground_clear",
    options: Some("get_from_foreground_binary"),
    answers: YES_NO,
    unit: "px of blur",
    intensities: BLUR,
    make: |stream, answer, level| {
        let blurred = if answer == "no" { level } else { 0.0 };
        let other = if stream.chance(0.5) { level } else { 0.0 };
        let picture = scene(stream, blurred, other)?;
        let question =
            "Is the object in the foreground of this image clear, that is sharp and not blurred?";
        Ok(Made::picture(picture, question, blurred).note("other_layer", rounded(other)))
    },
};

/// Is the image clear?
pub(super) const IMAGE: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "image_clear",
    options: Some("get_from_image_binary"),
    answers: YES_NO,
    unit: "px of blur",
    intensities: BLUR,
    make: |stream, answer, level| {
        let blurred = if answer == "no" { level } else { 0.0 };
        let picture = scene(stream, blurred, blurred)?;
        let question = "Is this image as a whole clear, that is sharp and not blurred?";
        Ok(Made::picture(picture, question, blurred))
    },
};

/// How clear is the image?
pub(super) const DEGREE: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "image_clarity_degree",
    options: Some("get_from_image_triple"),
    answers: Answers::Words(&["blurred", "normal", "clear"]),
    unit: "px of the strongest blur",
    intensities: [0.5, 4.0, 6.5, 9.0],
    make: |stream, answer, level| {
        let blurred = match answer {
            "blurred" => level,
            "normal" => 0.33 * level,
            _ => 0.0,
        };
        let picture = scene(stream, blurred, blurred)?;
        let question = "How clear is this image: clear (every edge is crisp), normal (edges are \
                        slightly soft), or blurred (every edge is washed out)?";
        // Both degrees need that much between them to be told apart.
        let intensity = if blurred > 0.0 { level } else { 0.0 };
        Ok(Made::picture(picture, question, intensity).note("blur_px", rounded(blurred)))
    },
};

/// A striped figure before a quiet pattern, each with its own blur.
fn scene(stream: &mut Stream, foreground: f64, background: f64) -> Result<Picture, MediaError> {
    let side = SIDE as f64;
    let mut back = backdrop(stream);
    blur(&mut back, background);

    let hues = Hue::ALL;
    let colour = hues[stream.below(hues.len())].vivid(stream);
    let dark = Rgb(colour.0.map(|channel| channel * 0.66));
    let figure = stream.pick([
        Figure::Circle,
        Figure::Square,
        Figure::Triangle,
        Figure::Pentagon,
        Figure::Hexagon,
    ]);
    let centre = [side * stream.between(0.42, 0.58), side * stream.between(0.42, 0.58)];
    let radius = side * stream.between(0.20, 0.25);
    let turn = stream.between(-0.2, 0.2);
    let shape = Shape::figure(figure, centre, radius, turn);
    let mut front = Canvas::new(SIDE, SIDE, colour);
    stripes(&mut front, stream.between(0.2, PI - 0.2), stream.between(22.0, 30.0), dark);
    blur(&mut front, foreground);
    let mut mask = Canvas::new(SIDE, SIDE, Rgb([0.0; 3]));
    mask.fill(&shape, Rgb([1.0; 3]));
    blur(&mut mask, foreground);

    for ((back, front), mask) in back.pixels_mut().iter_mut().zip(front.pixels()).zip(mask.pixels())
    {
        for i in 0..3 {
            back[i] += (front[i] - back[i]) * mask[i];
        }
    }
    back.to_picture()
}

/// Stripes of `ink` across the whole canvas, one in every `period` pixels.
fn stripes(canvas: &mut Canvas, angle: f64, period: f64, ink: Rgb) {
    let middle = [canvas.width() as f64 / 2.0, canvas.height() as f64 / 2.0];
    let (across, along) =
        ([libm::cos(angle), libm::sin(angle)], [-libm::sin(angle), libm::cos(angle)]);
    let reach = middle[0] + middle[1];
    let steps = (reach / period) as i32 + 1;
    for step in -steps..=steps {
        let offset = f64::from(step) * period;
        let foot = [middle[0] + offset * across[0], middle[1] + offset * across[1]];
        let end =
            |sign: f64| [foot[0] + sign * reach * along[0], foot[1] + sign * reach * along[1]];
        canvas.fill(&Shape::stroke(end(-1.0), end(1.0), period * 0.42), ink);
    }
}

/// Tiles, stripes or discs in two quiet tones.
fn backdrop(stream: &mut Stream) -> Canvas {
    let side = SIDE as f64;
    let hue = stream.between(0.0, 360.0);
    let light = hsv(hue, 0.07, stream.between(0.90, 0.94));
    let dark = hsv(hue + stream.between(-25.0, 25.0), 0.14, stream.between(0.62, 0.70));
    let mut canvas = Canvas::new(SIDE, SIDE, light);
    match stream.below(3) {
        0 => {
            let tile = side / f64::from(stream.pick([7_u8, 8, 9]));
            let count = (side / tile + 0.5) as usize;
            for i in 0..count * count {
                let (x, y) = ((i % count) as f64 * tile, (i / count) as f64 * tile);
                if (i % count + i / count).is_multiple_of(2) {
                    canvas.fill(&Shape::rectangle(x, y, x + tile, y + tile), dark);
                }
            }
        }
        1 => stripes(&mut canvas, stream.between(0.2, PI - 0.2), stream.between(40.0, 54.0), dark),
        _ => {
            let step = side / f64::from(stream.pick([6_u8, 7]));
            let count = (side / step + 0.5) as usize;
            let radius = step * stream.between(0.28, 0.36);
            for i in 0..count * (count + 1) {
                let (row, column) = (i / (count + 1), i % (count + 1));
                let shift = if row % 2 == 0 { 0.5 } else { 0.0 };
                let centre = [(column as f64 + shift) * step, (row as f64 + 0.5) * step];
                canvas.fill(&Shape::figure(Figure::Circle, centre, radius, 0.0), dark);
            }
        }
    }
    canvas
}
