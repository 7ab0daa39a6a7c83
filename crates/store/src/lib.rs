//! What a run leaves on disk under its label.
//!
//! ```text
//! user_outputs/<label>/
//!   .lock                    held by the one process that writes
//!   run.json                 the manifest: what was asked of whom, in which sessions
//!   until.json               how much of a random order counts, where a run stopped when it was sure
//!   journal/<FOLDER>.jsonl   one line for each sample that ended; never rewritten
//!   tasks/<FOLDER>.json      the prediction file, derived from the journal
//!   shards/<I>-of-<N>/       the same for a part of the run that another process asks
//!   shards.json              what was merged of these parts
//! ```
//!
//! To read, take [`Manifest::read`], [`read_journal`] and [`read_predictions`]. To write, open the
//! label with [`OpenLabel::open`], say what is wanted of it, and begin a [`LabelSession`].
//!
//! Nothing here asks a model, so reading and writing a label needs neither a network nor an
//! asynchronous runtime.

mod ablation;
mod alignment;
mod answers;
mod asked;
mod belongings;
mod discovery;
mod epoch;
mod epoch_answers;
mod epochs_record;
mod failure_kind;
mod finish_reason;
mod journal;
mod journal_scan;
mod journal_tail;
mod journal_text;
mod kept;
mod label;
mod label_session;
mod ledger;
mod lock;
mod machine;
mod manifest;
mod open_label;
mod outcome;
mod precomputed;
mod prediction_file;
mod readings;
mod recorder;
mod sequence_record;
mod session;
mod shards;
mod stop_note;
mod subset;

pub use ablation::{Ablation, AblationKind, UnknownAblation};
pub use alignment::Misalignment;
pub use answers::{read_answers, read_further_answers};
pub use asked::{AskEnding, Asked, AskedFolder, RunProgress};
pub use belongings::{Belongings, BelongingsError, LabelRoots, Rewrite};
pub use discovery::{Discovery, labels_known, labels_there};
pub use epoch::{Epoch, EpochError};
pub use epochs_record::{EpochOutcomes, EpochsRecord};
pub use failure_kind::FailureKind;
pub use finish_reason::FinishReason;
pub use journal::{Entry, EntryError, JOURNAL_VERSION, Journal, JournalError, read_journal};
pub use journal_scan::DamagedLine;
pub use journal_tail::{Appended, JournalTail};
pub use journal_text::{JournalLine, JournalLines, JournalText};
pub use kept::keeps_replies;
pub use label::{Label, LabelError};
pub use label_session::{ClosedSession, LabelSession, SessionRecord};
pub use ledger::{Ledger, LedgerError, Notice};
pub use lock::{LockError, LockHolder, Locking, RunLock};
pub use machine::machine_name;
pub use manifest::{
    AnswerOrigin, DataIdentity, Identity, IdentityDifference, IdentityPart, Manifest,
    ManifestError, ManifestProblem,
};
pub use open_label::{FolderSamples, OnDifference, OpenError, OpenFolder, OpenLabel, Opening};
pub use outcome::{AskOutcome, ErrorCounts, OutcomeCounts, Spending};
pub use precomputed::Precomputed;
pub use prediction_file::{
    ExpectedShape, PredictionError, Predictions, read_predictions, write_predictions,
};
pub use readings::{PlacedReadings, attach_readings};
pub use recorder::{KeptAnswers, Recorder, RecorderEvent, WriteFailure};
pub use sequence_record::{SEQUENCE_FILE, SequenceIdentity, SequenceRecord, SequenceRecordError};
pub use session::{Session, SessionEffort, SessionEnd};
pub use shards::{
    Dealing, LedgerShard, Merge, MergeError, MergeKind, MergeSettings, Merged, MissingShard,
    SHARDS_FILE, SelectionDigest, Shard, ShardError, ShardFolder, ShardIdentity, ShardLedger,
    ShardSource, ShardState, ShardsState, chosen, chosen_by,
};
pub use stop_note::StopNote;
pub use subset::Subset;
