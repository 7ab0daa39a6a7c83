//! The models of caption similarity, fetched to this machine: apart from `avibench-fense`, so that
//! scoring links no HTTP client.

mod download;
mod error;
mod fetch;
#[cfg(test)]
mod tests;
mod unreachable;

pub use error::FetchError;
pub use fetch::{FetchProgress, ensure, fetch};
