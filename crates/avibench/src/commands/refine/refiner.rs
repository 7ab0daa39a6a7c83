//! The way to the language model that formats what rules cannot read.

use std::path::PathBuf;
use std::time::Duration;

use avibench_engine::{Backend, Http, HttpSettings, RequestFormat};
use avibench_refine::DEFAULT_REFINER;
use clap::Args;

use crate::commands::connection::ConnectionArgs;
use crate::commands::money::MoneyArgs;
use crate::commands::ranges::{self, seconds, whole};

/// Which model formats, and how it is reached.
#[derive(Debug, Clone, Args)]
pub(super) struct RefinerArgs {
    /// The model that formats what rules do not read
    #[arg(
        long, help_heading = "Formatting",
        alias = "refine_model",
        env = "REFINE_MODEL",
        default_value = DEFAULT_REFINER,
        value_name = "NAME"
    )]
    pub refine_model: String,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Most requests in flight; the limit adapts below it
    #[arg(long, help_heading = "Limits", env = "REFINE_CONCURRENCY", default_value_t = 8, value_parser = whole::<usize>(ranges::CONCURRENCY), value_name = "N")]
    pub concurrency: usize,
    /// Seconds for one request
    #[arg(long, help_heading = "Limits", default_value_t = 60.0, value_parser = seconds, value_name = "SECONDS")]
    pub timeout: f64,
    #[command(flatten)]
    pub money: MoneyArgs,
    /// Write every event as a JSON line
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    pub log_json: Option<PathBuf>,
}

impl RefinerArgs {
    /// Whether an endpoint is named.
    pub(super) fn has_endpoint(&self) -> bool {
        !self.connection.route.base_url.is_empty()
    }

    /// What a request to it consists of: text alone.
    pub(super) fn request_format(&self) -> anyhow::Result<RequestFormat> {
        let parameters = self.connection.parameters()?;
        Ok(RequestFormat::new(&self.refine_model, &parameters, self.connection.stream, None)?)
    }

    /// The endpoint itself; nothing is sent yet.
    pub(super) fn backend(&self) -> anyhow::Result<Backend> {
        let settings = HttpSettings {
            // Answers to format are text alone.
            profile: None,
            timeout: Duration::from_secs_f64(self.timeout),
            ..self.connection.http(&self.refine_model)?
        };
        Ok(Backend::Http(Http::new(settings)?))
    }
}
