//! Ground truths that a family cannot compare with.

use avibench_protocol::Truth;

use crate::WarningKind;

/// Why strict scoring does not count a sample whose boxes are incomplete.
pub(crate) const NO_BOXES: WarningKind = WarningKind::NotCounted("lacks `bbox` or `original_wh`");

/// Why the original would stop at a ground truth.
pub(crate) fn official_defect(truth: Option<&Truth>) -> WarningKind {
    match truth {
        None => WarningKind::Truth("is null"),
        Some(Truth::Other { error, .. }) => WarningKind::Field(error.clone()),
        Some(_) => WarningKind::Truth("belongs to another task"),
    }
}

/// Why strict scoring does not count a sample with this ground truth.
pub(crate) fn strict_defect(truth: Option<&Truth>) -> WarningKind {
    match truth {
        None => WarningKind::NotCounted("is null"),
        Some(Truth::Other { error, .. }) => WarningKind::FieldNotCounted(error.clone()),
        Some(_) => WarningKind::NotCounted("belongs to another task"),
    }
}
