//! How answers are formatted.

use std::path::PathBuf;
use std::time::Duration;

use avibench_engine::{Price, RequestFormat, RetryPolicy};
use avibench_store::{Locking, Shard};

use crate::{RefineMode, Refiner};

/// Everything about formatting but the answers, the prompts and the endpoint.
#[derive(Debug, Clone)]
pub struct RefineSettings {
    /// Who formats.
    pub mode: RefineMode,
    /// The language model.
    pub refiner: Refiner,
    /// What requests to it consist of; `None` where it is not asked.
    pub request: Option<RequestFormat>,
    /// Folder of raw answers, one folder a label.
    pub outputs: PathBuf,
    /// Folder of formatted answers, one folder a label.
    pub refined: PathBuf,
    /// Program and version, for run.json.
    pub program: String,
    /// Most requests in flight.
    pub concurrency: usize,
    /// Most requests in any minute.
    pub requests_per_minute: Option<u64>,
    /// Most tokens in any minute.
    pub tokens_per_minute: Option<u64>,
    /// Tries and waits.
    pub retry: RetryPolicy,
    /// Time for what is in flight when a run is to stop.
    pub grace: Duration,
    /// What the language model's tokens cost.
    pub price: Option<Price>,
    /// Most US dollars for each label; needs a price.
    pub max_cost: Option<f64>,
    /// Whether answers that another refiner formatted are replaced.
    pub force: bool,
    /// Which part of the answers is formatted here, if others format the rest.
    pub shard: Option<Shard>,
    /// Whether locks keep other writers away.
    pub locking: Locking,
    /// The flags that lead other commands to these folders, each with a blank before it, for messages that
    /// name one.
    pub flags: String,
}

impl RefineSettings {
    /// Formatting by rules, which asks nobody.
    #[must_use]
    pub fn by_rules(outputs: PathBuf, refined: PathBuf) -> Self {
        Self {
            mode: RefineMode::Rules,
            refiner: Refiner::default(),
            request: None,
            outputs,
            refined,
            program: "avibench".to_owned(),
            concurrency: 1,
            requests_per_minute: None,
            tokens_per_minute: None,
            retry: RetryPolicy::default(),
            grace: Duration::from_secs(10),
            price: None,
            max_cost: None,
            force: false,
            shard: None,
            locking: Locking::System,
            flags: String::new(),
        }
    }
}
