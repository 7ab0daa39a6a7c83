//! Pages of the real binary in a real browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod browser;
mod doubts;
mod hostile;
mod leaderboard;
mod made;
mod media;
mod numbers;
mod public;
mod selection;
mod view;
