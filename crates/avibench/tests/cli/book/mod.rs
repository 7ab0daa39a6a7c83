//! The documentation: its command lines run, its links lead somewhere, and the book lists all its pages.

#![expect(clippy::panic, reason = "helpers of tests panic as tests do")]

#[cfg(unix)]
mod console;
mod links;
mod pages;
mod versions;
