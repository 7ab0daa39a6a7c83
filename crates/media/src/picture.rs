//! A picture: RGB pixels with a size that fits them.

use image::imageops::FilterType;
use image::{ImageBuffer, Rgb};

use crate::MediaError;

/// The largest number of pixels a picture may have: 64 Mi, 192 MiB as RGB.
pub const MAX_PIXELS: u64 = 1 << 26;

/// An RGB picture, 8 bits a channel, sRGB, rows from top to bottom, pixels from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    /// Takes `rgb`, `3 * width * height` bytes, row by row.
    ///
    /// # Errors
    ///
    /// [`MediaError::Invalid`] when a side is 0 or the length does not fit,
    /// [`MediaError::TooLarge`] above [`MAX_PIXELS`].
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, MediaError> {
        let pixels = checked_pixels(width, height)?;
        if rgb.len() as u64 != 3 * pixels {
            return Err(MediaError::Invalid(format!(
                "a picture of {width}x{height} needs {} bytes of RGB, not {}",
                3 * pixels,
                rgb.len()
            )));
        }
        Ok(Self { width, height, rgb })
    }

    /// A picture of one colour.
    ///
    /// # Errors
    ///
    /// As [`Picture::new`].
    pub fn filled(width: u32, height: u32, colour: [u8; 3]) -> Result<Self, MediaError> {
        let pixels = checked_pixels(width, height)?;
        Ok(Self { width, height, rgb: colour.repeat(pixels as usize) })
    }

    /// Pixels in a row, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes: `3 * width * height`, red, green, blue of the top left pixel first.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The bytes, to be painted on.
    #[must_use]
    pub fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }

    /// The bytes, without a copy.
    #[must_use]
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// The pixel in column `x` of row `y`, or `None` outside the picture.
    #[must_use]
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        let at = self.offset(x, y)?;
        Some([self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]])
    }

    /// Paints the pixel in column `x` of row `y`; outside the picture nothing happens, as on
    /// paper.
    pub fn set_pixel(&mut self, x: u32, y: u32, colour: [u8; 3]) {
        if let Some(at) = self.offset(x, y) {
            self.rgb[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// The picture at another size: triangle filter, widened by the reduction ratio when
    /// shrinking, so that every source pixel counts and nothing aliases.
    ///
    /// # Errors
    ///
    /// As [`Picture::new`].
    pub fn resized(&self, width: u32, height: u32) -> Result<Self, MediaError> {
        checked_pixels(width, height)?;
        let Some(source) =
            ImageBuffer::<Rgb<u8>, &[u8]>::from_raw(self.width, self.height, &self.rgb)
        else {
            return Err(MediaError::Invalid("a picture lost its pixels".to_owned()));
        };
        let rgb = image::imageops::resize(&source, width, height, FilterType::Triangle).into_raw();
        Self::new(width, height, rgb)
    }

    /// The picture turned clockwise by `quarter_turns` of 90 degrees.
    #[must_use]
    pub fn turned(self, quarter_turns: u8) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let (across, rows) =
            if quarter_turns.is_multiple_of(2) { (width, height) } else { (height, width) };
        // Where the pixel of the turned picture was.
        let source: fn(usize, usize, usize, usize) -> (usize, usize) = match quarter_turns % 4 {
            0 => return self,
            1 => |x, y, _, height| (y, height - 1 - x),
            2 => |x, y, width, height| (width - 1 - x, height - 1 - y),
            _ => |x, y, width, _| (width - 1 - y, x),
        };
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for y in 0..rows {
            for x in 0..across {
                let (from_x, from_y) = source(x, y, width, height);
                let at = 3 * (from_y * width + from_x);
                rgb.extend_from_slice(&self.rgb[at..at + 3]);
            }
        }
        Self { width: across as u32, height: rows as u32, rgb }
    }

    fn offset(&self, x: u32, y: u32) -> Option<usize> {
        (x < self.width && y < self.height)
            .then(|| 3 * (y as usize * self.width as usize + x as usize))
    }
}

/// The number of pixels, if a picture may have that size.
pub(crate) fn checked_pixels(width: u32, height: u32) -> Result<u64, MediaError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(MediaError::Invalid(format!("a picture cannot be {width}x{height}")));
    }
    if pixels > MAX_PIXELS {
        return Err(MediaError::TooLarge {
            what: "the picture's number of pixels",
            found: pixels,
            limit: MAX_PIXELS,
        });
    }
    Ok(pixels)
}
