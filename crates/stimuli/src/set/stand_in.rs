//! Media of the stand-ins: drum beats, discs, a disc that moves.

use avibench_media::{Clip, MediaError, Picture, Sound};

use crate::paint::{Backdrop, Canvas, Figure, Hue, Rgb, Shape};
use crate::random::Stream;
use crate::sound::{Timbre, Track, beat, noise, tone};

/// Width and height of pictures and clips in pixels.
pub(super) const SIDE: usize = 192;
/// Pictures of a clip, and how many are shown a second.
const FRAMES: usize = 10;
const RATE: f64 = 5.0;

/// A box in pixels: left, top, width, height.
pub(super) type PixelBox = [f64; 4];

/// What can be heard in a stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Drum,
    Flute,
    Mower,
}

/// Sources one after the other within two seconds.
pub(super) fn sounds(stream: &mut Stream, sources: &[Source]) -> Result<Sound, MediaError> {
    let mut track = Track::silence(0.2 + 0.45 * sources.len().max(4) as f64);
    let drum = beat(stream.between(150.0, 250.0));
    let flute = tone(stream.between(400.0, 700.0), 0.28, Timbre::any(stream));
    let mower = noise(0.28, stream);
    for (i, source) in sources.iter().enumerate() {
        let voice = match source {
            Source::Drum => &drum,
            Source::Flute => &flute,
            Source::Mower => &mower,
        };
        track.add(0.1 + 0.42 * i as f64, voice, 0.18);
    }
    track.finish(0.9)
}

/// Figures in cells of their own, with the box of each.
pub(super) fn figures(
    stream: &mut Stream,
    figures: &[Figure],
) -> Result<(Picture, Vec<PixelBox>), MediaError> {
    let mut cells: Vec<usize> = (0..9).collect();
    stream.shuffle(&mut cells);
    let mut canvas = Canvas::new(SIDE, SIDE, Backdrop::light(stream));
    let cell = SIDE as f64 / 3.0;
    let mut boxes = Vec::with_capacity(figures.len());
    for (&figure, place) in figures.iter().zip(cells) {
        let centre = [(place % 3) as f64, (place / 3) as f64].map(|along| (along + 0.5) * cell);
        let colour = any_colour(stream);
        let shape = Shape::figure(figure, centre, cell * stream.between(0.28, 0.36), 0.0);
        canvas.fill(&shape, colour);
        boxes.push(to_box(shape.bounds()));
    }
    Ok((canvas.to_picture()?, boxes))
}

/// A disc that moves to the right and swells at `swells`, with drum beats at `beats` (seconds).
/// In pictures listed in `hidden` it is not there. Beside the clip: its box in every picture.
pub(super) fn disc(
    stream: &mut Stream,
    swells: &[f64],
    beats: &[f64],
    hidden: &[usize],
) -> Result<(Clip, Vec<Option<PixelBox>>), MediaError> {
    let ground = Backdrop::light(stream);
    let colour = any_colour(stream);
    let height = SIDE as f64 * stream.between(0.4, 0.6);
    let mut pictures = Vec::with_capacity(FRAMES);
    let mut boxes = Vec::with_capacity(FRAMES);
    for frame in 0..FRAMES {
        let mut canvas = Canvas::new(SIDE, SIDE, ground);
        let time = frame as f64 / RATE;
        let swollen = swells.iter().any(|swell| (time - swell).abs() < 0.05);
        let radius = SIDE as f64 * if swollen { 0.17 } else { 0.10 };
        let along = SIDE as f64 * (0.22 + 0.56 * frame as f64 / (FRAMES - 1) as f64);
        let shape = Shape::figure(Figure::Circle, [along, height], radius, 0.0);
        let is_shown = !hidden.contains(&frame);
        if is_shown {
            canvas.fill(&shape, colour);
        }
        boxes.push(is_shown.then(|| to_box(shape.bounds())));
        pictures.push(canvas.to_picture()?);
    }
    let mut track = Track::silence(FRAMES as f64 / RATE);
    let drum = beat(stream.between(150.0, 250.0));
    for &at in beats {
        track.add(at, &drum, 0.18);
    }
    Ok((Clip::new(pictures, RATE, Some(track.finish(0.9)?))?, boxes))
}

fn any_colour(stream: &mut Stream) -> Rgb {
    Hue::ALL[stream.below(Hue::ALL.len())].vivid(stream)
}

fn to_box([left, top, right, bottom]: [f64; 4]) -> PixelBox {
    [left, top, right - left, bottom - top].map(|length| libm::round(length * 10.0) / 10.0)
}
