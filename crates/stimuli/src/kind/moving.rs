//! Clips in which something moves or grows.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use avibench_media::{MediaError, Picture};
use avibench_protocol::Folder;

use super::made::{FRAME_RATE, rounded};
use super::solids::{CLIP_SIDE, FRAMES, colours, floor, telling_yaw};
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::paint::{Backdrop, Canvas, Figure, Hue, Rgb, Shape};
use crate::random::Stream;
use crate::scene::{Camera, Form, Solid, Stage};

const SIDE: f64 = CLIP_SIDE as f64;
/// Seconds from the first picture to the last.
const SPAN: f64 = (FRAMES - 1) as f64 / FRAME_RATE;

/// How many discs are there?
pub(super) const COUNT: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "objects_counting",
    options: None,
    answers: Answers::Counts(9),
    unit: "picture widths per second",
    intensities: [2.0, 0.35, 0.10, 0.02],
    make: count,
};

/// Which one grows or shrinks?
pub(super) const CHANGES: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "area_changes",
    options: Some("which_object"),
    answers: Answers::Words(&["square", "circle", "triangle", "no available option"]),
    unit: "ratio of areas per second",
    intensities: [1.03, 1.25, 1.6, 1.8],
    make: |stream, answer, level| areas(stream, answer, level, true),
};

/// Which one stays as it is?
pub(super) const STAYS: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "area_stays",
    options: Some("which_object"),
    answers: Answers::Words(&["square", "circle", "triangle", "no available option"]),
    unit: "ratio of areas per second",
    intensities: [1.03, 1.25, 1.6, 1.8],
    make: |stream, answer, level| areas(stream, answer, level, false),
};

/// Which way does a flat shape move?
pub(super) const FLAT: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "movement_2d",
    options: Some("what_movement_2d"),
    // `no movenment` is how the benchmark's list spells it.
    answers: Answers::Words(&["horizontal", "inclined", "vertical", "no movenment", "None"]),
    unit: "path in picture widths",
    intensities: [0.02, 0.35, 0.60, 0.65],
    make: flat,
};

/// From which corner to which does it move?
pub(super) const SPATIAL: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "spatial_change",
    options: Some("spacial_change"),
    answers: Answers::Words(&[
        "Bottom-left to top-right",
        "Bottom-right to top-left",
        "Top-left to bottom-right",
        "Top-right to bottom-left",
        "None",
        "No movement",
    ]),
    unit: "path in picture widths",
    intensities: [0.02, 0.35, 0.70, 0.75],
    make: spatial,
};

/// What does a solid do?
pub(super) const DEEP: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "movement_3d",
    options: Some("what_movement_3d"),
    answers: Answers::Words(&["Rotation", "Shrinking", "Translation", "Enlarging", "None"]),
    unit: "path of the surface in object widths",
    intensities: [0.02, 0.30, 0.55, 0.60],
    make: deep,
};

/// Discs that move straight on and bounce off the edges; apart at first, they may pass before one
/// another later.
fn count(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let count: usize = answer.parse().unwrap_or(1);
    let radius = SIDE * stream.between(0.042, 0.050);
    let speed = level * SIDE / FRAME_RATE;
    let mut cells: Vec<usize> = (0..16).collect();
    stream.shuffle(&mut cells);
    let mut discs: Vec<([f64; 2], [f64; 2], Rgb)> = cells
        .iter()
        .take(count)
        .map(|cell| {
            let place = [(cell % 4) as f64, (cell / 4) as f64]
                .map(|along| SIDE * (0.08 + 0.21 * (along + 0.5) + stream.between(-0.03, 0.03)));
            let angle = stream.between(0.0, TAU);
            let step = [speed * libm::cos(angle), speed * libm::sin(angle)];
            (place, step, Hue::ALL[stream.below(Hue::ALL.len())].vivid(stream))
        })
        .collect();
    let ground = Backdrop::light(stream);
    let mut pictures = Vec::with_capacity(FRAMES);
    for _ in 0..FRAMES {
        let mut canvas = Canvas::new(CLIP_SIDE, CLIP_SIDE, ground);
        for (place, step, colour) in &mut discs {
            canvas.fill(&Shape::figure(Figure::Circle, *place, radius, 0.0), *colour);
            for axis in 0..2 {
                place[axis] += step[axis];
                let (low, high) = (radius + 3.0, SIDE - radius - 3.0);
                if (place[axis] < low && step[axis] < 0.0)
                    || (place[axis] > high && step[axis] > 0.0)
                {
                    step[axis] = -step[axis];
                    place[axis] = place[axis].clamp(low, high);
                }
            }
        }
        pictures.push(canvas.to_picture()?);
    }
    let question = "How many objects are moving in this video? Answer with a number.";
    Made::clip(pictures, None, question, level)
}

