//! A way round the built-in codecs: an installed `ffmpeg` program, asked through a child process.
//!
//! Never used by itself: who wants HEVC or Matroska read says so by making an [`Ffmpeg`]. It gets
//! only media that have been found to be whole, so it never makes up for damage. Since a medium may
//! come from anywhere, the program gets its bytes and not its name, is told which reader to use (a
//! playlist would name further files), may open nothing but its own input and output, and runs
//! with a limit on memory and time. On Linux it ends with this program.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::picture::checked_pixels;
use crate::sound_file::decode_audio_beside;
use crate::{Allowance, Container, MediaError, Picture, Sound};

/// Bytes of the program's output that are held in memory as a whole at most.
const MAX_OUTPUT: u64 = 1 << 30;
/// Bytes of such an output that are taken at a time.
const PIECE: usize = 1 << 16;
/// Frames that stand in memory with all their pixels: one that something is made of, and the next one,
/// which has been read meanwhile.
const FRAMES_HELD: u64 = 2;
/// Time that the program has where no deadline is set.
const MAX_TIME: Duration = Duration::from_mins(30);
/// Address space that the program may take: codecs reserve far more than they use.
#[cfg(target_os = "linux")]
const MAX_MEMORY: u64 = 4 << 30;
/// Of the program's complaints, the last bytes are shown.
const SHOWN_COMPLAINT: usize = 600;

/// An installed `ffmpeg` program.
#[derive(Debug, Clone)]
pub struct Ffmpeg {
    program: PathBuf,
}

