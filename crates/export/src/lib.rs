//! Scored labels in the formats of other tools: logs of Inspect, records of Every Eval Ever, and drafts of evaluation results
//! for model cards on the Hugging Face Hub.
//!
//! [`ExportSources::read`] takes a scored label from disk as an [`ExportedRun`]. [`InspectExport`], [`EeeExport`] and
//! [`HubExport`] make files of it, each of which is filled piece by piece, and [`ExportFolder`] puts them into a folder in which
//! it replaces nothing but its own files. Every document is a typed structure, so that no format is put together from text.
//!
//! `docs/exports.md` says what each format holds and with which tools it was checked.

mod circumstances;
mod eee;
mod export_error;
mod export_folder;
mod export_form;
mod exported_run;
mod hashing_writer;
mod hub;
mod inspect;
mod name_hash;
mod paired_rows;
mod score_words;

pub use circumstances::{Circumstance, circumstances};
pub use eee::{
    Availability, Deployment, EeeError, EeeExport, EeeIdentity, EeeRecord, EeeSample, Relationship,
};
pub use export_error::{ExportNote, ReadLabelError};
pub use export_folder::{ExportFile, ExportFolder, ExportFolderError, WrittenExport};
pub use export_form::ExportForm;
pub use exported_run::{AskedDetail, ExportSources, ExportedRun};
pub use hub::{HubError, HubExport, HubSource};
pub use inspect::{InspectExport, InspectLogFile};
