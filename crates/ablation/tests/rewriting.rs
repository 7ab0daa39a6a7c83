//! What is made of media, and that it is kept no longer than there is room for it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use avibench_ablation::{Kept, RewriteError, Rewriter, Rewriting, Rewritten, RewrittenMedia};
use avibench_media::{
    Clip, Ffmpeg, Picture, Sound, decode_audio, decode_mp4, decode_png, encode_mp4, encode_png,
    encode_wav, sound_track,
};

const RATE: u32 = 16_000;

/// A click of 5 ms at `at` seconds in silence.
fn click(at: f64, seconds: f64) -> Sound {
    let mut samples = vec![0.0; (seconds * f64::from(RATE)) as usize];
    let begin = (at * f64::from(RATE)) as usize;
    for (n, sample) in samples[begin..begin + 80].iter_mut().enumerate() {
        *sample = if n % 4 < 2 { 0.8 } else { -0.8 };
    }
    Sound::new(RATE, samples).unwrap()
}

/// Where the loudest sample is, in seconds.
fn loudest(sound: &Sound) -> f64 {
    let samples = sound.samples().iter().map(|sample| sample.abs()).enumerate();
    let (at, _) = samples.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    at as f64 / f64::from(sound.sample_rate())
}

fn video(seconds: f64, grey: u8, sound: Option<Sound>) -> Vec<u8> {
    let picture = Picture::filled(64, 48, [grey; 3]).unwrap();
    let pictures = vec![picture; (seconds * 10.0) as usize];
    encode_mp4(&Clip::new(pictures, 10.0, sound).unwrap()).unwrap()
}

struct World {
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn clip(&self, name: &str, seconds: f64, grey: u8, click_at: f64) -> PathBuf {
        self.file(name, &video(seconds, grey, Some(click(click_at, seconds))))
    }

    fn kept(&self, limit: u64) -> Arc<RewrittenMedia> {
        RewrittenMedia::new(self.dir.path().join("rewritten"), limit, Rewriter::default())
    }
}

fn made(rewriting: &Rewriting) -> Vec<u8> {
    match Rewriter::default().rewrite(rewriting).unwrap() {
        Rewritten::Made(bytes) => bytes,
        Rewritten::Unchanged => panic!("{rewriting:?} should change something"),
    }
}

#[test]
fn a_medium_loses_one_sense_and_keeps_the_other() {
    let world = World::new();
    let clip = world.clip("a.mp4", 2.0, 120, 0.5);
    let before = decode_mp4(&std::fs::read(&clip).unwrap()).unwrap();
    let muted = decode_mp4(&made(&Rewriting::Mute(clip.clone()))).unwrap();
    assert_eq!((&muted.frames, &muted.sound), (&before.frames, &None));
    let blind = decode_mp4(&made(&Rewriting::Blind(clip))).unwrap();
    assert_eq!((blind.frames.len(), &blind.sound), (before.frames.len(), &before.sound));
    assert!(blind.frames.iter().all(|frame| frame.picture.rgb().iter().all(|v| *v <= 2)));

    let wav = world.file("a.wav", &encode_wav(&click(0.2, 0.7)).unwrap());
    let silence = decode_audio(&made(&Rewriting::Mute(wav.clone()))).unwrap();
    assert_eq!(silence, Sound::new(RATE, vec![0.0; 11_200]).unwrap());
    let png = encode_png(&Picture::filled(31, 17, [9, 200, 9]).unwrap()).unwrap();
    let png = world.file("a.png", &png);
    let black = decode_png(&made(&Rewriting::Blind(png.clone()))).unwrap();
    assert_eq!(black, Picture::filled(31, 17, [0; 3]).unwrap());
    for nothing in [Rewriting::Blind(wav), Rewriting::Mute(png.clone()), Rewriting::Shift(png)] {
        assert_eq!(Rewriter::default().rewrite(&nothing).unwrap(), Rewritten::Unchanged);
    }
}

#[test]
fn the_sound_is_moved_as_samples_and_comes_in_again_at_the_beginning() {
    let world = World::new();
    for (seconds, at, expected) in [(3.0, 0.5, 1.3), (3.0, 2.5, 0.3), (1.2, 0.3, 0.7)] {
        let clip = world.clip("a.mp4", seconds, 50, at);
        let before = decode_mp4(&std::fs::read(&clip).unwrap()).unwrap();
        let after = decode_mp4(&made(&Rewriting::Shift(clip))).unwrap();
        assert_eq!(after.frames, before.frames);
        let (sound, was) = (after.sound.unwrap(), before.sound.unwrap());
        assert_eq!(sound.samples().len(), was.samples().len());
        assert!((loudest(&sound) - expected).abs() < 0.01, "{} of {at}", loudest(&sound));
    }
    let silent = world.file("silent.mp4", &video(1.0, 50, None));
    assert_eq!(sound_track(&made(&Rewriting::Shift(silent))).unwrap(), None);
}

