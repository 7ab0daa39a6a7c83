//! Asking models: requests, limits, retries, backends.
//!
//! A [`Run`] is opened over the [`FolderJobs`] of a label and then executed against a
//! [`Backend`]. Two modules share the work:
//!
//! * `ask`: one question, once. Packing media, sending, reading what comes back.
//! * `pool`: all questions. One task owns the state and decides what is sent when, to which
//!   replica, and what a result means; everything else sends it messages.
//!
//! What is on disk is the business of `avibench-store`. Answers go to it as they come, and a sample
//! counts as done once its line is in the journal. Answers that are known without asking never
//! come here at all; the store writes them.
//!
//! What happens goes out as one stream of [`Event`]s; a [`Snapshot`] is their sum.

mod ask;
mod broadcast;
mod dry_run;
mod estimate;
mod event;
mod failure;
mod job;
mod json_log;
mod pool;
mod price;
mod redaction;
mod remarks;
mod run;
mod secret;
mod snapshot;
mod stop;
mod summary;
mod token_rates;
mod unanswered;
mod waits;

pub use ask::{
    Backend, BatchFormat, BatchResult, Exec, ExecError, ExecSettings, ExtraHeader, Http, HttpError,
    HttpSettings, LEAST_MEDIUM_BYTES, Local, PYTHON_WORKER, PackedRequest, Packer, Packing,
    PackingError, Profile, Reply, RequestFormat, ResultLineError, UnknownBatchFormat,
    UnknownProfile, UploadedFile, VideoSettings, check_base_url,
};
pub use dry_run::{DryRun, FolderPlan, Unsendable, UnsendableReason};
pub use estimate::text_tokens;
pub use event::{Event, JobName, Listener};
pub use failure::{Consequence, Failure};
pub use job::{FolderJobs, Job, Unaskable};
pub use json_log::JsonLog;
pub use pool::RetryPolicy;
pub use price::{BatchPrice, Price, PriceError, PriceProblem, PriceTable};
pub use remarks::Remarks;
pub use run::{Finish, Finished, Run, RunError, RunSettings};
pub use secret::{Secret, Secrets};
pub use snapshot::{Snapshot, Stops};
pub use stop::StopHandle;
pub use summary::{End, RunSummary, TokenLimit, Trouble};
pub use token_rates::TokenRates;
pub use unanswered::Unanswered;
pub use waits::length_of_time;
