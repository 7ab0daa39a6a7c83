//! Colours, chosen to look well together and to be told apart at a glance.

use crate::random::Stream;

/// An sRGB colour, channels 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rgb(pub(crate) [f64; 3]);

impl Rgb {
    /// From bytes.
    #[cfg(test)]
    pub(crate) const fn bytes(red: u8, green: u8, blue: u8) -> Self {
        Self([red as f64 / 255.0, green as f64 / 255.0, blue as f64 / 255.0])
    }

    /// The colour on the way to `other`, `share` 0..=1.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + (other.0[i] - self.0[i]) * share))
    }

    /// As bytes, rounded.
    #[cfg(test)]
    pub(crate) fn to_bytes(self) -> [u8; 3] {
        self.0.map(|channel| libm::round(channel.clamp(0.0, 1.0) * 255.0) as u8)
    }
}

/// A colour by hue in degrees, saturation and value in 0..=1 (A. R. Smith, "Color gamut transform
/// pairs", 1978).
pub(crate) fn hsv(hue: f64, saturation: f64, value: f64) -> Rgb {
    let sector = (hue / 60.0).rem_euclid(6.0);
    let channel = |offset: f64| {
        let k = (offset + sector) % 6.0;
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    };
    Rgb([channel(5.0), channel(3.0), channel(1.0)])
}

/// A named hue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hue {
    Red,
    Orange,
    Yellow,
    Green,
    Cyan,
    Blue,
    Purple,
}

impl Hue {
    /// All of them, around the wheel.
    pub(crate) const ALL: [Self; 7] =
        [Self::Red, Self::Orange, Self::Yellow, Self::Green, Self::Cyan, Self::Blue, Self::Purple];

    /// The middle of the name's range, in degrees, and how far a colour may stray from it.
    pub(crate) const fn degrees(self) -> (f64, f64) {
        match self {
            Self::Red => (357.0, 5.0),
            Self::Orange => (27.0, 3.0),
            Self::Yellow => (51.0, 3.0),
            Self::Green => (135.0, 16.0),
            Self::Cyan => (184.0, 5.0),
            Self::Blue => (220.0, 8.0),
            Self::Purple => (278.0, 8.0),
        }
    }

    /// A pleasant full-bodied colour of this name.
    pub(crate) fn vivid(self, stream: &mut Stream) -> Rgb {
        let (middle, stray) = self.degrees();
        let saturation = stream.between(0.68, 0.80);
        // Yellow and cyan look dull when dark, blue and purple lose their name when light.
        let value = match self {
            Self::Yellow | Self::Orange => stream.between(0.90, 0.96),
            Self::Cyan | Self::Green => stream.between(0.66, 0.76),
            _ => stream.between(0.76, 0.88),
        };
        hsv(middle + stream.between(-stray, stray), saturation, value)
    }
}

/// A quiet background colour.
pub(crate) struct Backdrop;

impl Backdrop {
    /// A light, nearly neutral colour.
    pub(crate) fn light(stream: &mut Stream) -> Rgb {
        hsv(stream.between(0.0, 360.0), stream.between(0.005, 0.03), stream.between(0.89, 0.95))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hsv_hits_the_corners() {
        assert_eq!(hsv(0.0, 1.0, 1.0).to_bytes(), [255, 0, 0]);
        assert_eq!(hsv(120.0, 1.0, 1.0).to_bytes(), [0, 255, 0]);
        assert_eq!(hsv(240.0, 1.0, 1.0).to_bytes(), [0, 0, 255]);
        assert_eq!(hsv(-60.0, 1.0, 0.5).to_bytes(), [128, 0, 128]);
        assert_eq!(hsv(77.0, 0.0, 0.2).to_bytes(), [51, 51, 51]);
    }
}
