//! Why a piece of Python is not read as data.

use thiserror::Error;

use crate::python_expression::BUDGET;

/// The most names that a reason leads through to the one where it began.
const MOST_LINKS: usize = 8;
/// The most characters of a file that a reason repeats: every name that depends on it has a copy.
const SHOWN: usize = 60;

/// Why an expression or statement has no value that could be known without executing anything.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NotRead {
    #[error("the expression is nested too deeply")]
    NestedTooDeeply,
    #[error("the file unfolds to more than {BUDGET} characters and values")]
    TooMuchText,
    #[error("the integer is too large")]
    LargeInteger,
    #[error("a set has no order that could be known")]
    Set,
    #[error("slices are not read")]
    Slice,
    #[error("there is no element {0}")]
    NoElement(String),
    #[error("only numbers have a sign")]
    Sign,
    #[error("`{0}` between these values is not read")]
    Operator(&'static str),
    #[error("only lists and tuples are unpacked")]
    Unpacking,
    #[error("only dicts are unpacked into dicts")]
    DictUnpacking,
    #[error("this cannot be a key")]
    Key,
    #[error("`{0}` was not assigned before")]
    Unassigned(String),
    /// A name whose own value is unknown.
    #[error("it depends on `{name}`: {reason} (line {line})")]
    Depends { name: String, reason: Box<NotRead>, line: usize },
    #[error("attributes are not read: nothing is executed")]
    Attribute,
    #[error("this kind of expression is not read: nothing is executed")]
    Expression,
    #[error("`**` in a call is not read")]
    KeywordUnpacking,
    #[error("calls are not read: nothing is executed")]
    Call,
    #[error("this call is not read: nothing is executed")]
    StatementCall,
    #[error("the method `{0}` is not read: nothing is executed")]
    Method(String),
    #[error("the method `{0}` is read of strings only")]
    MethodOfOthers(String),
    #[error("only strings can be joined")]
    Join,
    #[error("the format `{0}` is not read for this value")]
    Format(String),
    #[error("a brace stands alone in `format`")]
    LoneBrace,
    #[error("`format` got nothing for `{{{0}}}`")]
    NothingToFormat(String),
    #[error("`!{0}` is not read")]
    Conversion(String),
    #[error("it is imported")]
    Imported,
    #[error("it is a function")]
    Function,
    #[error("it is a class")]
    Class,
    #[error("this kind of statement is not read: nothing is executed")]
    Statement,
    #[error("this is nothing to assign to")]
    NoTarget,
    #[error("the two sides differ in length")]
    Lengths,
    #[error("only elements of named dicts are assigned")]
    UnnamedElement,
    #[error("only elements of dicts are assigned")]
    Element,
    #[error("assignments to this are not read")]
    Assignment,
}

impl NotRead {
    /// A name is unknown for a reason that was found in a line. Of a long chain of names, those
    /// between the first and the cause are left out, or the chains of a file would fill the memory.
    pub(crate) fn depends(name: &str, reason: &Self, line: usize) -> Self {
        let (mut links, mut cause, mut place) = (1, reason, line);
        while let Self::Depends { reason, line, .. } = cause {
            links += 1;
            cause = reason;
            place = *line;
        }
        let (reason, line) = if links < MOST_LINKS { (reason, line) } else { (cause, place) };
        Self::Depends { name: shown(name), reason: Box::new(reason.clone()), line }
    }
}

/// The beginning of a text.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
