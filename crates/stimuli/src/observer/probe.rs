//! Questions that check what reaches a model: beeps, tones, plain colours, flashes, a square.

use avibench_media::{Picture, Sound};

use super::Question;
use super::blob::Blob;
use super::hearing::listen;
use super::images::things;
use super::senses::Senses;
use super::stand_ins::boxes_answer;

/// Frequency in Hz below which a tone is low.
const LOW: f64 = 900.0;
/// Seconds at the beginning and the end of a tone that tell how it goes.
const END: f64 = 0.3;
/// Seconds after its onset at which a click is loudest.
const CLICK: f64 = 0.07;
/// Difference of the strongest and the weakest channel, of 255, from which on a pixel has a colour.
const COLOURFUL: f64 = 70.0;

/// Whether a question is one of these: they all begin in the same way.
pub(super) fn is_asked(question: &Question) -> bool {
    question.mentions("this checks what reaches you.")
}

/// The answer, or `None` if what is asked about did not come, or cannot be told.
pub(super) fn answer(question: &Question, senses: &Senses) -> Option<String> {
    if question.says("red square") {
        return red_square(senses.images().first()?);
    }
    if question.says("first picture") {
        return colour(senses.images().first()?).map(str::to_owned);
    }
    if question.says("flashes") {
        return flash_with_click(senses).map(str::to_owned);
    }
    if question.says("grey but for one second") {
        let mut shown = senses.film().iter().filter_map(|frame| colour(&frame.picture));
        return shown.next().map(str::to_owned);
    }
    if question.says("beeps") {
        let beeps = listen(senses.sound()?).len();
        return (beeps > 0).then(|| beeps.to_string());
    }
    if question.says("long tone") {
        return tone(senses.sound()?).map(str::to_owned);
    }
    let picture = senses.images().first()?;
    if question.says("which shape") {
        return Some(shape(things(picture).first()?).to_owned());
    }
    if question.says("black discs") {
        return Some(things(picture).len().to_string());
    }
    colour(picture).map(str::to_owned)
}

/// The colour of a picture that is all of one; `None` if it is grey.
fn colour(picture: &Picture) -> Option<&'static str> {
    let mut sum = [0.0; 3];
    for pixel in picture.rgb().chunks_exact(3) {
        for (sum, value) in sum.iter_mut().zip(pixel) {
            *sum += f64::from(*value);
        }
    }
    let pixels = (picture.rgb().len() / 3) as f64;
    let [red, green, blue] = sum.map(|sum| sum / pixels);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if most - least < COLOURFUL {
        return None;
    }
    let is_strong = |channel: f64| channel - least > 0.6 * (most - least);
    match (is_strong(red), is_strong(green), is_strong(blue)) {
        (true, true, false) => Some("yellow"),
        (true, false, false) => Some("red"),
        (false, true, false) => Some("green"),
        (false, false, true) => Some("blue"),
        _ => None,
    }
}

/// A figure by the share of its bounds that it fills, and by where its middle lies in them.
fn shape(figure: &Blob) -> &'static str {
    let [width, height] = figure.size();
    let [_, top, _, bottom] = figure.bounds.map(f64::from);
    let low = (figure.centre[1] - f64::midpoint(top, bottom)) / height;
    match figure.area() as f64 / (width * height) {
        filled if filled > 0.9 => "square",
        filled if filled > 0.65 => "circle",
        _ if low > 0.08 => "triangle",
        _ => "cross",
    }
}

/// Where a tone begins and where it ends: low or high.
fn tone(sound: &Sound) -> Option<&'static str> {
    let heard = listen(sound).into_iter().max_by(|a, b| a.length.total_cmp(&b.length))?;
    let end = heard.onset + heard.length;
    let is_low = |from: f64| pitch(sound, from, from + END) < LOW;
    Some(match (is_low(heard.onset), is_low(end - END)) {
        (true, true) => "low",
        (false, false) => "high",
        (true, false) => "rising",
        (false, true) => "falling",
    })
}

/// Frequency in Hz between two times, by how often the wave crosses zero.
fn pitch(sound: &Sound, from: f64, to: f64) -> f64 {
    let at = |seconds: f64| (seconds.max(0.0) * f64::from(sound.sample_rate())) as usize;
    let samples = sound.samples();
    let (from, to) = (at(from).min(samples.len()), at(to).min(samples.len()));
    let crossings = samples[from..to].windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0));
    crossings.count() as f64 / (2.0 * END)
}

/// The colour that is shown when the click is heard.
fn flash_with_click(senses: &Senses) -> Option<&'static str> {
    let click = listen(senses.sound()?).first()?.onset + CLICK;
    let film = senses.film().iter();
    let flashes = film.filter_map(|frame| Some((frame.seconds, colour(&frame.picture)?)));
    let away = |seconds: f64| (seconds - click).abs();
    flashes.min_by(|a, b| away(a.0).total_cmp(&away(b.0))).map(|(_, colour)| colour)
}

/// The box around what is red.
fn red_square(picture: &Picture) -> Option<String> {
    let width = picture.width();
    let is_red = |pixel: &[u8]| pixel[0] > 150 && pixel[1] < 100 && pixel[2] < 100;
    let pixels = (0..).zip(picture.rgb().chunks_exact(3)).filter(|(_, pixel)| is_red(pixel));
    let square = Blob::new(pixels.map(|(at, _)| [at % width, at / width]).collect())?;
    Some(boxes_answer("square", picture, &[square]))
}
