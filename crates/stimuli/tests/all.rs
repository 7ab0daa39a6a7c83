//! Generated sets: their bytes, their truth, and whether others can play them. One program, because each links everything that is tested.

mod observer;
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod page;
mod pinned;
mod players;
mod sets;
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod shared;
