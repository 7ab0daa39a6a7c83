//! The flag that ends a command after a time.

use std::time::Duration;

use clap::Args;

use super::ranges::length_of_time;
use crate::interrupt;

/// How long a command may take.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct TimeLimitArgs {
    /// Stop cleanly after so long, such as 90m or 3h30m, with exit code 124; what is in flight gets 10 s
    /// more
    #[arg(long, help_heading = "Limits", value_parser = length_of_time, value_name = "DURATION")]
    pub time_limit: Option<Duration>,
}

impl TimeLimitArgs {
    /// Begins to count.
    pub(crate) fn begin(self) -> anyhow::Result<()> {
        let begun = self.time_limit.map_or(Ok(()), interrupt::stop_after);
        begun.map_err(|error| anyhow::anyhow!("cannot count the time of --time-limit: {error}"))
    }
}
