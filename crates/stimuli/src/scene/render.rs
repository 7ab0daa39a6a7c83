//! Rendering: a floor that is worked out once, and solids laid over it frame by frame.

use avibench_media::{MediaError, Picture};

use super::camera::Camera;
use super::light::{self, Linear, SHADE};
use super::solid::{Placed, Solid};
use super::vector::{Ray, Vector, add, dot, scale, sub, unit};
use crate::paint::Rgb;

/// Where the lamp stands: above, to the left, in front.
const TO_LAMP: Vector = [-0.46, 0.80, 0.38];
/// Four points of a pixel for its edges, on a turned square.
const CORNERS: [[f64; 2]; 4] = [[0.375, 0.125], [0.875, 0.375], [0.125, 0.625], [0.625, 0.875]];

/// A camera over a floor.
pub(crate) struct Stage {
    camera: Camera,
    to_lamp: Vector,
    /// The empty floor in linear light, row by row.
    floor: Vec<Linear>,
    empty: Vec<u8>,
}

/// What a ray meets.
#[derive(Clone, Copy)]
struct Sight {
    /// Index of the solid, or `None` for the floor.
    solid: Option<usize>,
    normal: Vector,
    light: Linear,
}

impl Stage {
    /// A floor of one colour, a little darker in the distance and towards the edges.
    pub(crate) fn new(camera: Camera, floor: Rgb) -> Self {
        let albedo = light::linear(floor);
        let pixels = camera.pixels();
        let half = pixels as f64 / 2.0;
        let floor: Vec<Linear> = (0..pixels * pixels)
            .map(|i| {
                let x = ((i % pixels) as f64 + 0.5 - half) / half;
                let y = ((i / pixels) as f64 + 0.5 - half) / half;
                let dim = 1.02 - 0.07 * (x * x + y * y) + 0.05 * y;
                albedo.map(|channel| channel * dim)
            })
            .collect();
        let empty = floor.iter().flatten().map(|&channel| light::encode(channel)).collect();
        Self { camera, to_lamp: unit(TO_LAMP), floor, empty }
    }

    /// The camera.
    #[cfg(test)]
    pub(crate) fn camera(&self) -> &Camera {
        &self.camera
    }

    /// A picture of solids on the floor.
    pub(crate) fn render(&self, solids: &[Solid]) -> Result<Picture, MediaError> {
        let side = self.camera.pixels();
        let mut rgb = self.empty.clone();
        let placed: Vec<Placed> = solids.iter().map(Solid::placed).collect();
        if let Some(window) = self.window(solids) {
            self.render_window(&placed, window, &mut rgb);
        }
        Picture::new(side as u32, side as u32, rgb)
    }

    /// The part of the picture that solids and their shadows may touch: left, top, right, bottom.
    fn window(&self, solids: &[Solid]) -> Option<[usize; 4]> {
        let side = self.camera.pixels();
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for solid in solids {
            let reach = solid.reach();
            // The shadow is a disc on the floor, stretched away from the lamp.
            let drop = solid.centre[1] / self.to_lamp[1];
            let foot = sub(solid.centre, scale(self.to_lamp, drop));
            let stretch = reach / self.to_lamp[1] + 0.1;
            for (centre, radius) in [(solid.centre, reach), (foot, stretch)] {
                let (place, unit_length) = self.camera.project(centre);
                // Perspective makes the near half bigger than the middle says.
                let radius = radius * unit_length * 1.25 + 3.0;
                bounds[0] = bounds[0].min(place[0] - radius);
                bounds[1] = bounds[1].min(place[1] - radius);
                bounds[2] = bounds[2].max(place[0] + radius);
                bounds[3] = bounds[3].max(place[1] + radius);
            }
        }
        let clip = |value: f64| value.clamp(0.0, side as f64) as usize;
        let window = bounds.map(clip);
        (window[0] < window[2] && window[1] < window[3]).then_some(window)
    }

    fn render_window(&self, solids: &[Placed], window: [usize; 4], rgb: &mut [u8]) {
        let side = self.camera.pixels();
        let [left, top, right, bottom] = window;
        let (width, height) = (right - left, bottom - top);
        let mut sights = Vec::with_capacity(width * height);
        let mut shadow = vec![0.0_f32; width * height];
        for y in top..bottom {
            for x in left..right {
                let ray = self.camera.ray(x as f64 + 0.5, y as f64 + 0.5);
                let sight = self.look(solids, &ray);
                if sight.solid.is_none() && self.in_shadow(solids, &ray) {
                    shadow[sights.len()] = 1.0;
                }
                sights.push(sight);
            }
        }
        let is_floor: Vec<bool> = sights.iter().map(|sight| sight.solid.is_none()).collect();
        let reach = (side / 64).max(2);
        soften(&mut shadow, &is_floor, width, reach);
        for (i, sight) in sights.iter().enumerate() {
            let (x, y) = (left + i % width, top + i / width);
            let at = y * side + x;
            let dark = 1.0 - (1.0 - SHADE) * f64::from(shadow[i]);
            let floor = self.floor[at].map(|channel| channel * dark);
            let neighbours = [
                (i % width + 1 < width).then_some(i + 1),
                (i % width > 0).then(|| i - 1),
                (i + width < sights.len()).then_some(i + width),
                i.checked_sub(width),
            ];
            let edge = neighbours.into_iter().flatten().any(|j| differs(sight, &sights[j]));
            let colour = if edge {
                let mut sum = [0.0; 3];
                for [dx, dy] in CORNERS {
                    let ray = self.camera.ray(x as f64 + dx, y as f64 + dy);
                    let part = self.look(solids, &ray);
                    let light = if part.solid.is_some() { part.light } else { floor };
                    sum = add(sum, light);
                }
                scale(sum, 1.0 / CORNERS.len() as f64)
            } else if sight.solid.is_some() {
                sight.light
            } else {
                floor
            };
            for (byte, channel) in rgb[3 * at..3 * at + 3].iter_mut().zip(colour) {
                *byte = light::encode(channel);
            }
        }
    }

