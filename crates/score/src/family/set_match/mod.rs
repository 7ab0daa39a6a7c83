//! Set match: several options joined by `;`, in any order.

mod definition;
mod official;
mod strict;

pub(crate) use definition::SetMatch;
