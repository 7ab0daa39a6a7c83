//! Whether answers seem to be to other questions: positions pair them, whatever their ids.

use std::fmt;

use avibench_protocol::{FolderData, Record};

/// Signs that a prediction file belongs to another data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misalignment {
    /// Answers whose id is not that of the sample at their position.
    pub other_ids: usize,
    /// Slots beyond the last sample.
    pub surplus: usize,
    /// Samples in `data.json`.
    pub samples: usize,
}

impl Misalignment {
    /// Compares the slots of a prediction file with the folder's data; `None` if all fits.
    #[must_use]
    pub fn of(slots: &[Option<Record>], data: &FolderData) -> Option<Self> {
        let differs = |slot: &Option<Record>, id: &str| {
            slot.as_ref().and_then(|record| record.id.as_str()).is_some_and(|found| found != id)
        };
        let pairs = slots.iter().zip(&data.samples);
        let other_ids = pairs.filter(|(slot, sample)| differs(slot, &sample.id)).count();
        let samples = data.samples.len();
        let surplus = slots.len().saturating_sub(samples);
        (other_ids + surplus > 0).then_some(Self { other_ids, surplus, samples })
    }
}

impl fmt::Display for Misalignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut signs = Vec::new();
        match self.other_ids {
            0 => {}
            1 => {
                signs.push("1 answer has another id than data.json has at its position".to_owned());
            }
            n => signs
                .push(format!("{n} answers have other ids than data.json has at their position")),
        }
        if self.surplus > 0 {
            let slots = if self.surplus == 1 { "slot is" } else { "slots are" };
            let samples = if self.samples == 1 { "sample" } else { "samples" };
            let Self { surplus, samples: there, .. } = self;
            signs.push(format!("{surplus} {slots} too many for its {there} {samples}"));
        }
        f.write_str(&signs.join(", and "))
    }
}
