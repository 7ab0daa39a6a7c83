//! The observer behind a server that treats media badly, probed without a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use avibench_probe::{Ability, AbilityFinding, Probe, ProbeQuestion, ProbeReply};
use avibench_protocol::{Conversation, LocalModel, Medium};
use avibench_reading::{BoxForm, Order, Scale};
use avibench_stimuli::{Impaired, Impairments, Signal};

/// The form in which boxes are given at the last rehearsal.
pub(crate) const FORM: BoxForm = BoxForm { order: Order::Yxyx, scale: Scale::Thousandths };

/// What is rehearsed: a name, what goes wrong, and which abilities must come out as lacking. All others
/// must come out as there.
pub(crate) fn rehearsals() -> [(&'static str, Impairments, Vec<Ability>); 7] {
    use Ability::{
        Boxes, Hear, ImageOrder, See, SoundOrder, Sync, VideoEnd, VideoMiddle, VideoSound,
        VideoStart,
    };
    let sound = Impairments::default();
    [
        ("sound", sound, vec![]),
        ("deaf", Impairments { deaf: true, ..sound }, vec![Hear, SoundOrder, VideoSound, Sync]),
        (
            "blind",
            Impairments { blind: true, ..sound },
            vec![See, ImageOrder, VideoStart, VideoMiddle, VideoEnd, Sync, Boxes],
        ),
        ("silent-video", Impairments { silent_video: true, ..sound }, vec![VideoSound, Sync]),
        (
            "first-frame-only",
            Impairments { first_frame_only: true, ..sound },
            vec![VideoMiddle, VideoEnd, Sync],
        ),
        ("order-lost", Impairments { order_lost: true, ..sound }, vec![SoundOrder, ImageOrder]),
        ("boxes", Impairments { boxes: Some(FORM), ..sound }, vec![]),
    ]
}

/// The findings about the observer with these impairments, and how many questions it was asked.
pub(crate) fn probed(
    seed: u64,
    impairments: Impairments,
) -> (BTreeMap<Ability, AbilityFinding>, usize) {
    let model = Impaired::new(Arc::new(Signal::new()), impairments);
    let mut probe = Probe::new(seed);
    let mut asked = 0;
    loop {
        let round = probe.next_round().expect("media of a probe can be encoded");
        if round.is_empty() {
            break;
        }
        asked += round.len();
        for question in &round {
            probe.take(question, ProbeReply::Said(model.answer(&conversation(question))));
        }
    }
    let findings = probe.findings().into_iter();
    (findings.map(|finding| (finding.ability, finding)).collect(), asked)
}

fn conversation(question: &ProbeQuestion) -> Conversation {
    let medium =
        |mime: &str, bytes: &Vec<u8>| Medium { mime: mime.to_owned(), bytes: bytes.clone().into() };
    Conversation {
        images: question.images.iter().map(|png| medium("image/png", png)).collect(),
        audios: question.sounds.iter().map(|wav| medium("audio/wav", wav)).collect(),
        video: question.video.as_ref().map(|mp4| medium("video/mp4", mp4)),
        text: question.text.clone(),
    }
}
