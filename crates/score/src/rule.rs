//! How an answer was read: the rule behind a verdict, by a name that stays.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The rule that decided what an answer says, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoringRule {
    /// There is no answer, or none that is text.
    NoAnswer,
    /// The sample was never asked.
    NotAsked,
    /// The run did not plan to ask the sample.
    NotPlanned,
    /// There is no ground truth to compare with.
    NoTruth,
    /// The benchmark left the check without question or answer.
    VoidCheck,
    /// A check of the same id was failed.
    DoubleConfirm,
    /// Official: the option that the answer mentions first.
    OptionFirst,
    /// Official: the first run of digits.
    DigitsFirst,
    /// The whole answer is compared with the label.
    Equal,
    /// The pieces between semicolons are compared in any order.
    EqualPieces,
    /// Official: JSON that is printed and read a second time.
    JsonTwice,
    /// Official: too long to be read.
    TooLong,
    /// Official: a Python literal.
    PythonLiteral,
    /// Official: all integers in the order of a Python set.
    SetOfIndices,
    /// The caption's rating.
    Rating,
    /// Strict: what a careful reading of the answer finds.
    Reading,
    /// Strict: the first boxes of a careful reading, which holds more than are compared.
    FirstBoxes,
    /// Strict version 1: the only option that is named.
    OnlyOption,
    /// Strict version 1: different options are named.
    SeveralOptions,
    /// Strict version 1: all numbers that are named.
    AllNumbers,
    /// Strict version 1: JSON or a Python literal, whatever stands around it.
    JsonOrLiteral,
    /// Strict version 1: the first list of indices.
    FirstList,
    /// Strict version 1: all integers in their order.
    AllIntegers,
    /// Strict version 1: the word `none`.
    NoneWord,
}

impl ScoringRule {
    /// The name in reports and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::NotAsked => "not_asked",
            Self::NotPlanned => "not_planned",
            Self::NoTruth => "no_truth",
            Self::VoidCheck => "void_check",
            Self::DoubleConfirm => "double_confirm",
            Self::OptionFirst => "option_first",
            Self::DigitsFirst => "digits_first",
            Self::Equal => "equal",
            Self::EqualPieces => "equal_pieces",
            Self::JsonTwice => "json_twice",
            Self::TooLong => "too_long",
            Self::PythonLiteral => "python_literal",
            Self::SetOfIndices => "set_of_indices",
            Self::Rating => "rating",
            Self::Reading => "reading",
            Self::FirstBoxes => "first_boxes",
            Self::OnlyOption => "only_option",
            Self::SeveralOptions => "several_options",
            Self::AllNumbers => "all_numbers",
            Self::JsonOrLiteral => "json_or_literal",
            Self::FirstList => "first_list",
            Self::AllIntegers => "all_integers",
            Self::NoneWord => "none_word",
        }
    }
}

impl fmt::Display for ScoringRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
