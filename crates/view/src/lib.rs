//! The pages of all labels in a folder, served on 127.0.0.1 while runs go on.
//!
//! Whoever has the token in the printed address gets a cookie; nobody else gets anything, because on a
//! shared machine every user reaches 127.0.0.1. Files are read without a lock and nothing is written but
//! the file of doubts.

mod access;
mod answer;
mod doubt_file;
mod error;
mod labels;
mod media;
mod pages;
mod routes;
mod shards;
mod so_far;
mod viewer;

pub use error::ViewError;
pub use viewer::{ViewSettings, Viewer};
