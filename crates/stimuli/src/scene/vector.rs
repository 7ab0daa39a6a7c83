//! Vectors in space: x to the right, y up, z towards the viewer.

/// A point or a direction.
pub(super) type Vector = [f64; 3];

pub(super) fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(super) fn sub(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(super) fn scale(a: Vector, factor: f64) -> Vector {
    [a[0] * factor, a[1] * factor, a[2] * factor]
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The direction of `a`, of length 1.
pub(super) fn unit(a: Vector) -> Vector {
    scale(a, 1.0 / dot(a, a).sqrt())
}

/// A ray: points `from + t * along`, t > 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ray {
    pub(super) from: Vector,
    pub(super) along: Vector,
}

impl Ray {
    pub(super) fn at(&self, t: f64) -> Vector {
        add(self.from, scale(self.along, t))
    }
}