/// A square, a circle and a triangle, some of which grow or shrink. `odd_changes`: only the one
/// that the answer names does; else all but that one do.
fn areas(
    stream: &mut Stream,
    answer: &str,
    level: f64,
    odd_changes: bool,
) -> Result<Made, MediaError> {
    let figures = stream.shuffled([Figure::Square, Figure::Circle, Figure::Triangle]);
    let colours = colours(stream);
    let ground = Backdrop::light(stream);
    let mut actors = Vec::with_capacity(3);
    for (i, figure) in figures.into_iter().enumerate() {
        let along = SIDE * (0.19 + 0.31 * i as f64 + stream.between(-0.01, 0.01));
        let across = SIDE * (0.5 + stream.between(-0.16, 0.16));
        let changes = (figure.name() == answer) == odd_changes;
        // Shrinking and growing over the whole clip pass through the same middle size.
        let direction = stream.sign();
        let rate = if changes { direction * libm::log(level) / 2.0 } else { 0.0 };
        let middle = SIDE * stream.between(0.070, 0.078);
        actors.push((figure, [along, across], stream.between(-0.15, 0.15), middle, rate));
    }
    let mut pictures = Vec::with_capacity(FRAMES);
    for frame in 0..FRAMES {
        let time = frame as f64 / FRAME_RATE - SPAN / 2.0;
        let mut canvas = Canvas::new(CLIP_SIDE, CLIP_SIDE, ground);
        for ((figure, place, turn, middle, rate), colour) in actors.iter().zip(colours) {
            let radius = middle * libm::exp(rate * time);
            canvas.fill(&Shape::figure(*figure, *place, radius, *turn), colour);
        }
        pictures.push(canvas.to_picture()?);
    }
    let question = if odd_changes {
        "Which object changes its area, the square, the circle or the triangle?"
    } else {
        "Which object does not change its area, the square, the circle or the triangle?"
    };
    // Nothing differs where nothing changes.
    let still = odd_changes && answer == "no available option";
    Made::clip(pictures, None, question, if still { 0.0 } else { level })
}

/// Pictures of a flat figure that follows a path: `path` gives its offset from the middle of the
/// picture in pixels, for 0..=1 of the way.
fn follow(
    stream: &mut Stream,
    wander: f64,
    path: impl Fn(f64) -> [f64; 2],
) -> Result<Vec<Picture>, MediaError> {
    let figure = stream.pick([Figure::Circle, Figure::Square, Figure::Triangle, Figure::Star]);
    let colour = Hue::ALL[stream.below(Hue::ALL.len())].vivid(stream);
    let ground = Backdrop::light(stream);
    let radius = SIDE * stream.between(0.060, 0.075);
    let turn = stream.between(-0.3, 0.3);
    let middle = [0, 1].map(|_| SIDE * (0.5 + stream.between(-wander, wander)));
    (0..FRAMES)
        .map(|frame| {
            let [x, y] = path(frame as f64 / (FRAMES - 1) as f64);
            let mut canvas = Canvas::new(CLIP_SIDE, CLIP_SIDE, ground);
            let place = [middle[0] + x, middle[1] + y];
            canvas.fill(&Shape::figure(figure, place, radius, turn), colour);
            canvas.to_picture()
        })
        .collect()
}

