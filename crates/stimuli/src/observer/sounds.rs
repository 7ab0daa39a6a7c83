//! Questions about bare sounds.

use avibench_media::Sound;

use super::Question;
use super::hearing::{Heard, listen};
use super::senses::Senses;

/// Level difference in dB from which on two sounds are not equally loud.
const LOUDER: f64 = 1.5;
/// Ratio of spectral flatness from which on two sounds are not equally clear.
const CLEARER: f64 = 1.6;

/// The answer, if the question is one of these and can be answered.
pub(super) fn answer(question: &Question, senses: &Senses) -> Option<String> {
    if question.says("hear any") || question.says("silent") {
        return is_heard(question, senses);
    }
    let sound = senses.sound()?;
    if question.offers(&["first", "last", "same"]) {
        if question.says("louder") {
            return louder(sound);
        }
        if question.says("clearer") {
            return clearer(sound);
        }
    }
    if question.offers(&["sound", "noise"]) {
        return first_kind(sound);
    }
    if question.wants_number() && question.says("beats") {
        return Some(listen(sound).len().to_string());
    }
    None
}

/// Is there any sound, or is it silent?
fn is_heard(question: &Question, senses: &Senses) -> Option<String> {
    if !senses.has_ears() {
        return None;
    }
    let heard = senses.sounds().iter().any(|sound| !listen(sound).is_empty());
    Some(yes_no(heard != question.says("silent")))
}

/// `yes` or `no`.
pub(super) fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// The two longest sounds in their order: what else there may be is a crumb of them.
fn pair(sound: &Sound) -> Option<[Heard; 2]> {
    let mut heard = listen(sound);
    heard.sort_by(|a, b| b.length.total_cmp(&a.length));
    heard.truncate(2);
    heard.sort_by(|a, b| a.onset.total_cmp(&b.onset));
    heard.try_into().ok()
}

fn louder(sound: &Sound) -> Option<String> {
    let [first, last] = pair(sound)?;
    let difference = 20.0 * libm::log10(first.level / last.level.max(1e-9));
    Some(first_last_same(difference, LOUDER))
}

fn clearer(sound: &Sound) -> Option<String> {
    let [first, last] = pair(sound)?;
    let ratio = libm::log(last.flatness.max(1e-9) / first.flatness.max(1e-9));
    Some(first_last_same(ratio, libm::log(CLEARER)))
}

fn first_last_same(difference: f64, threshold: f64) -> String {
    let word = if difference > threshold {
        "first"
    } else if difference < -threshold {
        "last"
    } else {
        "same"
    };
    word.to_owned()
}

/// Does the tone or the noise come first?
fn first_kind(sound: &Sound) -> Option<String> {
    let [first, last] = pair(sound)?;
    let word = if first.flatness < last.flatness { "sound" } else { "noise" };
    Some(word.to_owned())
}
