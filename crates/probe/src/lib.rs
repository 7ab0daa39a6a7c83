//! What an endpoint really receives, by small questions whose answers are known.
//!
//! Gateways drop sounds, servers take one frame of a video, and no score tells it apart from a model
//! that cannot do the task. A [`Probe`] asks for each [`Ability`] up to [`MOST_QUESTIONS`] questions
//! about media that are made on the spot, reads the answers, and says what they show. Nothing here
//! knows a network: whoever asks takes [`Probe::next_round`] and hands back what was said.
//!
//! When an ability counts as shown, and when as lacking, is the business of [`rule`](crate::ruling);
//! how often that goes wrong is computed exactly there.

mod ability;
mod boxes;
mod draw;
mod findings;
mod listening;
mod paint;
mod question;
mod report;
mod rule;
mod session;
mod tones;

pub use ability::{Ability, UnknownAbility};
pub use findings::{AbilityFinding, Sensed, TrialOutcome, TrialRecord};
pub use question::ProbeQuestion;
pub use report::{PROBE_FILE, ProbeFileError, ProbeReport, ProbeSpending};
pub use rule::{ChoiceCount, MOST_QUESTIONS, RulingOdds, odds, ruling};
pub use session::{Probe, ProbeReply};
