//! The language model that formats what rules cannot read, and the way to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use avibench_answers::clean_refined;
use avibench_engine::{Backend, Finish, Given, Http, HttpSettings, Job, Packing};
use clap::Args;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::way::Way;
use crate::commands::connection::{ConnectionArgs, positive, seconds};
use crate::commands::money::MoneyArgs;

/// Which model formats, and how it is reached.
#[derive(Debug, Clone, Args)]
pub(crate) struct RefinerArgs {
    /// The model that formats what rules do not read
    #[arg(
        long,
        alias = "refine_model",
        env = "REFINE_MODEL",
        default_value = "gemini-2.5-flash",
        value_name = "NAME"
    )]
    pub refine_model: String,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Most requests in flight; the limit adapts below it
    #[arg(long, env = "REFINE_CONCURRENCY", default_value_t = 8, value_parser = positive, value_name = "N")]
    pub concurrency: usize,
    /// Seconds for one request
    #[arg(long, default_value_t = 60.0, value_parser = seconds, value_name = "SECONDS")]
    pub timeout: f64,
    #[command(flatten)]
    pub money: MoneyArgs,
    /// Write every event as a JSON line
    #[arg(long, value_name = "FILE")]
    pub log_json: Option<PathBuf>,
}

/// What decides the refiner's replies besides the text it is sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refiner {
    pub(super) model: String,
    pub(super) parameters: Map<String, Value>,
}

impl RefinerArgs {
    /// Model and parameters.
    pub(super) fn refiner(&self) -> anyhow::Result<Refiner> {
        let parameters = self.connection.parameters()?;
        Ok(Refiner { model: self.refine_model.clone(), parameters })
    }

    /// Whether an endpoint is named.
    pub(super) fn has_endpoint(&self) -> bool {
        !self.connection.base_url.is_empty()
    }

    /// The endpoint itself; nothing is sent yet.
    pub(super) fn backend(&self) -> anyhow::Result<Backend> {
        let settings = HttpSettings {
            base_urls: self.connection.base_url.clone(),
            key: self.connection.key()?,
            parameters: self.connection.parameters()?,
            // Questions of text alone are packed alike in every profile.
            profile: Packing::default(),
            stream: self.connection.stream,
            timeout: Duration::from_secs_f64(self.timeout),
            connect_timeout: self.connection.connect_timeout(),
            ..HttpSettings::new("", &self.refine_model)
        };
        Ok(Backend::Http(Http::new(settings)?))
    }
}

impl Refiner {
    /// Names the reply to `text` by its content: a reply with the same source is the same reply.
    pub(super) fn source(&self, text: &str) -> String {
        source(&json!([self.model, self.parameters, text]))
    }

    /// What is made of a reply.
    pub(super) fn finish(&self) -> Finish {
        let note = Way::llm(&self.model).note();
        Arc::new(move |job: &Job, reply: &str| Given {
            answer: clean_refined(job.folder, reply),
            reply: None,
            note: note.clone(),
        })
    }
}

/// Lower-case hex sha256 of what decides an answer.
pub(super) fn source(of: &Value) -> String {
    hex::encode(Sha256::digest(of.to_string()))
}
