//! Reading an object out of an answer.

use std::ops::Range;

use avibench_python::{Dict, Value, json_loads, literal_eval, lower, strip};

/// The object in a text, and the bytes that hold it.
///
/// It reaches from the first `{` to the last `}`, so that prose around it does no harm, while two
/// objects are unreadable: nobody can say which one is meant.
pub(crate) fn read_object(text: &str) -> Option<(Dict, Range<usize>)> {
    let span = text.find('{')?..text.rfind('}')? + 1;
    match read_value(text.get(span.clone())?)? {
        Value::Dict(dict) => Some((dict, span)),
        _ => None,
    }
}

/// JSON or a Python literal; also the mixture of single quotes and JSON's words that models and
/// refiners leave.
pub(crate) fn read_value(text: &str) -> Option<Value> {
    json_loads(text)
        .ok()
        .or_else(|| literal_eval(text).ok())
        .or_else(|| json_loads(&text.replace('\'', "\"")).ok())
}

/// A name in lower case without white space around it.
pub(crate) fn normalized(name: &str) -> String {
    lower(strip(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_python::repr;

    #[test]
    fn objects_are_found_in_any_notation() {
        for (text, expected) in [
            ("{\"a\": null}", Some("{'a': None}")),
            ("{'a': None,}", Some("{'a': None}")),
            ("{'a': null}", Some("{'a': None}")),
            ("So it is {'a': {'b': 1}}.", Some("{'a': {'b': 1}}")),
            ("{'a': 1} or {'a': 2}", None),
            ("{1, 2}", None),
            ("}{", None),
            ("{'a': 1", None),
            ("", None),
        ] {
            let read = read_object(text).map(|(dict, _)| repr(&Value::Dict(dict)));
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
