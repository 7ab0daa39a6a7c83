//! The real binary as a user runs it: on a generated set, against loopback servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod ablation;
mod adapter;
mod bad_input;
mod batch;
mod book;
mod bounds;
mod broken_files;
mod bundle;
mod canned;
mod caption_models;
mod codecs;
mod config;
mod confined;
mod demo;
mod doctor;
mod earlier_labels;
mod epochs;
mod evaluate;
mod exec;
mod export;
mod fense;
mod hostile;
mod labels;
mod leaderboard;
mod network;
mod outcomes;
mod output;
mod probe;
mod program;
mod psychometrics;
mod refine;
mod reliability;
mod resume;
mod score;
mod secrets;
mod shards;
mod shells;
mod snapshots;
mod stand_in;
mod synth;
#[cfg(target_os = "linux")]
mod too_large;
mod unfinished;
mod until;
mod wording;
