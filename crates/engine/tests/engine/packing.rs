//! Real media on their way: what the server receives under each profile.

use avibench_engine::{Packing, Profile, VideoSettings};
use avibench_media::{
    Clip, Picture, Sound, decode_png, decode_wav, encode_mp4, encode_png, encode_wav,
};
use avibench_protocol::Folder;
use avibench_store::FailureKind;
use base64::Engine as _;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::{Act, Server};
use crate::world::World;

const AVQA: Folder = Folder::Avqa;

/// A clip of two seconds, maybe with a tone.
fn clip(with_sound: bool) -> Vec<u8> {
    let pictures =
        (0..20).map(|i| Picture::filled(64, 48, [i * 12, 128, 255 - i * 12]).unwrap()).collect();
    let wave = (0..32_000).map(|i| (f64::from(i) * 0.17).sin() as f32 * 0.3).collect();
    let sound = with_sound.then(|| Sound::new(16_000, wave).unwrap());
    encode_mp4(&Clip::new(pictures, 10.0, sound).unwrap()).unwrap()
}

/// Asks about `video` under `profile`; gives the parts that the server received.
async fn parts(profile: impl Into<Packing>, video: &[u8]) -> Result<Vec<Value>, String> {
    let profile = profile.into();
    let server = Server::start(|_| Act::say("yes")).await;
    let mut world = World::new(&server.url, &[(AVQA, 1)]);
    let folder = world.dir.path().join("levels/AVQA");
    std::fs::write(folder.join("input/a.mp4"), video).unwrap();
    let data = std::fs::read_to_string(folder.join("data.json")).unwrap();
    let data = data.replace("\"audio_list\":[\"./input/a.wav\"]", "\"video\":\"./input/a.mp4\"");
    std::fs::write(folder.join("data.json"), data).unwrap();
    world.pack(profile);
    let (summary, _) = world.run().await;
    match summary.troubles.get(&FailureKind::Medium) {
        Some(trouble) => Err(trouble.message.clone()),
        None => Ok(server.seen()[0].body["messages"][1]["content"].as_array().unwrap().clone()),
    }
}

/// Type of a part and the beginning of what it carries.
fn outline(part: &Value) -> String {
    let kind = part["type"].as_str().unwrap();
    let carried = part[kind]["url"].as_str().or(part[kind]["data"].as_str()).unwrap_or("");
    format!("{kind} {}", carried.split(',').next().unwrap().chars().take(24).collect::<String>())
}

#[tokio::test]
async fn a_clip_is_packed_as_each_profile_says() {
    let clip = clip(true);
    let outlines = |parts: Vec<Value>| parts.iter().map(outline).collect::<Vec<_>>();
    assert_eq!(
        outlines(parts(Profile::Gateway, &clip).await.unwrap()),
        ["image_url data:video/mp4;base64", "text "]
    );
    let vllm = outlines(parts(Profile::Vllm, &clip).await.unwrap());
    assert!(vllm[0].starts_with("input_audio UklGR"), "a WAV: {vllm:?}");
    assert_eq!(vllm[1..], ["video_url data:video/mp4;base64", "text "]);
    let openai = parts(Profile::OpenAi, &clip).await.unwrap();
    assert_eq!(openai.len(), 1 + 16 + 1);
    assert_eq!(openai[0]["input_audio"]["format"], "wav");
    let frames = outlines(openai[1..17].to_vec());
    assert!(frames.iter().all(|frame| frame == "image_url data:image/png;base64"), "{frames:?}");
    assert_ne!(openai[1], openai[16], "the frames are not all the same");
}

#[tokio::test]
async fn frames_sizes_and_rates_are_as_they_are_set() {
    let video = VideoSettings { frames: Some(5), frame_size: Some(40), sample_rate: Some(8_000) };
    let packing = Packing::new(Profile::OpenAi, video).unwrap();
    let parts = parts(packing, &clip(true)).await.unwrap();
    assert_eq!(parts.len(), 1 + 5 + 1);
    let decode = |text: &Value| {
        let text = text.as_str().unwrap();
        let base64 = text.split_once(',').map_or(text, |(_, base64)| base64);
        base64::engine::general_purpose::STANDARD.decode(base64).unwrap()
    };
    let sound = decode_wav(&decode(&parts[0]["input_audio"]["data"])).unwrap();
    assert_eq!(sound.sample_rate(), 8_000);
    assert!((sound.duration() - 2.0).abs() < 0.05, "{}", sound.duration());
    for part in &parts[1..6] {
        let picture = decode_png(&decode(&part["image_url"]["url"])).unwrap();
        assert_eq!((picture.width(), picture.height()), (40, 30));
    }
}

#[tokio::test]
async fn a_silent_clip_brings_no_sound() {
    let clip = clip(false);
    assert_eq!(parts(Profile::Vllm, &clip).await.unwrap().len(), 2);
    assert_eq!(parts(Profile::OpenAi, &clip).await.unwrap().len(), 17);
}

#[tokio::test]
async fn a_clip_that_cannot_be_decoded_is_rejected_by_name() {
    let whole = clip(true);
    let media: [&[u8]; 5] = [
        b"",
        b"\0\0\0\x20ftypisom, and then nothing",
        &whole[..whole.len() - 1],
        &whole[..whole.len() / 2],
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
    ];
    for profile in Profile::ALL {
        for medium in media {
            let message = parts(profile, medium).await.unwrap_err();
            assert!(message.contains("a.mp4"), "{profile}: {message}");
            assert!(message.contains("avibench doctor"), "{profile}: {message}");
        }
    }
}

