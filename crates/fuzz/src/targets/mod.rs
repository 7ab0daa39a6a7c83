//! One function a target.

mod batch;
mod board;
mod bundle;
mod checkpoint;
mod files;
mod remaking;
mod shards;
mod text;

pub(crate) use batch::batch_results;
pub(crate) use board::leaderboard;
pub(crate) use bundle::{bundle, bundle_members};
pub(crate) use checkpoint::{model_config, pickle, pytorch, safetensors, tokenizer};
pub(crate) use files::{definitions, journal, media};
pub(crate) use remaking::{remux, rewriting};
pub(crate) use shards::shards;
pub(crate) use text::{answers, json, literal, readings, replies, worker_lines};
