//! Asking one question once: packing it, sending it, reading what comes back.

mod backend;
mod body;
mod event_stream;
mod http;
mod local;
mod medium;
mod profile;
mod reply;

pub use backend::Backend;
pub(crate) use backend::{Asked, Question, load};
pub use http::{Http, HttpError, HttpSettings};
pub use local::Local;
pub use profile::{Profile, UnknownProfile};
pub use reply::Reply;
