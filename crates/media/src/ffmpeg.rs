//! A way round the built-in codecs: an installed `ffmpeg` program, asked through a child process.
//!
//! Never used by itself: who wants HEVC or Matroska read says so by making an [`Ffmpeg`].

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use crate::{MediaError, Picture, Sound, TimedPicture, decode_wav};

/// Bytes that are taken from the program's output at most.
const MAX_OUTPUT: u64 = 1 << 30;
/// Of the program's complaints, the last bytes are shown.
const SHOWN_COMPLAINT: usize = 600;

/// An installed `ffmpeg` program.
#[derive(Debug, Clone)]
pub struct Ffmpeg {
    program: PathBuf,
}

/// A frame as `ffmpeg` lists it.
struct Listed {
    seconds: f64,
    duration: f64,
}

impl Ffmpeg {
    /// Takes the program at a path, or by its name on the search path, and asks for its version.
    ///
    /// # Errors
    ///
    /// [`MediaError::Ffmpeg`] when it cannot be started.
    pub fn new(program: impl Into<PathBuf>) -> Result<Self, MediaError> {
        let found = Self { program: program.into() };
        found.run(&["-version"], None)?;
        Ok(found)
    }

    /// Evenly spaced frames of any video that the program reads, chosen as
    /// [`frames_at`](crate::frames_at) chooses.
    ///
    /// # Errors
    ///
    /// [`MediaError::Ffmpeg`] with the program's own words.
    pub fn frames_at(&self, path: &Path, count: usize) -> Result<Vec<TimedPicture>, MediaError> {
        let (listed, width, height) = self.list(path)?;
        let (Some(first), Some(last)) = (listed.first(), listed.last()) else {
            return Err(MediaError::NoTrack("picture"));
        };
        let (begin, duration) = (first.seconds, last.seconds + last.duration - first.seconds);
        let wanted: Vec<usize> = (0..count)
            .map(|part| {
                let moment = begin + (part as f64 + 0.5) / count as f64 * duration;
                listed.partition_point(|frame| frame.seconds <= moment + 1e-9).saturating_sub(1)
            })
            .collect();
        let mut unique = wanted.clone();
        unique.dedup();
        let choice: Vec<String> = unique.iter().map(|at| format!("eq(n\\,{at})")).collect();
        if choice.is_empty() {
            return Ok(Vec::new());
        }
        let filter = format!("select={}", choice.join("+"));
        let pixels = self.run(
            &["-map", "0:v:0", "-vf", &filter, "-fps_mode", "passthrough", "-pix_fmt", "rgb24"],
            Some((path, "rawvideo")),
        )?;
        let bytes = 3 * width as usize * height as usize;
        wanted
            .iter()
            .map(|at| {
                let place = unique.partition_point(|other| other < at) * bytes;
                let rgb = pixels.get(place..place + bytes).ok_or_else(|| {
                    MediaError::Ffmpeg("it gave fewer frames than it had listed".to_owned())
                })?;
                let picture = Picture::new(width, height, rgb.to_vec())?;
                Ok(TimedPicture { seconds: listed[*at].seconds, picture })
            })
            .collect()
    }

