//! What is found in a document, and where.

use serde::Serialize;

use crate::pointer::Pointer;

/// The most findings of each kind that are kept; further ones are only counted.
pub(crate) const KEPT: usize = 1_000;

/// How a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The public validator refuses the document.
    Violation,
    /// The public validator takes it, but the leaderboard will not show what was meant.
    Warning,
}

/// Something in a document that is wrong, or hardly meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentFinding {
    /// How it counts.
    pub severity: Severity,
    /// The value it is about, as a JSON pointer; long keys are shortened. Empty for the whole document.
    pub pointer: String,
    /// The line of that value, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// Findings while their lines are not known yet.
#[derive(Debug)]
pub(crate) struct Examination<'a> {
    /// The document.
    pub(crate) text: &'a str,
    found: Vec<(usize, DocumentFinding)>,
    pub(crate) violations: usize,
    pub(crate) warnings: usize,
}

impl<'a> Examination<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, found: Vec::new(), violations: 0, warnings: 0 }
    }

    /// Whether the next violation is kept, or only counted: then its message need not be made.
    pub(crate) fn keeps_violations(&self) -> bool {
        self.violations < KEPT
    }

    /// As [`Self::keeps_violations`], of warnings.
    pub(crate) fn keeps_warnings(&self) -> bool {
        self.warnings < KEPT
    }

    /// Something that the public validator refuses, about the value at byte `offset`.
    pub(crate) fn violation(&mut self, at: &Pointer<'_>, offset: usize, message: String) {
        self.violations += 1;
        if self.violations <= KEPT {
            self.add(Severity::Violation, at, offset, message);
        }
    }

    /// Something that the public validator takes.
    pub(crate) fn warning(&mut self, at: &Pointer<'_>, offset: usize, message: String) {
        self.warnings += 1;
        if self.warnings <= KEPT {
            self.add(Severity::Warning, at, offset, message);
        }
    }

    fn add(&mut self, severity: Severity, at: &Pointer<'_>, offset: usize, message: String) {
        let finding =
            DocumentFinding { severity, pointer: at.to_string(), line: 1, column: 1, message };
        self.found.push((offset, finding));
    }

    /// The findings in the order in which they were made, with lines and columns. The text is walked
    /// once, however many there are.
    pub(crate) fn findings(mut self) -> Vec<DocumentFinding> {
        let mut order: Vec<usize> = (0..self.found.len()).collect();
        order.sort_by_key(|&at| self.found[at].0);
        let (mut offset, mut line, mut column) = (0, 1, 1);
        for at in order {
            let (place, finding) = &mut self.found[at];
            let passed = self.text.get(offset..*place).unwrap_or_default();
            match passed.rfind('\n') {
                Some(end) => {
                    line += passed.matches('\n').count();
                    column = passed[end + 1..].chars().count() + 1;
                }
                None => column += passed.chars().count(),
            }
            offset = *place;
            (finding.line, finding.column) = (line, column);
        }
        self.found.into_iter().map(|(_, finding)| finding).collect()
    }
}
