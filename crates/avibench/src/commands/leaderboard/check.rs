//! `avibench leaderboard check`: is a document valid, and if not, where not.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use avibench_leaderboard::{DocumentFinding, DocumentReport, LEADERBOARD_LIMIT, Severity, check};
use clap::Args;

use crate::exit::Exit;
use crate::terminal::{self, counted, wrapped};

/// Check a document as the public validator does: every violation, with its place
///
/// Warnings are about what the validator lets pass, but the public page does not show as it was meant.
/// Exit code 0: valid; 2: not valid; 1: the file could not be read.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench leaderboard check leaderboard.json")]
pub(super) struct Check {
    /// The document, such as `results.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let report = check(&LEADERBOARD_LIMIT.read(&self.file)?);
        if self.json {
            terminal::print_json(&report)?;
        } else {
            let mut out = terminal::stdout();
            writeln!(out, "{}", described(&self.file, &report))?;
        }
        Ok(if report.is_valid { Exit::Done } else { Exit::SomeFailed })
    }
}

/// Findings one below the other, each with its place.
pub(super) fn listed(file: &Path, findings: &[DocumentFinding]) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let kind = match finding.severity {
            Severity::Violation => "violation",
            Severity::Warning => "warning",
        };
        let at = match finding.pointer.as_str() {
            "" => "the document",
            // A key must not begin a line that looks like one of this program's.
            pointer => &pointer.replace('\n', "\\n"),
        };
        lines.push(format!(
            "{}:{}:{}: {kind} at {at}",
            file.display(),
            finding.line,
            finding.column
        ));
        lines.push(wrapped("  ", &finding.message));
    }
    lines.join("\n")
}

/// What was found, and the verdict as the last line.
fn described(file: &Path, report: &DocumentReport) -> String {
    let mut lines = Vec::new();
    if !report.findings.is_empty() {
        lines.push(listed(file, &report.findings));
    }
    if report.left_out() > 0 {
        lines.push(format!("and {} more", counted(report.left_out(), "finding")));
    }
    let mut counts: Vec<String> = report.entries.map(entry_count).into_iter().collect();
    for (count, noun) in [(report.violations, "violation"), (report.warnings, "warning")] {
        if count > 0 {
            counts.push(counted(count, noun));
        }
    }
    let verdict = if report.is_valid { "valid" } else { "not valid" };
    lines.push(format!("{verdict}: {}", counts.join(", ")));
    lines.join("\n")
}

/// `1 entry`, `3 entries`.
pub(super) fn entry_count(entries: usize) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") }
}
