//! The dry run against a server that counts: what is foreseen is what comes in.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_engine::{DryRun, Packing, Profile, VideoSettings};
use avibench_media::{Clip, Picture, Sound, encode_mp4, encode_png, encode_wav};
use avibench_protocol::Folder;
use serde_json::{Value, json};

use crate::server::{Act, Server};
use crate::world::World;

const FOLDERS: [(Folder, usize); 4] =
    [(Folder::Avl, 2), (Folder::Var, 2), (Folder::Avqa, 3), (Folder::Avh, 2)];

fn clip(shade: u8, width: u32, sound: Option<Sound>) -> Vec<u8> {
    let picture = |step: u8| {
        let mut picture = Picture::filled(width, 48, [shade, step * 9, 255 - shade]).unwrap();
        for x in 0..width {
            let y = (x * u32::from(step + 1) + u32::from(shade)) % 48;
            picture.set_pixel(x, y, [255, shade, step]);
        }
        picture
    };
    encode_mp4(&Clip::new((0..12).map(picture).collect(), 10.0, sound).unwrap()).unwrap()
}

fn tone(rate: u32, seconds: f64) -> Sound {
    let samples = (0..(f64::from(rate) * seconds) as u32).map(|i| (i as f32 * 0.13).sin() * 0.4);
    Sound::new(rate, samples.collect()).unwrap()
}

/// Gives the world's samples media of all kinds.
fn fill(world: &World) {
    let media: [(Folder, Vec<Value>); 4] = [
        (Folder::Avl, vec![json!({"image_list": ["a.png"], "audio_list": ["a.wav"]}); 2]),
        (Folder::Var, vec![json!({"image_list": ["b.png", "a.png"], "audio_list": []}); 2]),
        (
            Folder::Avqa,
            vec![
                json!({"video": "heard.mp4", "audio_list": ["a.wav"]}),
                json!({"video": "silent.mp4", "audio_list": ["a.wav", "b.wav"]}),
                // The same clip under another name, and once more.
                json!({"video": "copy.mp4"}),
            ],
        ),
        (Folder::Avh, vec![json!({"video": "heard.mp4"}), json!({"video": "silent.mp4"})]),
    ];
    for (folder, inputs) in media {
        let path = world.dir.path().join("levels").join(folder.name());
        write_media(&path);
        let records: Vec<Value> = inputs
            .into_iter()
            .enumerate()
            .map(|(index, mut input)| {
                let text = format!("{folder}-{index} \"quoted\"\n{}", "ä".repeat(index));
                input["question"] = json!({"text": text});
                json!({"id": index.to_string(), "task": folder.name(), "input": input, "output": {}})
            })
            .collect();
        std::fs::write(path.join("data.json"), serde_json::to_vec(&records).unwrap()).unwrap();
    }
}

fn write_media(folder: &Path) {
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes).unwrap();
    let picture = |width, shade| Picture::filled(width, 40, [shade, 7, 200]).unwrap();
    write("a.png", encode_png(&picture(70, 10)).unwrap());
    write("b.png", encode_png(&picture(31, 99)).unwrap());
    write("a.wav", encode_wav(&tone(16_000, 0.3)).unwrap());
    write("b.wav", encode_wav(&tone(8_000, 0.2)).unwrap());
    let heard = clip(40, 64, Some(tone(16_000, 1.2)));
    write("heard.mp4", heard.clone());
    write("copy.mp4", heard);
    write("silent.mp4", clip(180, 80, None));
}

/// All profiles, those that take videos apart with several settings.
fn packings() -> Vec<Packing> {
    let mut packings: Vec<Packing> = Profile::ALL.into_iter().map(Packing::from).collect();
    for profile in Profile::with_frames() {
        for (frames, frame_size) in [(1, None), (4, None), (4, Some(32)), (64, None)] {
            let video = VideoSettings { frames: Some(frames), frame_size, sample_rate: None };
            packings.push(Packing::new(profile, video).unwrap());
        }
    }
    for profile in Profile::with_sound() {
        let video = VideoSettings { sample_rate: Some(8_000), ..VideoSettings::default() };
        packings.push(Packing::new(profile, video).unwrap());
    }
    packings
}

