//! Forms of solids, and where a ray meets them.

use std::sync::LazyLock;

use super::vector::{Ray, Vector, dot, scale, sub, unit};

/// What a solid is. Dimensions are chosen so that solids of one size look equally big.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Sphere,
    Cube,
    /// Twice as high as wide.
    TallCuboid,
    /// Twice as wide as high.
    LongCuboid,
    Cylinder,
    Cone,
    /// On a square base.
    Pyramid,
    /// On a triangular base.
    TriangularPyramid,
}

/// A convex body: all points with `normal . point <= offset` for every face.
struct Hull(Vec<(Vector, f64)>);

static CUBE: LazyLock<Hull> = LazyLock::new(|| Hull::cuboid([0.80, 0.80, 0.80]));
static TALL: LazyLock<Hull> = LazyLock::new(|| Hull::cuboid([0.58, 1.20, 0.58]));
static LONG: LazyLock<Hull> = LazyLock::new(|| Hull::cuboid([1.20, 0.55, 0.58]));
static PYRAMID: LazyLock<Hull> = LazyLock::new(|| Hull::pyramid(4, 1.25, 0.95));
static TRIANGULAR: LazyLock<Hull> = LazyLock::new(|| Hull::pyramid(3, 1.30, 0.90));

const CYLINDER: (f64, f64) = (0.72, 0.85);
const CONE: (f64, f64) = (0.92, 0.95);

impl Form {
    /// The word for it in answers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sphere => "sphere",
            Self::Cube => "cube",
            Self::TallCuboid | Self::LongCuboid => "cuboid",
            Self::Cylinder => "cylinder",
            Self::Cone => "cone",
            Self::Pyramid => "pyramid",
            Self::TriangularPyramid => "triangular pyramid",
        }
    }

    /// Height of the centre above the base at size 1.
    pub(super) fn half_height(self) -> f64 {
        match self {
            Self::Sphere | Self::TriangularPyramid => 0.90,
            Self::Cube => 0.80,
            Self::TallCuboid => 1.20,
            Self::LongCuboid => 0.55,
            Self::Cylinder => CYLINDER.1,
            Self::Cone => CONE.1,
            Self::Pyramid => 0.95,
        }
    }

    /// Radius of a sphere around the centre that holds it all, at size 1.
    pub(super) fn reach(self) -> f64 {
        match self {
            Self::Sphere => 0.90,
            Self::Cube => 1.39,
            Self::TallCuboid => 1.46,
            Self::LongCuboid => 1.45,
            Self::Cylinder => 1.12,
            Self::Cone => 1.33,
            Self::Pyramid => 1.56,
            Self::TriangularPyramid => 1.59,
        }
    }

    /// Widest distance of a point from the vertical axis at size 1.
    pub(crate) fn footprint(self) -> f64 {
        match self {
            Self::Sphere => 0.90,
            Self::Cube => 1.14,
            Self::TallCuboid => 0.83,
            Self::LongCuboid => 1.34,
            Self::Cylinder => CYLINDER.0,
            Self::Cone => CONE.0,
            Self::Pyramid | Self::TriangularPyramid => 1.30,
        }
    }

    /// Whether its surface is curved; a curved one shines a little.
    pub(super) fn is_round(self) -> bool {
        matches!(self, Self::Sphere | Self::Cylinder | Self::Cone)
    }

    /// Where a ray enters the form at size 1 around the origin: t and the normal there.
    pub(super) fn meet(self, ray: &Ray) -> Option<(f64, Vector)> {
        match self {
            Self::Sphere => meet_sphere(ray, self.half_height()),
            Self::Cylinder => meet_cylinder(ray),
            Self::Cone => meet_cone(ray),
            Self::Cube => CUBE.meet(ray),
            Self::TallCuboid => TALL.meet(ray),
            Self::LongCuboid => LONG.meet(ray),
            Self::Pyramid => PYRAMID.meet(ray),
            Self::TriangularPyramid => TRIANGULAR.meet(ray),
        }
    }
}

impl Hull {
    fn cuboid(half: Vector) -> Self {
        let mut faces = Vec::with_capacity(6);
        for (axis, &offset) in half.iter().enumerate() {
            for sign in [-1.0, 1.0] {
                let mut normal = [0.0; 3];
                normal[axis] = sign;
                faces.push((normal, offset));
            }
        }
        Self(faces)
    }

    /// On a regular base with corners at `radius`, from `-half_height` to `half_height`.
    fn pyramid(sides: usize, radius: f64, half_height: f64) -> Self {
        let step = std::f64::consts::TAU / sides as f64;
        let inner = radius * libm::cos(step / 2.0);
        let apex = [0.0, half_height, 0.0];
        let mut faces = vec![([0.0, -1.0, 0.0], half_height)];
        for side in 0..sides {
            let angle = step * side as f64;
            let normal = unit([
                2.0 * half_height * libm::sin(angle),
                inner,
                2.0 * half_height * libm::cos(angle),
            ]);
            faces.push((normal, dot(normal, apex)));
        }
        Self(faces)
    }

