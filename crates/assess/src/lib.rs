//! From a label on disk to verdicts, numbers, report and rows, and from several labels to a
//! comparison.
//!
//! An [`Assessor`] holds a data set, read once for all labels. [`Assessor::assess`] gives the
//! verdicts on a label's answers as an [`Assessment`]; everything after that follows from it:
//! [`Assessor::score`] the report, which [`Scored::write`] stores with the rows, and
//! [`Assessor::compare`] the comparison of several, and [`Assessor::ablation_effects`] what a model
//! loses with a sense.
//! Nothing is printed: what a person should know comes back as [`AssessNote`]s.

mod ablation_effect;
mod assessment;
mod assessor;
mod captions;
mod comparison;
mod counted_sequence;
mod doubts;
mod epochs;
mod error;
mod folder_provenance;
mod folder_readings;
mod label_folder;
mod live_run;
mod live_sequence;
mod note;
mod recorded;
mod rows;
mod scored;
mod settings;
mod unscored;

pub use ablation_effect::AblationEffect;
pub use assessment::Assessment;
pub use assessor::Assessor;
pub use captions::{
    CaptionModels, CaptionRater, CaptionStandIn, CaptionsUnavailable, Fluency, RatedCaptions,
};
pub use comparison::{ComparedLabels, Delivery, DeliveryDifference, LabelEndings, NotCompared};
pub use doubts::{DoubtedNumbers, Doubts, DoubtsError, TruthDoubt};
pub use error::AssessError;
pub use folder_provenance::{FolderProvenance, ProvenanceError};
pub use live_run::{FolderProgress, LiveRun, prepare_rules};
pub use live_sequence::{LiveSequence, SequenceState};
pub use note::AssessNote;
pub use recorded::LabelRecords;
pub use scored::Scored;
pub use settings::AssessSettings;
pub use unscored::{UnscoredReason, UnscoredTask};
