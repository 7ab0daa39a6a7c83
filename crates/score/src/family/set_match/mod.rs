//! Set match: several options joined by `;`, in any order.

pub(crate) mod official;
pub(crate) mod strict;
