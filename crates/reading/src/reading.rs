//! A reading: a value of the family's type, or the reason why there is none, with its evidence.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::wire::json_of;

/// What an answer says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The value, or why there is none.
    pub read: Read,
    /// Full-match folders: the whole answer without thinking and decoration, if it is at most 200
    /// bytes long. An answer is right if this text is the label, whatever else was read.
    pub bare: Option<String>,
    /// Where the reading comes from.
    pub evidence: Evidence,
}

/// A value or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// The answer says this.
    Value(ReadingValue),
    /// The answer says nothing that could be scored.
    Unread(Unread),
}

/// What an answer says, in the type of its family.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadingValue {
    /// Full match: one of the options, spelled as the list has it.
    Option(String),
    /// Full match: a number of 0 or more in decimal digits, without leading zeros; a fraction only
    /// if it is not 0.
    Number(String),
    /// Set match: different options, spelled as the list has them, in the order of the answer.
    Set(Vec<String>),
    /// Instances: how many of each.
    Counts(Counts),
    /// Boxes in one picture.
    Boxes(Boxes),
    /// Boxes in frames 0 to 9; frames that the answer does not name are left out.
    Frames(BTreeMap<u32, FrameBox>, Convention),
    /// Retrieval: different indices from 0, in the order of the answer; empty if the answer says
    /// that nothing matches.
    Indices(Vec<u64>),
    /// A caption without anything around it; never empty.
    Caption(String),
}

/// Why an answer says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// It declines to answer or says that it cannot: refusals, excuses, missing media.
    Refused,
    /// It breaks off before an answer, such as within its thinking.
    CutOff,
    /// It says one thing and its opposite.
    Contradictory,
    /// Nothing in it is an answer to the question.
    NothingFound,
    /// Several values remain and nothing decides between them.
    SeveralLeft,
}

/// How many of each name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Names, folded onto the folder's categories where they are one, in the order of the answer.
    /// Every name stands once; zero counts are left out.
    pub named: Vec<(String, Count)>,
    /// Administrative keys such as `confidence`, which count only where the label has the same key.
    pub administrative: Vec<(String, Count)>,
}

/// A count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// A whole number above 0.
    Whole(u64),
    /// The answer names the thing, but its count is no whole number (`several`, `1.5`).
    Unclear,
}

/// Boxes with the convention in which their numbers are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Boxes {
    /// The boxes in the order of the answer.
    pub boxes: Vec<NamedBox>,
    /// What the answer itself says about its convention.
    pub convention: Convention,
}

/// Four numbers of a box as the answer writes them.
pub type Corners = [f64; 4];

/// A box of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedBox {
    /// The category, folded onto the folder's list where it is one, and `_` with the box's number
    /// within its category from 1: `dog_2`.
    pub name: String,
    /// Its numbers as they are written; `None` if they cannot be read.
    pub numbers: Option<Corners>,
}

/// What an answer says of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FrameBox {
    /// The object is not in the frame.
    Absent,
    /// The numbers of its box as they are written.
    Box(Corners),
    /// A box that cannot be read.
    Unreadable,
}

/// How an answer writes its boxes, as far as the answer itself says; `None` is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Convention {
    /// The order of the four numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Their scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
}

/// The order of a box's four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Left, top, right, bottom.
    Xyxy,
    /// Top, left, bottom, right: `box_2d`.
    Yxyx,
    /// Left, top, width, height.
    Xywh,
    /// Centre across, centre down, width, height.
    Centre,
}

/// The scale of a box's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Fractions of the picture, 0 to 1.
    Unit,
    /// Percent of the picture.
    Percent,
    /// Thousandths of the picture.
    Thousandths,
    /// 1024ths of the picture, as in `<loc0512>`.
    Parts1024,
    /// Pixels.
    Pixels,
}

/// Where a reading comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Who read it.
    pub reader: Reader,
    /// Bytes of the raw answer that decided, where that can be said.
    pub span: Option<Range<usize>>,
    /// Other values that the answer names and that were not taken; at most eight.
    pub seen: Vec<String>,
}

