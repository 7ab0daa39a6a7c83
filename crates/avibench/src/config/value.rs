//! Values of a config file as a flag takes them on the command line.

use std::any::TypeId;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command};
use toml::de::DeValue;

use super::error::Problem;
use super::keys::{is_key, is_name_of_key};
use crate::commands::backend_name::BackendName;
use crate::commands::connection::{read_base_url, read_extra_body, read_header, read_parameter};

/// What a flag is on the command line when the file says so: its values, in their order.
///
/// `folder` is that of the file, to which relative paths in it belong.
pub(super) fn values(
    key: &str,
    value: &DeValue<'_>,
    arg: &Arg,
    folder: &Path,
) -> Result<Vec<String>, Problem> {
    let texts = match (value, form(arg)) {
        (DeValue::Boolean(is_on), Form::Switch) => vec![is_on.to_string()],
        (value, Form::Switch) => return Err(wrong_type(key, value, "true or false")),
        (DeValue::Array(items), Form::Several | Form::Pairs) => {
            let each = items.iter().map(|item| text(key, item.get_ref()));
            each.collect::<Result<_, _>>()?
        }
        (value @ DeValue::Array(_), _) => return Err(wrong_type(key, value, "one value")),
        (DeValue::Table(_), Form::Pairs) => pairs(key, value)?,
        (DeValue::Table(_), Form::PairsInOne) => vec![pairs(key, value)?.join(",")],
        (DeValue::Table(_), Form::Json) => vec![json(key, value)?.to_string()],
        (value @ DeValue::Table(_), _) => {
            return Err(wrong_type(key, value, "a value, not a table"));
        }
        (value, _) => vec![text(key, value)?],
    };
    let texts: Vec<String> = texts.into_iter().map(|text| rebased(text, arg, folder)).collect();
    check(key, arg, &texts)?;
    Ok(texts)
}

/// Whether a value is refused when a command begins, for what is in the current folder.
pub(super) fn rehearsed(key: &str, arg: &Arg, text: &str) -> Result<(), Problem> {
    if arg.get_value_parser().type_id() != TypeId::of::<BackendName>() {
        return Ok(());
    }
    match text.parse() {
        Ok(BackendName::Adapter(adapter)) => adapter
            .file()
            .map(|_| ())
            .map_err(|error| Problem::Refused { key: key.to_owned(), reason: error.to_string() }),
        _ => Ok(()),
    }
}

/// What a flag takes, as far as tables and lists are concerned.
enum Form {
    /// It is there or not.
    Switch,
    /// NAME=VALUE, again and again.
    Pairs,
    /// NAME=VALUE,NAME=VALUE at once.
    PairsInOne,
    /// A JSON object.
    Json,
    /// Several values.
    Several,
    /// One value.
    One,
}

fn form(arg: &Arg) -> Form {
    let name =
        arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    let takes_several = arg.get_num_args().is_some_and(|range| range.max_values() > 1)
        || arg.get_value_delimiter().is_some();
    match arg.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse => Form::Switch,
        ArgAction::Append if name.contains('=') => Form::Pairs,
        _ if name.contains('=') => Form::PairsInOne,
        _ if name == "JSON" => Form::Json,
        ArgAction::Append => Form::Several,
        _ if takes_several => Form::Several,
        _ => Form::One,
    }
}

/// A single value as a text.
fn text(key: &str, value: &DeValue<'_>) -> Result<String, Problem> {
    match value {
        DeValue::String(text) if is_key(text) => Err(Problem::Key { key: key.to_owned() }),
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(number) => {
            let parsed = i128::from_str_radix(number.as_str(), number.radix());
            let too_large = |_| wrong_type(key, value, "a number of fewer digits");
            parsed.map(|number| number.to_string()).map_err(too_large)
        }
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(parsed) if parsed.is_finite() => Ok(number.as_str().to_owned()),
            _ => Err(wrong_type(key, value, "a finite number")),
        },
        other => Err(wrong_type(key, other, "text or a number")),
    }
}

/// The entries of a table as NAME=VALUE; what is no text is JSON.
fn pairs(key: &str, value: &DeValue<'_>) -> Result<Vec<String>, Problem> {
    let Some(table) = value.as_table() else { return Ok(Vec::new()) };
    let pair = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        let within = format!("{key}.{name}");
        let value = match value.get_ref() {
            // A header of this name says where its value is to be found.
            DeValue::String(text) if key == "header" || key == "headers" => text.to_string(),
            _ if is_name_of_key(name) => return Err(Problem::Key { key: within }),
            value @ DeValue::String(_) => text(&within, value)?,
            value => json(&within, value)?.to_string(),
        };
        if is_key(&value) {
            return Err(Problem::Key { key: within });
        }
        Ok(format!("{name}={value}"))
    };
    table.iter().map(pair).collect()
}

