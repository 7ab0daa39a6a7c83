//! The flag for file systems without locks.

use avibench_store::Locking;
use clap::Args;

/// Whether locks keep other writers away.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct LockArgs {
    /// Write without a lock, on a file system that knows none; nobody else may write there meanwhile
    #[arg(long, help_heading = "Output")]
    pub no_lock: bool,
}

impl LockArgs {
    /// The flag, resolved.
    pub(crate) const fn locking(self) -> Locking {
        if self.no_lock { Locking::Without } else { Locking::System }
    }
}
