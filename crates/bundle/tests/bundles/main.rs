//! Bundles made, read, recomputed, searched, changed and attacked.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

mod attacked;
mod changed;
mod label;
mod made;
mod searched;
mod stand_in;
mod zipped;
