//! One file a command: its flags, its help, and the way from them to the libraries.

pub(crate) mod ablation;
pub(crate) mod assessing;
pub(crate) mod backend_name;
pub(crate) mod common;
pub(crate) mod compare;
pub(crate) mod connection;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod endpoint;
pub(crate) mod fense;
pub(crate) mod labels;
pub(crate) mod leaderboard;
pub(crate) mod money;
pub(crate) mod probe;
pub(crate) mod probing;
pub(crate) mod prompts;
pub(crate) mod ranges;
pub(crate) mod refine;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod session;
pub(crate) mod smoke;
pub(crate) mod synth;
