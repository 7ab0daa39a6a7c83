//! Reading rules on a corpus of answers, and what holds for every answer. One program, because each links everything that is tested.

mod boxes;
mod corpus;
mod lists;
mod properties;
