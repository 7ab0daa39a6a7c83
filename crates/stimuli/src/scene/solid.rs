//! A solid: a form of some size and colour in its place.

use super::form::Form;
use super::light::{self, Linear};
use super::vector::{Ray, Vector, dot, scale, sub};
use crate::paint::Rgb;

/// A solid in space.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Solid {
    /// What it is.
    pub(crate) form: Form,
    /// Factor on the form's own dimensions.
    pub(crate) size: f64,
    /// Its middle.
    pub(crate) centre: [f64; 3],
    /// Turn around the vertical, in radians.
    pub(crate) yaw: f64,
    /// Surface colour.
    pub(crate) colour: Rgb,
    /// Height of surface bumps, 0 (smooth) to 1, and the pattern they follow.
    pub(crate) bumps: Option<Bumps>,
}

/// Bumps on a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bumps {
    /// 0 to 1.
    pub(crate) height: f64,
    /// Bumps in a unit of length.
    pub(crate) density: f64,
    /// Which pattern.
    pub(crate) pattern: u32,
}

impl Solid {
    /// A solid that stands on the floor at (x, z).
    pub(crate) fn standing(form: Form, size: f64, [x, z]: [f64; 2], yaw: f64, colour: Rgb) -> Self {
        let centre = [x, form.half_height() * size, z];
        Self { form, size, centre, yaw, colour, bumps: None }
    }

    /// The same solid at another size, still on the floor if it was there.
    pub(crate) fn grown(&self, factor: f64) -> Self {
        let size = self.size * factor;
        let lift = self.form.half_height() * (size - self.size);
        let [x, y, z] = self.centre;
        Self { size, centre: [x, y + lift, z], ..self.clone() }
    }

    /// Radius of a sphere around the middle that holds it all.
    pub(super) fn reach(&self) -> f64 {
        self.form.reach() * self.size
    }

    /// A solid ready for many rays.
    pub(super) fn placed(&self) -> Placed<'_> {
        Placed {
            solid: self,
            albedo: light::linear(self.colour),
            sin: libm::sin(self.yaw),
            cos: libm::cos(self.yaw),
        }
    }
}

/// A solid with its turn and colour worked out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) solid: &'a Solid,
    /// Colour in linear light.
    pub(super) albedo: Linear,
    sin: f64,
    cos: f64,
}

impl Placed<'_> {
    /// Where a ray first meets the solid: t and the normal.
    pub(super) fn meet(&self, ray: &Ray) -> Option<(f64, Vector)> {
        if !self.near(ray) {
            return None;
        }
        let local = self.local(ray);
        let (t, normal) = self.solid.form.meet(&local)?;
        // The local ray is shorter by the size, its direction is not.
        Some((t * self.solid.size, self.outward(normal)))
    }

    /// Whether a ray meets the solid at all.
    pub(super) fn blocks(&self, ray: &Ray) -> bool {
        self.near(ray) && self.solid.form.meet(&self.local(ray)).is_some()
    }

    /// A point in the solid's own coordinates, at size 1.
    pub(super) fn inward_point(&self, point: Vector) -> Vector {
        self.inward(scale(sub(point, self.solid.centre), 1.0 / self.solid.size))
    }

    fn near(&self, ray: &Ray) -> bool {
        let offset = sub(self.solid.centre, ray.from);
        let along = dot(offset, ray.along);
        let reach = self.solid.reach();
        along > -reach && dot(offset, offset) - along * along < reach * reach
    }

    fn local(&self, ray: &Ray) -> Ray {
        Ray { from: self.inward_point(ray.from), along: self.inward(ray.along) }
    }

    fn inward(&self, [x, y, z]: Vector) -> Vector {
        [self.cos * x - self.sin * z, y, self.sin * x + self.cos * z]
    }

    pub(super) fn outward(&self, [x, y, z]: Vector) -> Vector {
        [self.cos * x + self.sin * z, y, -self.sin * x + self.cos * z]
    }
}
