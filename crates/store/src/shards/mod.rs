//! Runs that several processes share, each asking its part on a machine of its own.
//!
//! ```text
//! user_outputs/<label>/
//!   shards.json              the ledger of what was merged
//!   shards/<I>-of-<N>/       a shard: journal, tasks, run.json and lock of its own
//! ```

mod dealing;
mod fit;
mod identity;
mod journal_union;
mod ledger;
mod line_reader;
mod merge;
mod merge_error;
mod merge_sources;
mod merge_writing;
mod places;
mod same_bytes;
mod selection;
mod sessions;
mod shard;
mod state;
mod tallies;

pub use dealing::Dealing;
pub use identity::{SelectionDigest, ShardIdentity};
pub use ledger::{LedgerShard, SHARDS_FILE, ShardLedger};
pub use merge::{Merge, MergeSettings, Merged};
pub use merge_error::MergeError;
pub use merge_sources::{MergeKind, ShardSource};
pub use places::ShardFolder;
pub use selection::{chosen, chosen_by};
pub use shard::{Shard, ShardError};
pub use state::{ShardState, ShardsState};
pub use tallies::MissingShard;
