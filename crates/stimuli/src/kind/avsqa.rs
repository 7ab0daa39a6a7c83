//! Ear and eye together: which of the solids that pulse is the one that sounds.
//!
//! Every solid swells for a moment, some silently. The picture does not tell which pulses sound,
//! the sound track does not tell what is shown: only both together answer the question.

use avibench_media::{MediaError, Picture, Sound};
use avibench_protocol::Folder;
use serde_json::{Value, json};

use super::made::{FRAME_RATE, rounded};
use super::solids::{CLIP_SIDE, telling_yaw};
use super::subtask::{Answers, sets};
use super::{Made, Subtask};
use crate::paint::{Rgb, hsv};
use crate::random::Stream;
use crate::scene::{Camera, Form, Solid, Stage};
use crate::sound::{Timbre, Track, note};

const OBJECTS: [&str; 4] = ["cube", "pyramid", "cone", "sphere"];
const COLOURS: [&str; 6] = ["red", "blue", "white", "black", "gray", "green"];

/// Pictures of a clip: three seconds.
const FRAMES: usize = 36;
/// Seconds until the first pulse.
const LEAD: f64 = 0.25;
/// How much a solid swells.
const SWELL: f64 = 0.38;

/// What is asked about the solids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    First,
    Last,
    Loudest,
    All,
}

const fn subtask(asks: Asks, by_colour: bool) -> Subtask {
    let (name, make): (_, super::subtask::Make) = match (asks, by_colour) {
        (Asks::First, false) => ("object_first", |s, a, l| clip(s, a, l, Asks::First, false)),
        (Asks::Last, false) => ("object_last", |s, a, l| clip(s, a, l, Asks::Last, false)),
        (Asks::Loudest, false) => ("object_loudest", |s, a, l| clip(s, a, l, Asks::Loudest, false)),
        (Asks::All, false) => ("object_all", |s, a, l| clip(s, a, l, Asks::All, false)),
        (Asks::First, true) => ("color_first", |s, a, l| clip(s, a, l, Asks::First, true)),
        (Asks::Last, true) => ("color_last", |s, a, l| clip(s, a, l, Asks::Last, true)),
        (Asks::Loudest, true) => ("color_loudest", |s, a, l| clip(s, a, l, Asks::Loudest, true)),
        (Asks::All, true) => ("color_all", |s, a, l| clip(s, a, l, Asks::All, true)),
    };
    let words: &[&str] = if by_colour { &COLOURS } else { &OBJECTS };
    let is_loudest = matches!(asks, Asks::Loudest);
    Subtask {
        folder: Folder::Avsqa,
        name,
        options: Some(if by_colour {
            "avsqa_options_list_color"
        } else {
            "avsqa_options_list_object"
        }),
        answers: if matches!(asks, Asks::All) {
            Answers::Sets(words)
        } else {
            Answers::Words(words)
        },
        unit: if is_loudest { "dB" } else { "ms between onsets" },
        intensities: if is_loudest { [1.0, 8.0, 14.0, 18.0] } else { [100.0, 420.0, 520.0, 560.0] },
        make,
    }
}

/// All subtasks of the folder.
pub(super) static SUBTASKS: [Subtask; 8] = [
    subtask(Asks::First, false),
    subtask(Asks::Last, false),
    subtask(Asks::Loudest, false),
    subtask(Asks::All, false),
    subtask(Asks::First, true),
    subtask(Asks::Last, true),
    subtask(Asks::Loudest, true),
    subtask(Asks::All, true),
];

/// One solid swells, with or without a sound.
struct Pulse {
    /// Which of the four solids.
    solid: usize,
    /// Seconds.
    onset: f64,
    /// RMS of its note when it is struck, 0 for silence.
    gain: f64,
}