/// A value as JSON.
fn json(key: &str, value: &DeValue<'_>) -> Result<serde_json::Value, Problem> {
    Ok(match value {
        DeValue::Boolean(is_on) => (*is_on).into(),
        DeValue::String(_) => text(key, value)?.into(),
        DeValue::Integer(_) | DeValue::Float(_) => {
            let number = text(key, value)?;
            number.parse::<serde_json::Number>().map_or_else(|_| number.into(), Into::into)
        }
        DeValue::Array(items) => {
            let items = items.iter().map(|item| json(key, item.get_ref()));
            items.collect::<Result<Vec<_>, _>>()?.into()
        }
        DeValue::Table(table) => {
            let mut object = serde_json::Map::new();
            for (name, value) in table {
                let within = format!("{key}.{}", name.get_ref());
                if is_name_of_key(name.get_ref()) {
                    return Err(Problem::Key { key: within });
                }
                object.insert(name.get_ref().to_string(), json(&within, value.get_ref())?);
            }
            object.into()
        }
        DeValue::Datetime(_) => return Err(wrong_type(key, value, "text or a number")),
    })
}

fn wrong_type(key: &str, found: &DeValue<'_>, expected: &'static str) -> Problem {
    let found = match found {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(number) if number.as_str().contains(['n', 'N']) => "no finite number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Problem::Type { key: key.to_owned(), found, expected }
}

/// A value in which relative paths start from the file's folder.
fn rebased(text: String, arg: &Arg, folder: &Path) -> String {
    let join = |path: &str| folder.join(path).display().to_string();
    let kind = arg.get_value_parser().type_id();
    if folder.as_os_str().is_empty() || text.is_empty() {
        text
    } else if kind == TypeId::of::<PathBuf>() {
        join(&text)
    } else if kind == TypeId::of::<BackendName>() {
        match text.strip_prefix("adapter:") {
            Some(path) => format!("adapter:{}", join(path)),
            None => text,
        }
    } else if let (Form::Pairs, Some((name, path))) = (form(arg), text.split_once("=@")) {
        format!("{name}=@{}", join(path))
    } else {
        text
    }
}

/// Lets the flag's own parser judge the values.
fn check(key: &str, arg: &Arg, texts: &[String]) -> Result<(), Problem> {
    let Some(flag) = arg.get_long().map(str::to_owned) else { return Ok(()) };
    if matches!(form(arg), Form::Switch) {
        return Ok(());
    }
    let alone = arg
        .clone()
        .required(false)
        .conflicts_with(Resettable::Reset)
        .requires(Resettable::Reset)
        .env(Resettable::Reset)
        .global(false);
    let command = Command::new("config").no_binary_name(true).disable_help_flag(true).arg(alone);
    let line = texts.iter().map(|text| format!("--{flag}={text}"));
    let line: Vec<String> = match arg.get_action() {
        ArgAction::Append => line.collect(),
        // Several values of one flag that may be given once.
        _ if texts.len() > 1 => {
            std::iter::once(format!("--{flag}")).chain(texts.iter().cloned()).collect()
        }
        _ => line.collect(),
    };
    command.try_get_matches_from(line).map_err(|error| Problem::Value {
        key: key.to_owned(),
        flag: flag.clone(),
        reason: reason(&error),
    })?;
    // These are read when the command begins, because parsers repeat what they refuse.
    let read = match flag.as_str() {
        "base-url" | "refine-base-url" => read_base_url,
        "extra-body" => read_extra_body,
        "header" => read_header,
        "param" => read_parameter,
        _ => return Ok(()),
    };
    texts.iter().try_for_each(|text| {
        read(text)
            .map_err(|error| Problem::Refused { key: key.to_owned(), reason: error.to_string() })
    })
}

/// Why a parser refused a value, without the value.
fn reason(error: &clap::Error) -> String {
    if let Some(source) = std::error::Error::source(error) {
        return source.to_string();
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(known)) if !known.is_empty() => {
            format!("expected one of {}", known.join(", "))
        }
        _ => "see its help".to_owned(),
    }
}
