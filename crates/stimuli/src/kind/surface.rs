//! Surfaces: rough, moderate or smooth.

use avibench_media::MediaError;
use avibench_protocol::Folder;

use super::made::{FRAME_RATE, rounded};
use super::solids::{CLIP_SIDE, FRAMES, colours, floor};
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::random::Stream;
use crate::scene::{Bumps, Camera, Form, Solid, Stage};

/// What is its surface like?
pub(super) const SURFACE: Subtask = Subtask {
    folder: Folder::VsqaV,
    name: "surface",
    options: Some("what_surface"),
    answers: Answers::Words(&["Rough", "Moderate", "Smooth"]),
    unit: "height of the roughest bumps",
    intensities: [0.05, 0.75, 1.1, 1.2],
    make: surface,
};

/// A ball or a cylinder that turns so that its bumps catch the light.
fn surface(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let height = match answer {
        "Rough" => level,
        "Moderate" => 0.28 * level,
        _ => 0.0,
    };
    let form = stream.pick([Form::Sphere, Form::Cylinder]);
    let camera = Camera::new(CLIP_SIDE, 6.0, stream.between(24.0, 31.0), 0.75);
    let colour = colours(stream)[0];
    let bumps =
        Bumps { height, density: stream.between(6.0, 7.5), pattern: stream.below(1 << 30) as u32 };
    let turn = stream.sign() * stream.between(0.4, 0.6);
    let mut solid = Solid::standing(
        form,
        stream.between(0.85, 0.98),
        [stream.between(-0.2, 0.2), 0.0],
        0.0,
        colour,
    );
    if height > 0.0 {
        solid.bumps = Some(bumps);
    }
    let stage = Stage::new(camera, floor(stream));
    let pictures = stage.film((0..FRAMES).map(|frame| {
        let yaw = turn * frame as f64 / FRAME_RATE;
        vec![Solid { yaw, ..solid.clone() }]
    }))?;
    let question = "What is the surface of the solid in this video like: rough (coarse bumps), \
                    moderate (slight unevenness) or smooth?";
    // Both degrees need that much between them to be told apart.
    let intensity = if height > 0.0 { level } else { 0.0 };
    Ok(Made::clip(pictures, None, question, intensity)?
        .note("form", form.name())
        .note("bump_height", rounded(height))
        .note("bump_density", rounded(bumps.density)))
}
