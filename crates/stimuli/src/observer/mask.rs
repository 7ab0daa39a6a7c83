//! Telling things from the ground they lie on.

use avibench_media::Picture;

use super::images::ranked;

/// Which pixels belong to things.
pub(super) struct Mask {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) on: Vec<bool>,
}

/// Difference of a channel from the ground, of 255, from which on a pixel is a thing's.
const STANDS_OUT: f64 = 20.0;

impl Mask {
    /// Flat things: what differs from the ground, which is taken, row by row, to be as it is at
    /// both edges of the picture.
    pub(super) fn flat(picture: &Picture) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut on = Vec::with_capacity(width * height);
        for row in picture.rgb().chunks_exact(3 * width) {
            let edge = 3.min(width);
            let left = mean(&row[..3 * edge]);
            let right = mean(&row[3 * (width - edge)..]);
            for (x, pixel) in row.chunks_exact(3).enumerate() {
                let share = x as f64 / width as f64;
                let differs = (0..3).any(|i| {
                    let ground = left[i] + (right[i] - left[i]) * share;
                    (f64::from(pixel[i]) - ground).abs() > STANDS_OUT
                });
                on.push(differs);
            }
        }
        Self { width, height, on }
    }

    /// Solids on a floor: what differs from the floor by more than a shadow does. A shadow scales
    /// all channels alike; how far it goes, no solid's shade does but for black.
    pub(super) fn solids(picture: &Picture) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let floor = border(picture);
        let light = brightness(floor).max(1.0);
        let is_on = |pixel: &[u8; 3]| {
            let pixel = pixel.map(f64::from);
            let scale = brightness(pixel) / light;
            !(0.55..=1.22).contains(&scale)
                || (0..3).any(|i| (pixel[i] - scale * floor[i]).abs() > STANDS_OUT)
        };
        let (pixels, _) = picture.rgb().as_chunks();
        // Most pixels are as the one before.
        let mut last = pixels.first().map_or(([0; 3], false), |first| (*first, is_on(first)));
        let mut on = Vec::with_capacity(width * height);
        for pixel in pixels {
            if *pixel != last.0 {
                last = (*pixel, is_on(pixel));
            }
            on.push(last.1);
        }
        Self { width, height, on }
    }
}

/// Weighted mean of the channels (ITU-R BT.601).
pub(super) fn brightness([red, green, blue]: [f64; 3]) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// The median colour along the picture's border.
pub(super) fn border(picture: &Picture) -> [f64; 3] {
    let (width, height) = (picture.width(), picture.height());
    let around = (0..width)
        .flat_map(|x| [(x, 0), (x, height - 1)])
        .chain((0..height).flat_map(|y| [(0, y), (width - 1, y)]));
    let mut channels: [Vec<u8>; 3] = Default::default();
    for pixel in around.filter_map(|(x, y)| picture.pixel(x, y)) {
        for (channel, value) in channels.iter_mut().zip(pixel) {
            channel.push(value);
        }
    }
    channels.map(|mut channel| {
        let middle = channel.len() / 2;
        f64::from(ranked(&mut channel, middle, u8::cmp))
    })
}

fn mean(row: &[u8]) -> [f64; 3] {
    let count = (row.len() / 3).max(1) as f64;
    [0, 1, 2].map(|i| row.iter().skip(i).step_by(3).map(|&v| f64::from(v)).sum::<f64>() / count)
}
