//! One field of all samples of a folder.

use serde::Serialize;
use serde_json::{Map, Value};

/// The columns of a folder or of a run's answers to it, by name. A column is the list of its values, or
/// `{"=": value}` where all are the same; one in which nothing stands is left out.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Columns(Map<String, Value>);

impl Columns {
    /// Adds a column.
    pub(crate) fn add<T: Into<Value>>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Option<T>>,
    ) {
        let values: Vec<Value> =
            values.into_iter().map(|value| value.map_or(Value::Null, Into::into)).collect();
        let Some(first) = values.first() else { return };
        let column = if !values.iter().all(|value| value == first) {
            Value::Array(values)
        } else if first.is_null() {
            return;
        } else {
            serde_json::json!({ "=": first })
        };
        self.0.insert(name.to_owned(), column);
    }

    /// Adds columns of columns, unless there are none.
    pub(crate) fn add_columns(&mut self, name: &str, columns: Self) {
        if !columns.0.is_empty() {
            self.0.insert(name.to_owned(), Value::Object(columns.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_short_as_what_they_say() {
        let mut columns = Columns::default();
        columns.add("mixed", [Some(1), None, Some(2)]);
        columns.add("same", [Some("yes"), Some("yes")]);
        columns.add::<f64>("nothing", [None, None]);
        columns.add::<f64>("no samples", []);
        let json = serde_json::to_string(&columns).unwrap();
        assert_eq!(json, r#"{"mixed":[1,null,2],"same":{"=":"yes"}}"#);
    }
}