/// Who read an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// The rules of this program.
    Rules {
        /// [`crate::RULES_VERSION`] at the time.
        version: u32,
        /// Where in the answer the value stood.
        rule: ReadingRule,
    },
    /// A language model.
    Model {
        /// Its name, as asked for.
        model: String,
        /// Version of the request and of the reading of its reply.
        version: u32,
    },
}

/// Where in an answer its value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingRule {
    /// The whole answer is the value.
    Whole,
    /// It opens the answer: `Yes, ...`, `NoThe dog ...`.
    Opening,
    /// A marker such as `the answer is` leads to it.
    Marked,
    /// It stands in `\boxed{}`.
    Boxed,
    /// It stands in `<answer>` or between `#` marks.
    Tagged,
    /// It stands in JSON, a Python literal or a table.
    Container,
    /// It is emphasised.
    Emphasised,
    /// The conclusion of the text says it.
    Conclusion,
    /// A statement of the text says it.
    Statement,
    /// Nothing says it, and the reading is unread.
    Nothing,
}

impl Order {
    /// The name in journals, rows and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xyxy => "xyxy",
            Self::Yxyx => "yxyx",
            Self::Xywh => "xywh",
            Self::Centre => "centre",
        }
    }
}

impl Scale {
    /// The name in journals, rows and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Percent => "percent",
            Self::Thousandths => "thousandths",
            Self::Parts1024 => "parts1024",
            Self::Pixels => "pixels",
        }
    }
}

impl ReadingRule {
    /// The name in rows and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Opening => "opening",
            Self::Marked => "marked",
            Self::Boxed => "boxed",
            Self::Tagged => "tagged",
            Self::Container => "container",
            Self::Emphasised => "emphasised",
            Self::Conclusion => "conclusion",
            Self::Statement => "statement",
            Self::Nothing => "nothing",
        }
    }
}

impl Unread {
    /// All reasons in the order in which tables list them.
    pub const ALL: [Self; 5] =
        [Self::Refused, Self::CutOff, Self::Contradictory, Self::NothingFound, Self::SeveralLeft];

    /// The reason in words, in lines of a table's head.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            // Refused and cut off are outcomes of asking, by the server's word; these are not.
            Self::Refused => "Declines\nin words",
            Self::CutOff => "Breaks\noff",
            Self::Contradictory => "Contra-\ndictory",
            Self::NothingFound => "Nothing\nfound",
            Self::SeveralLeft => "Several\nleft",
        }
    }

    /// The name in rows and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::CutOff => "cut_off",
            Self::Contradictory => "contradictory",
            Self::NothingFound => "nothing_found",
            Self::SeveralLeft => "several_left",
        }
    }
}

impl ReadingValue {
    /// The name of its kind in journals and rows.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Option(_) => "option",
            Self::Number(_) => "number",
            Self::Set(_) => "set",
            Self::Counts(_) => "counts",
            Self::Boxes(_) => "boxes",
            Self::Frames(..) => "frames",
            Self::Indices(_) => "indices",
            Self::Caption(_) => "caption",
        }
    }
}

impl ReadingValue {
    /// The value as text: an option, a number or a caption itself, everything else as JSON.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Option(text) | Self::Number(text) | Self::Caption(text) => text.into(),
            other => json_of(other).to_string().into(),
        }
    }
}

impl Reading {
    /// The value, if there is one.
    #[must_use]
    pub const fn value(&self) -> Option<&ReadingValue> {
        match &self.read {
            Read::Value(value) => Some(value),
            Read::Unread(_) => None,
        }
    }

    /// Whether a language model may know better: the rules found nothing that they trust.
    #[must_use]
    pub const fn is_in_doubt(&self) -> bool {
        matches!(
            self,
            Self {
                read: Read::Unread(_),
                evidence: Evidence { reader: Reader::Rules { .. }, .. },
                ..
            }
        )
    }
}
