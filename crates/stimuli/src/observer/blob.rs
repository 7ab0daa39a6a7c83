//! Blobs: connected pixels of one thing, and their measures.

use avibench_media::Picture;

use super::mask::Mask;

/// One thing in a picture.
#[derive(Debug, Clone)]
pub(super) struct Blob {
    /// Columns and rows of its pixels.
    pub(super) pixels: Vec<[u32; 2]>,
    /// Middle.
    pub(super) centre: [f64; 2],
    /// Left, top, right, bottom; the last two excluded.
    pub(super) bounds: [u32; 4],
}

impl Blob {
    /// All blobs of a mask of at least `least` pixels, the largest first.
    pub(super) fn all(mask: &Mask, least: usize) -> Vec<Self> {
        let mut seen = vec![false; mask.on.len()];
        let mut blobs = Vec::new();
        let mut stack = Vec::new();
        for start in 0..mask.on.len() {
            if seen[start] || !mask.on[start] {
                continue;
            }
            let mut pixels = Vec::new();
            seen[start] = true;
            stack.push(start);
            while let Some(at) = stack.pop() {
                let (x, y) = (at % mask.width, at / mask.width);
                pixels.push([x as u32, y as u32]);
                let neighbours = [
                    (x > 0).then(|| at - 1),
                    (x + 1 < mask.width).then_some(at + 1),
                    (y > 0).then(|| at - mask.width),
                    (y + 1 < mask.height).then_some(at + mask.width),
                ];
                for next in neighbours.into_iter().flatten() {
                    if mask.on[next] && !seen[next] {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
            }
            if pixels.len() >= least {
                blobs.extend(Self::new(pixels));
            }
        }
        blobs.sort_by_key(|blob| std::cmp::Reverse(blob.area()));
        blobs
    }

    /// A blob of given pixels; `None` for none.
    pub(super) fn new(pixels: Vec<[u32; 2]>) -> Option<Self> {
        let count = pixels.len() as f64;
        let mut bounds = [u32::MAX, u32::MAX, 0, 0];
        let mut sum = [0.0; 2];
        for &[x, y] in &pixels {
            sum[0] += f64::from(x) + 0.5;
            sum[1] += f64::from(y) + 0.5;
            bounds =
                [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x + 1), bounds[3].max(y + 1)];
        }
        (!pixels.is_empty()).then(|| Self { centre: sum.map(|s| s / count), bounds, pixels })
    }

    /// Number of pixels.
    pub(super) fn area(&self) -> usize {
        self.pixels.len()
    }

    /// Width and height.
    pub(super) fn size(&self) -> [f64; 2] {
        let [left, top, right, bottom] = self.bounds.map(f64::from);
        [right - left, bottom - top]
    }

    /// Second moments about the middle: along x, along y, mixed, in square pixels.
    pub(super) fn moments(&self) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for &[x, y] in &self.pixels {
            let dx = f64::from(x) + 0.5 - self.centre[0];
            let dy = f64::from(y) + 0.5 - self.centre[1];
            sums[0] += dx * dx;
            sums[1] += dy * dy;
            sums[2] += dx * dy;
        }
        sums.map(|sum| sum / self.area() as f64)
    }

    /// Angle of the longest axis to the horizontal, in degrees -90..=90.
    pub(super) fn axis(&self) -> f64 {
        let [xx, yy, xy] = self.moments();
        (0.5 * libm::atan2(2.0 * xy, xx - yy)).to_degrees()
    }

    /// First and last column of each row, from the top.
    pub(super) fn rows(&self) -> Vec<(u32, u32)> {
        let mut rows = vec![(u32::MAX, 0); (self.bounds[3] - self.bounds[1]) as usize];
        for &[x, y] in &self.pixels {
            let row = &mut rows[(y - self.bounds[1]) as usize];
            *row = (row.0.min(x), row.1.max(x));
        }
        rows
    }

    /// Last row of each column, from the left.
    pub(super) fn lowest(&self) -> Vec<u32> {
        let mut columns = vec![0; (self.bounds[2] - self.bounds[0]) as usize];
        for &[x, y] in &self.pixels {
            let column = &mut columns[(x - self.bounds[0]) as usize];
            *column = (*column).max(y);
        }
        columns
    }

    /// Mean colour, leaving out a rim of two pixels where the blob is large enough.
    pub(super) fn colour(&self, picture: &Picture) -> [f64; 3] {
        let inner = self.inner(2);
        let pixels = if inner.is_empty() { &self.pixels } else { &inner };
        let mut sum = [0.0; 3];
        for pixel in pixels.iter().filter_map(|&[x, y]| picture.pixel(x, y)) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += f64::from(value);
            }
        }
        sum.map(|sum| sum / pixels.len() as f64)
    }

    /// Pixels at least `rim` pixels away from the outline, along rows and columns.
    pub(super) fn inner(&self, rim: u32) -> Vec<[u32; 2]> {
        let [left, top, right, bottom] = self.bounds;
        let width = (right - left) as usize;
        let mut on = vec![false; width * (bottom - top) as usize];
        for &[x, y] in &self.pixels {
            on[(y - top) as usize * width + (x - left) as usize] = true;
        }
        let is_on = |x: i64, y: i64| {
            let (x, y) = (x - i64::from(left), y - i64::from(top));
            x >= 0
                && y >= 0
                && x < width as i64
                && on.get(y as usize * width + x as usize).copied().unwrap_or(false)
        };
        let rim = i64::from(rim);
        self.pixels
            .iter()
            .copied()
            .filter(|&[x, y]| {
                let (x, y) = (i64::from(x), i64::from(y));
                (1..=rim).all(|d| {
                    is_on(x - d, y) && is_on(x + d, y) && is_on(x, y - d) && is_on(x, y + d)
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_told_apart_and_measured() {
        let mut mask = Mask { width: 12, height: 8, on: vec![false; 96] };
        for (x, y) in (0..6).flat_map(|x| (0..2).map(move |y| (x + 1, y + 1))) {
            mask.on[y * 12 + x] = true;
        }
        mask.on[7 * 12 + 11] = true;
        let blobs = Blob::all(&mask, 1);
        assert_eq!(blobs.len(), 2);
        assert_eq!(blobs[0].area(), 12);
        assert_eq!(blobs[0].bounds, [1, 1, 7, 3]);
        let [x, y] = blobs[0].centre;
        assert!((x - 4.0).abs() < 1e-9 && (y - 2.0).abs() < 1e-9);
        assert!(blobs[0].axis().abs() < 1e-9);
        assert_eq!(Blob::all(&mask, 2).len(), 1);
        assert_eq!(blobs[0].inner(1).len(), 0);
    }
}
