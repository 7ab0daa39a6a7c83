//! The documentation: its command lines run, its links lead somewhere, and the book lists all its pages.

#[cfg(unix)]
mod console;
mod links;
mod pages;
mod versions;
