//! Solids on a floor: an analytic ray caster with perspective, light and shadow.

mod camera;
mod form;
mod light;
mod render;
mod solid;
mod vector;

pub(crate) use camera::Camera;
pub(crate) use form::Form;
pub(crate) use render::Stage;
pub(crate) use solid::{Bumps, Solid};
