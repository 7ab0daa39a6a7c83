//! Real media on their way: what the server receives under each profile.

use avibench_engine::{Packing, Profile, VideoSettings};
use avibench_media::{Clip, Picture, Sound, decode_png, decode_wav, encode_mp4};
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
    let message =
        parts(Profile::OpenAi, b"\0\0\0\x20ftypisom, and then nothing").await.unwrap_err();
    assert!(message.contains("a.mp4"), "{message}");
    assert!(
        parts(Profile::Gateway, b"\0\0\0\x20ftypisom").await.is_ok(),
        "it is the server's to say"
    );
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
    std::fs::write(file, vec![0; 20 << 20]).unwrap();
    let (summary, _) = world.run().await;
    assert_eq!((summary.total().rejected, summary.requests), (1, 1), "{summary:?}");
    assert!(summary.troubles[&FailureKind::Request].message.contains("more than 1 MB"));
}
