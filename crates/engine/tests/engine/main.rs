//! The engine against a scripted server on 127.0.0.1: what a user relies on, end to end.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod dry_run;
mod exec;
mod faults;
mod hostile;
mod packing;
mod plan;
mod pool;
mod refine;
mod replies;
mod resume;
mod server;
mod world;
