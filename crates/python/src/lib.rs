//! What Python would do: the pieces of its semantics that AVI-Bench's numbers depend on.
//!
//! The original evaluator is a Python program, and some of its scores follow from how Python
//! reads, prints, splits and orders values. Those rules live here, apart from any scoring. Beside
//! them stands a [`LenientReader`] for values that language models meant as Python or JSON.

mod characters;
mod convert;
mod dict;
mod error;
mod float;
mod json;
mod json_file;
mod json_text;
mod json_value;
mod lenient_reader;
mod lenient_value;
mod literal;
mod literal_number;
mod literal_text;
mod placed_json;
mod set_order;
mod tables;
mod text;
mod value;
mod words;

pub use characters::{
    decimal_digit, is_alphanumeric, is_digit, is_printable, is_space, is_word, lower, strip,
    strip_start,
};
pub use convert::{equal_int, parse_float, parse_int, to_float, to_int};
pub use dict::Dict;
pub use error::{ConversionError, JsonError, LiteralError};
pub use float::{repr_float, round_to};
pub use json::{json_borrowed, json_items, json_loads, json_placed};
pub use json_file::{
    NotJson, from_python, json_of_serde, json_text, read_json, read_json_as, read_json_items,
    read_json_placed,
};
pub use json_text::JsonText;
pub use json_value::Json;
pub use lenient_reader::{LenientLimits, LenientReader, is_decimal};
pub use lenient_value::LenientValue;
pub use literal::literal_eval;
pub use num_bigint::BigInt;
pub use placed_json::{PlacedEntry, PlacedJson, PlacedValue};
pub use set_order::set_order;
pub use text::{repr, repr_list, repr_str, to_str};
pub use value::Value;
pub use words::{delete_punctuation, first_digits, search_word};
