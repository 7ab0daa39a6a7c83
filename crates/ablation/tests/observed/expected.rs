//! What an observer must answer under an ablation, by what the generator wrote down.

use avibench_protocol::{Folder, Options, Sample, Truth, options_of};
use avibench_store::AblationKind;

/// Seconds that a sound and the swelling it belongs to may be apart for the observer.
const TOGETHER: f64 = 0.21;
/// Seconds by which it may be mistaken about how far they are apart: pictures come every 83 ms.
const MISTAKEN: f64 = 0.06;
/// Seconds that a note of a clip lasts, and that the clip lasts.
const NOTE: f64 = 0.28;
const CLIP: f64 = 3.0;
/// Seconds by which `shift` moves the sound of such a clip.
const SHIFT: f64 = 0.8;
/// Numbers are guessed from 1 to this.
const COUNTS: usize = 9;

/// What must become of a formal question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    /// It is answered as without the ablation.
    Same,
    /// It gets this answer.
    Answer(String),
    /// It is guessed: each of these is equally likely.
    AnyOf(Vec<String>),
    /// What the generator wrote down does not say.
    Open,
}

/// Whether questions about a sense that the ablation takes are asked in a folder.
pub(crate) fn is_sense_taken(kind: AblationKind, folder: Folder) -> bool {
    match kind {
        // The checks of clips with sound ask whether they are silent.
        AblationKind::Mute => matches!(folder, Folder::Asqa | Folder::Avsqa),
        AblationKind::Blind => matches!(folder, Folder::VsqaI | Folder::VsqaV),
        _ => false,
    }
}

/// Whether two answers are the same, or the same set of names.
pub(crate) fn is_equal(a: &str, b: &str) -> bool {
    let names = |text: &str| {
        let mut names: Vec<String> = text.split(';').map(str::to_lowercase).collect();
        names.sort();
        names
    };
    names(a) == names(b)
}

impl Expected {
    /// How likely the expected answer is the right one; `None` where that does not follow from the
    /// generator's notes.
    pub(crate) fn probability(&self, truth: &str) -> Option<f64> {
        match self {
            Self::Answer(answer) => Some(f64::from(u8::from(is_equal(answer, truth)))),
            Self::AnyOf(left) => {
                let fitting = left.iter().filter(|answer| is_equal(answer, truth)).count();
                Some(fitting as f64 / left.len() as f64)
            }
            Self::Same | Self::Open => None,
        }
    }

    /// What must become of a formal question. `partner` is a question about what it gets in exchange.
    pub(crate) fn of(kind: AblationKind, sample: &Sample, partner: Option<&Sample>) -> Self {
        match (kind, sample.folder, partner) {
            (AblationKind::Mute, Folder::Asqa, _)
            | (AblationKind::Blind, Folder::VsqaI | Folder::VsqaV, _) => {
                Self::AnyOf(allowed(sample))
            }
            // The solids are still on view.
            (AblationKind::Mute, Folder::Avsqa, _) => Self::AnyOf(alternatives(sample)),
            (AblationKind::Blind, Folder::Avsqa, _) => {
                Self::AnyOf(if Asks::of(sample) == Asks::All {
                    let names: &[&str] = if by_colour(sample) {
                        &["red", "blue", "white", "black", "gray", "green"]
                    } else {
                        &["cube", "pyramid", "cone", "sphere"]
                    };
                    sets(names)
                } else {
                    allowed(sample)
                })
            }
            (AblationKind::SwapSound, Folder::Asqa, Some(partner)) => other_sound(sample, partner),
            (AblationKind::SwapPicture, Folder::VsqaI | Folder::VsqaV, Some(partner)) => {
                other_picture(sample, partner)
            }
            (AblationKind::SwapSound, Folder::Avsqa, Some(partner)) => {
                bound(sample, &sounds(partner), &pulses(sample))
            }
            (AblationKind::SwapPicture, Folder::Avsqa, Some(partner)) => {
                bound(sample, &sounds(sample), &pulses(partner))
            }
            (AblationKind::Shift, Folder::Avsqa, _) => {
                let moved: Option<Vec<Vec<Heard>>> =
                    sounds(sample).into_iter().map(shifted).collect();
                moved.map_or(Self::Open, |moved| {
                    bound(sample, &moved.into_iter().flatten().collect::<Vec<_>>(), &pulses(sample))
                })
            }
            _ => Self::Same,
        }
    }
}

