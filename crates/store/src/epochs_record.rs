//! What `run.json` says of the repeats of a run.

use std::collections::BTreeMap;

use avibench_protocol::Folder;
use serde::{Deserialize, Serialize};

use crate::{Epoch, OutcomeCounts};

/// The repeats of a run that asks every question several times. The first epoch stands where the only one
/// of other runs does: in the manifest's `folders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochsRecord {
    /// How often every question is asked, 2 or more.
    pub planned: u32,
    /// Samples by outcome in each further epoch, in order.
    #[serde(default)]
    pub further: Vec<EpochOutcomes>,
}

/// The samples of one epoch by outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochOutcomes {
    /// Which epoch.
    pub epoch: Epoch,
    /// Samples by outcome, as of the last session that touched the folder in this epoch.
    pub folders: BTreeMap<Folder, OutcomeCounts>,
}

impl EpochsRecord {
    /// A run that asks every question so often, and has not begun.
    #[must_use]
    pub const fn new(planned: u32) -> Self {
        Self { planned, further: Vec::new() }
    }

    /// The folders of an epoch, which is added if it is not there.
    pub(crate) fn folders(&mut self, epoch: Epoch) -> &mut BTreeMap<Folder, OutcomeCounts> {
        let place = self.further.partition_point(|known| known.epoch < epoch);
        if self.further.get(place).is_none_or(|known| known.epoch != epoch) {
            self.further.insert(place, EpochOutcomes { epoch, folders: BTreeMap::new() });
        }
        &mut self.further[place].folders
    }
}
