//! The observer: answers PriSe questions from decoded media and the question's text alone, by
//! plain signal processing. It is the proof that the stimuli can be solved and are labelled right.

mod audiovisual;
mod blob;
mod clips;
mod fallback;
mod figure;
mod hearing;
mod images;
mod impaired;
mod mask;
mod probe;
mod question;
mod senses;
mod signal;
mod sounds;
mod spectrum;
mod stand_ins;

pub(crate) use audiovisual::{Actor, watch};
pub(crate) use hearing::listen;
pub use impaired::{Impaired, Impairments};
pub(crate) use question::Question;
pub use signal::Signal;
pub(crate) use spectrum::power_spectrum;