    /// The nearest solid on a ray with its light, or the floor, whose light is known already.
    fn look(&self, solids: &[Placed], ray: &Ray) -> Sight {
        let nearest = solids
            .iter()
            .enumerate()
            .filter_map(|(i, solid)| solid.meet(ray).map(|(t, normal)| (t, i, normal)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((t, index, normal)) = nearest else {
            return Sight { solid: None, normal: [0.0, 1.0, 0.0], light: [0.0; 3] };
        };
        let placed = &solids[index];
        let point = ray.at(t);
        let from = add(point, scale(normal, 1e-6));
        let to_lamp = Ray { from, along: self.to_lamp };
        let lit = dot(normal, self.to_lamp) > 0.0
            && !solids.iter().enumerate().any(|(i, other)| i != index && other.blocks(&to_lamp));
        let surface = match placed.solid.bumps {
            Some(bumps) => {
                let local = placed.inward_point(point);
                let inward =
                    placed.inward_point(add(placed.solid.centre, scale(normal, placed.solid.size)));
                placed.outward(light::bumpy(inward, local, bumps))
            }
            None => normal,
        };
        let shine = if placed.solid.form.is_round() { 0.16 } else { 0.0 };
        let to_eye = scale(ray.along, -1.0);
        let light = light::shade(placed.albedo, surface, self.to_lamp, to_eye, lit, shine);
        Sight { solid: Some(index), normal, light }
    }

    /// Whether a ray that meets the floor meets it in the shadow of a solid.
    fn in_shadow(&self, solids: &[Placed], ray: &Ray) -> bool {
        if ray.along[1] >= 0.0 {
            return false;
        }
        let point = ray.at(-ray.from[1] / ray.along[1]);
        let to_lamp = Ray { from: point, along: self.to_lamp };
        solids.iter().any(|solid| solid.blocks(&to_lamp))
    }
}

/// Whether an edge runs between two pixels.
fn differs(a: &Sight, b: &Sight) -> bool {
    a.solid != b.solid || (a.solid.is_some() && dot(a.normal, b.normal) < 0.9)
}

/// Softens a shadow on the floor by a moving mean, twice in each direction, that looks past
/// solids so that they cast no halo.
fn soften(shadow: &mut [f32], is_floor: &[bool], width: usize, reach: usize) {
    let height = shadow.len() / width;
    let mut weight: Vec<f32> =
        is_floor.iter().map(|&floor| if floor { 1.0 } else { 0.0 }).collect();
    let mut line = Vec::new();
    for _ in 0..2 {
        for values in [&mut *shadow, &mut weight] {
            for y in 0..height {
                moving_mean(values, y * width, 1, width, reach, &mut line);
            }
            for x in 0..width {
                moving_mean(values, x, width, height, reach, &mut line);
            }
        }
    }
    for (shadow, weight) in shadow.iter_mut().zip(weight) {
        if weight > 1e-3 {
            *shadow /= weight;
        }
    }
}

fn moving_mean(
    values: &mut [f32],
    start: usize,
    step: usize,
    count: usize,
    reach: usize,
    sums: &mut Vec<f32>,
) {
    sums.clear();
    sums.push(0.0);
    let mut sum = 0.0;
    for i in 0..count {
        sum += values[start + i * step];
        sums.push(sum);
    }
    for i in 0..count {
        let (low, high) = (i.saturating_sub(reach), (i + reach + 1).min(count));
        values[start + i * step] = (sums[high] - sums[low]) / (high - low) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Form;

    #[test]
    fn a_solid_appears_where_it_is_projected_and_casts_a_shadow() {
        let stage = Stage::new(Camera::new(96, 6.0, 28.0, 0.5), Rgb::bytes(230, 230, 230));
        let solid = Solid::standing(Form::Cube, 0.7, [0.4, 0.0], 0.4, Rgb::bytes(200, 40, 40));
        let ([x, y], _) = stage.camera().project(solid.centre);
        let picture = stage.render(&[solid]).unwrap();
        let [red, green, blue] = picture.pixel(x as u32, y as u32).unwrap();
        assert!(red > green + 40 && red > blue + 40, "{red} {green} {blue}");
        // The lamp stands to the left: the shadow lies to the right.
        let [shade, ..] = picture.pixel(x as u32 + 26, y as u32 + 6).unwrap();
        let [light, ..] = picture.pixel(x as u32 - 26, y as u32 + 6).unwrap();
        assert!(light > shade + 15, "{light} against {shade}");
    }

    #[test]
    fn an_empty_stage_is_floor() {
        let stage = Stage::new(Camera::new(32, 6.0, 28.0, 0.5), Rgb::bytes(200, 200, 200));
        let picture = stage.render(&[]).unwrap();
        assert!(picture.rgb().iter().all(|byte| (170..=210).contains(byte)));
    }
}
