//! The statistics of one record.

/// Boxes of one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxesParts {
    /// Mean overlap of the label's boxes.
    pub iou: f64,
    /// F1 of the categories, 0 to 1.
    pub category_f1: f64,
    /// Instances missed.
    pub error: f64,
}
