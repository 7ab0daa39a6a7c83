//! A canvas: pixels that shapes are laid on, edges anti-aliased by coverage.

use avibench_media::{MediaError, Picture};

use super::{Rgb, Shape};

/// Pixels in floating point, so that layers and blurs add no rounding of their own.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
}

impl Canvas {
    /// A canvas of one colour.
    pub(crate) fn new(width: usize, height: usize, colour: Rgb) -> Self {
        Self { width, height, pixels: vec![single(colour); width * height] }
    }

    /// A canvas with one colour at the top and another at the bottom.
    pub(crate) fn gradient(width: usize, height: usize, top: Rgb, bottom: Rgb) -> Self {
        let mut canvas = Self::new(width, height, top);
        for (y, row) in canvas.pixels.chunks_exact_mut(width.max(1)).enumerate() {
            row.fill(single(top.towards(bottom, y as f64 / height as f64)));
        }
        canvas
    }

    /// Columns.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Pixels, row by row.
    pub(crate) fn pixels(&self) -> &[[f32; 3]] {
        &self.pixels
    }

    /// Pixels, row by row, to be painted on.
    pub(crate) fn pixels_mut(&mut self) -> &mut [[f32; 3]] {
        &mut self.pixels
    }

    /// Lays a shape of one colour on the canvas.
    pub(crate) fn fill(&mut self, shape: &Shape, colour: Rgb) {
        let colour = single(colour);
        let [left, top, right, bottom] = shape.bounds();
        let clip = |value: f64, limit: usize| value.clamp(0.0, limit as f64) as usize;
        for y in clip(top - 1.0, self.height)..clip(bottom + 2.0, self.height) {
            for x in clip(left - 1.0, self.width)..clip(right + 2.0, self.width) {
                let distance = shape.distance(x as f64 + 0.5, y as f64 + 0.5);
                let coverage = (0.5 - distance).clamp(0.0, 1.0) as f32;
                if coverage > 0.0 {
                    let pixel = &mut self.pixels[y * self.width + x];
                    for (channel, ink) in pixel.iter_mut().zip(colour) {
                        *channel += (ink - *channel) * coverage;
                    }
                }
            }
        }
    }

    /// The canvas as a picture of bytes.
    pub(crate) fn to_picture(&self) -> Result<Picture, MediaError> {
        let bytes = self
            .pixels
            .iter()
            .flatten()
            .map(|channel| rounded(channel.clamp(0.0, 1.0) * 255.0))
            .collect();
        Picture::new(self.width as u32, self.height as u32, bytes)
    }
}

/// The nearest byte to a number from 0 to 255; halves go up.
fn rounded(number: f32) -> u8 {
    let whole = number as u8;
    whole + u8::from(number - f32::from(whole) >= 0.5)
}

fn single(colour: Rgb) -> [f32; 3] {
    colour.0.map(|channel| channel as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_carry_their_coverage() {
        let mut canvas = Canvas::new(8, 4, Rgb([0.0; 3]));
        canvas.fill(&Shape::rectangle(2.0, -5.0, 4.25, 9.0), Rgb([1.0; 3]));
        let row: Vec<f32> = canvas.pixels()[8..16].iter().map(|pixel| 4.0 * pixel[0]).collect();
        assert_eq!(format!("{row:.0?}"), "[0, 0, 4, 4, 1, 0, 0, 0]");
    }

    #[test]
    fn bytes_are_the_nearest() {
        let of_bytes = (0..=255_u8).flat_map(|byte| {
            let middle = f32::from(byte) + 0.5;
            [f32::from(byte), middle, middle.next_down(), middle.next_up()]
        });
        for number in of_bytes.filter(|number| *number <= 255.0) {
            assert_eq!(rounded(number), libm::roundf(number) as u8, "{number}");
        }
    }

    #[test]
    fn shapes_outside_the_canvas_do_no_harm() {
        let mut canvas = Canvas::new(4, 4, Rgb([0.5; 3]));
        canvas.fill(&Shape::rectangle(-90.0, -90.0, -50.0, -50.0), Rgb([1.0; 3]));
        canvas.fill(&Shape::rectangle(50.0, 50.0, 90.0, 90.0), Rgb([1.0; 3]));
        assert!(canvas.pixels().iter().flatten().all(|channel| (channel - 0.5).abs() < 1e-6));
    }
}
