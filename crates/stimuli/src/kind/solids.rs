//! Solids: where the cone is, what it is, how many there are.

use std::f64::consts::{FRAC_PI_2, TAU};

use avibench_media::MediaError;
use avibench_protocol::Folder;

use super::made::{FRAME_RATE, rounded};
use super::place::SIDE;
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::paint::{Backdrop, Hue, Rgb};
use crate::random::Stream;
use crate::scene::{Camera, Form, Solid, Stage};

/// Width and height of every clip in pixels.
pub(super) const CLIP_SIDE: usize = 256;
/// Pictures of a clip without sound: two seconds.
pub(super) const FRAMES: usize = 24;

/// Where is the cone?
pub(super) const WHERE: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "cone_place",
    options: Some("get_from_3d-task1"),
    answers: Answers::Words(&["center", "left", "right"]),
    unit: "size in picture widths",
    intensities: [0.03, 0.16, 0.21, 0.22],
    make: cone_place,
};

/// What is it?
pub(super) const WHAT: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "solid_name",
    options: Some("get_from_3d-task2"),
    answers: Answers::Words(&["cone", "cube", "cylinder", "cuboid", "no available option"]),
    unit: "size in picture widths",
    intensities: [0.05, 0.30, 0.42, 0.45],
    make: solid_name,
};

/// How many are there?
pub(super) const COUNT: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "solids_counting",
    options: None,
    answers: Answers::Counts(9),
    unit: "size in picture widths",
    intensities: [0.02, 0.075, 0.11, 0.12],
    make: solids_counting,
};

/// What is it that turns?
pub(super) const TURNING: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "shape",
    options: Some("what_shape"),
    answers: Answers::Words(&["Triangular pyramid", "Cone", "Cube", "Sphere", "None"]),
    unit: "size in picture widths",
    intensities: [0.05, 0.30, 0.42, 0.45],
    make: shape,
};

/// A light floor.
pub(super) fn floor(stream: &mut Stream) -> Rgb {
    Backdrop::light(stream)
}

/// A yaw at which the form shows what it is: never a box from straight ahead.
pub(super) fn telling_yaw(form: Form, stream: &mut Stream) -> f64 {
    match form {
        Form::LongCuboid => stream.sign() * stream.between(0.30, 0.75),
        Form::Cube | Form::TallCuboid | Form::Pyramid => {
            stream.between(0.35, FRAC_PI_2 - 0.35) + FRAC_PI_2 * stream.below(4) as f64
        }
        _ => stream.between(0.0, TAU),
    }
}

fn any_colour(stream: &mut Stream) -> Rgb {
    Hue::ALL[stream.below(Hue::ALL.len())].vivid(stream)
}

/// Different colours for several solids.
pub(super) fn colours(stream: &mut Stream) -> [Rgb; 7] {
    let mut hues = Hue::ALL;
    stream.shuffle(&mut hues);
    hues.map(|hue| hue.vivid(stream))
}

/// A cone and two other solids in a row.
fn cone_place(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let chosen = match answer {
        "left" => 0,
        "center" => 1,
        _ => 2,
    };
    let camera = Camera::new(SIDE, 9.0, stream.between(24.0, 31.0), 0.45);
    let size = level * camera.width_at_centre() / 1.8;
    let others = stream.shuffled([Form::Cube, Form::Cylinder, Form::Sphere, Form::TallCuboid]);
    let colours = colours(stream);
    let stage = Stage::new(camera, floor(stream));
    let solids: Vec<Solid> = (0..3)
        .map(|i| {
            let form = if i == chosen { Form::Cone } else { others[i] };
            let place = [
                1.62 * (i as f64 - 1.0) + stream.between(-0.10, 0.10),
                stream.between(-0.35, 0.35),
            ];
            Solid::standing(form, size, place, telling_yaw(form, stream), colours[i])
        })
        .collect();
    let question = "Three solids stand side by side. Where is the cone?";
    Ok(Made::picture(stage.render(&solids)?, question, level))
}

fn solid_name(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let form = match answer {
        "cone" => Form::Cone,
        "cube" => Form::Cube,
        "cylinder" => Form::Cylinder,
        "cuboid" => stream.pick([Form::TallCuboid, Form::LongCuboid]),
        _ => stream.pick([Form::Sphere, Form::Pyramid]),
    };
    let camera = Camera::new(SIDE, 6.5, stream.between(24.0, 31.0), 0.65);
    let size = level * camera.width_at_centre() / 1.8;
    let place = [stream.between(-0.35, 0.35), stream.between(-0.3, 0.3)];
    let colour = any_colour(stream);
    let solid = Solid::standing(form, size, place, telling_yaw(form, stream), colour);
    let stage = Stage::new(camera, floor(stream));
    let question = "What is the solid in this image?";
    Ok(Made::picture(stage.render(&[solid])?, question, level).note("form", form.name()))
}

/// Solids in their own cells of a 4 by 4 grid: none hides another.
fn solids_counting(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let count: usize = answer.parse().unwrap_or(1);
    let camera = Camera::new(SIDE, 10.0, stream.between(30.0, 36.0), 0.2);
    let size = level * camera.width_at_centre() / 1.8;
    let forms = [Form::Sphere, Form::Cube, Form::Cylinder, Form::Cone, Form::Pyramid];
    let mut cells: Vec<usize> = (0..16).collect();
    stream.shuffle(&mut cells);
    let solids: Vec<Solid> = cells
        .iter()
        .take(count)
        .map(|cell| {
            let (column, row) = ((cell % 4) as f64, (cell / 4) as f64);
            let side = SIDE as f64;
            // The lower part of the cell: a solid rises above the point it stands on.
            let place = camera.floor_at(
                side * (0.06 + 0.22 * (column + 0.5) + stream.between(-0.02, 0.02)),
                side * (0.09 + 0.22 * (row + 0.5) + stream.between(-0.02, 0.02)),
            );
            let form = stream.pick(forms);
            let colour = any_colour(stream);
            Solid::standing(form, size, place, telling_yaw(form, stream), colour)
        })
        .collect();
    let stage = Stage::new(camera, floor(stream));
    let question = "How many solids are there in this image? Answer with a number.";
    Ok(Made::picture(stage.render(&solids)?, question, level))
}

/// A solid that turns on the spot.
fn shape(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let form = match answer {
        "Triangular pyramid" => Form::TriangularPyramid,
        "Cone" => Form::Cone,
        "Cube" => Form::Cube,
        "Sphere" => Form::Sphere,
        _ => stream.pick([Form::Cylinder, Form::TallCuboid]),
    };
    let camera = Camera::new(CLIP_SIDE, 6.5, stream.between(24.0, 31.0), 0.65);
    let size = level * camera.width_at_centre() / 1.8;
    let place = [stream.between(-0.3, 0.3), stream.between(-0.25, 0.25)];
    let start = stream.between(0.0, TAU);
    let turn = stream.sign() * stream.between(0.7, 1.0);
    let solid = Solid::standing(form, size, place, start, any_colour(stream));
    let stage = Stage::new(camera, floor(stream));
    let pictures = stage.film((0..FRAMES).map(|frame| {
        let yaw = start + turn * frame as f64 / FRAME_RATE;
        vec![Solid { yaw, ..solid.clone() }]
    }))?;
    let question = "A solid turns slowly on the spot. Which solid is it?";
    Ok(Made::clip(pictures, None, question, level)?
        .note("form", form.name())
        .note("turn_rad_per_s", rounded(turn)))
}
