//! Retrieval: indices of the candidates that fit.

pub(crate) mod official;
pub(crate) mod strict;
