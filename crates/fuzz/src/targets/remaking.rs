//! What makes new media out of hostile ones.

use std::path::Path;
use std::time::{Duration, Instant};

use avibench_ablation::{Rewriter, Rewriting, Rewritten};
use avibench_media::{
    Allowance, MediaError, MediumKind, Sound, check_whole, presented_seconds, with_black_pictures,
    with_sound, without_sound,
};

/// The longest that making one medium may take, of seeds that take milliseconds.
const LONGEST: Duration = Duration::from_secs(30);
/// The largest medium that may come out of a megabyte, in bytes.
const LARGEST: usize = 320 << 20;
/// Memory that rewriting a medium may take, in bytes: what a run allows by default.
const MEMORY: u64 = 1 << 30;

/// Puts the bytes together anew as if they were an MP4: without sound, with another sound, with black
/// pictures. What comes out is a whole video, and has a length.
pub(crate) fn remux(bytes: &[u8]) {
    let samples = (0..2_000_u16).map(|at| f32::from(at % 40) / 80.0 - 0.25).collect();
    let sound = Sound::new(8_000, samples).expect("the samples are finite");
    for (name, make) in [
        ("without sound", &without_sound as &dyn Fn(&[u8]) -> Result<Vec<u8>, MediaError>),
        ("with another sound", &|bytes| with_sound(bytes, &sound)),
        ("with black pictures", &with_black_pictures),
    ] {
        let begun = Instant::now();
        let made = make(bytes);
        assert!(begun.elapsed() < LONGEST, "{name}: it took {:?}", begun.elapsed());
        let Ok(made) = made else { continue };
        assert_whole(name, &made, MediumKind::Video);
        let again = without_sound(&made);
        assert!(again.is_ok(), "{name}: what was made is refused: {again:?}");
    }
    if let Ok(seconds) = presented_seconds(bytes) {
        assert!(seconds > 0.0, "it is presented for {seconds} s");
    }
}

/// Rewrites the bytes as a medium in every way in which an ablation does, also with the sound of a
/// small WAV and as the sound of it. What comes out is whole and of the same kind.
pub(crate) fn rewriting(bytes: &[u8]) {
    let Ok(format) = check_whole(bytes, &Allowance::default()) else { return };
    let file = super::checkpoint::temporary(bytes);
    let own = file.path();
    let wav = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/media/tone.wav");
    let rewriter = Rewriter::default().within(MEMORY);
    for (name, rewriting, kind) in [
        ("mute", Rewriting::Mute(own.to_owned()), format.kind),
        ("blind", Rewriting::Blind(own.to_owned()), format.kind),
        ("shift", Rewriting::Shift(own.to_owned()), format.kind),
        ("dub", Rewriting::Dub { own: own.to_owned(), sound: wav.clone() }, format.kind),
        ("lend", Rewriting::Dub { own: wav, sound: own.to_owned() }, MediumKind::Sound),
    ] {
        let begun = Instant::now();
        let made = rewriter.rewrite(&rewriting);
        assert!(begun.elapsed() < LONGEST, "{name}: it took {:?}", begun.elapsed());
        if let Ok(Rewritten::Made(made)) = made {
            assert_whole(name, &made, kind);
        }
    }
}

fn assert_whole(name: &str, made: &[u8], kind: MediumKind) {
    assert!(made.len() <= LARGEST, "{name}: {} bytes came out", made.len());
    let found = check_whole(made, &Allowance::default()).map(|format| format.kind);
    assert_eq!(found, Ok(kind), "{name}: what came out is not whole, or of another kind");
}
