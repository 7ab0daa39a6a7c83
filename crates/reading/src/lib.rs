//! Reading an answer as a careful person reads it: what it says, or why it says nothing.
//!
//! A [`Reading`] is a value of the task family's type (an option, a number, counts, boxes, ...) or
//! the reason why there is none, with the evidence for it. Strict scoring scores readings. Rules
//! read the raw answer with nothing but the question and its options at hand: the ground truth is
//! never among their inputs, so a reading cannot depend on it. Where the rules doubt they say so,
//! and a language model may be asked; a wrong reading is worse than none.

mod box_numbers;
mod category;
mod convention;
mod declined;
mod family;
mod fold;
mod model;
mod question;
mod read;
mod reading;
mod stored;
mod text;
mod value;
mod wire;

pub use convention::{BoxForm, RunConventions, Settled, SettledConventions, corners_in_pixels};
pub use fold::folded_name;
pub use model::{MODEL_VERSION, read_reply, request};
pub use question::{Question, fingerprint};
pub use read::{RULES_VERSION, read};
pub use reading::{
    Boxes, Convention, Corners, Count, Counts, Evidence, FrameBox, NamedBox, Order, Read, Reader,
    Reading, ReadingRule, ReadingValue, Scale, Unread,
};
// Within the crate there is no other value.
pub(crate) use reading::ReadingValue as Value;
pub use stored::StoredReading;
pub use text::{SplitReply, split_thinking};
