//! Between RGB and the luma and chroma planes of video.
//!
//! Coefficients: ITU-T H.273, equations 38 to 61, in fixed point with 16 fractional bits, so that
//! every machine computes the same bytes. Chroma is the mean of its 2x2 pixels on the way in and
//! repeated over them on the way out.
//!
//! Every pixel of every clip passes here, so that loops name the parts of a pixel one by one and take them by
//! their place: `map` of an array and `zip` cost several calls for each where a build optimises for size.

use rusty_h264::YuvFrame;

use crate::{MediaError, Picture};

const SHIFT: i32 = 16;
const HALF: i32 = 1 << (SHIFT - 1);

/// How luma and chroma were made from RGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColourCoding {
    pub(crate) matrix: Matrix,
    /// Luma uses 0..=255 rather than 16..=235.
    pub(crate) full_range: bool,
}

/// The weights of red, green and blue in luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matrix {
    Bt601,
    Bt709,
    Bt2020,
}

impl ColourCoding {
    /// What our encoder writes, and what players assume where a file says nothing.
    pub(crate) const DEFAULT: Self = Self { matrix: Matrix::Bt601, full_range: false };
}

impl Matrix {
    /// From `matrix_coefficients` of H.273 table 4; what is unspecified or exotic counts as
    /// BT.601, as in `FFmpeg`.
    pub(crate) fn from_code(code: u32) -> Self {
        match code {
            1 => Self::Bt709,
            9 | 10 => Self::Bt2020,
            _ => Self::Bt601,
        }
    }

    /// The weights of red and blue.
    fn weights(self) -> (f64, f64) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
        }
    }
}

/// Converts a picture to [`ColourCoding::DEFAULT`]; odd sizes grow by repeating the last column
/// and row, because 4:2:0 video has even sides.
pub(crate) fn to_planes(picture: &Picture) -> YuvFrame {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (even_width, even_height) = (width.next_multiple_of(2), height.next_multiple_of(2));
    let (chroma_width, chroma_height) = (even_width / 2, even_height / 2);
    let mut y = Vec::with_capacity(even_width * even_height);
    let mut u = Vec::with_capacity(chroma_width * chroma_height);
    let mut v = Vec::with_capacity(chroma_width * chroma_height);
    let rgb = picture.rgb();
    let row_of = |row: usize| rgb[3 * width * row.min(height - 1)..][..3 * width].as_chunks().0;
    for row in 0..even_height {
        let pixels: &[[u8; 3]] = row_of(row);
        y.extend(pixels.iter().copied().map(luma));
        if even_width > width {
            y.extend(y.last().copied());
        }
    }
    for row in 0..chroma_height {
        let (upper, lower) = (row_of(2 * row), row_of(2 * row + 1));
        for (upper, lower) in upper.chunks(2).zip(lower.chunks(2)) {
            // Where there is no right pixel, the left one stands for it.
            let (upper_right, lower_right) = (upper[upper.len() - 1], lower[lower.len() - 1]);
            let sum = |channel: usize| {
                let upper = i32::from(upper[0][channel]) + i32::from(upper_right[channel]);
                upper + i32::from(lower[0][channel]) + i32::from(lower_right[channel])
            };
            let (red, green, blue) = (sum(0), sum(1), sum(2));
            u.push(chroma([-9_714, -19_070, 28_784], [red, green, blue]));
            v.push(chroma([28_784, -24_103, -4_681], [red, green, blue]));
        }
    }
    YuvFrame { width: even_width, height: even_height, y, u, v }
}

/// The sum of three products. None of those here comes near the largest `i32`.
fn weighted(weights: [i32; 3], [red, green, blue]: [i32; 3]) -> i32 {
    let red = weights[0].wrapping_mul(red);
    red.wrapping_add(weights[1].wrapping_mul(green)).wrapping_add(weights[2].wrapping_mul(blue))
}

/// BT.601 luma in 16..=235: 219/255 of 0.299, 0.587 and 0.114.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = weighted([16_829, 33_039, 6_416], [red.into(), green.into(), blue.into()]);
    (sum.wrapping_add(HALF) >> SHIFT).wrapping_add(16) as u8
}

/// BT.601 chroma in 16..=240 from a weighted sum over four pixels.
fn chroma(weights: [i32; 3], sums_of_four: [i32; 3]) -> u8 {
    let sum = weighted(weights, sums_of_four);
    (sum.wrapping_add(HALF << 2) >> (SHIFT + 2)).wrapping_add(128) as u8
}

/// Converts decoded planes to RGB.
pub(crate) fn to_picture(frame: &YuvFrame, coding: ColourCoding) -> Result<Picture, MediaError> {
    let (width, height) = (frame.width, frame.height);
    let chroma_width = width.div_ceil(2);
    if frame.y.len() < width * height
        || frame.u.len() < chroma_width * height.div_ceil(2)
        || frame.v.len() < chroma_width * height.div_ceil(2)
    {
        return Err(MediaError::malformed("H.264", "a decoded frame lacks pixels"));
    }
    let table = Coefficients::of(coding);
    let mut rgb = vec![0; 3 * width * height];
    for (row, pixels) in rgb.chunks_exact_mut(3 * width.max(1)).enumerate() {
        let luma = &frame.y[row * width..][..width];
        let blue_difference = &frame.u[row / 2 * chroma_width..][..chroma_width];
        let red_difference = &frame.v[row / 2 * chroma_width..][..chroma_width];
        // Two pixels side by side have one chroma.
        let (pairs, single) = pixels.as_chunks_mut::<6>();
        let (luma_of_pairs, luma_of_single) = luma.as_chunks::<2>();
        for (at, pair) in pairs.iter_mut().enumerate() {
            let chroma = table.chroma(blue_difference[at], red_difference[at]);
            let [left, right] = luma_of_pairs[at];
            let [a, b, c] = table.pixel(left, chroma);
            let [d, e, f] = table.pixel(right, chroma);
            *pair = [a, b, c, d, e, f];
        }
        if let (Some(&y), Some(&u), Some(&v)) =
            (luma_of_single.first(), blue_difference.last(), red_difference.last())
        {
            single.copy_from_slice(&table.pixel(y, table.chroma(u, v)));
        }
    }
    Picture::new(width as u32, height as u32, rgb)
}

