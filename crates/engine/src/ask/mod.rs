//! Asking one question once: packing it, sending it, reading what comes back.

mod backend;
mod blob;
mod body;
mod event_stream;
mod exec;
mod http;
mod local;
mod media_file;
mod media_store;
mod packing;
mod preparation;
mod profile;
mod reply;
mod worker;
mod worker_log;

pub use backend::Backend;
pub(crate) use backend::{Asked, Question, load};
pub(crate) use body::base64_length;
pub use exec::{Exec, ExecError, ExecSettings};
pub use http::{Http, HttpError, HttpSettings};
pub use local::Local;
pub use packing::{Packing, PackingError, VideoSettings};
pub use profile::{Profile, UnknownProfile};
pub use reply::Reply;
