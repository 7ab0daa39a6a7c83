//! How the four numbers of a box are meant, and how a run settles what its answers leave open.

mod form;
mod run;

pub use form::{BoxForm, corners_in_pixels};
pub use run::{RunConventions, Settled, SettledConventions};

pub(crate) use form::{
    LARGEST_FRACTION, LARGEST_THOUSANDTH, as_corners, largest, scale_of_coordinates,
};