#[test]
fn another_sound_is_cut_or_continued_to_the_length_of_the_pictures() {
    let world = World::new();
    let clip = world.clip("a.mp4", 2.0, 120, 0.5);
    let silent = world.file("silent.mp4", &video(1.0, 50, None));
    let wav = world.file("a.wav", &encode_wav(&click(0.2, 0.7)).unwrap());
    let dub = |own: &Path, sound: &Path| {
        made(&Rewriting::Dub { own: own.to_owned(), sound: sound.to_owned() })
    };
    for (other, at) in [(world.clip("b.mp4", 3.0, 9, 1.5), 1.5), (wav.clone(), 0.2)] {
        let dubbed = decode_mp4(&dub(&clip, &other)).unwrap();
        assert_eq!(dubbed.frames.len(), 20);
        assert!(dubbed.frames[0].picture.rgb()[0].abs_diff(120) < 8, "its own pictures");
        let sound = dubbed.sound.unwrap();
        assert!((sound.duration() - 2.0).abs() < 0.001, "{}", sound.duration());
        assert!((loudest(&sound) - at).abs() < 0.01, "{}", loudest(&sound));
    }
    assert_eq!(sound_track(&dub(&clip, &silent)).unwrap(), None);
    let sound = decode_audio(&dub(&wav, &clip)).unwrap();
    assert!((sound.duration() - 0.7).abs() < 1e-6 && (loudest(&sound) - 0.5).abs() < 0.01);
    let sound = decode_audio(&dub(&wav, &silent)).unwrap();
    assert!(sound.samples().iter().all(|sample| *sample == 0.0) && sound.duration() > 0.69);
}

#[test]
fn what_cannot_be_rewritten_is_an_error_that_names_the_file() {
    let world = World::new();
    let broken = world.file("broken.mp4", &video(1.0, 50, None)[..700]);
    let webm = world.file("a.webm", include_bytes!("a.webm"));
    for (path, reason) in [(broken, "cut off"), (webm.clone(), "install ffmpeg")] {
        let error = Rewriter::default().rewrite(&Rewriting::Mute(path.clone())).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(&path.display().to_string()), "{message}");
        assert!(message.contains(reason), "{message}");
    }
    let gone = Rewriting::Mute(world.dir.path().join("gone.mp4"));
    let error = world.kept(1 << 20).get(&gone).unwrap_err();
    assert!(matches!(error, RewriteError::Unreadable { .. }), "{error}");
    if Ffmpeg::new("ffmpeg").is_err() {
        println!("no ffmpeg program here: other containers are not tried");
        return;
    }
    let rewriter = Rewriter::with_installed_ffmpeg();
    let Rewritten::Made(muted) = rewriter.rewrite(&Rewriting::Mute(webm.clone())).unwrap() else {
        panic!("it has sound to lose");
    };
    let muted = decode_mp4(&muted).unwrap();
    assert_eq!((muted.frames.len(), muted.sound), (10, None));
    let Rewritten::Made(blind) = rewriter.rewrite(&Rewriting::Blind(webm)).unwrap() else {
        panic!("it has pictures to lose");
    };
    let blind = decode_mp4(&blind).unwrap();
    assert!(blind.sound.is_some_and(|sound| (0.9..1.3).contains(&sound.duration())));
    assert!(blind.frames.iter().all(|frame| frame.picture.rgb().iter().all(|v| *v <= 2)));
}

/// A clip of three seconds with a flash and a click at half a second, as AVI and Matroska.
fn flash_and_click(world: &World) -> [PathBuf; 2] {
    let picture = |grey: u8| Picture::filled(64, 48, [grey; 3]).unwrap();
    let pictures = (0..30).map(|at| picture(if at == 5 { 230 } else { 30 })).collect();
    let clip = Clip::new(pictures, 10.0, Some(click(0.5, 3.0))).unwrap();
    let mp4 = world.file("flash.mp4", &encode_mp4(&clip).unwrap());
    ["avi", "mkv"].map(|container| {
        let path = mp4.with_extension(container);
        let coding = if container == "avi" { ["mpeg4", "pcm_s16le"] } else { ["libx264", "aac"] };
        let mut command = std::process::Command::new("ffmpeg");
        command.args(["-loglevel", "error", "-i"]).arg(&mp4);
        command.args(["-q:v", "3", "-bf", "0", "-c:v", coding[0], "-c:a", coding[1]]).arg(&path);
        assert!(command.status().unwrap().success(), "{container}");
        path
    })
}

