//! The benchmark's own Python definitions file as a prompt pack with exact wording.
//!
//! A sample's pseudo key is looked up by name, wherever the file keeps it:
//!
//! 1. in a dict that belongs to the sample's folder: `{"AVL": {"prompt_avl": "..."}}`, also as part
//!    of larger dicts, and `AVL_PROMPTS = {"prompt_avl": "..."}`, where the variable's name holds
//!    the folder's; `{"prompt_avl": {"AVL": "..."}}` is understood, too. `VSQA` is both halves;
//! 2. as a top-level name: `prompt_avl = "..."`;
//! 3. in any other dict: `PROMPTS = {"prompt_avl": "..."}`.
//!
//! A key that leads to different texts in places of the same rank is an error, as is data that
//! cannot be read. Imports, functions, classes and results of calls are passed over; whoever
//! depends on them cannot be read.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_python::{Value, to_str};

use crate::PromptPackError;
use crate::pack::PromptPack;
use crate::python_file::{self, Definition, PythonFile, Skipped};
use crate::section::OptionText;
use avibench_protocol::{Folder, Task, option_lists};

/// Reads `source` over the refine prompts of `base`.
pub(crate) fn read(
    mut base: PromptPack,
    path: &Path,
    source: &str,
) -> Result<PromptPack, PromptPackError> {
    let error = |line, reason| PromptPackError::Definitions { path: path.to_owned(), line, reason };
    let file = python_file::read(source).map_err(|e| error(e.line, e.reason))?;
    if let Some(skipped) = file.skipped.iter().find(|skipped| is_needed(skipped)) {
        let names = skipped.names.join("`, `");
        let reason = format!(
            "cannot read `{names}`: {}; write the value out as a literal, or leave it out",
            skipped.reason
        );
        return Err(error(skipped.line, reason));
    }
    base.make_exact();
    base.name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    base.notes = notes(&file);
    let mut entries = Entries::default();
    for definition in &file.definitions {
        entries.collect(definition);
    }
    for ((folder, key), found) in entries.resolve() {
        let found = found.map_err(|(line, reason)| error(line, reason))?;
        let section = match folder {
            Some(folder) => base.folders.entry(folder).or_default(),
            None => &mut base.shared,
        };
        match found {
            Text::Prompt(text) => drop(section.prompts.insert(key, text)),
            Text::Options(options) => drop(section.options.insert(key, options)),
        }
    }
    Ok(base)
}

/// Data must be read, and so must every name that samples may refer to.
fn is_needed(skipped: &Skipped) -> bool {
    let is_key = |name: &String| {
        name.starts_with("prompt")
            || name.starts_with("options")
            || Folder::ALL.iter().any(|&folder| option_lists(folder).any(|(key, _)| key == name))
    };
    !skipped.names.is_empty() && (skipped.is_data || skipped.names.iter().any(is_key))
}

fn notes(file: &PythonFile) -> Vec<String> {
    let skipped = file.skipped.iter().filter(|skipped| !skipped.names.is_empty());
    skipped
        .map(|skipped| {
            let names = skipped.names.join("`, `");
            format!("line {}: `{names}` passed over: {}", skipped.line, skipped.reason)
        })
        .collect()
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    Prompt(String),
    Options(OptionText),
}

impl Text {
    /// `None` for values that no question shows: dicts, numbers, truth values.
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Str(text) => Self::Prompt(text.clone()),
            Value::List(items) => {
                let texts: Option<Vec<String>> =
                    items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                Self::Options(match texts {
                    Some(texts) if !texts.is_empty() => OptionText::List(texts),
                    _ => OptionText::Written(to_str(value)),
                })
            }
            Value::Tuple(_) | Value::None => Self::Options(OptionText::Written(to_str(value))),
            _ => return None,
        })
    }
}

/// Folder (none: any) and key.
type Place = (Option<Folder>, String);

/// Whether a key stands at top level or in some dict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Name,
    Dict,
}

/// Everything that a key may lead to.
#[derive(Default)]
struct Entries(BTreeMap<Place, Vec<(Rank, usize, Text)>>);

impl Entries {
    fn collect(&mut self, definition: &Definition) {
        let name = &definition.name;
        if let Value::Dict(_) = definition.value {
            self.descend(&folders_in_name(name), name, &definition.value, definition.line, 0);
        } else if let Some(text) = Text::of(&definition.value) {
            let place = (None, name.clone());
            self.0.entry(place).or_default().push((Rank::Name, definition.line, text));
        }
    }

    /// Collects the leaves below `value`. `folders`: the folders that the way here names; `key`: the
    /// last name on it that is none.
    fn descend(&mut self, folders: &[Folder], key: &str, value: &Value, line: usize, depth: u8) {
        /// Dicts nest by stage, folder and key; the reader allows deeper ones.
        const DEEPEST: u8 = 8;
        if let Value::Dict(dict) = value
            && depth < DEEPEST
        {
            for (inner, value) in dict.iter() {
                let Some(inner) = inner.as_str() else { continue };
                match folders_called(inner) {
                    named if named.is_empty() => {
                        self.descend(folders, inner, value, line, depth + 1);
                    }
                    named => self.descend(&named, key, value, line, depth + 1),
                }
            }
        } else if let Some(text) = Text::of(value) {
            let anywhere = [None];
            let named: Vec<Option<Folder>> = folders.iter().copied().map(Some).collect();
            for folder in if named.is_empty() { &anywhere[..] } else { &named } {
                let place = (*folder, key.to_owned());
                self.0.entry(place).or_default().push((Rank::Dict, line, text.clone()));
            }
        }
    }

    /// The one text of each key, or the line and reason of a contradiction.
    fn resolve(self) -> impl Iterator<Item = (Place, Result<Text, (usize, String)>)> {
        self.0.into_iter().map(|(place, mut found)| {
            found.sort_by_key(|(rank, line, _)| (*rank, *line));
            let (best, first_line, text) = found.swap_remove(0);
            let other = found.iter().find(|(rank, _, other)| *rank == best && *other != text);
            let text = match other {
                Some((_, line, _)) => {
                    let key = &place.1;
                    let reason = format!(
                        "`{key}` says something else than on line {first_line}; keep one of them"
                    );
                    Err((*line, reason))
                }
                None => Ok(text),
            };
            (place, text)
        })
    }
}

/// The folder or folders whose name this is.
fn folders_called(name: &str) -> Vec<Folder> {
    if let Ok(folder) = name.parse::<Folder>() {
        return vec![folder];
    }
    let task = Task::ALL.into_iter().find(|task| task.name().eq_ignore_ascii_case(name));
    task.map_or_else(Vec::new, |task| task.folders().to_vec())
}

/// The folder that a variable's name speaks of: `AVL_PROMPTS`, `options_vsqa_i`.
fn folders_in_name(name: &str) -> Vec<Folder> {
    let parts: Vec<&str> = name.split('_').filter(|part| !part.is_empty()).collect();
    // `VSQA_I` is two parts, and says more than `VSQA`.
    let pairs = parts.windows(2).map(|pair| pair.join("_"));
    let candidates = pairs.chain(parts.iter().map(|&part| part.to_owned()));
    candidates.map(|name| folders_called(&name)).find(|found| !found.is_empty()).unwrap_or_default()
}
