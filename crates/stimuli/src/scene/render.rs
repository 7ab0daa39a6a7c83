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
        let mut rgb = self.empty.clone();
        let placed: Vec<Placed> = solids.iter().map(Solid::placed).collect();
        for solid in solids {
            self.render_window(&placed, self.window(&[solid]), &mut rgb);
        }
        self.finish(rgb)
    }

    /// Pictures of the same solids in other positions and sizes. What stays as it is in the first
    /// one is not worked out again.
    pub(crate) fn film(
        &self,
        scenes: impl IntoIterator<Item = Vec<Solid>>,
    ) -> Result<Vec<Picture>, MediaError> {
        let mut scenes = scenes.into_iter();
        let Some(first) = scenes.next() else { return Ok(Vec::new()) };
        let base = self.render(&first)?;
        let mut pictures = vec![base.clone()];
        for solids in scenes {
            let mut rgb = base.rgb().to_vec();
            let placed: Vec<Placed> = solids.iter().map(Solid::placed).collect();
            for (before, after) in first.iter().zip(&solids) {
                if before != after {
                    self.render_window(&placed, self.window(&[before, after]), &mut rgb);
                }
            }
            pictures.push(self.finish(rgb)?);
        }
        Ok(pictures)
    }

    fn finish(&self, rgb: Vec<u8>) -> Result<Picture, MediaError> {
        let side = self.camera.pixels() as u32;
        Picture::new(side, side, rgb)
    }

    /// Pixels over which a shadow's edge is softened, to each side.
    fn softness(&self) -> usize {
        (self.camera.pixels() / 64).max(2)
    }

    /// The part of the picture that solids and their shadows may touch: left, top, right, bottom.
    fn window(&self, solids: &[&Solid]) -> [usize; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut include = |[x, y]: [f64; 2], radius: f64| {
            bounds[0] = bounds[0].min(x - radius);
            bounds[1] = bounds[1].min(y - radius);
            bounds[2] = bounds[2].max(x + radius);
            bounds[3] = bounds[3].max(y + radius);
        };
        let blurred = (2 * self.softness() + 2) as f64;
        for solid in solids {
            let reach = solid.reach();
            let (place, unit_length) = self.camera.project(solid.centre);
            // Perspective makes the near half bigger than the middle says.
            include(place, reach * unit_length * 1.2 + 2.0);
            // The shadow is a disc on the floor, stretched away from the lamp.
            let foot = sub(solid.centre, scale(self.to_lamp, solid.centre[1] / self.to_lamp[1]));
            let stretch = reach / self.to_lamp[1];
            for (x, z) in [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)] {
                let corner = add(foot, [x * stretch, 0.0, z * stretch]);
                include(self.camera.project(corner).0, blurred);
            }
        }
        let side = self.camera.pixels() as f64;
        bounds.map(|bound| bound.clamp(0.0, side) as usize)
    }

    /// Works out what is seen in a window: left, top, right, bottom.
    fn render_window(&self, solids: &[Placed], window: [usize; 4], rgb: &mut [u8]) {
        let side = self.camera.pixels();
        // A rim around it, so that shadows are softened alike wherever the window ends.
        let rim = 2 * self.softness() + 1;
        let [left, top, right, bottom] = [
            window[0].saturating_sub(rim),
            window[1].saturating_sub(rim),
            (window[2] + rim).min(side),
            (window[3] + rim).min(side),
        ];
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
        soften(&mut shadow, &is_floor, width, self.softness());
        for y in window[1]..window[3] {
            for x in window[0]..window[2] {
                let i = (y - top) * width + x - left;
                let at = y * side + x;
                let dark = 1.0 - (1.0 - SHADE) * f64::from(shadow[i]);
                let floor = self.floor[at].map(|channel| channel * dark);
                let neighbours = [
                    (x + 1 < right).then_some(i + 1),
                    (x > left).then(|| i - 1),
                    (y + 1 < bottom).then_some(i + width),
                    (y > top).then(|| i - width),
                ];
                let is_edge =
                    neighbours.into_iter().flatten().any(|j| differs(&sights[i], &sights[j]));
                let colour = if is_edge {
                    let parts = CORNERS.map(|[dx, dy]| {
                        let part =
                            self.look(solids, &self.camera.ray(x as f64 + dx, y as f64 + dy));
                        if part.solid.is_some() { part.light } else { floor }
                    });
                    scale(parts.into_iter().fold([0.0; 3], add), 1.0 / CORNERS.len() as f64)
                } else if sights[i].solid.is_some() {
                    sights[i].light
                } else {
                    floor
                };
                for (byte, channel) in rgb[3 * at..3 * at + 3].iter_mut().zip(colour) {
                    *byte = light::encode(channel);
                }
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
    let mut weight: Vec<f32> =
        is_floor.iter().map(|&floor| if floor { 1.0 } else { 0.0 }).collect();
    let mut sums = Vec::new();
    for _ in 0..2 {
        for values in [&mut *shadow, &mut weight] {
            for row in values.chunks_exact_mut(width) {
                mean_along(row, reach, &mut sums);
            }
            mean_down(values, width, reach, &mut sums);
        }
    }
    for (shadow, weight) in shadow.iter_mut().zip(weight) {
        if weight > 1e-3 {
            *shadow /= weight;
        }
    }
}

/// The moving mean of a row. `sums` is room to work in.
fn mean_along(row: &mut [f32], reach: usize, sums: &mut Vec<f32>) {
    sums.clear();
    sums.push(0.0);
    let mut sum = 0.0;
    for value in &*row {
        sum += value;
        sums.push(sum);
    }
    let count = row.len();
    for (i, value) in row.iter_mut().enumerate() {
        let (low, high) = (i.saturating_sub(reach), (i + reach + 1).min(count));
        *value = (sums[high] - sums[low]) / (high - low) as f32;
    }
}

/// The moving mean of every column, row after row as they lie in memory. `sums` is room to work in.
fn mean_down(values: &mut [f32], width: usize, reach: usize, sums: &mut Vec<f32>) {
    let height = values.len() / width;
    sums.clear();
    sums.resize((height + 1) * width, 0.0);
    for (y, row) in values.chunks_exact(width).enumerate() {
        let (before, after) = sums[y * width..].split_at_mut(width);
        for ((after, before), value) in after.iter_mut().zip(before).zip(row) {
            *after = *before + value;
        }
    }
    for (y, row) in values.chunks_exact_mut(width).enumerate() {
        let (low, high) = (y.saturating_sub(reach), (y + reach + 1).min(height));
        let rows = (high - low) as f32;
        let (low, high) = (&sums[low * width..][..width], &sums[high * width..][..width]);
        for ((value, low), high) in row.iter_mut().zip(low).zip(high) {
            *value = (high - low) / rows;
        }
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
    fn a_film_is_what_its_pictures_are() {
        let stage = Stage::new(Camera::new(96, 7.0, 30.0, 0.5), Rgb::bytes(220, 215, 210));
        let still = Solid::standing(Form::Cone, 0.5, [0.6, -0.6], 0.4, Rgb::bytes(40, 90, 200));
        let moving = Solid::standing(Form::Cube, 0.5, [-0.7, 0.2], 0.4, Rgb::bytes(200, 40, 40));
        let scenes: Vec<Vec<Solid>> =
            (0..4).map(|i| vec![moving.grown(1.0 + 0.2 * f64::from(i)), still.clone()]).collect();
        let film = stage.film(scenes.clone()).unwrap();
        assert_eq!(film.len(), 4);
        for (picture, scene) in film.iter().zip(&scenes) {
            let alone = stage.render(scene).unwrap();
            let worst = picture.rgb().iter().zip(alone.rgb()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst.unwrap() <= 1, "{worst:?}");
        }
    }

    #[test]
    fn an_empty_stage_is_floor() {
        let stage = Stage::new(Camera::new(32, 6.0, 28.0, 0.5), Rgb::bytes(200, 200, 200));
        let picture = stage.render(&[]).unwrap();
        assert!(picture.rgb().iter().all(|byte| (170..=210).contains(byte)));
    }
}
