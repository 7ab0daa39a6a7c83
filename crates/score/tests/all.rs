//! Scoring against golden numbers, its laws, and its intervals. One program, because each links everything that is tested.

mod foreign_types;
mod golden;
mod interval_coverage;
mod official;
mod psychometrics;
mod readings;
mod repeats;
mod sequence;
mod strict;
mod strict_laws;
mod uncertainty;
