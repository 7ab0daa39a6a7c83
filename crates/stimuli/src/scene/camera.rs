//! The camera: which ray belongs to which pixel, and back.

use super::vector::{Ray, Vector, add, cross, dot, scale, sub, unit};

/// Half the field of view: 17 degrees, a portrait lens, so that solids keep their shape.
const TAN_HALF_FIELD: f64 = 0.305_730_681_458_660_3;

/// A pinhole camera over a square picture.
#[derive(Debug, Clone)]
pub(crate) struct Camera {
    pixels: usize,
    height: f64,
    eye: Vector,
    forward: Vector,
    right: Vector,
    up: Vector,
}

impl Camera {
    /// A camera that looks at the point `(0, height, 0)` from `distance` away, `elevation` degrees
    /// above the horizon, for a picture of `pixels` by `pixels`. Elevations from 20 degrees on
    /// fill the picture with floor.
    pub(crate) fn new(pixels: usize, distance: f64, elevation: f64, height: f64) -> Self {
        let angle = elevation.to_radians();
        let target = [0.0, height, 0.0];
        let back = [0.0, libm::sin(angle), libm::cos(angle)];
        let eye = add(target, scale(back, distance));
        let forward = scale(back, -1.0);
        let right = unit(cross(forward, [0.0, 1.0, 0.0]));
        let up = cross(right, forward);
        Self { pixels, height, eye, forward, right, up }
    }

    /// Pixels along a side.
    pub(crate) fn pixels(&self) -> usize {
        self.pixels
    }

    /// The ray through the point (x, y) of the picture, in pixels from the top left corner.
    pub(super) fn ray(&self, x: f64, y: f64) -> Ray {
        let half = self.pixels as f64 / 2.0;
        let across = (x - half) / half * TAN_HALF_FIELD;
        let upward = (half - y) / half * TAN_HALF_FIELD;
        let along = add(self.forward, add(scale(self.right, across), scale(self.up, upward)));
        Ray { from: self.eye, along: unit(along) }
    }

    /// The point of the floor that appears at (x, y), in pixels: its x and z. Above the horizon,
    /// the point under the camera.
    pub(crate) fn floor_at(&self, x: f64, y: f64) -> [f64; 2] {
        let ray = self.ray(x, y);
        let t = if ray.along[1] < 0.0 { -ray.from[1] / ray.along[1] } else { 0.0 };
        let [x, _, z] = ray.at(t);
        [x, z]
    }

    /// Width of the picture at the distance it looks at, in units of length.
    pub(crate) fn width_at_centre(&self) -> f64 {
        let ([_, _], unit_length) = self.project([0.0, self.height, 0.0]);
        self.pixels as f64 / unit_length
    }

    /// Where a point in space appears, in pixels from the top left corner, and how many pixels a
    /// unit of length there covers. Points behind the camera count as far in front of it.
    pub(crate) fn project(&self, point: [f64; 3]) -> ([f64; 2], f64) {
        let offset = sub(point, self.eye);
        let depth = dot(offset, self.forward).max(1e-3);
        let half = self.pixels as f64 / 2.0;
        let unit_length = half / (TAN_HALF_FIELD * depth);
        let place = [
            half + dot(offset, self.right) * unit_length,
            half - dot(offset, self.up) * unit_length,
        ];
        (place, unit_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projection_undoes_the_ray() {
        let camera = Camera::new(256, 7.0, 28.0, 0.4);
        for (x, y) in [(0.0, 0.0), (128.0, 128.0), (200.5, 31.0)] {
            let ray = camera.ray(x, y);
            let ([back_x, back_y], _) = camera.project(ray.at(5.0));
            assert!((back_x - x).abs() < 1e-9 && (back_y - y).abs() < 1e-9);
        }
    }
}
