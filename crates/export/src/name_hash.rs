//! Names that are the same whenever the same scored label is exported: made of a hash, not drawn.

use avibench_results::Report;
use sha2::{Digest as _, Sha256};

/// A hash of the scored run for one purpose. It is made of the hash of the rows, which decides the order of samples in
/// public forms and cannot be found from this one.
fn digest(report: &Report, purpose: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in ["export", purpose, &report.label, &report.samples.json_lines_sha256] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// 22 letters and digits, the length of Inspect's own ids.
pub(crate) fn short_id(report: &Report, purpose: &str) -> String {
    hex::encode(&digest(report, purpose)[..11])
}

/// An id in the form of a UUID of version 4 (RFC 9562).
pub(crate) fn uuid(report: &Report, purpose: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(report, purpose)[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}
