//! Documents with the public validator's verdicts, and warnings. One program, because each links everything that is tested.

mod documents;
mod warnings;