#[tokio::test]
async fn bytes_are_those_that_a_server_counts() {
    let mut totals = BTreeMap::new();
    for packing in packings() {
        let server = Server::start(|_| Act::say("yes")).await;
        let mut world = World::new(&server.url, &FOLDERS);
        fill(&world);
        world.pack(packing);
        let plan = DryRun::new(&world.settings(), &world.jobs(), &|_, _| ()).unwrap();
        assert!(plan.unsendable.is_empty(), "{packing:?}: {:?}", plan.unsendable);
        world.run().await;
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        let seen = server.seen();
        for request in &seen {
            let folder = request.text.split('-').next().unwrap();
            *counted.entry(folder).or_default() += request.bytes as u64;
        }
        for (folder, plan) in &plan.folders {
            let counted = counted[folder.name()] as f64;
            let foreseen = plan.bytes.unwrap() as f64;
            assert!((foreseen / counted - 1.0).abs() < 0.02, "{packing:?} {folder}: {foreseen}");
        }
        let all: u64 = counted.values().sum();
        assert_eq!(plan.total().bytes, Some(all), "{packing:?}: to the byte");
        assert_eq!(plan.total().requests, seen.len());
        totals.insert((packing.profile().name(), packing.frames()), all);
    }
    assert!(totals[&("openai", Some(64))] > 2 * totals[&("openai", Some(16))], "{totals:?}");
}

#[tokio::test]
async fn a_medium_that_cannot_be_sent_is_named_and_the_rest_is_counted() {
    let mut world = World::new("http://127.0.0.1:1/v1", &FOLDERS);
    fill(&world);
    let path = |name: &str| world.dir.path().join("levels/AVQA").join(name);
    std::fs::write(path("silent.mp4"), b"\0\0\0\x20ftypisom, and then nothing").unwrap();
    std::fs::remove_file(path("copy.mp4")).unwrap();
    let dry_run =
        |world: &World| DryRun::new(&world.settings(), &world.jobs(), &|_, _| ()).unwrap();

    // Whole files are the server's to judge; what is missing is missing.
    let plan = dry_run(&world);
    let avqa = plan.folders[&Folder::Avqa];
    assert_eq!((avqa.requests, avqa.rejected), (2, 1));
    assert!(plan.unsendable[0].reason.to_string().contains("copy.mp4"), "{:?}", plan.unsendable);

    world.pack(Profile::OpenAi.into());
    let plan = dry_run(&world);
    let avqa = plan.folders[&Folder::Avqa];
    assert_eq!((avqa.requests, avqa.rejected), (1, 2));
    assert!(avqa.bytes.unwrap() > 10_000 && avqa.tokens_in > 0);
    let [first, second] = &plan.unsendable[..] else { panic!("{:?}", plan.unsendable) };
    assert_eq!((first.position.0, second.position.0), (1, 2));
    assert!(first.reason.to_string().contains("silent.mp4"), "{}", first.reason);
    assert_eq!(plan.total().rejected, 2);
}

#[tokio::test]
async fn each_file_is_measured_once_and_progress_is_told() {
    let mut world = World::new("http://127.0.0.1:1/v1", &FOLDERS);
    fill(&world);
    world.pack(Profile::OpenAi.into());
    let told = std::sync::Mutex::new(Vec::new());
    let progress = |done, all| told.lock().unwrap().push((done, all));
    DryRun::new(&world.settings(), &world.jobs(), &progress).unwrap();
    let mut told = told.into_inner().unwrap();
    told.sort_unstable();
    // AVL: image and sound; VAR: two images; AVQA: three clips, two sounds; AVH: two clips.
    assert_eq!(told, (1..=11).map(|done| (done, 11)).collect::<Vec<_>>());
}

#[tokio::test]
async fn without_a_price_or_an_endpoint_nothing_is_made_up() {
    let mut world = World::new("http://127.0.0.1:1/v1", &FOLDERS);
    fill(&world);
    world.settings.request = None;
    world.settings.price = None;
    let plan = DryRun::new(&world.settings(), &world.jobs(), &|_, _| ()).unwrap();
    assert_eq!((plan.total().bytes, plan.total().cost), (None, None));
    assert_eq!(plan.total().requests, 9);
    let nothing = DryRun::new(&world.settings(), &[], &|_, _| ()).unwrap();
    assert_eq!(nothing.total().cost, None, "no folder does not make it free");
}

#[tokio::test]
async fn a_run_records_what_its_backend_sends() {
    let mut world = World::new("http://127.0.0.1:1/v1", &FOLDERS);
    fill(&world);
    let run = world.open().unwrap();
    world.pack(Profile::OpenAi.into());
    let backend = avibench_engine::Http::new(world.http.clone()).unwrap();
    let stop = avibench_engine::StopHandle::new();
    let ended = run.execute(avibench_engine::Backend::Http(backend), Vec::new(), &stop).await;
    let message = ended.unwrap_err().to_string();
    assert!(message.contains("records the packing gateway@"), "{message}");
    assert!(message.contains("sends openai@"), "{message}");
    assert!(!world.path("run.json").exists());
}