/// The options that answer the question, or all numbers.
fn allowed(sample: &Sample) -> Vec<String> {
    match options_of(sample) {
        Options::List(list) => {
            list.iter().filter(|option| *option != "not sure").cloned().collect()
        }
        _ => (1..=COUNTS).map(|count| count.to_string()).collect(),
    }
}

/// The answers that remain to whoever senses everything but the one difference that counts.
fn alternatives(sample: &Sample) -> Vec<String> {
    let stimulus = sample.stimulus.as_ref().expect("sets describe their stimuli");
    stimulus.alternatives().ok().flatten().expect("sets name the alternatives")
}

fn truth(sample: &Sample) -> &str {
    match &sample.truth {
        Some(Truth::Text(truth)) => truth,
        _ => "",
    }
}

fn kind(sample: &Sample) -> &str {
    sample.subtask.as_deref().unwrap_or_default()
}

/// A question about another's sound.
fn other_sound(sample: &Sample, partner: &Sample) -> Expected {
    match (kind(sample), kind(partner)) {
        (own, other) if own == other => Expected::Answer(truth(partner).to_owned()),
        // These hold two sounds.
        ("beats_counting", "volume" | "order") => Expected::Answer("2".to_owned()),
        _ => Expected::Open,
    }
}

/// A question about another's picture or film.
fn other_picture(sample: &Sample, partner: &Sample) -> Expected {
    if kind(sample) == kind(partner) {
        return Expected::Answer(truth(partner).to_owned());
    }
    let Some([front, back]) = blur(partner) else { return Expected::Open };
    let blur = match kind(sample) {
        "foreground_clear" => front,
        "background_clear" => back,
        "image_clear" => front.max(back),
        _ => return Expected::Open,
    };
    Expected::Answer(if blur > 0.0 { "no" } else { "yes" }.to_owned())
}

/// Blur of a picture's foreground and background in pixels.
fn blur(sample: &Sample) -> Option<[f64; 2]> {
    let stimulus = sample.stimulus.as_ref()?;
    let fact = |name: &str| stimulus.rest.get(name).and_then(serde_json::Value::as_f64);
    Some(match kind(sample) {
        "foreground_clear" => [stimulus.intensity, fact("other_layer")?],
        "background_clear" => [fact("other_layer")?, stimulus.intensity],
        "image_clear" => [stimulus.intensity; 2],
        "image_clarity_degree" => [fact("blur_px")?; 2],
        _ => return None,
    })
}

/// What a question about a clip with sound asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    First,
    Last,
    Loudest,
    All,
}

impl Asks {
    fn of(sample: &Sample) -> Self {
        match kind(sample).rsplit('_').next() {
            Some("first") => Self::First,
            Some("last") => Self::Last,
            Some("loudest") => Self::Loudest,
            _ => Self::All,
        }
    }
}

fn by_colour(sample: &Sample) -> bool {
    sample.options_key().is_some_and(|key| key.ends_with("color"))
}

/// A solid that swells.
struct Pulse {
    object: String,
    colour: String,
    /// Seconds.
    onset: f64,
    sounds: bool,
}

impl Pulse {
    fn name(&self, by_colour: bool) -> &str {
        if by_colour { &self.colour } else { &self.object }
    }
}

/// A sound of a clip.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// Seconds.
    onset: f64,
    /// Whether it is louder than all others; `None` if all are equally loud.
    is_loudest: Option<bool>,
}

fn pulses(sample: &Sample) -> Vec<Pulse> {
    let stimulus = sample.stimulus.as_ref();
    let listed = stimulus.and_then(|stimulus| stimulus.rest.get("pulses")?.as_array());
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let pulse = |value: &serde_json::Value| Pulse {
        object: text(&value["object"]),
        colour: text(&value["color"]),
        onset: value["onset_s"].as_f64().unwrap_or_default(),
        sounds: value["sounds"].as_bool().unwrap_or_default(),
    };
    listed.into_iter().flatten().map(pulse).collect()
}

