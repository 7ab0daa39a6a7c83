//! Files of a scored run, written, read and compared. One program, because each links everything that is tested.

mod psychometrics;
mod results;