fn clip(
    stream: &mut Stream,
    answer: &str,
    level: f64,
    asks: Asks,
    by_colour: bool,
) -> Result<Made, MediaError> {
    let named: Vec<&str> = answer.split(';').collect();
    let shapes = stream.shuffled(OBJECTS);
    let mut colours = stream.shuffled(COLOURS);
    if by_colour {
        // The four that are shown hold the named ones, at random places among them.
        colours.sort_by_key(|colour| !named.contains(colour));
        stream.shuffle(&mut colours[..4]);
    }
    let is_named: [bool; 4] =
        std::array::from_fn(|i| named.contains(&if by_colour { colours[i] } else { shapes[i] }));
    let gap = if asks == Asks::Loudest { stream.between(420.0, 520.0) } else { level } / 1_000.0;
    let difference = if asks == Asks::Loudest { level } else { 0.0 };
    let pulses = score(stream, asks, is_named, gap, difference);

    let looks: [(Form, Rgb); 4] =
        std::array::from_fn(|i| (form_of(shapes[i]), colour_of(colours[i], stream)));
    let pictures = film(stream, &looks, &pulses)?;
    let track = score_to_sound(stream, &pulses)?;
    let facts: Vec<Value> = pulses
        .iter()
        .map(|pulse| {
            json!({"object": shapes[pulse.solid], "color": colours[pulse.solid],
                "onset_s": rounded(pulse.onset), "sounds": pulse.gain > 0.0})
        })
        .collect();
    let shown: Vec<&str> = if by_colour {
        COLOURS.into_iter().filter(|colour| colours[..4].contains(colour)).collect()
    } else {
        OBJECTS.to_vec()
    };
    Ok(Made::clip(pictures, Some(track), wording(asks, by_colour), level)?
        .note("pulses", facts)
        .leaving(possible(asks, &shown)))
}

/// The answers that the solids on view leave: one of them or, where all that sound are asked for,
/// one to three of them, since the question says that some are silent. `shown` names the four in
/// the order of the subtask's words, so that a set is spelled as its right answer is.
fn possible(asks: Asks, shown: &[&str]) -> Vec<String> {
    match asks {
        Asks::First | Asks::Last | Asks::Loudest => {
            shown.iter().map(|&name| name.to_owned()).collect()
        }
        Asks::All => sets(shown),
    }
}

fn wording(asks: Asks, by_colour: bool) -> &'static str {
    match (asks, by_colour) {
        (Asks::First, false) => {
            "An object swells when it makes a sound, but some swell in silence. Which object \
             makes a sound first?"
        }
        (Asks::Last, false) => {
            "An object swells when it makes a sound, but some swell in silence. Which object \
             makes a sound last?"
        }
        (Asks::Loudest, false) => {
            "Each object swells when it makes a sound. Which object makes the loudest sound?"
        }
        (Asks::All, false) => {
            "An object swells when it makes a sound, but some swell in silence. Which objects \
             make a sound? Name all of them."
        }
        (Asks::First, true) => {
            "An object swells when it makes a sound, but some swell in silence. What is the color \
             of the object that makes a sound first?"
        }
        (Asks::Last, true) => {
            "An object swells when it makes a sound, but some swell in silence. What is the color \
             of the object that makes a sound last?"
        }
        (Asks::Loudest, true) => {
            "Each object swells when it makes a sound. What is the color of the object that makes \
             the loudest sound?"
        }
        (Asks::All, true) => {
            "An object swells when it makes a sound, but some swell in silence. What are the \
             colors of all objects that make a sound?"
        }
    }
}

/// Who pulses when, and which pulses sound.
fn score(
    stream: &mut Stream,
    asks: Asks,
    is_named: [bool; 4],
    gap: f64,
    difference: f64,
) -> Vec<Pulse> {
    let gain = stream.between(0.16, 0.22);
    let mut order = stream.shuffled([0, 1, 2, 3]);
    let mut sounds;
    match asks {
        Asks::All => sounds = order.map(|solid| is_named[solid]).to_vec(),
        Asks::Loudest => sounds = vec![true; 4],
        Asks::First | Asks::Last => {
            // Each place among the four is equally often the first that sounds, so that the order
            // of pulses tells nothing; what comes later sounds or not. A fifth pulse always
            // sounds: there are at least two sounds.
            let place = stream.below(4);
            if let Some(named) = order.iter().position(|&solid| is_named[solid]) {
                order.swap(named, place);
            }
            sounds = (0..4).map(|i| i == place || (i > place && stream.chance(0.6))).collect();
        }
    }
    let mut order = order.to_vec();
    if matches!(asks, Asks::First | Asks::Last) {
        let before: Vec<usize> = (0..4).filter(|&solid| solid != order[3]).collect();
        order.extend(stream.try_pick(&before));
        sounds.push(true);
    }
    if asks == Asks::Last {
        order.reverse();
        sounds.reverse();
    }
    let start = LEAD + stream.between(0.0, 0.08);
    order
        .into_iter()
        .zip(sounds)
        .enumerate()
        .map(|(i, (solid, sounds))| {
            let quieter = asks == Asks::Loudest && !is_named[solid];
            let level = if quieter { libm::pow(10.0, -difference / 20.0) } else { 1.0 };
            Pulse {
                solid,
                onset: start + gap * i as f64,
                gain: if sounds { gain * level } else { 0.0 },
            }
        })
        .collect()
}