    /// The sound track of any file that the program reads, mixed down with equal weight; `None`
    /// without one.
    ///
    /// # Errors
    ///
    /// [`MediaError::Ffmpeg`] with the program's own words.
    pub fn sound_track(&self, path: &Path) -> Result<Option<Sound>, MediaError> {
        // A late start becomes silence, as in the built-in reader.
        let late = "aresample=async=1:first_pts=0";
        let options = ["-map", "0:a:0?", "-af", late, "-c:a", "pcm_f32le", "-bitexact"];
        match self.run(&options, Some((path, "wav"))) {
            Ok(wav) => decode_wav(&wav).map(Some),
            Err(MediaError::Ffmpeg(reason)) if reason.contains("does not contain any stream") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The times of all frames and their size, by decoding them once.
    fn list(&self, path: &Path) -> Result<(Vec<Listed>, u32, u32), MediaError> {
        let listing = self.run(
            &["-map", "0:v:0", "-fps_mode", "passthrough", "-pix_fmt", "rgb24"],
            Some((path, "framecrc")),
        )?;
        let listing = String::from_utf8_lossy(&listing);
        let (mut frames, mut scale, mut size) = (Vec::new(), None, None);
        for line in listing.lines() {
            if let Some(base) = line.strip_prefix("#tb 0: ") {
                scale = ratio(base, '/');
            } else if let Some(dimensions) = line.strip_prefix("#dimensions 0: ") {
                size = ratio(dimensions, 'x');
            } else if !line.starts_with('#') {
                let mut columns = line.split(',').map(str::trim);
                let (time, duration) = (columns.nth(2), columns.next());
                let parse = |column: Option<&str>| column.and_then(|text| text.parse().ok());
                if let (Some(time), Some(duration), Some((numerator, denominator))) =
                    (parse(time), parse(duration), scale)
                {
                    let tick = numerator / denominator;
                    let (time, duration): (f64, f64) = (time, duration);
                    frames.push(Listed { seconds: time * tick, duration: duration * tick });
                }
            }
        }
        let (width, height) =
            size.ok_or_else(|| MediaError::Ffmpeg("it did not state the frames' size".to_owned()))?;
        Ok((frames, width as u32, height as u32))
    }

    /// Runs the program; with an input file and a format its output is taken.
    fn run(&self, options: &[&str], work: Option<(&Path, &str)>) -> Result<Vec<u8>, MediaError> {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        match work {
            Some((path, format)) => {
                // `file:` keeps a name with a colon or a leading dash from meaning anything else.
                let mut input = std::ffi::OsString::from("file:");
                input.push(path);
                command.args(["-nostdin", "-v", "error", "-protocol_whitelist", "file"]);
                command.arg("-i").arg(input).args(options).args(["-f", format, "pipe:1"]);
            }
            None => {
                command.args(options);
            }
        }
        let mut child = command.spawn().map_err(|error| {
            MediaError::Ffmpeg(format!(
                "{} cannot be started ({error}); install ffmpeg or name its path",
                self.program.display()
            ))
        })?;
        let complaints = listen(&mut child);
        let output = read_output(&mut child);
        if output.is_err() {
            // Whatever it still wants to say is of no use; an error here means it ended by itself.
            drop(child.kill());
        }
        let status = child.wait().map_err(|error| MediaError::Ffmpeg(error.to_string()))?;
        let complaint = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
        let output = output?;
        if status.success() {
            return Ok(output);
        }
        let words = String::from_utf8_lossy(&complaint);
        let words = words.trim();
        let from = words.char_indices().rev().nth(SHOWN_COMPLAINT).map_or(0, |(at, _)| at);
        Err(MediaError::Ffmpeg(format!("{status}: {}", &words[from..])))
    }
}

/// Reads the error stream beside the output, so that neither fills up and blocks the program.
fn listen(child: &mut Child) -> Option<JoinHandle<Vec<u8>>> {
    let mut stream = child.stderr.take()?;
    Some(std::thread::spawn(move || {
        let mut words = Vec::new();
        // What cannot be read is not shown; the exit status tells that something went wrong.
        drop(stream.read_to_end(&mut words));
        words
    }))
}

fn read_output(child: &mut Child) -> Result<Vec<u8>, MediaError> {
    let mut output = Vec::new();
    if let Some(stream) = child.stdout.take() {
        stream
            .take(MAX_OUTPUT + 1)
            .read_to_end(&mut output)
            .map_err(|error| MediaError::Ffmpeg(error.to_string()))?;
    }
    if output.len() as u64 > MAX_OUTPUT {
        return Err(MediaError::TooLarge {
            what: "ffmpeg's number of output bytes",
            found: output.len() as u64,
            limit: MAX_OUTPUT,
        });
    }
    Ok(output)
}

/// Two numbers with a separator.
fn ratio(text: &str, separator: char) -> Option<(f64, f64)> {
    let (left, right) = text.trim().split_once(separator)?;
    Some((left.parse().ok()?, right.parse().ok()?))
}
