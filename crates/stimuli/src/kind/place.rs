//! Places in a picture: where the odd one is, which one is larger, which one is brighter.

use avibench_media::MediaError;
use avibench_protocol::Folder;

use super::made::rounded;
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::paint::{Backdrop, Canvas, Figure, Hue, Shape, hsv};
use crate::random::Stream;

/// Width and height of every still picture in pixels.
pub(super) const SIDE: usize = 384;

const THREE: Answers = Answers::Words(&[
    "the right one",
    "the left one",
    "the middle one",
    "the bottom one",
    "the top one",
]);

/// Where is the one of another size?
pub(super) const ODD: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "odd_one_place",
    options: Some("get_from_space_hard"),
    answers: Answers::Words(&[
        "center",
        "top left",
        "top center",
        "top right",
        "bottom left",
        "bottom center",
        "bottom right",
        "no available option",
    ]),
    unit: "ratio of widths",
    intensities: [1.04, 1.4, 1.75, 1.9],
    make: odd,
};

/// Which one is the largest?
pub(super) const LARGER: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "larger_one",
    options: Some("get_from_space_easy_area"),
    answers: THREE,
    unit: "ratio of areas",
    intensities: [1.05, 1.4, 2.2, 2.6],
    make: larger,
};

/// Which one is the brightest?
pub(super) const BRIGHTER: Subtask = Subtask {
    folder: Folder::VsqaI,
    name: "brighter_one",
    options: Some("get_from_space_easy_bbrightness"),
    answers: THREE,
    unit: "difference of brightness, % of white",
    intensities: [1.0, 12.0, 30.0, 38.0],
    make: brighter,
};

/// A figure that looks alike from every side it may be turned to, and a turn for it.
fn any_figure(stream: &mut Stream) -> (Figure, f64) {
    let figure = stream.pick([
        Figure::Circle,
        Figure::Square,
        Figure::Triangle,
        Figure::Pentagon,
        Figure::Hexagon,
        Figure::Star,
    ]);
    (figure, stream.between(-0.3, 0.3))
}

fn empty(stream: &mut Stream) -> Canvas {
    let top = Backdrop::light(stream);
    let bottom = top.towards(hsv(0.0, 0.0, 0.75), 0.18);
    Canvas::gradient(SIDE, SIDE, top, bottom)
}

fn any_colour(stream: &mut Stream) -> crate::paint::Rgb {
    Hue::ALL[stream.below(Hue::ALL.len())].vivid(stream)
}

/// Nine figures in three rows; one is larger or smaller by `level` to 1.
fn odd(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let (column, row) = match answer {
        "top left" => (0, 0),
        "top center" => (1, 0),
        "top right" => (2, 0),
        "center" => (1, 1),
        "bottom left" => (0, 2),
        "bottom center" => (1, 2),
        "bottom right" => (2, 2),
        // The two places that the list of options does not name.
        _ => (stream.pick([0, 2]), 1),
    };
    let (figure, turn) = any_figure(stream);
    let colour = any_colour(stream);
    let mut canvas = empty(stream);
    let cell = SIDE as f64 / 3.0;
    let is_larger = stream.chance(0.5);
    let usual = if is_larger { 0.155 } else { 0.24 } * cell * stream.between(0.95, 1.05);
    for place in 0..9 {
        let (x, y) = (place % 3, place / 3);
        let centre = [
            (f64::from(x) + 0.5) * cell + stream.between(-6.0, 6.0),
            (f64::from(y) + 0.5) * cell + stream.between(-6.0, 6.0),
        ];
        let factor = match (x == column && y == row, is_larger) {
            (false, _) => 1.0,
            (true, true) => level,
            (true, false) => 1.0 / level,
        };
        canvas.fill(&Shape::figure(figure, centre, usual * factor, turn), colour);
    }
    let question = "One of these nine shapes differs from the others in size. Where is it?";
    Ok(Made::picture(canvas.to_picture()?, question, level)
        .note("figure", figure.name())
        .note("odd_is", if is_larger { "larger" } else { "smaller" }))
}

/// Three figures in a row or a column.
struct Three {
    places: [[f64; 2]; 3],
    /// Which of them the answer names.
    chosen: usize,
    layout: &'static str,
    /// What each of them is called. Row or column is plain to see, so the other layout's names are
    /// no answers.
    names: [&'static str; 3],
}

impl Three {
    fn alternatives(&self) -> Vec<String> {
        self.names.map(str::to_owned).to_vec()
    }
}

/// Places for three figures so that the one which the answer names is among them.
fn three(stream: &mut Stream, answer: &str) -> Three {
    let (upright, chosen) = match answer {
        "the left one" => (false, 0),
        "the right one" => (false, 2),
        "the top one" => (true, 0),
        "the bottom one" => (true, 2),
        _ => (stream.chance(0.5), 1),
    };
    let side = SIDE as f64;
    let places = [0.19, 0.5, 0.81].map(|along| {
        let along = side * (along + stream.between(-0.015, 0.015));
        let across = side * (0.5 + stream.between(-0.06, 0.06));
        if upright { [across, along] } else { [along, across] }
    });
    let (layout, names) = if upright {
        ("column", ["the top one", "the middle one", "the bottom one"])
    } else {
        ("row", ["the left one", "the middle one", "the right one"])
    };
    Three { places, chosen, layout, names }
}

fn larger(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let three = three(stream, answer);
    let (figure, turn) = any_figure(stream);
    let mut canvas = empty(stream);
    let small = SIDE as f64 * 0.075 * stream.between(0.9, 1.05);
    for (i, place) in three.places.into_iter().enumerate() {
        let factor = if i == three.chosen { level.sqrt() } else { 1.0 };
        let colour = any_colour(stream);
        canvas.fill(&Shape::figure(figure, place, small * factor, turn), colour);
    }
    let question = "Which of the three shapes is the largest?";
    Ok(Made::picture(canvas.to_picture()?, question, level)
        .note("figure", figure.name())
        .note("layout", three.layout)
        .leaving(three.alternatives()))
}

fn brighter(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let three = three(stream, answer);
    let (figure, turn) = any_figure(stream);
    // A dark ground: what is brighter stands out, and nothing is as bright as paper.
    let ground = hsv(stream.between(0.0, 360.0), 0.10, stream.between(0.10, 0.16));
    let mut canvas = Canvas::new(SIDE, SIDE, ground);
    let hue = stream.between(0.0, 360.0);
    let dim = stream.between(0.34, 0.56);
    for (i, place) in three.places.into_iter().enumerate() {
        let value = if i == three.chosen { dim + level / 100.0 } else { dim };
        let radius = SIDE as f64 * stream.between(0.085, 0.10);
        canvas.fill(&Shape::figure(figure, place, radius, turn), hsv(hue, 0.25, value));
    }
    let question = "Which of the three shapes is the brightest?";
    Ok(Made::picture(canvas.to_picture()?, question, level)
        .note("figure", figure.name())
        .note("layout", three.layout)
        .leaving(three.alternatives())
        .note("dim", rounded(dim)))
}
