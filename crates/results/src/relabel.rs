//! A scored run under another label.

use std::path::Path;

use avibench_files::FileError;
use avibench_score::Psychometrics;
use avibench_store::{Label, Rewrite};
use serde_json::Value;

use crate::{ResultsError, psychometric_chart_path, psychometric_svg, report_path};

/// The files of a scored run that name their label, as they are to read under another one: the
/// report, with the names of its samples files, and the title of the psychometric chart. None if
/// there is no report. Nothing is written.
///
/// # Errors
///
/// When the report cannot be read.
pub fn relabelled(folder: &Path, from: &Label, to: &Label) -> Result<Vec<Rewrite>, ResultsError> {
    let path = report_path(folder, from);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::at("read", &path)(error).into()),
    };
    let broken = |source| ResultsError::Report { path: path.clone(), source };
    let mut report: Value = serde_json::from_slice(&text).map_err(broken)?;
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
    let mut content = serde_json::to_vec_pretty(&report).map_err(broken)?;
    content.push(b'\n');
    let mut rewrites = vec![Rewrite { path: report_path(folder, to), content }];
    let curves = report.get("psychometrics").filter(|curves| !curves.is_null());
    if let Some(curves) = curves
        && psychometric_chart_path(folder, from).exists()
    {
        let curves: Psychometrics = serde_json::from_value(curves.clone()).map_err(broken)?;
        if let Some(svg) = psychometric_svg(to.as_str(), &curves) {
            let path = psychometric_chart_path(folder, to);
            rewrites.push(Rewrite { path, content: svg.into_bytes() });
        }
    }
    Ok(rewrites)
}
