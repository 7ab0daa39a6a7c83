//! Generated sets: their bytes, their truth, and whether others can play them. One program, because each links everything that is tested.

mod observer;
mod page;
mod pinned;
mod players;
mod sets;
