//! The questions: what is shown and played, what is asked, and what is right.

use avibench_media::{MediaError, encode_mp4, encode_png, encode_wav};

use crate::Ability;
use crate::boxes::{PICTURE, Square};
use crate::draw::Draws;
use crate::paint::{self, COLOURS, GREY, SHAPES, clip, colour};
use crate::tones::{Track, beeps, beeps_seconds};

/// How every question begins: a model that answers in this process knows them by it.
const BEGINNING: &str = "This checks what reaches you.";

/// Counts that are asked for.
const COUNTS: [&str; 4] = ["1", "2", "3", "4"];
/// How tones go that are asked for.
const TONES: [&str; 4] = ["low", "high", "rising", "falling"];
/// Frequencies in Hz of the low and the high tone.
const PITCHES: [f64; 2] = [220.0, 1760.0];

/// Seconds of a clip that shows a colour in one of its fifths.
const FIFTHS_SECONDS: f64 = 5.0;
/// Seconds of a clip with four flashes, when the first begins, from one to the next, and how long each
/// lasts.
const FLASHES_SECONDS: f64 = 6.0;
const FIRST_FLASH: f64 = 0.75;
const FLASH_EVERY: f64 = 1.25;
const FLASH: f64 = 0.5;

/// Numbers of beeps that two recordings hold, where their order is asked for.
const PAIRS: [[usize; 2]; 4] = [[1, 3], [1, 4], [2, 4], [1, 3]];

/// One question with its media in memory.
#[derive(Debug, Clone)]
pub struct ProbeQuestion {
    /// What it is about.
    pub ability: Ability,
    /// Which of the ability's questions, from 0.
    pub number: usize,
    /// The text, with what may be answered.
    pub text: String,
    /// Pictures as PNG files, in their order.
    pub images: Vec<Vec<u8>>,
    /// Recordings as WAV files, in their order.
    pub sounds: Vec<Vec<u8>>,
    /// At most one video, as an MP4 file.
    pub video: Option<Vec<u8>>,
    /// The right answer.
    pub(crate) truth: Truth,
}

/// What is right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Truth {
    /// One of these options.
    Option { right: &'static str, options: Vec<&'static str> },
    /// A box around the square.
    Square(Square),
}

impl ProbeQuestion {
    /// A question about media that are still to be added.
    fn new(ability: Ability, number: usize, text: &str, truth: Truth) -> Self {
        let choices = match &truth {
            Truth::Option { options, .. } => format!(" Answer with {} only.", one_of(options)),
            Truth::Square(_) => String::new(),
        };
        Self {
            ability,
            number,
            text: format!("{BEGINNING} {text}{choices}"),
            images: Vec::new(),
            sounds: Vec::new(),
            video: None,
            truth,
        }
    }

    /// The right answer, in words.
    #[must_use]
    pub fn right_answer(&self) -> String {
        match &self.truth {
            Truth::Option { right, .. } => (*right).to_owned(),
            Truth::Square(square) => square.to_string(),
        }
    }

    /// What may be answered; empty where boxes are asked for.
    #[must_use]
    pub fn options(&self) -> &[&'static str] {
        match &self.truth {
            Truth::Option { options, .. } => options,
            Truth::Square(_) => &[],
        }
    }

    /// Question `number` (from 0) about an ability; `seed` decides its answer.
    ///
    /// # Errors
    ///
    /// If a medium cannot be encoded.
    pub(crate) fn make(ability: Ability, seed: u64, number: usize) -> Result<Self, MediaError> {
        match ability {
            Ability::Hear => hear(seed, number),
            Ability::See => see(seed, number),
            Ability::SoundOrder => sound_order(seed, number),
            Ability::ImageOrder => image_order(seed, number),
            Ability::VideoSound => video_sound(seed, number),
            Ability::VideoStart => fifth(ability, seed, number, 0),
            Ability::VideoMiddle => fifth(ability, seed, number, 2),
            Ability::VideoEnd => fifth(ability, seed, number, 4),
            Ability::Sync => sync(seed, number),
            Ability::Boxes => boxes(seed, number),
        }
    }
}

