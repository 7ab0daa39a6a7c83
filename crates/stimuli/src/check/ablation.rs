//! What one sense alone would make of questions that need both.

use avibench_media::{decode_mp4, sound_track};
use avibench_protocol::Conversation;

use crate::observer::{Actor, listen, watch};

/// Answers by eye alone: whoever swells first, last, most often. The last three are colours.
pub(super) struct ByEye {
    /// Names of rules, with the answer that each gives.
    pub(super) guesses: Vec<(&'static str, String)>,
}

/// Guesses about the sounding solid from the picture only.
pub(super) fn by_eye(conversation: &Conversation, by_colour: bool) -> Option<ByEye> {
    let clip = decode_mp4(&conversation.video.as_ref()?.bytes).ok()?;
    let actors = watch(&clip.frames)?;
    let name = |actor: &Actor| if by_colour { actor.colour } else { actor.object }.to_owned();
    let onset = |actor: &Actor, last: bool| {
        let swell = if last { actor.swells.last() } else { actor.swells.first() };
        swell.copied().unwrap_or(if last { f64::NEG_INFINITY } else { f64::INFINITY })
    };
    let first = actors.iter().min_by(|a, b| onset(a, false).total_cmp(&onset(b, false)))?;
    let last = actors.iter().max_by(|a, b| onset(a, true).total_cmp(&onset(b, true)))?;
    let most = actors.iter().max_by_key(|actor| actor.swells.len())?;
    Some(ByEye {
        guesses: vec![
            ("picture alone: swells first", name(first)),
            ("picture alone: swells last", name(last)),
            ("picture alone: swells most often", name(most)),
        ],
    })
}

/// Numbers that the sound track alone yields: how many sounds, when the first and the last set
/// in, which is the loudest.
pub(super) fn by_ear(conversation: &Conversation) -> Option<[(&'static str, f64); 4]> {
    let heard = listen(&sound_track(&conversation.video.as_ref()?.bytes).ok()??);
    let loudest = (0..heard.len()).max_by(|&a, &b| heard[a].peak.total_cmp(&heard[b].peak))?;
    Some([
        ("sound alone: number of sounds", heard.len() as f64),
        ("sound alone: first onset", heard.first()?.onset),
        ("sound alone: last onset", heard.last()?.onset),
        ("sound alone: place of the loudest", loudest as f64),
    ])
}
