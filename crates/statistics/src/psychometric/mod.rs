//! Where a sense ends: a logistic curve through right and wrong answers over stimulus intensity,
//! and the intensity midway between guessing and sensing.

mod curve;
mod design;
mod fit;
mod likelihood;
mod marginal;
mod step;
#[cfg(test)]
mod tests;
mod threshold;
mod trial;

pub use curve::{CurvePoint, curve};
pub use fit::PsychometricModel;
pub use threshold::{Fit, NoThreshold, RangeEnd, Threshold, threshold};
pub use trial::{Direction, PsychometricError, Trial};
