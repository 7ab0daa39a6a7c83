//! Events as JSON lines, for machines.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use avibench_files::FileError;
use jiff::Timestamp;
use serde::Serialize;

use crate::event::{Event, Listener};
use crate::snapshot::Snapshot;

/// Version of the lines; fields may be added within a version.
const VERSION: u32 = 1;

/// Writes one line an event. If that fails, it says so once and stops: a log must not end a run.
#[derive(Debug)]
pub struct JsonLog {
    path: PathBuf,
    /// `None` once it failed.
    file: Option<BufWriter<File>>,
    complaint: Option<FileError>,
}

#[derive(Serialize)]
struct Line<'a> {
    v: u32,
    time: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl JsonLog {
    /// Appends to a file, which is made if it is missing.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = File::options()
            .append(true)
            .create(true)
            .open(path)
            .map_err(FileError::at("open", path))?;
        Ok(Self { path: path.to_owned(), file: Some(BufWriter::new(file)), complaint: None })
    }
}

fn write(file: &mut BufWriter<File>, event: &Event) -> io::Result<()> {
    if matches!(event, Event::Tick) {
        return file.flush();
    }
    let line = Line { v: VERSION, time: Timestamp::now().to_string(), event };
    serde_json::to_writer(&mut *file, &line)?;
    file.write_all(b"\n")?;
    match event {
        Event::Ended { .. } | Event::Warned { .. } => file.flush(),
        _ => Ok(()),
    }
}

impl Listener for JsonLog {
    fn on_event(&mut self, event: &Event, _: &Snapshot) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = write(file, event) {
            self.file = None;
            self.complaint = Some(FileError::at("write", &self.path)(error));
        }
    }

    fn complaint(&mut self) -> Option<String> {
        self.complaint.take().map(|error| format!("the log ends here: {error}"))
    }
}
