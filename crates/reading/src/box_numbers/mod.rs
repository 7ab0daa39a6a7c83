//! The four numbers of a box, in the notations in which models write them.
//!
//! Boxes stand in values ([`of_node`]) or in running text ([`mentions`](mod@mentions)). What stands
//! at a box about its convention (names of keys, units) is kept with it; what the text around says
//! comes from [`said`](mod@said). [`settled`] then gives all boxes of an answer one convention.

mod absence;
mod choose;
mod coordinate;
mod corners;
mod hints;
mod items;
mod keys;
mod lexer;
mod mentions;
mod node;
mod said;
mod special_tokens;
mod table;
mod words;

pub(crate) use absence::says_absent;
pub(crate) use choose::{choose, stated};
pub(crate) use hints::{Hints, Written, settled};
pub(crate) use keys::{
    FRAME_KEYS, NAME_KEYS, TIME_KEYS, is_among, is_aside, is_box_key, is_wrapper, squeeze,
};
pub(crate) use mentions::{Mention, mentions};
pub(crate) use node::{BoxValue, is_garbled, number_of_boxes, of_node};
pub(crate) use said::said;
pub(crate) use special_tokens::plain;
pub(crate) use table::{Row, rows};
pub(crate) use words::{declines, is_example, is_form, sentence_end};