fn score_to_sound(stream: &mut Stream, pulses: &[Pulse]) -> Result<Sound, MediaError> {
    let timbre = Timbre::any(stream);
    let mut track = Track::silence(FRAMES as f64 / FRAME_RATE);
    for pulse in pulses {
        // Pitch goes by pulse, not by solid: it must not tell who sounds.
        let pitch = stream.between(300.0, 900.0);
        if pulse.gain > 0.0 {
            track.add(pulse.onset, &note(pitch, 0.28, timbre), pulse.gain);
        }
    }
    track.finish(0.95)
}

fn film(
    stream: &mut Stream,
    looks: &[(Form, Rgb); 4],
    pulses: &[Pulse],
) -> Result<Vec<Picture>, MediaError> {
    let camera = Camera::new(CLIP_SIDE, 9.5, stream.between(37.0, 42.0), 0.25);
    // A sandy floor: white, gray and black all stand out from it.
    let floor = hsv(stream.between(30.0, 40.0), stream.between(0.40, 0.46), 0.80);
    let spots = stream.shuffled([[-1.3, -1.6], [1.3, -1.6], [-1.3, 1.3], [1.3, 1.3]]);
    let solids: [Solid; 4] = std::array::from_fn(|i| {
        let (form, colour) = looks[i];
        let place = spots[i].map(|along| along + stream.between(-0.12, 0.12));
        let size = if form == Form::Sphere { 0.60 } else { 0.56 };
        Solid::standing(form, size, place, telling_yaw(form, stream), colour)
    });
    let stage = Stage::new(camera, floor);
    stage.film((0..FRAMES).map(|frame| {
        let time = frame as f64 / FRAME_RATE;
        let swollen = |(i, solid): (usize, &Solid)| {
            let swell: f64 = pulses
                .iter()
                .filter(|pulse| pulse.solid == i)
                .map(|pulse| bulge(time - pulse.onset))
                .sum();
            solid.grown(1.0 + SWELL * swell)
        };
        solids.iter().enumerate().map(swollen).collect()
    }))
}

/// How far a pulse has swollen, 0..=1, some seconds after its onset: up within 80 ms, down again
/// within 320 ms.
fn bulge(time: f64) -> f64 {
    if time <= 0.0 {
        0.0
    } else if time < 0.08 {
        time / 0.08
    } else {
        (1.0 - (time - 0.08) / 0.24).max(0.0)
    }
}

fn form_of(object: &str) -> Form {
    match object {
        "cube" => Form::Cube,
        "pyramid" => Form::Pyramid,
        "cone" => Form::Cone,
        _ => Form::Sphere,
    }
}

fn colour_of(name: &str, stream: &mut Stream) -> Rgb {
    match name {
        "red" => hsv(stream.between(352.0, 360.0), 0.80, 0.80),
        "blue" => hsv(stream.between(214.0, 226.0), 0.76, 0.82),
        "green" => hsv(stream.between(125.0, 145.0), 0.72, 0.62),
        "white" => hsv(0.0, 0.0, 0.98),
        "black" => hsv(0.0, 0.0, 0.16),
        _ => hsv(0.0, 0.0, 0.56),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What someone who sees only pulses would learn: at which place the sounding one stands.
    #[test]
    fn the_order_of_pulses_tells_nothing() {
        for asks in [Asks::First, Asks::Last] {
            let mut counts = [0; 5];
            for i in 0..2_000 {
                let mut stream = Stream::new(i, "order");
                let pulses = score(&mut stream, asks, [false, false, true, false], 0.4, 0.0);
                let sounding: Vec<usize> =
                    (0..5).filter(|&place| pulses[place].gain > 0.0).collect();
                assert!(sounding.len() >= 2);
                let place =
                    if asks == Asks::First { sounding[0] } else { sounding[sounding.len() - 1] };
                assert_eq!(pulses[place].solid, 2);
                counts[place] += 1;
            }
            counts.sort_unstable();
            assert_eq!(counts[0], 0, "the extra pulse is never the answer");
            assert!(counts[1..].iter().all(|count| (430..570).contains(count)), "{counts:?}");
        }
    }
}
