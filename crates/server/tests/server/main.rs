//! The server over real sockets, with and without faults.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod batches;
mod endpoint;
mod faults;
mod running;