/// `red, green or blue`.
fn one_of(options: &[&str]) -> String {
    match options {
        [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
        _ => options.concat(),
    }
}

/// One of the options, drawn uniformly for this question alone.
fn drawn(
    ability: Ability,
    seed: u64,
    number: usize,
    options: [&'static str; 4],
) -> (&'static str, Truth) {
    let right = options[Draws::new(seed, ability, "option", number).below(4)];
    (right, Truth::Option { right, options: options.to_vec() })
}

/// A number of [`COUNTS`].
fn number_of(count: &str) -> usize {
    COUNTS.iter().position(|name| *name == count).map_or(0, |at| at + 1)
}

/// By turns how many beeps, and which tone.
fn hear(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let ability = Ability::Hear;
    let mut draws = Draws::new(seed, ability, "sound", number);
    if number.is_multiple_of(2) {
        let (right, truth) = drawn(ability, seed, number, COUNTS);
        let text = "Listen to the recording. How many beeps does it hold?";
        let pitch = 400.0 + 400.0 * draws.unit();
        let sound = beeps(number_of(right), pitch, beeps_seconds(4))?;
        let question = ProbeQuestion::new(ability, number, text, truth);
        return Ok(ProbeQuestion { sounds: vec![encode_wav(&sound)?], ..question });
    }
    let (right, truth) = drawn(ability, seed, number, TONES);
    let text = "Listen to the recording. It holds one long tone, which is steady and low, steady and \
                high, rising from low to high, or falling from high to low. Which is it?";
    let [low, high] = PITCHES;
    let pitches = match right {
        "low" => [low, low],
        "high" => [high, high],
        "rising" => [low, high],
        _ => [high, low],
    };
    let mut track = Track::silence(2.4);
    track.add(0.2, 2.0, pitches);
    let question = ProbeQuestion::new(ability, number, text, truth);
    Ok(ProbeQuestion { sounds: vec![encode_wav(&track.finish()?)?], ..question })
}

/// By turns which colour, which shape, how many.
fn see(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let ability = Ability::See;
    let mut draws = Draws::new(seed, ability, "picture", number);
    let (text, truth, picture) = match number % 3 {
        0 => {
            let (right, truth) = drawn(ability, seed, number, COLOURS);
            let text = "Look at the picture. It is all of one colour. Which colour is it?";
            (text, truth, paint::plain(colour(right))?)
        }
        1 => {
            let (right, truth) = drawn(ability, seed, number, SHAPES);
            let text = "Look at the picture. Which shape does it show?";
            let centre = [0; 2].map(|_| f64::from(paint::SIDE) * (0.4 + 0.2 * draws.unit()));
            let reach = f64::from(paint::SIDE) * (0.2 + 0.1 * draws.unit());
            (text, truth, paint::figure(right, centre, reach)?)
        }
        _ => {
            let (right, truth) = drawn(ability, seed, number, COUNTS);
            let text = "Look at the picture. How many black discs does it show?";
            let cells = draws.shuffled([0, 1, 2, 3, 4, 5, 6, 7, 8]);
            (text, truth, paint::discs(&cells[..number_of(right).min(cells.len())])?)
        }
    };
    let question = ProbeQuestion::new(ability, number, text, truth);
    Ok(ProbeQuestion { images: vec![encode_png(&picture)?], ..question })
}

/// Which of four pairs a question is about, and whether the pair is turned round. Every pair is asked
/// about in both orders, in the same words: who does not know the order is right in one of the two.
/// The two stand an even number of questions apart, so that this holds for answers that alternate, too.
fn twin(ability: Ability, seed: u64, number: usize) -> (usize, bool) {
    let pair = number % 2 + 2 * (number / 4 % 2);
    let is_second = number % 4 >= 2;
    (pair, (Draws::new(seed, ability, "turn", pair).below(2) == 1) != is_second)
}

fn sound_order(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let ability = Ability::SoundOrder;
    let (pair, is_turned) = twin(ability, seed, number);
    let counts = PAIRS[pair];
    let pitch = 400.0 + 400.0 * Draws::new(seed, ability, "pitch", pair).unit();
    let options = counts.map(|count| COUNTS[count - 1]);
    let mut given = counts;
    if is_turned {
        given.reverse();
    }
    let text = format!(
        "You get two recordings: one holds {} and the other one {} beeps. How many does the FIRST \
         recording hold?",
        if counts[0] == 1 { "1 beep".to_owned() } else { format!("{} beeps", counts[0]) },
        counts[1]
    );
    let truth = Truth::Option { right: COUNTS[given[0] - 1], options: options.to_vec() };
    let sound = |count| encode_wav(&beeps(count, pitch, beeps_seconds(count))?);
    let question = ProbeQuestion::new(ability, number, &text, truth);
    Ok(ProbeQuestion { sounds: vec![sound(given[0])?, sound(given[1])?], ..question })
}

fn image_order(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let ability = Ability::ImageOrder;
    let (pair, is_turned) = twin(ability, seed, number);
    let [one, other, ..] = Draws::new(seed, ability, "colours", pair).shuffled(COLOURS);
    let given = if is_turned { [other, one] } else { [one, other] };
    let text = format!(
        "You get two pictures: one is all {one} and the other one all {other}. Which colour is the FIRST \
         picture?"
    );
    let truth = Truth::Option { right: given[0], options: vec![one, other] };
    let picture = |name| encode_png(&paint::plain(colour(name))?);
    let question = ProbeQuestion::new(ability, number, &text, truth);
    Ok(ProbeQuestion { images: vec![picture(given[0])?, picture(given[1])?], ..question })
}

fn video_sound(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let ability = Ability::VideoSound;
    let (right, truth) = drawn(ability, seed, number, COUNTS);
    let text =
        "Listen to the sound of the video; its picture shows nothing. How many beeps do you hear?";
    let pitch = 400.0 + 400.0 * Draws::new(seed, ability, "pitch", number).unit();
    let seconds = beeps_seconds(4);
    let sound = beeps(number_of(right), pitch, seconds)?;
    let clip = clip(seconds, Some(sound), |_| GREY)?;
    let question = ProbeQuestion::new(ability, number, text, truth);
    Ok(ProbeQuestion { video: Some(encode_mp4(&clip)?), ..question })
}

/// A colour that only one fifth of a video shows, counted from 0.
fn fifth(
    ability: Ability,
    seed: u64,
    number: usize,
    which: usize,
) -> Result<ProbeQuestion, MediaError> {
    let (right, truth) = drawn(ability, seed, number, COLOURS);
    let text = "Watch the video. Its picture is grey but for one second, in which it is all of another \
                colour. Which colour is that?";
    let shown = colour(right);
    let length = FIFTHS_SECONDS / 5.0;
    let clip = clip(FIFTHS_SECONDS, None, |seconds| {
        if (seconds / length) as usize == which { shown } else { GREY }
    })?;
    let question = ProbeQuestion::new(ability, number, text, truth);
    Ok(ProbeQuestion { video: Some(encode_mp4(&clip)?), ..question })
}

/// Four flashes, one of them with a click.
fn sync(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let ability = Ability::Sync;
    let (right, truth) = drawn(ability, seed, number, COLOURS);
    let text = "Watch the video and listen to its sound. Its grey picture flashes four times, each time in \
                another colour. With one of the flashes a click is heard. Which colour has that flash?";
    let order = Draws::new(seed, ability, "order", number).shuffled(COLOURS);
    let begins = |at: usize| FIRST_FLASH + FLASH_EVERY * at as f64;
    let at = order.iter().position(|name| *name == right).unwrap_or(0);
    let mut track = Track::silence(FLASHES_SECONDS);
    track.add(begins(at) + 0.1, 0.15, [1_000.0; 2]);
    let clip = clip(FLASHES_SECONDS, Some(track.finish()?), |seconds| {
        let is_on = |at: &usize| (begins(*at)..begins(*at) + FLASH).contains(&seconds);
        (0..order.len()).find(is_on).map_or(GREY, |at| colour(order[at]))
    })?;
    let question = ProbeQuestion::new(ability, number, text, truth);
    Ok(ProbeQuestion { video: Some(encode_mp4(&clip)?), ..question })
}

/// A square in a corner, asked for as the benchmark asks for boxes.
fn boxes(seed: u64, number: usize) -> Result<ProbeQuestion, MediaError> {
    let square = Square::drawn(seed, number);
    let text = "Find the red square in the picture, and give its bounding box. Coordinates are fractions \
                of the picture's width and height, from 0 at the top left to 1 at the bottom right. Give no \
                explanation; reply with a single line written like this: \
                answer={'square_1': '[x_min, y_min, x_max, y_max]'}";
    let picture = paint::red_square(PICTURE, square.place())?;
    let question = ProbeQuestion::new(Ability::Boxes, number, text, Truth::Square(square));
    Ok(ProbeQuestion { images: vec![encode_png(&picture)?], ..question })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::MOST_QUESTIONS;

    #[test]
    fn the_same_seed_asks_the_same_and_another_something_else() {
        let asked = |seed| {
            let of = |ability| ProbeQuestion::make(ability, seed, 0).unwrap();
            Ability::ALL.map(of).map(|made| (made.text, made.images, made.sounds, made.video))
        };
        assert_eq!(asked(3), asked(3));
        assert_ne!(asked(3), asked(4));
    }

    #[test]
    fn media_are_small_and_whole() {
        for ability in Ability::ALL {
            let made = ProbeQuestion::make(ability, 5, 1).unwrap();
            for medium in made.images.iter().chain(&made.sounds).chain(&made.video) {
                let allowance = avibench_media::Allowance::default();
                avibench_media::check_whole(medium, &allowance).unwrap();
                assert!(medium.len() < 200_000, "{ability}: {}", medium.len());
            }
        }
    }

    #[test]
    fn every_answer_is_right_equally_often() {
        for ability in [Ability::Hear, Ability::VideoSound, Ability::VideoEnd, Ability::Sync] {
            let mut counts = std::collections::BTreeMap::new();
            for seed in 0..1_000 {
                let (right, _) = drawn(ability, seed, 2, COUNTS);
                *counts.entry(right).or_insert(0) += 1;
            }
            assert_eq!(counts.len(), 4);
            assert!(counts.values().all(|count| (200..300).contains(count)), "{counts:?}");
        }
    }

    #[test]
    fn every_pair_is_asked_in_both_orders_and_the_same_words() {
        for ability in [Ability::SoundOrder, Ability::ImageOrder] {
            for seed in 0..20 {
                let asked: Vec<ProbeQuestion> = (0..MOST_QUESTIONS)
                    .map(|number| ProbeQuestion::make(ability, seed, number).unwrap())
                    .collect();
                for number in [0, 1, 4, 5] {
                    let (one, twin) = (&asked[number], &asked[number + 2]);
                    assert_eq!(one.text, twin.text);
                    assert_ne!(one.right_answer(), twin.right_answer());
                    let both = |of: &ProbeQuestion| -> BTreeSet<Vec<u8>> {
                        of.images.iter().chain(&of.sounds).cloned().collect()
                    };
                    assert_eq!(both(one), both(twin), "nothing but the order differs");
                }
            }
        }
    }
}
