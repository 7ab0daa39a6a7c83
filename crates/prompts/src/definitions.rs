//! The benchmark's own Python definitions file as a prompt pack with exact wording.
//!
//! What a sample's pseudo keys stand for is held by one dictionary of the file,
//! `havib_constants[folder]`; no other name counts, but whatever it is made of does. The file is
//! read as data, nothing is executed: a dictionary that depends on anything else cannot be read.

use std::path::Path;

use avibench_protocol::Folder;
use avibench_python::Value;

use crate::PromptPackError;
use crate::pack::PromptPack;
use crate::python_file;

/// The dictionary of dictionaries, one a folder.
const CONSTANTS: &str = "havib_constants";

/// Reads `source` over the refine prompts of `base`.
pub(crate) fn read(
    mut base: PromptPack,
    path: &Path,
    source: &str,
) -> Result<PromptPack, PromptPackError> {
    let error = |line, reason| PromptPackError::Definitions { path: path.to_owned(), line, reason };
    let file = python_file::read(source).map_err(|e| error(e.line, e.reason))?;
    let Some(found) = file.definitions.into_iter().find(|known| known.name == CONSTANTS) else {
        let is_it = |name: &String| name == CONSTANTS;
        let unread = file.skipped.iter().find(|skipped| skipped.names.iter().any(is_it));
        return Err(match unread {
            Some(skipped) => error(
                skipped.line,
                format!(
                    "cannot read `{CONSTANTS}`: {}; write the value out as a literal",
                    skipped.reason
                ),
            ),
            None => error(
                1,
                format!(
                    "the file assigns no `{CONSTANTS}`, so it is not the benchmark's definitions; \
                     packs of your own are TOML: `avibench prompts export` gives a start"
                ),
            ),
        });
    };
    let Value::Dict(constants) = found.value else {
        return Err(error(found.line, format!("`{CONSTANTS}` should be a dict of dicts")));
    };
    base.make_exact();
    base.name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    for folder in Folder::ALL {
        if let Some(Value::Dict(dict)) = constants.get_str(folder.name()) {
            base.folders.entry(folder).or_default().constants = Some(dict.clone());
        }
    }
    Ok(base)
}