/// The sounds of a clip. Only where the loudest is asked for is one of them louder.
fn sounds(sample: &Sample) -> Vec<Heard> {
    let has_loudest = Asks::of(sample) == Asks::Loudest;
    let heard = |pulse: Pulse| Heard {
        onset: pulse.onset,
        is_loudest: has_loudest.then(|| pulse.name(by_colour(sample)) == truth(sample)),
    };
    pulses(sample).into_iter().filter(|pulse| pulse.sounds).map(heard).collect()
}

/// A sound at its place after the shift, in two pieces if the end of the clip cuts it; `None` if a
/// piece is so short that it may or may not be heard.
fn shifted(heard: Heard) -> Option<Vec<Heard>> {
    let onset = heard.onset + SHIFT;
    if onset >= CLIP {
        return Some(vec![Heard { onset: onset - CLIP, ..heard }]);
    }
    let (first, rest) = (CLIP - onset, onset + NOTE - CLIP);
    if rest <= 0.0 {
        return Some(vec![Heard { onset, ..heard }]);
    }
    if first < 0.1 || rest < 0.1 {
        return None;
    }
    // The attack is louder than what follows.
    let second = Heard { onset: 0.0, is_loudest: heard.is_loudest.map(|_| false) };
    Some(vec![Heard { onset, ..heard }, second])
}

/// Who is taken to make a sound.
enum Owner<'a> {
    Solid(&'a str),
    Nobody,
    /// Two are about equally near, or it is about as far away as can be.
    Unsure,
}

/// The solid that swells when a sound sets in.
fn owner(heard: Heard, pulses: &[Pulse], by_colour: bool) -> Owner<'_> {
    let away = |pulse: &Pulse| (pulse.onset - heard.onset).abs();
    let Some(nearest) = pulses.iter().min_by(|a, b| away(a).total_cmp(&away(b))) else {
        return Owner::Nobody;
    };
    let name = nearest.name(by_colour);
    let others = pulses.iter().filter(|pulse| pulse.name(by_colour) != name);
    let next = others.map(away).fold(f64::INFINITY, f64::min);
    let apart = away(nearest);
    if apart > TOGETHER + MISTAKEN {
        Owner::Nobody
    } else if apart < TOGETHER - MISTAKEN && next - apart > 2.0 * MISTAKEN {
        Owner::Solid(name)
    } else {
        Owner::Unsure
    }
}

/// The answer to a question about a clip in which these sounds are heard and these solids swell; a
/// guess among the solids where no sound that counts goes with one.
fn bound(sample: &Sample, heard: &[Heard], pulses: &[Pulse]) -> Expected {
    let (by_colour, asks) = (by_colour(sample), Asks::of(sample));
    let onset = |heard: &&Heard| heard.onset;
    let wanted: Vec<&Heard> = match asks {
        Asks::All => heard.iter().collect(),
        Asks::First => {
            heard.iter().min_by(|a, b| onset(a).total_cmp(&onset(b))).into_iter().collect()
        }
        Asks::Last => {
            heard.iter().max_by(|a, b| onset(a).total_cmp(&onset(b))).into_iter().collect()
        }
        Asks::Loudest if heard.iter().any(|heard| heard.is_loudest.is_none()) => {
            return Expected::Open;
        }
        Asks::Loudest => heard.iter().filter(|heard| heard.is_loudest == Some(true)).collect(),
    };
    let mut names: Vec<&str> = Vec::new();
    for heard in wanted {
        match owner(*heard, pulses, by_colour) {
            Owner::Solid(name) => names.push(name),
            Owner::Nobody => {}
            Owner::Unsure => return Expected::Open,
        }
    }
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        return Expected::Answer(names.join(";"));
    }
    let mut shown: Vec<&str> = pulses.iter().map(|pulse| pulse.name(by_colour)).collect();
    shown.sort_unstable();
    shown.dedup();
    Expected::AnyOf(if asks == Asks::All {
        sets(&shown)
    } else {
        shown.into_iter().map(str::to_owned).collect()
    })
}

/// All sets of one to three of some names.
fn sets(names: &[&str]) -> Vec<String> {
    let sets = (1_u32..1 << names.len()).filter(|set| set.count_ones() <= 3);
    let members = |set: u32| {
        let member = |at: &usize| set >> at & 1 == 1;
        (0..names.len()).filter(member).map(|at| names[at]).collect::<Vec<_>>().join(";")
    };
    sets.map(members).collect()
}
