//! Asking a language model for a reading where the rules doubt.

mod reply;
mod request;

pub use reply::read_reply;
pub use request::request;

/// Version of the request and of the reading of its reply. A reply to a request of another version
/// is another reply.
pub const MODEL_VERSION: u32 = 1;
