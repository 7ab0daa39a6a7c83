//! The real binary as a user runs it: on a generated set, against loopback servers.

mod bad_input;
mod demo;
mod program;
mod resume;
mod score;
