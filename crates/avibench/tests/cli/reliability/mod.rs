//! What a run must survive, with the real binary and the real fault server as processes of their
//! own, by signals and limits of Unix. `docs/reliability.md` tells how to run the long forms, and
//! what they gave.

mod campaign;
mod dice;
mod disk;
mod evidence;
mod ground;
mod interrupt;
mod questions;
mod server;

pub(crate) use interrupt::interrupt;
