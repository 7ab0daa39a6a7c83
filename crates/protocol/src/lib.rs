//! The AVI-Bench protocol: tasks, samples, dataset folder and predictions.
//!
//! Everything an implementation must agree on with others lives here, and nothing else: no
//! scoring, no network, no clock. Untrusted input (datasets) is parsed at this
//! border into types that cannot hold a wrong state.

mod conversation;
mod dataset;
mod field;
mod lacking;
mod media;
mod options;
mod predictions;
mod published;
mod sample;
mod task;
mod wording;

pub use avibench_python::{NotJson, read_json, read_json_as};
pub use conversation::{Conversation, LocalModel, Medium, SYSTEM_PROMPT};
pub use dataset::{Dataset, DatasetError, FolderData, FolderState, MANIFEST_LIMIT, json_kind};
pub use lacking::Lacking;
pub use media::{MediaPathError, MediaPaths, ResolvedMedia};
pub use options::{Options, option_list, option_lists, options_of};
pub use predictions::{Prediction, Record};
pub use published::{
    Published, PublishedLevels, PublishedNote, PublishedStages, PublishedTasks, published,
};
pub use sample::{Position, Sample, SampleError, Stimulus, Truth};
pub use task::{Family, Folder, Modality, Stage, Task, UnknownTask};
pub use wording::WordingSource;
