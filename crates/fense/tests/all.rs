//! Caption scores against the published tools, and damaged model files. One program, because each links everything that is tested.

mod damage;
mod golden;
