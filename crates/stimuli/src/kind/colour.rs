//! Colours by name.

use avibench_media::MediaError;
use avibench_protocol::Folder;

use super::made::rounded;
use super::place::SIDE;
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::paint::{Backdrop, Canvas, Figure, Hue, Shape, hsv};
use crate::random::Stream;

/// Which colour is it?
pub(super) const COLOUR: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "color",
    options: Some("get_from_color"),
    // `puprle` is how the benchmark's list spells it.
    answers: Answers::Words(&["blue", "green", "red", "puprle", "yellow", "no available option"]),
    unit: "saturation",
    intensities: [0.03, 0.5, 0.95, 1.0],
    make: colour,
};

fn colour(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let hue = match answer {
        "blue" => Hue::Blue,
        "green" => Hue::Green,
        "red" => Hue::Red,
        "puprle" => Hue::Purple,
        "yellow" => Hue::Yellow,
        // Colours that the list does not name.
        _ => stream.pick([Hue::Orange, Hue::Cyan]),
    };
    let (middle, stray) = hue.degrees();
    let degrees = middle + stream.between(-stray, stray);
    let value = match hue {
        Hue::Yellow | Hue::Orange => stream.between(0.90, 0.98),
        _ => stream.between(0.70, 0.90),
    };
    let side = SIDE as f64;
    let figure = stream.pick([
        Figure::Circle,
        Figure::Square,
        Figure::Triangle,
        Figure::Pentagon,
        Figure::Hexagon,
        Figure::Star,
    ]);
    let centre = [side * stream.between(0.4, 0.6), side * stream.between(0.4, 0.6)];
    let radius = side * stream.between(0.16, 0.24);
    let top = Backdrop::light(stream);
    let mut canvas = Canvas::gradient(SIDE, SIDE, top, top.towards(hsv(0.0, 0.0, 0.75), 0.18));
    let turn = stream.between(-0.3, 0.3);
    canvas.fill(&Shape::figure(figure, centre, radius, turn), hsv(degrees, level, value));
    let question = format!("Which color is the {} in this image?", figure.name());
    Ok(Made::picture(canvas.to_picture()?, question, level)
        .note("hue_degrees", rounded(degrees.rem_euclid(360.0)))
        .note("figure", figure.name()))
}
