//! One function a target.

mod checkpoint;
mod files;
mod text;

pub(crate) use checkpoint::{pickle, pytorch};
pub(crate) use files::{definitions, journal, media};
pub(crate) use text::{answers, json, literal, readings, replies, worker_lines};