/// A medium that the program is to read. It must have been found to be whole.
#[derive(Debug, Clone, Copy)]
pub struct FfmpegInput<'a> {
    /// The whole file.
    pub bytes: &'a [u8],
    /// What it is, which decides how it is read.
    pub container: Container,
    /// What reading it may take: what stands in memory of the program's output and what is made of it
    /// are added up, and the deadline is the program's, too.
    pub allowance: Allowance,
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
        let mut command = Command::new(&found.program);
        command.arg("-version").stdin(Stdio::null());
        let deadline = Some(Instant::now() + Duration::from_secs(10));
        found.output(command, &Allowance { memory: 1 << 20, deadline })?;
        Ok(found)
    }

    /// Makes something of each of `count` evenly spaced frames of any video that the program reads,
    /// chosen as [`frames_at`](crate::frames_at) chooses. `make` says how many bytes of memory what it
    /// made takes, as for [`frames_within`](crate::frames_within); the next frame is read meanwhile.
    ///
    /// # Errors
    ///
    /// [`MediaError::Ffmpeg`] with the program's own words; [`MediaError::OutOfMemory`] and
    /// [`MediaError::OutOfTime`] beyond the allowance; what `make` ends with.
    pub fn frames_within<T: Clone>(
        &self,
        input: FfmpegInput<'_>,
        count: usize,
        mut make: impl FnMut(Picture) -> Result<(T, u64), MediaError>,
    ) -> Result<Vec<T>, MediaError> {
        let (listed, width, height) = self.list(input)?;
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
        let frame = 3 * checked_pixels(width, height)?;
        let held = FRAMES_HELD * frame;
        input.allowance.check_memory(held)?;
        let command = self.reading(
            input,
            &["-map", "0:v:0", "-vf", &filter, "-fps_mode", "passthrough", "-pix_fmt", "rgb24"],
            "rawvideo",
        )?;
        let (mut made, mut taken) = (Vec::with_capacity(unique.len()), 0);
        self.run(command, &input.allowance, frame as usize, |rgb| {
            input.allowance.check_time()?;
            // A frame that was cut off, or more than were wanted, are the program's mistake.
            if rgb.len() as u64 == frame && made.len() < unique.len() {
                let (one, bytes) = make(Picture::new(width, height, rgb)?)?;
                taken += bytes;
                input.allowance.check_memory(held + taken)?;
                made.push(one);
            }
            Ok(())
        })?;
        if made.len() < unique.len() {
            return Err(MediaError::Ffmpeg("it gave fewer frames than it had listed".to_owned()));
        }
        Ok(wanted
            .iter()
            .filter_map(|at| made.get(unique.partition_point(|other| other < at)).cloned())
            .collect())
    }

    /// The sound track of any file that the program reads, mixed down with equal weight; `None`
    /// without one.
    ///
    /// # Errors
    ///
    /// [`MediaError::Ffmpeg`] with the program's own words, or when it takes too long.
    pub fn sound_track(&self, input: FfmpegInput<'_>) -> Result<Option<Sound>, MediaError> {
        // A late start becomes silence, as in the built-in reader.
        let late = "aresample=async=1:first_pts=0";
        let options = ["-map", "0:a:0?", "-af", late, "-c:a", "pcm_f32le", "-bitexact"];
        match self.read(input, &options, "wav") {
            Ok(wav) => decode_audio_beside(&wav, &input.allowance).map(Some),
            Err(MediaError::Ffmpeg(reason)) if reason.contains("does not contain any stream") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Any video that the program reads as an MP4 of H.264 and AAC, with the sound in step with the
    /// pictures. Nearly nothing of the pictures is lost, and none of them are left out.
    ///
    /// # Errors
    ///
    /// [`MediaError::Ffmpeg`] with the program's own words, or when it takes too long.
    pub fn to_mp4(&self, input: FfmpegInput<'_>) -> Result<Vec<u8>, MediaError> {
        self.written_anew(input, &["-map", "0:a:0?", "-c:a", "aac", "-b:a", "192k"])
    }

    /// The same without the sound: pictures begin at once, where AAC's delay puts off those beside
    /// a sound.
    ///
    /// # Errors
    ///
    /// As [`to_mp4`](Self::to_mp4).
    pub fn to_silent_mp4(&self, input: FfmpegInput<'_>) -> Result<Vec<u8>, MediaError> {
        self.written_anew(input, &["-an"])
    }

    fn written_anew(&self, input: FfmpegInput<'_>, sound: &[&str]) -> Result<Vec<u8>, MediaError> {
        // Fragments, because an index cannot be put before what is written to a pipe.
        let options = [
            "-map",
            "0:v:0",
            "-fps_mode",
            "passthrough",
            // Times as exact as the file's: else they are rounded to whole pictures.
            "-enc_time_base:v",
            "-1",
            "-c:v",
            "libx264",
            "-crf",
            "12",
            // Pictures out of order would begin late, which fragments do not state either.
            "-bf",
            "0",
            "-pix_fmt",
            "yuv420p",
            "-vf",
            "pad=ceil(iw/2)*2:ceil(ih/2)*2",
            "-movflags",
            "frag_keyframe+empty_moov+default_base_moof",
        ];
        self.read(input, &[&options, sound].concat(), "mp4")
    }

    /// The times of all frames and their size, by decoding them once.
    fn list(&self, input: FfmpegInput<'_>) -> Result<(Vec<Listed>, u32, u32), MediaError> {
        let listing = self.read(
            input,
            &["-map", "0:v:0", "-fps_mode", "passthrough", "-pix_fmt", "rgb24"],
            "framecrc",
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

    /// Has the program read a medium and write it in another format; the output is taken.
    fn read(
        &self,
        input: FfmpegInput<'_>,
        options: &[&str],
        format: &str,
    ) -> Result<Vec<u8>, MediaError> {
        self.output(self.reading(input, options, format)?, &input.allowance)
    }

    /// The program about to read a medium and to write it in another format.
    fn reading(
        &self,
        input: FfmpegInput<'_>,
        options: &[&str],
        format: &str,
    ) -> Result<Command, MediaError> {
        let mut command = Command::new(&self.program);
        command.stdin(nameless(input.bytes).map_err(|error| {
            MediaError::Ffmpeg(format!("its input cannot be written to a temporary file: {error}"))
        })?);
        command.args(["-nostdin", "-v", "error", "-protocol_whitelist", "file"]);
        // Damage that only decoding shows is an error, as it is with the built-in decoders.
        command.args(["-xerror", "-err_detect", "explode"]);
        command.args(["-f", input.container.demuxer()]);
        if input.container.demuxer() == "mov" {
            command.args(["-enable_drefs", "0", "-use_absolute_path", "0"]);
        }
        command.args(["-i", "file:/dev/stdin"]).args(options).args(["-f", format, "pipe:1"]);
        Ok(command)
    }

    /// Runs the program and takes its output as a whole.
    fn output(&self, command: Command, allowance: &Allowance) -> Result<Vec<u8>, MediaError> {
        let most = Allowance { memory: allowance.memory.min(MAX_OUTPUT), deadline: None };
        let mut output = Vec::new();
        self.run(command, allowance, PIECE, |piece| {
            most.check_memory((output.len() + piece.len()) as u64)?;
            output.extend_from_slice(&piece);
            Ok(())
        })?;
        Ok(output)
    }

    /// Runs the program and gives its output away in pieces of so many bytes, but for the last, which
    /// may be shorter. The next piece is read while one is taken, and no further one.
    fn run(
        &self,
        mut command: Command,
        allowance: &Allowance,
        length: usize,
        mut take: impl FnMut(Vec<u8>) -> Result<(), MediaError>,
    ) -> Result<(), MediaError> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        bound(&mut command);
        let mut child = command.spawn().map_err(|error| {
            MediaError::Ffmpeg(format!(
                "{} cannot be started ({error}); install ffmpeg or name its path",
                self.program.display()
            ))
        })?;
        let complaints = listen(&mut child);
        // Without room in the channel the reader keeps its piece until the one before is taken.
        let (sender, pieces) = mpsc::sync_channel(0);
        let stdout = child.stdout.take();
        let reader = std::thread::spawn(move || {
            if let Some(stream) = stdout {
                send_pieces(stream, length, &sender);
            }
        });
        let deadline = allowance.deadline.unwrap_or_else(|| Instant::now() + MAX_TIME);
        let taken = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match pieces.recv_timeout(left) {
                Ok(Ok(piece)) => {
                    if let Err(error) = take(piece) {
                        break Err(error);
                    }
                }
                Ok(Err(error)) => break Err(MediaError::Ffmpeg(error.to_string())),
                Err(RecvTimeoutError::Timeout) => break Err(MediaError::OutOfTime),
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
        };
        // The reader stops when nobody takes its pieces any more.
        drop(pieces);
        if taken.is_err() {
            // Whatever it still wants to say is of no use; an error here means it ended by itself.
            drop(child.kill());
        }
        let status = child.wait().map_err(|error| MediaError::Ffmpeg(error.to_string()))?;
        let read = reader.join();
        let complaint = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
        taken?;
        if read.is_err() {
            return Err(MediaError::Ffmpeg("its output cannot be read".to_owned()));
        }
        if status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&complaint);
        let words = words.trim();
        let from = words.char_indices().rev().nth(SHOWN_COMPLAINT).map_or(0, |(at, _)| at);
        Err(MediaError::Ffmpeg(format!("{status}: {}", &words[from..])))
    }
}

/// A file without a name that holds these bytes, to be read from its beginning.
fn nameless(bytes: &[u8]) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

/// Bounds the program's memory, and has it end with this one.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "between fork and exec, only system calls are made")]
fn bound(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    use rustix::process::{
        Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit,
    };

    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    // Nobody may raise a limit above what this program has itself.
    let own = getrlimit(Resource::As).maximum.unwrap_or(u64::MAX);
    let memory = limit(MAX_MEMORY.min(own));
    // SAFETY: the closure allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            setrlimit(Resource::As, memory)?;
            setrlimit(Resource::Core, limit(0))?;
            // It writes to its output alone.
            setrlimit(Resource::Fsize, limit(0))?;
            Ok(())
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn bound(_command: &mut Command) {}

/// Reads the error stream beside the output, so that neither fills up and blocks the program.
fn listen(child: &mut Child) -> Option<JoinHandle<Vec<u8>>> {
    let mut stream = child.stderr.take()?;
    Some(std::thread::spawn(move || {
        let mut words = Vec::new();
        let mut piece = [0; 4096];
        // What cannot be read is not shown; the exit status tells that something went wrong.
        while let Ok(length @ 1..) = stream.read(&mut piece) {
            words.extend_from_slice(&piece[..length]);
            let surplus = words.len().saturating_sub(4 * SHOWN_COMPLAINT);
            words.drain(..surplus);
        }
        words
    }))
}

/// Reads a stream to its end, or until nobody takes the pieces any more.
fn send_pieces(
    mut stream: impl Read,
    length: usize,
    sender: &SyncSender<std::io::Result<Vec<u8>>>,
) {
    loop {
        let mut piece = Vec::with_capacity(length);
        let read = stream.by_ref().take(length as u64).read_to_end(&mut piece);
        let is_last = read.as_ref().map_or(true, |read| *read < length);
        if matches!(read, Ok(0)) || sender.send(read.map(|_| piece)).is_err() || is_last {
            return;
        }
    }
}

/// Two numbers with a separator.
fn ratio(text: &str, separator: char) -> Option<(f64, f64)> {
    let (left, right) = text.trim().split_once(separator)?;
    Some((left.parse().ok()?, right.parse().ok()?))
}
