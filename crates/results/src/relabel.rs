//! A scored run under another label.

use std::path::Path;

use avibench_protocol::{NotJson, read_json};
use avibench_score::Psychometrics;
use avibench_store::{Label, Rewrite};
use serde_json::Value;

use crate::store::REPORT_LIMIT;
use crate::{ResultsError, RunFile, psychometric_svg};

/// The files of a scored run that name their label, as they are to read under another one: the
/// report, with the names of its samples files, and the title of the psychometric chart. None if
/// there is no report. Nothing is written.
///
/// # Errors
///
/// When the report cannot be read.
pub fn relabelled(folder: &Path, from: &Label, to: &Label) -> Result<Vec<Rewrite>, ResultsError> {
    let path = RunFile::Report.path(folder, from);
    let Some(text) = REPORT_LIMIT.read_if_any(&path)? else { return Ok(Vec::new()) };
    let broken = |source| ResultsError::Report { path: path.clone(), source };
    let unlike = |error: serde_json::Error| broken(NotJson::Content(error.to_string()));
    let report: Value = read_json(&text).map_err(broken)?;
    let mut rewrites = Vec::new();
    for file in RunFile::ALL {
        let content = match file {
            // Nothing in them names the label, but page and bundles, which were made of what was then.
            RunFile::Scores
            | RunFile::JsonLines
            | RunFile::Parquet
            | RunFile::Page
            | RunFile::PublicBundle
            | RunFile::PrivateBundle => None,
            RunFile::Report => Some(renamed(report.clone(), from, to).map_err(unlike)?),
            RunFile::PsychometricChart => {
                let was_drawn = file.path(folder, from).exists();
                if was_drawn { redrawn(&report, to).map_err(unlike)? } else { None }
            }
        };
        let path = file.path(folder, to);
        rewrites.extend(content.map(|content| Rewrite { path, content }));
    }
    Ok(rewrites)
}

/// The report with another label, and so with other names of samples files. What this version does
/// not know in it stays.
fn renamed(mut report: Value, from: &Label, to: &Label) -> serde_json::Result<Vec<u8>> {
    if let Some(label) = report.get_mut("label") {
        *label = to.as_str().into();
    }
    if let Some(Value::Object(samples)) = report.get_mut("samples") {
        for name in ["json_lines", "parquet"] {
            let suffix = samples.get(name).and_then(Value::as_str);
            let suffix = suffix.and_then(|name| name.strip_prefix(from.as_str()));
            if let Some(renamed) = suffix.map(|suffix| format!("{to}{suffix}")) {
                samples.insert(name.to_owned(), renamed.into());
            }
        }
    }
    let mut content = serde_json::to_vec_pretty(&report)?;
    content.push(b'\n');
    Ok(content)
}

/// The psychometric chart with another title, if the report has curves.
fn redrawn(report: &Value, to: &Label) -> serde_json::Result<Option<Vec<u8>>> {
    let Some(curves) = report.get("psychometrics").filter(|curves| !curves.is_null()) else {
        return Ok(None);
    };
    let curves: Psychometrics = serde_json::from_value(curves.clone())?;
    Ok(psychometric_svg(to.as_str(), &curves).map(String::into_bytes))
}
