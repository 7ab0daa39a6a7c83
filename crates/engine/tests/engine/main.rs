//! The engine against a scripted server on 127.0.0.1: what a user relies on, end to end.

#![expect(missing_docs, reason = "a test's name says what it shows")]

mod faults;
mod pool;
mod resume;
mod server;
mod world;
