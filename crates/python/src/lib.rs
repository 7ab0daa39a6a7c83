//! What Python would do: the pieces of its semantics that AVI-Bench's numbers depend on.
//!
//! The original evaluator is a Python program, and some of its scores follow from how Python
//! reads, prints, splits and orders values. Those rules live here, apart from any scoring.

mod text;

pub use text::{repr_list, repr_str};
