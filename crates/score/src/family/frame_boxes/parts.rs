//! The statistics of one record.

/// One box a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FramesParts {
    /// Mean overlap over the frames.
    pub iou: f64,
}
