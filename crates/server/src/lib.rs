//! The loopback server: a local model behind an OpenAI-compatible HTTP endpoint on 127.0.0.1.

mod api_error;
mod batch_lines;
mod batch_routes;
mod batches;
mod body;
mod completion;
mod counters;
mod data_uri;
mod delivery;
mod faults;
mod line;
mod options;
mod part;
mod recorded;
mod reply;
mod request;
mod request_log;
mod routes;
mod scripted;
mod server;
mod stored_files;
mod tokens;

pub use counters::{Counters, CountersSnapshot};
pub use faults::{FaultPlan, FaultPlanError, FaultProblem};
pub use options::{ApiKey, BatchServing, ServerOptions};
pub use recorded::{AfterReply, ExpectedReply, RecordedReply, recorded_replies};
pub use scripted::{ScriptError, ScriptProblem, Scripted};
pub use server::{Server, ServerError};
