//! Records of Every Eval Ever (schema 0.3.0): one for all numbers of a label, and one a sample and mode.

mod aggregate;
mod identity;
mod instance;
mod record;

use std::io::{self, Write};

use avibench_protocol::Task;
use jiff::Timestamp;

pub use identity::{Availability, Deployment, EeeError, EeeIdentity, Relationship};
pub use instance::EeeSample;
pub use record::EeeRecord;

use crate::hashing_writer::HashingWriter;
use crate::name_hash::uuid;
use crate::paired_rows::{counted_score, task_rows};
use crate::{ExportForm, ExportedRun};
use aggregate::Aggregate;

/// The version of the schema that records follow.
pub(crate) const EEE_VERSION: &str = "0.3.0";

/// The records of a scored label.
#[derive(Debug)]
pub struct EeeExport<'a> {
    /// The label.
    pub exported: &'a ExportedRun,
    /// Who made the model and who evaluated it.
    pub identity: &'a EeeIdentity,
    /// When the records are made.
    pub retrieved: Timestamp,
}

/// What the records of samples hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SamplesFile {
    pub(crate) sha256: String,
    pub(crate) rows: usize,
    pub(crate) left_out: usize,
}

impl EeeExport<'_> {
    /// Where the record of all numbers stands below the folder of a datastore.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("{}/{}.json", self.folder(), self.uuid())
    }

    /// Where the records of samples stand.
    #[must_use]
    pub fn samples_name(&self) -> String {
        format!("{}/{}_samples.jsonl", self.folder(), self.uuid())
    }

    fn folder(&self) -> String {
        let collection = match &self.exported.generated {
            Some(kind) => format!("avi-bench-generated-{kind}"),
            None => "avi-bench".to_owned(),
        };
        format!(
            "data/{collection}/{}/{}",
            self.identity.developer_folder(),
            self.identity.model_folder()
        )
    }

    fn uuid(&self) -> String {
        uuid(self.exported.report(), &format!("eee {}", self.exported.form.name()))
    }

    /// How many samples have a score that a record can hold, over both modes, and how many have none.
    #[must_use]
    pub fn sample_counts(&self) -> [usize; 2] {
        let mut counts = [0, 0];
        for task in Task::ALL {
            for pair in task_rows(&self.exported.run, task, self.exported.form).asked {
                for row in [pair.official, pair.strict] {
                    counts[usize::from(counted_score(row).is_none())] += 1;
                }
            }
        }
        counts
    }

    /// Writes the record of all numbers, which names the records of samples unless it is for everybody.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write_record(&self, out: &mut dyn Write) -> io::Result<()> {
        let samples = match self.exported.form {
            ExportForm::Private => Some(self.samples_file()?),
            ExportForm::Public => None,
        };
        let record = Aggregate { export: self, samples: samples.as_ref() }.record();
        serde_json::to_writer_pretty(&mut *out, &record)?;
        out.write_all(b"\n")
    }

    /// Writes the records of samples, one a line. A sample without a score, which the schema does not allow, is left out.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub fn write_samples(&self, out: &mut dyn Write) -> io::Result<()> {
        instance::each(self, |sample| line(&sample, out))
    }

    fn samples_file(&self) -> io::Result<SamplesFile> {
        let mut hashing = HashingWriter::new(io::sink());
        self.write_samples(&mut hashing)?;
        let [rows, left_out] = self.sample_counts();
        Ok(SamplesFile { sha256: hashing.finish().0, rows, left_out })
    }

    pub(crate) fn evaluation_id(&self) -> String {
        format!("avi-bench/{}/{}", self.identity.model_id(), self.retrieved.as_second())
    }
}

fn line(sample: &EeeSample, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, sample)?;
    out.write_all(b"\n")
}
