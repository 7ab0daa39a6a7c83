//! Writing a pack as TOML for editing.

use std::fmt::Write as _;

use avibench_python::{Value as Python, repr};
use toml::Value;

use crate::pack::{PromptPack, Wording};
use crate::read::FORMAT;
use crate::section::{OptionText, Section};

const HEAD: &str = "\
# A prompt pack of avibench, exported for editing.
#
# A question is put as  {prompt}. Available options are: [...]. {the question's own text}
# Delete what you do not change: a key that is not here is taken from the program's own pack.
# Option lists change what models are asked; scores always go by the benchmark's own lists.

";

/// The whole pack; reading it gives the same pack again.
pub(crate) fn to_toml(pack: &PromptPack) -> String {
    let mut out = String::from(HEAD);
    line(&mut out, "format", &Value::Integer(i64::from(FORMAT)));
    line(&mut out, "name", &Value::String(pack.name.clone()));
    if pack.wording == Wording::Exact {
        out.push_str(
            "# Questions are put as the benchmark's own program puts them: PROMPT. OPTIONS. TEXT\n\
             # `constants` holds what a folder's keys stand for, as a Python dict.\n",
        );
        line(&mut out, "wording", &Value::String("exact".to_owned()));
    }
    section(&mut out, "shared", &pack.shared);
    for (folder, content) in &pack.folders {
        section(&mut out, folder.name(), content);
    }
    out
}

fn section(out: &mut String, name: &str, content: &Section) {
    let constants = content.constants.clone().map(|dict| repr(&Python::Dict(dict)));
    let fields = [
        ("default", &content.default),
        ("categories", &content.categories),
        ("refine", &content.refine),
        ("constants", &constants),
    ];
    if fields.iter().any(|(_, value)| value.is_some()) {
        // Writing to a String cannot fail, here and below.
        let _ = write!(out, "\n[{name}]\n");
    }
    for (key, value) in fields {
        if let Some(value) = value {
            line(out, key, &Value::String(value.clone()));
        }
    }
    if !content.prompts.is_empty() {
        let _ = write!(out, "\n[{name}.prompts]\n");
        for (key, prompt) in &content.prompts {
            line(out, key, &Value::String(prompt.clone()));
        }
    }
    if !content.options.is_empty() {
        let _ = write!(out, "\n[{name}.options]\n");
        for (key, options) in &content.options {
            let value = match options {
                OptionText::List(list) => {
                    Value::Array(list.iter().cloned().map(Value::String).collect())
                }
                OptionText::Written(text) => Value::String(text.clone()),
            };
            line(out, key, &value);
        }
    }
}

fn line(out: &mut String, key: &str, value: &Value) {
    let bare =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let key = if bare { key.to_owned() } else { Value::String(key.to_owned()).to_string() };
    let _ = writeln!(out, "{key} = {value}");
}