#[test]
fn a_delay_survives_what_other_containers_are_turned_into() {
    if Ffmpeg::new("ffmpeg").is_err() {
        println!("no ffmpeg program here: other containers are not tried");
        return;
    }
    let world = World::new();
    let rewriter = Rewriter::with_installed_ffmpeg();
    for path in flash_and_click(&world) {
        let name = path.display();
        let apart = |rewriting: &Rewriting| {
            let Rewritten::Made(made) = rewriter.rewrite(rewriting).unwrap() else {
                panic!("{name} has sound to lose");
            };
            let clip = decode_mp4(&made).unwrap();
            let mut frames = clip.frames.iter();
            let flash = frames.find(|frame| frame.picture.rgb()[0] > 150).unwrap().seconds;
            loudest(&clip.sound.unwrap()) - flash
        };
        let later = apart(&Rewriting::Shift(path.clone()));
        assert!((later - 0.8).abs() < 0.03, "{name}: {later} s later");
        let wav = world.file("later.wav", &encode_wav(&click(0.9, 3.0)).unwrap());
        let dubbed = apart(&Rewriting::Dub { own: path.clone(), sound: wav });
        assert!((dubbed - 0.4).abs() < 0.03, "{name}: {dubbed} s after the flash");
    }
}

#[test]
fn equal_media_are_made_once_and_found_again_by_another_run() {
    let world = World::new();
    let first = world.clip("a.mp4", 1.0, 120, 0.5);
    let copy = world.file("copy.mp4", &std::fs::read(&first).unwrap());
    let kept = world.kept(1 << 20);
    let muted = kept.get(&Rewriting::Mute(first.clone())).unwrap();
    let written = std::fs::metadata(muted.path()).unwrap().len();
    // Only the name is looked for: what stands there is taken.
    std::fs::write(muted.path(), b"made before").unwrap();
    for again in
        [kept.get(&Rewriting::Mute(copy)), world.kept(0).get(&Rewriting::Mute(first.clone()))]
    {
        let again = again.unwrap();
        assert_eq!(again.path(), muted.path());
        assert_eq!(std::fs::read(again.path()).unwrap(), b"made before");
    }
    let blind = kept.get(&Rewriting::Blind(first)).unwrap();
    assert_ne!(blind.path(), muted.path());
    assert!(written > 500 && muted.path().extension().is_some_and(|extension| extension == "mp4"));
}

#[test]
fn the_longest_unused_go_first_and_what_is_in_use_stays() {
    let world = World::new();
    let wavs: Vec<Rewriting> = (0..4)
        .map(|n| {
            let wav = encode_wav(&click(0.1, 0.2 + f64::from(n) / 16_000.0)).unwrap();
            Rewriting::Mute(world.file(&format!("{n}.wav"), &wav))
        })
        .collect();
    // Each takes about 6.4 kB: two fit, three do not.
    let kept = world.kept(14_000);
    let made_at = |kept: &Kept, hour: u64| {
        let file = File::options().append(true).open(kept.path()).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(3_600 * hour)).unwrap();
        kept.path().to_owned()
    };
    std::fs::create_dir_all(world.dir.path().join("rewritten")).unwrap();
    let mine = world.file("rewritten/notes.txt", &vec![0; 20_000]);
    let first = made_at(&kept.get(&wavs[0]).unwrap(), 2);
    let second = made_at(&kept.get(&wavs[1]).unwrap(), 1);
    let third = kept.get(&wavs[2]).unwrap();
    assert!(first.exists() && !second.exists() && third.path().exists(), "the oldest is gone");
    let first_again = kept.get(&wavs[0]).unwrap();
    let fourth = kept.get(&wavs[3]).unwrap();
    let in_use = [first_again.path(), third.path(), fourth.path()];
    assert!(in_use.iter().all(|path| path.exists()), "all three are needed at a time");
    drop((first_again, third, fourth));
    let second_again = kept.get(&wavs[1]).unwrap();
    let left = std::fs::read_dir(world.dir.path().join("rewritten")).unwrap().count();
    assert_eq!(left, 3, "two media, and what is none of ours");
    assert!(second_again.path().exists() && mine.exists());
}

#[test]
fn many_who_want_the_same_get_it() {
    let world = World::new();
    let clip = world.clip("a.mp4", 1.0, 120, 0.5);
    let kept = world.kept(1);
    std::thread::scope(|scope| {
        for turn in 0..16 {
            let (kept, clip) = (&kept, clip.clone());
            scope.spawn(move || {
                let rewriting =
                    if turn % 2 == 0 { Rewriting::Mute(clip) } else { Rewriting::Shift(clip) };
                let got = kept.get(&rewriting).unwrap();
                let bytes = std::fs::read(got.path()).unwrap();
                assert_eq!(sound_track(&bytes).unwrap().is_none(), turn % 2 == 0);
            });
        }
    });
}
