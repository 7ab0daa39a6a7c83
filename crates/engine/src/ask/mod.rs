//! Asking one question once: packing it, sending it, reading what comes back.
//!
//! * `backend` is who answers: `http` (with `endpoint`, `header`, `body` and `response`), `exec` (with
//!   `worker`, its `worker_ears`, `worker_guard` and `worker_log`) or `local`.
//! * `reply` is an answer. `reply_body` takes the bytes of one apart (with `event_stream`), `draft`
//!   puts together what they say and decides whether it is complete, `server_error` knows what
//!   servers say instead of an answer, and `usage` how they count tokens.
//! * `profile` is the table of packing profiles, `packing` what follows from it, and
//!   `request_format` everything else that a request consists of.
//! * `media_store` holds media files (`media_file`, in the pieces of `blob`) while they are needed;
//!   `shown_files` has them rewritten first under an ablation, `preparation` makes of videos what a
//!   profile sends of them, and `measure` tells sizes without sending anything.
//!
//! * `packer` makes the same requests without sending them, for batches (`batch_format`);
//!   `batch_result` reads what comes of those, and `http_files` uploads and fetches files.
//!
//! When a question is asked, and whether again, is the business of `pool`.

mod backend;
mod batch_format;
mod batch_result;
mod blob;
mod body;
mod bounded_lines;
mod draft;
mod endpoint;
mod event_stream;
mod exec;
mod header;
mod http;
mod http_files;
mod local;
mod measure;
mod media_file;
mod media_store;
mod packer;
mod packing;
mod preparation;
mod profile;
mod reply;
mod reply_body;
mod request_format;
mod response;
mod server_error;
mod shown_files;
mod usage;
mod worker;
mod worker_ears;
mod worker_guard;
mod worker_log;

pub use backend::Backend;
pub(crate) use backend::{Asked, Loaded, Question, load};
pub use batch_format::{BatchFormat, UnknownBatchFormat};
pub use batch_result::{BatchResult, ResultLineError};
pub use endpoint::check_base_url;
pub use exec::{Exec, ExecError, ExecSettings, PYTHON_WORKER};
pub use header::ExtraHeader;
pub use http::{Http, HttpError, HttpSettings};
pub use http_files::UploadedFile;
pub use local::Local;
pub(crate) use measure::MediaSizes;
pub(crate) use media_file::mime_of_file;
pub use packer::{PackedRequest, Packer};
pub(crate) use packing::{LoadedMedia, Part};
pub use packing::{Packing, PackingError, VideoSettings};
pub use preparation::LEAST_MEDIUM_BYTES;
pub(crate) use preparation::{Content, Preparation};
pub use profile::{Profile, UnknownProfile};
pub use reply::Reply;
pub use request_format::RequestFormat;
pub(crate) use shown_files::ShownFiles;
