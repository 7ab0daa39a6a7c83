//! Blur: a Gaussian, one direction after the other.

use super::Canvas;

/// Blurs a canvas by a Gaussian of standard deviation `sigma` pixels; the edge rows repeat.
/// Below 0.05 pixels nothing changes.
pub(crate) fn blur(canvas: &mut Canvas, sigma: f64) {
    if sigma < 0.05 {
        return;
    }
    let kernel = gaussian(sigma);
    let (width, height) = (canvas.width(), canvas.height());
    let across = pass(canvas.pixels(), width, height, &kernel);
    // The first pass turns rows into columns, the second turns them back.
    let both = pass(&across, height, width, &kernel);
    canvas.pixels_mut().copy_from_slice(&both);
}

/// Weights for offsets 0, 1, 2, ...; the whole kernel adds up to 1.
fn gaussian(sigma: f64) -> Vec<f32> {
    let reach = libm::ceil(3.0 * sigma) as usize;
    let weights: Vec<f64> =
        (0..=reach).map(|i| libm::exp(-0.5 * (i as f64 / sigma) * (i as f64 / sigma))).collect();
    let total = 2.0 * weights.iter().sum::<f64>() - weights[0];
    weights.iter().map(|weight| (weight / total) as f32).collect()
}

/// Filters along rows and gives the result with rows and columns exchanged.
fn pass(pixels: &[[f32; 3]], width: usize, height: usize, kernel: &[f32]) -> Vec<[f32; 3]> {
    let mut turned = vec![[0.0; 3]; pixels.len()];
    for (y, row) in pixels.chunks_exact(width).enumerate() {
        for x in 0..width {
            let mut sum = row[x].map(|channel| channel * kernel[0]);
            for (offset, weight) in kernel.iter().enumerate().skip(1) {
                let left = row[x.saturating_sub(offset)];
                let right = row[(x + offset).min(width - 1)];
                for i in 0..3 {
                    sum[i] += weight * (left[i] + right[i]);
                }
            }
            turned[x * height + y] = sum;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Rgb, Shape};

    #[test]
    fn blur_keeps_the_mean_and_widens_by_sigma() {
        let mut canvas = Canvas::new(61, 41, Rgb([0.0; 3]));
        canvas.fill(&Shape::rectangle(30.0, 20.0, 31.0, 21.0), Rgb([1.0; 3]));
        blur(&mut canvas, 3.0);
        let mut total = 0.0;
        let mut variance = 0.0;
        for (i, pixel) in canvas.pixels().iter().enumerate() {
            let x = (i % 61) as f64 - 30.0;
            total += f64::from(pixel[0]);
            variance += f64::from(pixel[0]) * x * x;
        }
        assert!((total - 1.0).abs() < 1e-4, "{total}");
        assert!((variance / total - 9.0).abs() < 0.4, "{variance}");
    }
}
