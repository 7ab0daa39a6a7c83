//! What a medium names is never sent. A server writes down every byte of runs over media that name
//! files outside of the data set in every way that formats know; none of those files is in it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use serde_json::Value;

use crate::canned::completion;
use crate::hostile::{self, DataSet, Place, clip, outcomes, png, wav, zip};
use crate::program::{Ended, avibench, folder};

/// What stands in files that nobody is asked about.
const SECRET: &str = "canary-7f3b1c9e5d";

/// A server that keeps all that comes.
struct Recorder {
    base_url: String,
    connections: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Recorder {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let connections = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || record(stream, &kept));
            }
        });
        Self { base_url, connections }
    }

    /// The requests so far, each with all its bytes; they are forgotten.
    fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.connections.lock().unwrap())
    }
}

fn record(mut stream: TcpStream, kept: &Mutex<Vec<Vec<u8>>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = Vec::new();
    let mut length = 0;
    loop {
        let begin = request.len();
        if reader.read_until(b'\n', &mut request)? <= 2 {
            break;
        }
        let line = String::from_utf8_lossy(&request[begin..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.by_ref().take(length).read_to_end(&mut request)?;
    kept.lock().unwrap().push(request);
    let body = completion(Some("yes"), "stop").to_string();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The media in a request, out of base64.
fn media(request: &[u8]) -> Vec<Vec<u8>> {
    fn collect(value: &Value, found: &mut Vec<Vec<u8>>) {
        match value {
            Value::String(text) => {
                let data = text.split_once(";base64,").map_or(text.as_str(), |(_, data)| data);
                if let Ok(bytes) = base64::prelude::BASE64_STANDARD.decode(data)
                    && bytes.len() > 32
                {
                    found.push(bytes);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| collect(field, found)),
            _ => {}
        }
    }
    let body = request.windows(4).position(|found| found == b"\r\n\r\n").unwrap() + 4;
    let mut found = Vec::new();
    collect(&serde_json::from_slice(&request[body..]).unwrap(), &mut found);
    found
}

/// What becomes of a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is sent, or what its own bytes decode to.
    Sent,
    /// Its file is sent where nothing has to be made of its pictures, and somebody can tell that it has
    /// no sound.
    SentWhole,
    /// Its file is sent where videos are sent as they are; an installed ffmpeg decodes it.
    NeedsFfmpeg,
    Rejected,
}

/// A data set of everything that names something else, and what becomes of each medium.
fn data_set(root: &Path) -> Vec<(&'static str, Fate)> {
    use Fate::{NeedsFfmpeg, Rejected, Sent, SentWhole};
    use Place::{Audio, Image, Video};
    let mut data = DataSet::new(root);
    let text = root.join("secret.txt");
    std::fs::write(&text, SECRET).unwrap();
    // A reader that follows a name finds a medium there, with the secret at its end.
    let video = root.join("secret.mp4");
    let free = [&(8 + SECRET.len() as u32).to_be_bytes()[..], b"free", SECRET.as_bytes()].concat();
    std::fs::write(&video, [clip("vfr.mp4"), free].concat()).unwrap();
    let sound = root.join("secret.wav");
    std::fs::write(&sound, wav(4_000, SECRET.as_bytes())).unwrap();
    let (named, up) = (video.display(), "../../../../../secret.mp4");
    let hls = |name: &str| {
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n")
            .into_bytes()
    };
    let dash = |name: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<MPD type=\"static\"><Period><AdaptationSet><Representation \
             id=\"0\"><BaseURL>{name}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        )
        .into_bytes()
    };
    let mut fates = Vec::new();
    let mut add = |place, name: &'static str, bytes: &[u8], fate| {
        data.add(place, name, bytes);
        fates.push((name, fate));
    };
    add(Video, "whole.mp4", &clip("bframes.mp4"), Sent);
    add(Audio, "whole.wav", &wav(800, b""), Sent);
    add(Image, "whole.png", &png(4, 4, 4, "none"), Sent);
    add(Video, "hevc.mp4", &clip("hevc.mp4"), NeedsFfmpeg);
    add(Video, "hls_absolute.mp4", &hls(&named.to_string()), Rejected);
    add(Video, "hls_file_url.mp4", &hls(&format!("file://{named}")), Rejected);
    add(Video, "hls_relative.mp4", &hls(up), Rejected);
    add(Video, "hls_concat.mp4", &hls(&format!("concat:{}|{named}", text.display())), Rejected);
    add(Audio, "hls.mp3", &hls(&sound.display().to_string()), Rejected);
    add(Audio, "id3.mp3", &[&b"ID3\x04\0\0\0\0\0\0"[..], &hls(up)].concat(), Rejected);
    add(Video, "dash_absolute.mp4", &dash(&format!("file://{named}")), Rejected);
    add(Video, "dash_relative.mp4", &dash(up), Rejected);
    add(Video, "list.mp4", format!("ffconcat version 1.0\nfile '{named}'\n").as_bytes(), Rejected);
    add(
        Video,
        "list_relative.mp4",
        format!("ffconcat version 1.0\nfile {up}\n").as_bytes(),
        Rejected,
    );
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"{named}\"/></svg>");
    add(Image, "drawing.png", svg.as_bytes(), Rejected);
    let nested = zip("inner.zip", &zip("a.mp4", &clip("vfr.mp4")));
    add(Video, "nested.mp4", &nested, Rejected);
    add(Audio, "archive.wav", &nested, Rejected);
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    add(Video, "pointer.mp4", pointer, Rejected);
    add(Audio, "pointer.wav", b"/annex/objects/MD5E-s9--0.wav\n", Rejected);
    add(Video, "reference.mp4", &hostile::mp4_of_another_file(&video), Rejected);
    add(Video, "linked.mkv", &hostile::matroska(&video), SentWhole);
    add(Audio, "playlist_inside.wav", &wav(800, &hls(&named.to_string())), Sent);
    add(Image, "texts.png", &png(4, 4, 4, &format!("file://{named}")), Sent);
    // Names that ffmpeg would take for protocols, of files that are what they seem.
    add(Video, "concat:0.mp4|1.mp4", &clip("hevc.mp4"), NeedsFfmpeg);
    add(Video, "subfile,,start,0,end,9,,:a.mp4", &clip("hevc.mp4"), NeedsFfmpeg);
    add(Video, "-i", &clip("hevc.mp4"), NeedsFfmpeg);
    add(Audio, "data:audio,wav;base64,AAAA", &wav(800, b""), Sent);

    std::fs::File::create(data.task.join("input/sparse.wav")).unwrap().set_len(6 << 30).unwrap();
    let mut ask = |place, path: &'static str| {
        data.ask(place, path);
        fates.push((path, Rejected));
    };
    ask(Audio, "input/sparse.wav");
    ask(Video, "subfile,,start,0,end,9,,:/etc/passwd");
    ask(Video, "concat:/etc/passwd");
    ask(Video, "file:///etc/passwd");
    ask(Video, "../../../../secret.mp4");
    #[cfg(unix)]
    {
        let link = |name: &str, to: &Path| {
            std::os::unix::fs::symlink(to, data.task.join("input").join(name)).unwrap();
        };
        link("out.mp4", &video);
        link("out.wav", Path::new("../../../../../secret.wav"));
        link("folder", root);
        link("in.mp4", Path::new("list.mp4"));
        for (place, path) in [
            (Video, "input/out.mp4"),
            (Audio, "input/out.wav"),
            (Video, "input/folder/secret.mp4"),
            (Video, "input/in.mp4"),
        ] {
            data.ask(place, path);
            fates.push((path, Rejected));
        }
    }
    fates
}

