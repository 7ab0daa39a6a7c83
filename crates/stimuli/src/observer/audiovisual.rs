//! Questions that need ear and eye: which of the solids that swell is the one that sounds.

use avibench_media::TimedPicture;

use super::Question;
use super::blob::Blob;
use super::figure::{self, Body};
use super::hearing::{Heard, listen};
use super::mask::{Mask, border, brightness};
use super::senses::Senses;
use crate::chance;
use crate::kind::sets;

/// Seconds that a sound and the swelling it belongs to may be apart, as far as frames can tell.
const TOGETHER: f64 = 0.21;
/// A sound shorter than this is a crumb of another.
const CRUMB: f64 = 0.04;

/// One solid: what it is called and when it swells.
pub(crate) struct Actor {
    pub(crate) object: &'static str,
    pub(crate) colour: &'static str,
    /// Seconds.
    pub(crate) swells: Vec<f64>,
}

/// The option that names nothing, as the benchmark spells it.
const NO_NAME: &str = "no availabel option";
/// Options that sets are made of at most.
const MOST_NAMES: usize = 8;

/// Whether the question is one of these.
pub(super) fn is_asked(question: &Question) -> bool {
    asks_for_colours(question) || question.offers(&["cube", "pyramid", "sphere"])
}

fn asks_for_colours(question: &Question) -> bool {
    question.offers(&["red", "white", "gray"])
}

/// The answers that a film without its sound leaves: one of the solids on view, or one to three of
/// them where all that sound are asked for. Without a film any option but `not sure`, or one to three
/// of those that name something.
pub(super) fn possible(question: &Question, film: &[TimedPicture]) -> Vec<String> {
    let by_colour = asks_for_colours(question);
    let actors = watch(film).unwrap_or_default();
    let mut names: Vec<&str> =
        actors.iter().map(|actor| if by_colour { actor.colour } else { actor.object }).collect();
    names.sort_unstable();
    names.dedup();
    let asks_for_all = !["first", "last", "loudest"].iter().any(|word| question.says(word));
    if names.is_empty() {
        names = chance::choices(question);
        names.retain(|name| !(asks_for_all && *name == NO_NAME));
    }
    // Longer lists are none of these questions.
    if asks_for_all && names.len() <= MOST_NAMES {
        return sets(&names);
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The answer, if the question is one of these and can be answered.
pub(super) fn answer(question: &Question, senses: &Senses) -> Option<String> {
    if !is_asked(question) {
        return None;
    }
    let by_colour = asks_for_colours(question);
    let name = |actor: &Actor| if by_colour { actor.colour } else { actor.object };
    let actors = watch(senses.film())?;
    let heard: Vec<Heard> =
        listen(senses.sound()?).into_iter().filter(|heard| heard.length > CRUMB).collect();
    if question.says("first") {
        return bind(heard.first()?, &actors).map(|actor| name(actor).to_owned());
    }
    if question.says("last") {
        return bind(heard.last()?, &actors).map(|actor| name(actor).to_owned());
    }
    if question.says("loudest") {
        let loudest = heard.iter().max_by(|a, b| a.peak.total_cmp(&b.peak))?;
        return bind(loudest, &actors).map(|actor| name(actor).to_owned());
    }
    let mut names: Vec<&str> =
        heard.iter().filter_map(|heard| bind(heard, &actors)).map(name).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| names.join(";"))
}

/// The solid that swells when a sound sets in.
fn bind<'a>(heard: &Heard, actors: &'a [Actor]) -> Option<&'a Actor> {
    actors
        .iter()
        .flat_map(|actor| actor.swells.iter().map(move |swell| (swell, actor)))
        .map(|(swell, actor)| ((swell - heard.onset).abs(), actor))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(apart, _)| *apart < TOGETHER)
        .map(|(_, actor)| actor)
}

/// The solids of a clip, named and watched.
pub(crate) fn watch(film: &[TimedPicture]) -> Option<Vec<Actor>> {
    let first = &film.first()?.picture;
    let mut resting = Blob::all(&Mask::solids(first), 60);
    resting.truncate(4);
    if resting.is_empty() {
        return None;
    }
    // Every pixel of a thing belongs to the nearest of the solids at rest.
    let mut areas: Vec<Vec<f64>> = vec![Vec::with_capacity(film.len()); resting.len()];
    for frame in film {
        let mask = Mask::solids(&frame.picture);
        let mut counts = vec![0_usize; resting.len()];
        for at in (0..mask.on.len()).filter(|&at| mask.on[at]) {
            let place = [(at % mask.width) as f64, (at / mask.width) as f64];
            let away = |blob: &Blob| {
                let [dx, dy] = [0, 1].map(|i| place[i] - blob.centre[i]);
                dx * dx + dy * dy
            };
            let nearest =
                (0..resting.len()).min_by(|&a, &b| away(&resting[a]).total_cmp(&away(&resting[b])));
            if let Some(nearest) = nearest {
                counts[nearest] += 1;
            }
        }
        for (areas, count) in areas.iter_mut().zip(counts) {
            areas.push(count as f64);
        }
    }
    let floor = brightness(border(first));
    let actors = resting.iter().zip(areas).map(|(blob, areas)| Actor {
        object: match figure::body(blob) {
            Body::Sphere => "sphere",
            Body::Cone => "cone",
            Body::Pyramid => "pyramid",
            Body::Cylinder | Body::Cube | Body::Cuboid => "cube",
        },
        colour: colour_name(blob.colour(first), floor),
        swells: swells(film, &areas),
    });
    Some(actors.collect())
}

/// When a thing starts to swell: its area rises by more than an eighth above what it is at rest.
fn swells(film: &[TimedPicture], areas: &[f64]) -> Vec<f64> {
    let mut sorted = areas.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(&rest) = sorted.get(sorted.len() / 4) else { return Vec::new() };
    let threshold = 1.12 * rest;
    let mut onsets = Vec::new();
    let mut was_up = true;
    for (i, &area) in areas.iter().enumerate() {
        let is_up = area > threshold;
        if is_up && !was_up {
            // It happened between the last frame and this one.
            let before = film[i - 1].seconds;
            onsets.push(f64::midpoint(before, film[i].seconds));
        }
        was_up = is_up;
    }
    onsets
}

/// Colours of this folder's list.
fn colour_name(colour: [f64; 3], floor: f64) -> &'static str {
    let (degrees, saturation) = figure::hue(colour);
    let light = brightness(colour) / floor.max(1.0);
    if light < 0.40 && saturation < 0.5 {
        return "black";
    }
    if saturation < 0.30 {
        return if light > 1.0 { "white" } else { "gray" };
    }
    match figure::hue_name(degrees) {
        "blue" | "cyan" | "purple" => "blue",
        "green" | "yellow" => "green",
        _ => "red",
    }
}
