//! Input that is truncated, damaged or made up ends in an error: no panic, no runaway memory.

use avibench_media::{
    MediaError, Picture, decode_audio, decode_image, decode_mp4, decode_wav, encode_png, frames_at,
    sound_track,
};
use proptest::prelude::*;

const CLIPS: [&[u8]; 6] = [
    include_bytes!("clips/bframes.mp4"),
    include_bytes!("clips/vfr.mp4"),
    include_bytes!("clips/fragmented.mp4"),
    include_bytes!("clips/edited.mp4"),
    include_bytes!("clips/turned.mp4"),
    include_bytes!("clips/full_range.mp4"),
];
const SOUNDS: [&[u8]; 5] = [
    include_bytes!("clips/burst.mp3"),
    include_bytes!("clips/burst.flac"),
    include_bytes!("clips/burst.ogg"),
    include_bytes!("clips/burst.aac"),
    include_bytes!("clips/burst_mulaw.wav"),
];

/// Reads the bytes in all ways; what comes out, if anything, must be within bounds.
fn read_all_ways(bytes: &[u8]) {
    for sound in [decode_audio(bytes), decode_wav(bytes)].into_iter().flatten() {
        assert!(sound.samples().iter().all(|sample| sample.is_finite()));
    }
    if let Ok(picture) = decode_image(bytes) {
        assert!(picture.width() > 0);
    }
    if let Ok(frames) = frames_at(bytes, 3) {
        assert_eq!(frames.len(), 3);
    }
    drop(decode_mp4(bytes));
}

#[test]
fn a_clip_that_is_cut_off_anywhere_is_an_error() {
    for clip in CLIPS {
        for length in (0..clip.len()).step_by(7).chain(clip.len() - 9..clip.len()) {
            let cut = &clip[..length];
            // Only a fragmented file can be shorter and still whole, at a fragment's end.
            if let Ok(decoded) = decode_mp4(cut) {
                let whole = decode_mp4(clip).unwrap();
                let fragmented = clip == CLIPS[2];
                let index_is_last = decoded == whole;
                assert!(fragmented || index_is_last, "{length} of {}", clip.len());
            }
            drop(frames_at(cut, 2));
        }
    }
}

#[test]
fn foreign_files_are_told_apart() {
    for foreign in
        [&b""[..], b"\0", b"hello, this is text", b"GIF89a\x01\0\x01\0\0\0\0;", &[0xff; 64]]
    {
        read_all_ways(foreign);
        assert!(decode_mp4(foreign).is_err());
        assert!(decode_image(foreign).is_err());
        assert!(decode_audio(foreign).is_err());
    }
    let error = decode_image(b"GIF89a\x01\0\x01\0\0\0\0;").unwrap_err();
    assert!(matches!(error, MediaError::Unsupported { .. }), "{error}");
    let png = encode_png(&Picture::filled(2, 2, [1, 2, 3]).unwrap()).unwrap();
    assert!(decode_mp4(&png).is_err());
    assert!(sound_track(&png).is_err());
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_read() {
    let mut png = encode_png(&Picture::filled(2, 2, [1, 2, 3]).unwrap()).unwrap();
    png[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]); // 65,536 each way; its checksum breaks
    assert!(decode_image(&png).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn damaged_clips_do_no_harm(
        which in 0..CLIPS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = CLIPS[which].to_vec();
        for (at, value) in damage {
            *at.get_mut(&mut bytes) = value;
        }
        read_all_ways(&bytes);
    }

    #[test]
    fn damaged_sounds_do_no_harm(
        which in 0..SOUNDS.len(),
        keep in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut bytes = SOUNDS[which].to_vec();
        for (at, value) in damage {
            *at.get_mut(&mut bytes) = value;
        }
        bytes.truncate(keep.index(bytes.len()) + 1);
        read_all_ways(&bytes);
    }

    #[test]
    fn made_up_files_do_no_harm(
        start in prop::sample::select(vec![
            &b"\0\0\0\x08ftyp\0\0\0\x40moov"[..], b"RIFF\0\0\0\0WAVEfmt ", b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0", b"fLaC", b"OggS", b"\xff\xfb\x90", b"\xff\xf1\x50", b"ID3\x04",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        read_all_ways(&[start, &rest].concat());
    }
}
