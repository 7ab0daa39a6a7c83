//! Why Python would have raised.

/// Text that `json.loads` refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {offset}: {reason}")]
pub struct JsonError {
    /// Where reading stopped, in bytes from the start.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// Text that `ast.literal_eval` refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a Python literal at byte {offset}: {reason}")]
pub struct LiteralError {
    /// Where reading stopped, in bytes from the start.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// A value that `int()` or `float()` refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConversionError {
    /// Text that is no number.
    #[error("the text is not a number as Python reads one")]
    NotNumber,
    /// More than 4,300 digits.
    #[error("the text has more digits than Python converts")]
    TooManyDigits,
    /// NaN and the infinities have no integer, and huge integers no float.
    #[error("the number has no such counterpart")]
    OutOfRange,
    /// Lists, dicts, None and the like.
    #[error("a value of this type is never converted")]
    WrongType,
}
