//! A page that plays media in a headless browser and tells what became of them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// How long all media together may take; a busy machine is slow.
const PATIENCE: Duration = Duration::from_mins(3);

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>media</title><body><script>
async function loudest(at) {
  const bytes = await (await fetch('/' + at)).arrayBuffer();
  try {
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
    const samples = sound.getChannelData(0).map(Math.abs);
    return samples.indexOf(samples.reduce((a, b) => Math.max(a, b))) / sound.sampleRate;
  } catch (error) {
    return 'silent';
  }
}
function play(name, at) {
  return new Promise(done => {
    const still = name.endsWith('png');
    const medium = document.createElement(still ? 'img' : name.endsWith('wav') ? 'audio' : 'video');
    const tell = async what => done(`${what} ${medium.videoWidth || medium.naturalWidth || 0} ` +
      `${medium.duration || 0} ${await loudest(at)}`);
    medium.onerror = () => tell('failed:' + (medium.error ? medium.error.code : '?'));
    medium.onended = medium.onload = () => tell('ended');
    document.body.append(medium);
    medium.src = '/' + at;
    if (still) return;
    medium.playbackRate = 4;
    medium.play().catch(error => tell('refused:' + error.name));
  });
}
fetch('/names').then(names => names.json())
  .then(names => Promise.all(names.map(play)))
  .then(lines => fetch('/told', {method: 'POST', body: lines.join('\\n')}));
</script>";

/// The browser that is installed, if there is one.
pub(crate) fn browser() -> Option<PathBuf> {
    let found = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find(|name| found(name))
        .map(Into::into)
}

/// A browser that ends with its handle.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Plays all media at once; one line each: `ended`, or what went wrong, then width in pixels, length
/// in seconds, and where its loudest sample is in seconds, or `silent` if it has no sound track.
pub(crate) fn play(browser: &Path, media: &[PathBuf]) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (told, tells) = channel();
    let media: Arc<[PathBuf]> = media.into();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (media, told) = (Arc::clone(&media), told.clone());
            std::thread::spawn(move || serve(stream, &media, &told));
        }
    });
    let profile = tempfile::tempdir().unwrap();
    let quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--mute-audio",
        "--autoplay-policy=no-user-gesture-required",
    ];
    let child = Command::new(browser)
        .args(quiet)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _browser = Browser(child);
    let lines = tells.recv_timeout(PATIENCE).unwrap();
    lines.lines().map(str::to_owned).collect()
}

/// Answers one request. A browser may hang up in the middle of a clip, which is no failure.
fn serve(stream: TcpStream, media: &[PathBuf], told: &Sender<String>) {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    if reader.read_line(&mut request).is_err() {
        return;
    }
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) if line.trim().is_empty() => break,
            Ok(_) => {}
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (kind, body) = match path {
        "/" => ("text/html", PAGE.as_bytes().to_vec()),
        "/names" => {
            let names: Vec<String> = media.iter().map(|path| path.display().to_string()).collect();
            ("application/json", serde_json::to_vec(&names).unwrap())
        }
        "/told" => {
            let mut lines = vec![0; length];
            reader.read_exact(&mut lines).unwrap();
            // Nobody listens any more if it came too late.
            let _ = told.send(String::from_utf8(lines).unwrap());
            ("text/plain", Vec::new())
        }
        other => {
            match other.trim_start_matches('/').parse::<usize>().ok().and_then(|i| media.get(i)) {
                Some(medium) => (mime(medium), std::fs::read(medium).unwrap()),
                None => ("text/plain", Vec::new()),
            }
        }
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = reader.into_inner();
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn mime(medium: &Path) -> &'static str {
    match medium.extension().and_then(|extension| extension.to_str()) {
        Some("wav") => "audio/wav",
        Some("png") => "image/png",
        _ => "video/mp4",
    }
}
