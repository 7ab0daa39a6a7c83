//! Contact sheets: all stimuli of a folder at a glance.

use std::path::{Path, PathBuf};

use avibench_files::write_atomic;
use avibench_media::{
    MediaError, Picture, Sound, decode_audio, decode_image, decode_mp4, encode_png,
};
use avibench_protocol::{Dataset, Folder, FolderData, FolderState, Sample};
use rayon::prelude::*;

use crate::StimuliError;
use crate::observer::power_spectrum;
use crate::set::MEDIUM_LIMIT;

/// Side of a thumbnail in pixels.
const THUMB: u32 = 112;
/// Frames shown of a clip.
const STRIP: usize = 4;
/// Width of a sheet in thumbnails, and rows at most: the first stimuli, in which all kinds take
/// turns.
const ACROSS: usize = 15;
const ROWS: usize = 12;
const GAP: u32 = 4;
const PAPER: [u8; 3] = [250, 250, 248];

/// Draws a sheet for each folder of the set in `dir`, in the order of data.json: pictures small,
/// four frames of each clip, waveform and spectrogram of each sound. Gives the files, in
/// `dir/contact_sheets/`.
///
/// # Errors
///
/// What the file system or a decoder says.
pub fn contact_sheets(dir: &Path) -> Result<Vec<PathBuf>, StimuliError> {
    let dataset = Dataset::open(dir)?;
    let mut sheets = Vec::new();
    for folder in Folder::ALL {
        let data = match dataset.load(folder) {
            FolderState::Ready(data) => data,
            FolderState::Absent => continue,
            FolderState::Broken(error) => return Err(error.into()),
        };
        let shown: Vec<&Sample> =
            data.samples.iter().filter(|sample| !sample.is_check()).take(most(&data)).collect();
        let strips: Vec<Vec<Picture>> = shown
            .par_iter()
            .map(|sample| thumbnails(&data.path, sample))
            .collect::<Result<_, _>>()?;
        let path = dir.join("contact_sheets").join(format!("{}.png", folder.name()));
        let fail = |source| StimuliError::Medium { medium: path.display().to_string(), source };
        let sheet = lay_out(&strips).and_then(|sheet| encode_png(&sheet)).map_err(fail)?;
        write_atomic(&path, |file| file.write_all(&sheet))?;
        sheets.push(path);
    }
    Ok(sheets)
}

/// How many stimuli a folder's sheet has room for, judged by the first.
fn most(data: &FolderData) -> usize {
    let thumbs = data.samples.first().map_or(1, |sample| {
        sample.media.iter().count() + if sample.media.video.is_some() { STRIP } else { 0 }
    });
    ROWS * (ACROSS / thumbs.max(1)).max(1)
}

/// The thumbnails of one sample's media.
fn thumbnails(folder: &Path, sample: &Sample) -> Result<Vec<Picture>, StimuliError> {
    let mut strip = Vec::new();
    for medium in sample.media.iter() {
        let path = folder.join(medium);
        let bytes = MEDIUM_LIMIT.read(&path)?;
        let fail = |source| StimuliError::Medium { medium: path.display().to_string(), source };
        let is_kind = |kind: &str| path.extension().is_some_and(|extension| extension == kind);
        if is_kind("mp4") {
            let clip = decode_mp4(&bytes).map_err(fail)?;
            let count = clip.frames.len();
            for i in 0..STRIP {
                if let Some(frame) = clip.frames.get((2 * i + 1) * count / (2 * STRIP)) {
                    strip.push(frame.picture.resized(THUMB, THUMB).map_err(fail)?);
                }
            }
            if let Some(sound) = clip.sound {
                strip.push(portrait(&sound).map_err(fail)?);
            }
        } else if is_kind("wav") {
            let sound = decode_audio(&bytes).map_err(fail)?;
            strip.push(portrait(&sound).map_err(fail)?);
        } else {
            let picture = decode_image(&bytes).map_err(fail)?;
            strip.push(picture.resized(THUMB, THUMB).map_err(fail)?);
        }
    }
    Ok(strip)
}

/// Waveform above, spectrogram below.
fn portrait(sound: &Sound) -> Result<Picture, MediaError> {
    let mut picture = Picture::filled(THUMB, THUMB, [255, 255, 255])?;
    let samples = sound.samples();
    let half = THUMB / 2;
    let column = samples.len() / THUMB as usize;
    for x in 0..THUMB {
        let start = x as usize * column;
        let stretch = samples.get(start..start + column).unwrap_or_default();
        let peak = stretch.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let reach = (peak.min(1.0) * (half / 2) as f32) as u32;
        for y in half / 2 - reach..=half / 2 + reach {
            picture.set_pixel(x, y, [46, 92, 150]);
        }
        let window = samples.get(start..(start + 512).min(samples.len())).unwrap_or_default();
        let power = power_spectrum(window);
        for y in 0..half {
            let bin = (half - 1 - y) as usize * power.len() / half as usize;
            let decibels = 10.0 * libm::log10(power.get(bin).copied().unwrap_or(0.0) + 1e-7);
            let ink = ((decibels + 50.0) / 80.0).clamp(0.0, 1.0);
            let shade = (255.0 * (1.0 - ink)) as u8;
            picture.set_pixel(x, half + y, [shade, shade, 255 - (ink * 120.0) as u8]);
        }
    }
    Ok(picture)
}

/// Puts strips into rows; a strip is never torn.
fn lay_out(strips: &[Vec<Picture>]) -> Result<Picture, MediaError> {
    let longest = strips.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let in_a_row = (ACROSS / longest).max(1);
    let rows = strips.len().div_ceil(in_a_row).max(1) as u32;
    let step = THUMB + GAP;
    let columns = (in_a_row * longest) as u32;
    let mut sheet =
        Picture::filled(columns * step + in_a_row as u32 * GAP + GAP, rows * step + GAP, PAPER)?;
    for (i, strip) in strips.iter().enumerate() {
        let place = (i % in_a_row) as u32;
        let top = GAP + (i / in_a_row) as u32 * step;
        for (k, thumb) in strip.iter().enumerate() {
            // Thumbnails of one strip touch each other, strips do not.
            let left = GAP + place * (longest as u32 * step + GAP) + k as u32 * (step - GAP + 1);
            for (at, pixel) in thumb.rgb().chunks_exact(3).enumerate() {
                let (x, y) = (at as u32 % THUMB, at as u32 / THUMB);
                sheet.set_pixel(left + x, top + y, [pixel[0], pixel[1], pixel[2]]);
            }
        }
    }
    Ok(sheet)
}