fn clamp(scaled: i32) -> u8 {
    (scaled >> SHIFT).clamp(0, 255) as u8
}

/// The inverse matrix in fixed point. No sum of its products comes near the largest `i32`.
struct Coefficients {
    /// What each luma adds to all channels, with the half that rounding needs.
    luma: [i32; 256],
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Coefficients {
    fn of(coding: ColourCoding) -> Self {
        let (red, blue) = coding.matrix.weights();
        let green = 1.0 - red - blue;
        let (luma_scale, chroma_scale) =
            if coding.full_range { (1.0, 1.0) } else { (255.0 / 219.0, 255.0 / 224.0) };
        let fixed = |value: f64| (value * f64::from(1 << SHIFT)).round() as i32;
        let black = if coding.full_range { 0 } else { 16 };
        let luma = fixed(luma_scale);
        Self {
            luma: std::array::from_fn(|y| (y as i32 - black) * luma + HALF),
            red_v: fixed(2.0 * (1.0 - red) * chroma_scale),
            green_u: fixed(2.0 * (1.0 - blue) * blue / green * chroma_scale),
            green_v: fixed(2.0 * (1.0 - red) * red / green * chroma_scale),
            blue_u: fixed(2.0 * (1.0 - blue) * chroma_scale),
        }
    }

    /// What chroma adds to red, takes from green and adds to blue.
    fn chroma(&self, u: u8, v: u8) -> [i32; 3] {
        let (u, v) = (i32::from(u).wrapping_sub(128), i32::from(v).wrapping_sub(128));
        let green = self.green_u.wrapping_mul(u).wrapping_add(self.green_v.wrapping_mul(v));
        [self.red_v.wrapping_mul(v), green, self.blue_u.wrapping_mul(u)]
    }

    /// A pixel from its luma and what [`Coefficients::chroma`] gives.
    fn pixel(&self, y: u8, [red, green, blue]: [i32; 3]) -> [u8; 3] {
        let y = self.luma[usize::from(y)];
        [clamp(y.wrapping_add(red)), clamp(y.wrapping_sub(green)), clamp(y.wrapping_add(blue))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_survive_the_way_there_and_back() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let colour = [red as u8, green as u8, blue as u8];
                    let picture = Picture::filled(2, 2, colour).unwrap();
                    let back = to_picture(&to_planes(&picture), ColourCoding::DEFAULT).unwrap();
                    for (found, expected) in back.pixel(1, 1).unwrap().iter().zip(colour) {
                        assert!(found.abs_diff(expected) <= 2, "{colour:?} became {back:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn known_colours_have_the_values_of_the_standard() {
        // BT.601, 16..=235: the 100% colour bars.
        for (colour, expected) in [
            ([255, 255, 255], (235, 128, 128)),
            ([0, 0, 0], (16, 128, 128)),
            ([255, 0, 0], (81, 90, 240)),
            ([0, 255, 0], (145, 54, 34)),
            ([0, 0, 255], (41, 240, 110)),
        ] {
            let planes = to_planes(&Picture::filled(2, 2, colour).unwrap());
            assert_eq!((planes.y[0], planes.u[0], planes.v[0]), expected, "{colour:?}");
        }
    }

    #[test]
    fn odd_sizes_grow_by_their_last_column_and_row() {
        let mut picture = Picture::filled(3, 1, [0, 0, 0]).unwrap();
        picture.set_pixel(2, 0, [255, 255, 255]);
        let planes = to_planes(&picture);
        assert_eq!((planes.width, planes.height), (4, 2));
        assert_eq!(planes.y, [16, 16, 235, 235, 16, 16, 235, 235]);
        assert_eq!((planes.u.len(), planes.v.len()), (2, 2));
    }

    #[test]
    fn full_range_and_other_matrices_differ_as_they_should() {
        let red = YuvFrame { width: 2, height: 2, y: vec![63; 4], u: vec![102], v: vec![240] };
        let bt709 = ColourCoding { matrix: Matrix::Bt709, full_range: false };
        let [r, g, b] = to_picture(&red, bt709).unwrap().pixel(0, 0).unwrap();
        assert!(r >= 254 && g <= 1 && b <= 1, "{r} {g} {b}");
        let grey = YuvFrame { width: 2, height: 2, y: vec![16; 4], u: vec![128], v: vec![128] };
        let full = ColourCoding { matrix: Matrix::Bt601, full_range: true };
        assert_eq!(to_picture(&grey, full).unwrap().pixel(0, 0), Some([16, 16, 16]));
    }
}
