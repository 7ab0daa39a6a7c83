//! Exports of labels with every text marked, searched and read back.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

mod label;
mod marked;