fn flat(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let length = level * SIDE;
    let sign = stream.sign();
    let straight = |angle: f64| {
        move |share: f64| {
            let along = sign * length * (share - 0.5);
            [along * libm::cos(angle), along * libm::sin(angle)]
        }
    };
    let tilt = stream.sign() * stream.between(0.52, 1.05);
    let start = stream.between(0.0, TAU);
    let wander = 0.09;
    let pictures = match answer {
        "horizontal" => follow(stream, wander, straight(0.0)),
        "vertical" => follow(stream, wander, straight(FRAC_PI_2)),
        "inclined" => follow(stream, wander, straight(tilt)),
        "no movenment" => follow(stream, 0.25, |_| [0.0, 0.0]),
        // Round in a circle, as far as the others go.
        _ => {
            let radius = length / TAU * 1.2;
            follow(stream, wander, move |share| {
                let angle = start + sign * TAU * share * 0.83;
                [radius * libm::cos(angle), radius * libm::sin(angle)]
            })
        }
    }?;
    let question = "How does the object in this video move? Choose None for a movement that is \
                    not along a straight line.";
    let intensity = if answer == "no movenment" { 0.0 } else { level };
    Made::clip(pictures, None, question, intensity)
}

fn spatial(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let length = level * SIDE;
    let slope = stream.between(0.61, 0.96);
    // y points down in a picture.
    let way = match answer {
        "Bottom-left to top-right" => Some([1.0, -1.0]),
        "Bottom-right to top-left" => Some([-1.0, -1.0]),
        "Top-left to bottom-right" => Some([1.0, 1.0]),
        "Top-right to bottom-left" => Some([-1.0, 1.0]),
        _ => None,
    };
    let sideways = stream.pick([0.0, FRAC_PI_2, PI, 3.0 * FRAC_PI_2]);
    let pictures = match (way, answer) {
        (Some([x, y]), _) => follow(stream, 0.07, |share| {
            let along = length * (share - 0.5);
            [x * along * libm::cos(slope), y * along * libm::sin(slope)]
        }),
        (None, "No movement") => follow(stream, 0.25, |_| [0.0, 0.0]),
        (None, _) => follow(stream, 0.07, |share| {
            let along = length * (share - 0.5);
            [along * libm::cos(sideways), along * libm::sin(sideways)]
        }),
    }?;
    let question = "From which corner towards which corner does the object in this video move? \
                    Choose None for a movement straight up, down or sideways.";
    let intensity = if answer == "No movement" { 0.0 } else { level };
    Made::clip(pictures, None, question, intensity)
}

/// A solid that turns, grows, shrinks, slides or rests. In each case the outermost points of its
/// surface travel `level` times its width.
fn deep(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let form = stream.pick([Form::Cube, Form::TallCuboid, Form::Pyramid]);
    let camera = Camera::new(CLIP_SIDE, 8.0, stream.between(24.0, 31.0), 0.5);
    let size = stream.between(0.62, 0.72);
    let colour = colours(stream)[0];
    let floor = floor(stream);
    let start = telling_yaw(form, stream);
    let sign = stream.sign();
    let heading = stream.between(-0.4, 0.4);
    let wander = [stream.between(-0.25, 0.25), stream.between(-0.25, 0.25)];
    let solid = Solid::standing(form, size, wander, start, colour);
    let stage = Stage::new(camera, floor);
    let width = 2.0 * form.footprint() * size;
    let pictures = stage.film((0..FRAMES).map(|frame| {
        let share = frame as f64 / (FRAMES - 1) as f64;
        let actor = match answer {
            "Rotation" => {
                let yaw = start + sign * 2.0 * level * share;
                Solid { yaw, ..solid.clone() }
            }
            "Enlarging" => solid.grown((1.0 + 2.0 * level * share) / (1.0 + level)),
            "Shrinking" => solid.grown((1.0 + 2.0 * level * (1.0 - share)) / (1.0 + level)),
            "Translation" => {
                let along = sign * level * 1.3 * width * (share - 0.5);
                let [x, y, z] = solid.centre;
                let centre = [x + along * libm::cos(heading), y, z + along * libm::sin(heading)];
                Solid { centre, ..solid.clone() }
            }
            _ => solid.clone(),
        };
        vec![actor]
    }))?;
    let question = "What does the solid in this video do? Choose None if it does not move.";
    let intensity = if answer == "None" { 0.0 } else { level };
    Ok(Made::clip(pictures, None, question, intensity)?
        .note("form", form.name())
        .note("size", rounded(size)))
}