    fn meet(&self, ray: &Ray) -> Option<(f64, Vector)> {
        let mut enter = (0.0, None);
        let mut leave = f64::INFINITY;
        for &(normal, offset) in &self.0 {
            let speed = dot(normal, ray.along);
            let gap = offset - dot(normal, ray.from);
            if speed.abs() < 1e-12 {
                if gap < 0.0 {
                    return None;
                }
            } else if speed < 0.0 {
                let t = gap / speed;
                if t > enter.0 {
                    enter = (t, Some(normal));
                }
            } else {
                leave = leave.min(gap / speed);
            }
        }
        enter.1.filter(|_| enter.0 < leave).map(|normal| (enter.0, normal))
    }
}

fn meet_sphere(ray: &Ray, radius: f64) -> Option<(f64, Vector)> {
    let middle = -dot(ray.from, ray.along);
    let nearest = dot(ray.from, ray.from) - middle * middle;
    let inside = radius * radius - nearest;
    let t = middle - (inside > 0.0).then(|| inside.sqrt())?;
    (t > 0.0).then(|| (t, scale(ray.at(t), 1.0 / radius)))
}

fn meet_cylinder(ray: &Ray) -> Option<(f64, Vector)> {
    let (radius, half) = CYLINDER;
    let Ray { from, along } = *ray;
    let lid = meet_lid(ray, half, radius).or_else(|| meet_lid(ray, -half, radius));
    let a = along[0] * along[0] + along[2] * along[2];
    let b = from[0] * along[0] + from[2] * along[2];
    let c = from[0] * from[0] + from[2] * from[2] - radius * radius;
    let root = b * b - a * c;
    if a < 1e-12 || root <= 0.0 {
        return lid;
    }
    let t = (-b - root.sqrt()) / a;
    let point = ray.at(t);
    if t > 0.0 && point[1].abs() <= half {
        return Some((t, [point[0] / radius, 0.0, point[2] / radius]));
    }
    lid
}

fn meet_cone(ray: &Ray) -> Option<(f64, Vector)> {
    let (radius, half) = CONE;
    let base = meet_lid(ray, -half, radius);
    // x^2 + z^2 = slope^2 (half - y)^2, with the apex as the origin.
    let slope = radius / (2.0 * half);
    let from = sub(ray.from, [0.0, half, 0.0]);
    let along = ray.along;
    let squared = slope * slope;
    let product = |a: Vector, b: Vector| a[0] * b[0] + a[2] * b[2] - squared * a[1] * b[1];
    let (a, b, c) = (product(along, along), product(from, along), product(from, from));
    let root = b * b - a * c;
    if root <= 0.0 || a.abs() < 1e-12 {
        return base;
    }
    let root = root.sqrt();
    let side = [(-b - root) / a, (-b + root) / a]
        .into_iter()
        .filter(|&t| t > 0.0 && ray.at(t)[1].abs() <= half)
        .fold(f64::INFINITY, f64::min);
    if side.is_infinite() || base.is_some_and(|(t, _)| t < side) {
        return base;
    }
    let point = ray.at(side);
    let normal = unit([point[0], squared * (half - point[1]), point[2]]);
    Some((side, normal))
}

/// A horizontal disc at `height`, seen from outside.
fn meet_lid(ray: &Ray, height: f64, radius: f64) -> Option<(f64, Vector)> {
    let up = height.signum();
    if ray.along[1] * up >= 0.0 {
        return None;
    }
    let t = (height - ray.from[1]) / ray.along[1];
    let point = ray.at(t);
    let within = point[0] * point[0] + point[2] * point[2] <= radius * radius;
    (t > 0.0 && within).then_some((t, [0.0, up, 0.0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Form; 8] = [
        Form::Sphere,
        Form::Cube,
        Form::TallCuboid,
        Form::LongCuboid,
        Form::Cylinder,
        Form::Cone,
        Form::Pyramid,
        Form::TriangularPyramid,
    ];

    #[test]
    fn a_ray_to_the_middle_hits_the_near_side() {
        for form in ALL {
            for from in [[9.0, 3.0, 2.0], [-4.0, 8.0, 1.0], [0.3, -6.0, 0.2], [0.1, 0.0, 7.0]] {
                let ray = Ray { from, along: unit(scale(from, -1.0)) };
                let (t, normal) = form.meet(&ray).unwrap();
                assert!(dot(normal, ray.along) < 0.0, "{form:?} turns its back to {from:?}");
                assert!((dot(normal, normal) - 1.0).abs() < 1e-9, "{form:?}");
                let point = ray.at(t);
                assert!(dot(point, point).sqrt() <= form.reach() + 1e-9, "{form:?} overreaches");
                assert!(point[1].abs() <= form.half_height() + 1e-9, "{form:?}");
                let wide = (point[0] * point[0] + point[2] * point[2]).sqrt();
                assert!(wide <= form.footprint() + 1e-9, "{form:?}");
            }
        }
    }

    #[test]
    fn rays_that_pass_by_or_point_away_miss() {
        for form in ALL {
            let by = Ray { from: [2.0, 0.0, 9.0], along: [0.0, 0.0, -1.0] };
            let away = Ray { from: [0.0, 0.0, 9.0], along: [0.0, 0.0, 1.0] };
            assert!(form.meet(&by).is_none() && form.meet(&away).is_none(), "{form:?}");
        }
    }
}
