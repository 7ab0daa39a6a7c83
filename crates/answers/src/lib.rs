//! Reading an answer: formatting rules with evidence, blind to the truth.
//!
//! A rule takes an answer only when it leaves no doubt, rewrites it to the format that the
//! official scoring wants, and says which part of the text it took. What no rule takes stays
//! unformatted, for a language model or a person to read. Nothing is guessed.

mod answer;
mod blocks;
mod boxes;
mod coordinates;
mod count;
mod explain;
mod fields;
mod format;
mod frames;
mod instances;
mod lines;
mod names;
mod number;
mod option;
mod phrase;
mod provenance;
mod question;
mod refined;
mod retrieval;
mod rule;
mod sentence;
mod set;
mod tagged;
mod unread_reason;
mod visible;

pub use explain::{Explanation, Step, explain};
pub use format::{Formatted, RuleReading, format};
pub use provenance::{Provenance, ProvenanceKind};
pub use refined::{CLEANING_VERSION, clean_refined};
pub use rule::{FormattingRule, RuleOutcome};
pub use unread_reason::{Doubt, Misfit, UnreadReason};