/// Asks about a sound or a picture that lies in the file `name`.
async fn part_of(profile: Profile, list: &str, name: &str, bytes: &[u8]) -> Result<Value, String> {
    let server = Server::start(|_| Act::say("yes")).await;
    let mut world = World::new(&server.url, &[(AVQA, 1)]);
    let folder = world.dir.path().join("levels/AVQA");
    std::fs::write(folder.join("input").join(name), bytes).unwrap();
    let data = std::fs::read_to_string(folder.join("data.json")).unwrap();
    let data = data
        .replace("\"audio_list\":[\"./input/a.wav\"]", &format!("\"{list}\":[\"./input/{name}\"]"));
    std::fs::write(folder.join("data.json"), data).unwrap();
    world.pack(profile.into());
    let (summary, _) = world.run().await;
    match summary.troubles.get(&FailureKind::Medium) {
        Some(trouble) => {
            assert!(server.seen().is_empty(), "nothing is sent");
            Err(trouble.message.clone())
        }
        None => Ok(server.seen()[0].body["messages"][1]["content"][0].clone()),
    }
}

#[tokio::test]
async fn what_a_medium_is_follows_from_its_bytes() {
    let picture = encode_png(&Picture::filled(20, 10, [1, 2, 3]).unwrap()).unwrap();
    let wav = encode_wav(&Sound::new(8_000, vec![0.5; 800]).unwrap()).unwrap();
    let mp3 = include_bytes!("../../../media/tests/clips/burst.mp3");
    for profile in Profile::ALL {
        let part = part_of(profile, "image_list", "a.jpg", &picture).await.unwrap();
        assert_eq!(outline(&part), "image_url data:image/png;base64", "{profile}");
        let part = part_of(profile, "audio_list", "b.wav", mp3).await.unwrap();
        assert_eq!(part["input_audio"]["format"], "mp3", "{profile}");
        let part = part_of(profile, "audio_list", "b.mp3", &wav).await.unwrap();
        assert_eq!(part["input_audio"]["format"], "wav", "{profile}");
        for (list, name, bytes, reason) in [
            ("image_list", "a.png", &b""[..], "empty"),
            ("image_list", "a.png", &picture[..picture.len() - 5], "cut off"),
            ("image_list", "a.png", &wav[..], "sound alone (audio/wav)"),
            ("image_list", "a.png", b"<svg xmlns='x'/>", "an SVG drawing"),
            ("image_list", "a.avif", b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
            ("audio_list", "b.wav", b"", "empty"),
            ("audio_list", "b.wav", &wav[..100], "cut off"),
            ("audio_list", "b.mp3", &mp3[..mp3.len() - 9], "cut off"),
            ("audio_list", "b.wav", &picture, "a picture (image/png)"),
            ("audio_list", "b.wav", b"RF64\xff\xff\xff\xffWAVE", "RF64"),
            ("audio_list", "b.wav", b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        ] {
            let message = part_of(profile, list, name, bytes).await.unwrap_err();
            assert!(message.contains(reason) && message.contains(name), "{profile}: {message}");
        }
    }
}

#[tokio::test]
async fn sounds_go_as_wav_where_nothing_else_is_heard() {
    let flac = include_bytes!("../../../media/tests/clips/burst.flac");
    let ogg = include_bytes!("../../../media/tests/clips/burst.ogg");
    let aac = include_bytes!("../../../media/tests/clips/burst.aac");
    for (name, bytes) in [("a.flac", &flac[..]), ("a.ogg", ogg), ("a.aac", aac)] {
        let part = part_of(Profile::OpenAi, "audio_list", name, bytes).await.unwrap();
        assert_eq!(part["input_audio"]["format"], "wav", "{name}");
        let wav = part["input_audio"]["data"].as_str().unwrap();
        let wav = base64::engine::general_purpose::STANDARD.decode(wav).unwrap();
        assert!(decode_wav(&wav).unwrap().duration() > 0.5, "{name}");
        let part = part_of(Profile::Gateway, "audio_list", name, bytes).await.unwrap();
        assert_eq!(part["input_audio"]["format"], name[2..], "as it is");
        let cut = &bytes[..bytes.len() - 40];
        let message = part_of(Profile::OpenAi, "audio_list", name, cut).await.unwrap_err();
        assert!(message.contains(name), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_during_the_upload_is_heard() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let body = r#"{"error": {"message": "more than 1 MB"}}"#;
                let head = "HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: ";
                let _ = stream
                    .write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes())
                    .await;
                // A server that closes at once resets the connection, and its words may be lost.
                while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
            });
        }
    });
    let world = World::new(&url, &[(AVQA, 1)]);
    let file = world.dir.path().join("levels/AVQA/input/a.wav");
    let long = Sound::new(48_000, vec![0.25; 10 << 20]).unwrap();
    std::fs::write(file, encode_wav(&long).unwrap()).unwrap();
    let (summary, _) = world.run().await;
    assert_eq!((summary.total().rejected, summary.requests), (1, 1), "{summary:?}");
    assert!(summary.troubles[&FailureKind::Request].message.contains("more than 1 MB"));
}
