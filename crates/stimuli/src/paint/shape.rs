//! Flat shapes as signed distances: exact edges at any size and angle.

use std::f64::consts::{PI, TAU};

/// What a shape is, without place and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    Circle,
    Triangle,
    Square,
    Pentagon,
    Hexagon,
    Star,
}

impl Figure {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Triangle => "triangle",
            Self::Square => "square",
            Self::Pentagon => "pentagon",
            Self::Hexagon => "hexagon",
            Self::Star => "star",
        }
    }
}

/// A shape in its place; lengths in pixels, y downwards.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    outline: Outline,
    /// Left, top, right, bottom.
    bounds: [f64; 4],
}

#[derive(Debug, Clone)]
enum Outline {
    Disc { centre: [f64; 2], radius: f64 },
    Stroke { from: [f64; 2], to: [f64; 2], half_width: f64 },
    Polygon(Vec<[f64; 2]>),
}

impl Shape {
    /// A figure whose area is that of a circle of `radius`, turned by `angle` radians. Equal
    /// areas make figures of different kinds comparable.
    pub(crate) fn figure(figure: Figure, centre: [f64; 2], radius: f64, angle: f64) -> Self {
        let corners = match figure {
            Figure::Circle => {
                return Self {
                    outline: Outline::Disc { centre, radius },
                    bounds: around(&[centre], radius),
                };
            }
            Figure::Triangle => regular(3, angle - PI / 2.0, 1.0),
            Figure::Square => regular(4, angle - PI / 4.0, 1.0),
            Figure::Pentagon => regular(5, angle - PI / 2.0, 1.0),
            Figure::Hexagon => regular(6, angle, 1.0),
            Figure::Star => regular(5, angle - PI / 2.0, 0.5),
        };
        let scale = radius * libm::sqrt(PI / area(&corners));
        Self::polygon(
            corners.iter().map(|[x, y]| [centre[0] + scale * x, centre[1] + scale * y]).collect(),
        )
    }

    /// A polygon by its corners.
    pub(crate) fn polygon(corners: Vec<[f64; 2]>) -> Self {
        let bounds = around(&corners, 0.0);
        Self { outline: Outline::Polygon(corners), bounds }
    }

    /// An upright rectangle.
    pub(crate) fn rectangle(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self::polygon(vec![[left, top], [right, top], [right, bottom], [left, bottom]])
    }

    /// A line with round ends.
    pub(crate) fn stroke(from: [f64; 2], to: [f64; 2], width: f64) -> Self {
        let half_width = width / 2.0;
        Self {
            outline: Outline::Stroke { from, to, half_width },
            bounds: around(&[from, to], half_width),
        }
    }

    /// Left, top, right, bottom.
    pub(crate) fn bounds(&self) -> [f64; 4] {
        self.bounds
    }

    /// Distance from a point to the edge in pixels, negative inside.
    pub(crate) fn distance(&self, x: f64, y: f64) -> f64 {
        match &self.outline {
            Outline::Disc { centre, radius } => length(x - centre[0], y - centre[1]) - radius,
            Outline::Stroke { from, to, half_width } => to_segment([x, y], *from, *to) - half_width,
            Outline::Polygon(corners) => {
                let mut nearest = f64::INFINITY;
                let mut inside = false;
                for (i, &from) in corners.iter().enumerate() {
                    let to = corners[(i + 1) % corners.len()];
                    nearest = nearest.min(to_segment([x, y], from, to));
                    let crosses = (from[1] > y) != (to[1] > y);
                    if crosses
                        && x < from[0] + (y - from[1]) / (to[1] - from[1]) * (to[0] - from[0])
                    {
                        inside = !inside;
                    }
                }
                if inside { -nearest } else { nearest }
            }
        }
    }
}

/// Corners of a regular polygon of circumradius 1; with `waist` below 1 a star whose inner
/// corners lie at that radius.
fn regular(corners: usize, start: f64, waist: f64) -> Vec<[f64; 2]> {
    let steps = if waist < 1.0 { 2 * corners } else { corners };
    (0..steps)
        .map(|i| {
            let angle = start + TAU * i as f64 / steps as f64;
            let radius = if waist < 1.0 && i % 2 == 1 { waist } else { 1.0 };
            [radius * libm::cos(angle), radius * libm::sin(angle)]
        })
        .collect()
}

fn area(corners: &[[f64; 2]]) -> f64 {
    let doubled: f64 = corners
        .iter()
        .enumerate()
        .map(|(i, from)| {
            let to = corners[(i + 1) % corners.len()];
            from[0] * to[1] - to[0] * from[1]
        })
        .sum();
    doubled.abs() / 2.0
}

fn around(points: &[[f64; 2]], margin: f64) -> [f64; 4] {
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for [x, y] in points {
        bounds[0] = bounds[0].min(x - margin);
        bounds[1] = bounds[1].min(y - margin);
        bounds[2] = bounds[2].max(x + margin);
        bounds[3] = bounds[3].max(y + margin);
    }
    bounds
}

fn length(x: f64, y: f64) -> f64 {
    libm::sqrt(x * x + y * y)
}

/// Distance from a point to a segment.
pub(crate) fn to_segment(point: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let offset = [point[0] - from[0], point[1] - from[1]];
    let squared = along[0] * along[0] + along[1] * along[1];
    let share = if squared > 0.0 {
        ((offset[0] * along[0] + offset[1] * along[1]) / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    length(offset[0] - share * along[0], offset[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_one_radius_have_one_area() {
        for figure in [
            Figure::Circle,
            Figure::Triangle,
            Figure::Square,
            Figure::Pentagon,
            Figure::Hexagon,
            Figure::Star,
        ] {
            let shape = Shape::figure(figure, [50.0, 50.0], 20.0, 0.3);
            let inside = (0..10_000)
                .filter(|i| {
                    shape.distance(f64::from(i % 100) + 0.5, f64::from(i / 100) + 0.5) < 0.0
                })
                .count();
            assert!((inside as f64 - 400.0 * PI).abs() < 25.0, "{figure:?}: {inside}");
        }
    }

    #[test]
    fn distances_are_euclidean() {
        let square = Shape::rectangle(0.0, 0.0, 10.0, 10.0);
        assert!((square.distance(13.0, 14.0) - 5.0).abs() < 1e-12);
        assert!((square.distance(5.0, 2.0) + 2.0).abs() < 1e-12);
        let stroke = Shape::stroke([0.0, 0.0], [10.0, 0.0], 4.0);
        assert!((stroke.distance(13.0, 4.0) - 3.0).abs() < 1e-12);
    }
}
