//! Lines: how many, which way.

use std::f64::consts::PI;

use avibench_media::MediaError;
use avibench_protocol::Folder;

use super::made::rounded;
use super::place::SIDE;
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::paint::{Backdrop, Canvas, Hue, Shape};
use crate::random::Stream;

/// How many lines are there?
pub(super) const COUNT: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "lines_counting",
    options: None,
    answers: Answers::Counts(9),
    unit: "length in picture widths",
    intensities: [0.02, 0.13, 0.22, 0.23],
    make: count,
};

/// Which way do they run?
pub(super) const DIRECTION: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "lines_direction",
    options: Some("get_lines_direction"),
    answers: Answers::Words(&["horizontal", "vertical", "inclined"]),
    unit: "degrees from the nearest axis",
    intensities: [1.0, 18.0, 45.0, 45.0],
    make: direction,
};

/// Lines in their own cells of a 4 by 4 grid: they never touch.
fn count(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let count: usize = answer.parse().unwrap_or(1);
    let side = SIDE as f64;
    let mut cells: Vec<usize> = (0..16).collect();
    stream.shuffle(&mut cells);
    let colour = ink(stream);
    let width = stream.between(5.0, 7.0);
    let mut canvas = Canvas::new(SIDE, SIDE, Backdrop::light(stream));
    let cell = side / 4.0;
    for &place in cells.iter().take(count) {
        let middle = [((place % 4) as f64 + 0.5) * cell, ((place / 4) as f64 + 0.5) * cell];
        let angle = stream.between(0.0, PI);
        line(&mut canvas, middle, angle, level * side, width, colour);
    }
    let question = "How many lines are there in this image? Answer with a number.";
    Ok(Made::picture(canvas.to_picture()?, question, level))
}

/// Several parallel lines.
fn direction(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let off = level.to_radians();
    let (axis, intensity) = match answer {
        "horizontal" => (0.0, 0.0),
        "vertical" => (PI / 2.0, 0.0),
        _ => (stream.pick([0.0, PI / 2.0]), level),
    };
    let angle = if intensity > 0.0 { axis + stream.sign() * off } else { axis };
    // Which axis is the nearer one is plain; whether the lines run along it is the question.
    let along = if axis > 0.0 { "vertical" } else { "horizontal" };
    let side = SIDE as f64;
    let count = 3 + stream.below(4);
    let colour = ink(stream);
    let width = stream.between(5.0, 8.0);
    let mut canvas = Canvas::new(SIDE, SIDE, Backdrop::light(stream));
    let step = side * 0.66 / count as f64;
    let across = [-libm::sin(angle), libm::cos(angle)];
    for i in 0..count {
        let offset = (i as f64 - (count - 1) as f64 / 2.0) * step;
        let middle = [side / 2.0 + offset * across[0], side / 2.0 + offset * across[1]];
        line(&mut canvas, middle, angle, side * stream.between(0.42, 0.60), width, colour);
    }
    let question = "Which way do the lines in this image run: horizontal, vertical or inclined?";
    Ok(Made::picture(canvas.to_picture()?, question, intensity)
        .note("angle_degrees", rounded(angle.to_degrees().rem_euclid(180.0)))
        .note("count", count)
        .leaving(vec![along.to_owned(), "inclined".to_owned()]))
}

/// Any colour that is dark enough for a thin line.
fn ink(stream: &mut Stream) -> crate::paint::Rgb {
    stream.pick([Hue::Red, Hue::Green, Hue::Blue, Hue::Purple]).vivid(stream)
}

fn line(
    canvas: &mut Canvas,
    middle: [f64; 2],
    angle: f64,
    length: f64,
    width: f64,
    colour: crate::paint::Rgb,
) {
    let half = [libm::cos(angle) * length / 2.0, libm::sin(angle) * length / 2.0];
    let from = [middle[0] - half[0], middle[1] - half[1]];
    let to = [middle[0] + half[0], middle[1] + half[1]];
    canvas.fill(&Shape::stroke(from, to, width), colour);
}
