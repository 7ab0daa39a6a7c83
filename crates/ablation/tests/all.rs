//! Rewritten media and the built-in observer under ablations. One program, because each links everything that is tested.

mod observed;
mod observer;
mod players;
mod rewriting;
