//! Flat pictures: colours, anti-aliased shapes, blur.

mod blur;
mod canvas;
mod colour;
mod shape;

pub(crate) use blur::blur;
pub(crate) use canvas::Canvas;
pub(crate) use colour::{Backdrop, Hue, Rgb, hsv};
pub(crate) use shape::{Figure, Shape};
