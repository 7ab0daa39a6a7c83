//! Pictures and clips of the questions: plain colours and flat figures.

use avibench_media::{Clip, MediaError, Picture, Sound};

/// Width and height of pictures and clips in pixels: a multiple of what vision models cut pictures
/// into, so that none is resized.
pub(crate) const SIDE: u32 = 224;
/// Pictures of a clip that are shown a second.
pub(crate) const FRAME_RATE: f64 = 4.0;

pub(crate) const GREY: [u8; 3] = [128, 128, 128];
pub(crate) const WHITE: [u8; 3] = [255, 255, 255];
const BLACK: [u8; 3] = [0, 0, 0];

/// The colours that are asked for.
pub(crate) const COLOURS: [&str; 4] = ["red", "green", "blue", "yellow"];

/// A colour by its name.
pub(crate) fn colour(name: &str) -> [u8; 3] {
    match name {
        "red" => [220, 20, 20],
        "green" => [20, 160, 40],
        "blue" => [20, 50, 220],
        _ => [250, 220, 20],
    }
}

/// A picture of one colour.
pub(crate) fn plain(colour: [u8; 3]) -> Result<Picture, MediaError> {
    Picture::filled(SIDE, SIDE, colour)
}

/// The figures that are asked for.
pub(crate) const SHAPES: [&str; 4] = ["circle", "square", "triangle", "cross"];

/// A black figure on white, its middle and half its width in pixels given.
pub(crate) fn figure(name: &str, centre: [f64; 2], reach: f64) -> Result<Picture, MediaError> {
    let mut picture = plain(WHITE)?;
    let is_in = |dx: f64, dy: f64| match name {
        "circle" => dx * dx + dy * dy <= reach * reach,
        "square" => dx.abs().max(dy.abs()) <= 0.9 * reach,
        // Its top corner points up.
        "triangle" => dy <= 0.8 * reach && dx.abs() <= 0.55 * (dy + reach),
        _ => dx.abs().min(dy.abs()) <= 0.3 * reach && dx.abs().max(dy.abs()) <= reach,
    };
    paint(&mut picture, BLACK, |x, y| is_in(x - centre[0], y - centre[1]));
    Ok(picture)
}

/// Black discs on white in cells 0 to 8 of a grid of three by three.
pub(crate) fn discs(cells: &[usize]) -> Result<Picture, MediaError> {
    let mut picture = plain(WHITE)?;
    let cell = f64::from(SIDE) / 3.0;
    for &at in cells {
        let [x, y] = [at % 3, at / 3].map(|along| (along as f64 + 0.5) * cell);
        paint(&mut picture, BLACK, |px, py| libm::hypot(px - x, py - y) <= 0.3 * cell);
    }
    Ok(picture)
}

/// A red square on white in a picture of `[width, height]` pixels; left, top and side in pixels.
pub(crate) fn red_square(
    [width, height]: [u32; 2],
    [left, top, side]: [u32; 3],
) -> Result<Picture, MediaError> {
    let mut picture = Picture::filled(width, height, WHITE)?;
    for y in top..top + side {
        for x in left..left + side {
            picture.set_pixel(x, y, colour("red"));
        }
    }
    Ok(picture)
}

/// A clip of so many seconds that shows at each time in seconds the colour that `at` says.
pub(crate) fn clip(
    seconds: f64,
    sound: Option<Sound>,
    at: impl Fn(f64) -> [u8; 3],
) -> Result<Clip, MediaError> {
    let frames = (seconds * FRAME_RATE) as usize;
    let pictures = (0..frames).map(|frame| plain(at((frame as f64 + 0.5) / FRAME_RATE)));
    Clip::new(pictures.collect::<Result<_, _>>()?, FRAME_RATE, sound)
}

fn paint(picture: &mut Picture, colour: [u8; 3], is_in: impl Fn(f64, f64) -> bool) {
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            if is_in(f64::from(x) + 0.5, f64::from(y) + 0.5) {
                picture.set_pixel(x, y, colour);
            }
        }
    }
}
