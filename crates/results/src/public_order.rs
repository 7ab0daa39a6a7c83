//! The order in which samples stand where no question, truth or answer may: on public pages and in public
//! bundles.

use avibench_protocol::Folder;
use avibench_statistics::StreamKey;
use sha2::{Digest as _, Sha256};

use crate::Report;

/// An order of samples that only who has a run's rows can make anew. Pages and bundles of the same scored
/// run have the same one, so that a number means the same sample in both.
///
/// It is made from the hash of the rows, which hold answers, times and latencies that nobody else has; that
/// hash must therefore never be published beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicOrder(u64);

impl PublicOrder {
    /// The order of a run, by its report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut hash = Sha256::new();
        hash.update("order of samples on public pages");
        hash.update(&report.samples.json_lines_sha256);
        let bytes: [u8; 32] = hash.finalize().into();
        Self(bytes[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte)))
    }

    /// The positions of a folder with `count` samples in this order: number `n` of the public form is the
    /// sample at the `n`-th of them.
    #[must_use]
    pub fn positions(self, folder: Folder, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        let purpose = format!("public order of {folder}");
        StreamKey::new(self.0, &purpose).stream(0).shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_holds_every_sample_once_and_depends_on_key_and_folder() {
        let [one, again, other] = [5, 5, 6].map(|key| PublicOrder(key).positions(Folder::Avqa, 40));
        assert_eq!(one, again);
        assert_ne!(one, other);
        assert_ne!(one, PublicOrder(5).positions(Folder::Avm, 40));
        let mut sorted = one;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..40).collect::<Vec<_>>());
    }
}