#[test]
fn nothing_that_a_medium_names_is_sent() {
    let root = folder();
    let fates = data_set(root.path());
    let recorder = Recorder::start();
    let has_ffmpeg = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !has_ffmpeg {
        println!("no ffmpeg program here: only its absence was tried");
    }
    let task = root.path().join("data/levels/reasoning/AVQA/input");
    for (profile, with_ffmpeg) in ["gateway", "vllm", "openai"]
        .into_iter()
        .flat_map(|profile| [(profile, false), (profile, true)])
        .filter(|(_, with_ffmpeg)| has_ffmpeg || !with_ffmpeg)
    {
        let label = format!("{profile}-{with_ffmpeg}");
        let mut command = avibench(root.path());
        command.args(["run", "--base-url", &recorder.base_url, "--model-path", "m"]).args([
            "--data-root",
            "data",
            "--profile",
            profile,
            "--model-label",
            &label,
        ]);
        if !with_ffmpeg {
            command.env("PATH", root.path());
        }
        let ended = Ended::from(command.output().unwrap()).expect(2);
        let takes_apart = profile != "gateway";
        let is_sent = |fate| match fate {
            Fate::Sent => true,
            Fate::SentWhole => !takes_apart || profile == "vllm" && with_ffmpeg,
            Fate::NeedsFfmpeg => !takes_apart || with_ffmpeg,
            Fate::Rejected => false,
        };
        let lines = outcomes(&root.path().join("user_outputs").join(&label));
        assert_eq!(lines.len(), fates.len());
        for (line, (name, fate)) in lines.iter().zip(&fates) {
            let expected = if is_sent(*fate) { "answered" } else { "rejected" };
            assert_eq!(line["outcome"], expected, "{label}, {name}: {line}");
        }
        let requests = recorder.take();
        let sent = fates.iter().filter(|(_, fate)| is_sent(*fate));
        assert_eq!(requests.len(), sent.clone().count(), "{label}: a request a sample");
        let said = [ended.stdout.as_bytes(), ended.stderr.as_bytes()];
        let parts: Vec<Vec<u8>> = requests.iter().flat_map(|request| media(request)).collect();
        let all = requests.iter().chain(&parts).map(Vec::as_slice).chain(said);
        for bytes in all {
            let found = bytes.windows(SECRET.len()).any(|found| found == SECRET.as_bytes());
            assert!(!found, "{label}: the secret is in {}", String::from_utf8_lossy(bytes));
        }
        // What is not a file as it is was made of one: frames and sound tracks.
        for (name, fate) in sent {
            let file = std::fs::read(task.join(name)).unwrap();
            let is_video = *fate == Fate::NeedsFfmpeg || *name == "whole.mp4";
            let is_taken_apart = profile == "openai" && is_video;
            assert_eq!(parts.contains(&file), !is_taken_apart, "{label}, {name}");
        }
        let is_made = |part: &&Vec<u8>| {
            let is_file = |(name, _): &(&str, Fate)| {
                std::fs::read(task.join(name)).is_ok_and(|file| file == **part)
            };
            !fates.iter().filter(|(_, fate)| is_sent(*fate)).any(is_file)
        };
        for made in parts.iter().filter(is_made) {
            let is_frame = profile == "openai" && made.starts_with(b"\x89PNG");
            let is_track = takes_apart && made.starts_with(b"RIFF");
            assert!(is_frame || is_track, "{label}: what is {:?}", &made[..16]);
        }
    }
}
