//! Events as JSON lines, for machines.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use avibench_protocol::FileError;
use jiff::Timestamp;
use serde::Serialize;

use crate::event::{Event, Listener};
use crate::snapshot::Snapshot;

/// Version of the lines; fields may be added within a version.
const VERSION: u32 = 1;

/// Writes one line an event.
#[derive(Debug)]
pub struct JsonLog {
    file: BufWriter<File>,
    broken: bool,
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
        Ok(Self { file: BufWriter::new(file), broken: false })
    }
}

impl Listener for JsonLog {
    fn on_event(&mut self, event: &Event, _: &Snapshot) {
        if self.broken {
            return;
        }
        if matches!(event, Event::Tick) {
            self.broken = self.file.flush().is_err();
            return;
        }
        let line = Line { v: VERSION, time: Timestamp::now().to_string(), event };
        let written = serde_json::to_writer(&mut self.file, &line)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .and_then(|()| match event {
                Event::Ended { .. } | Event::Warned { .. } => self.file.flush(),
                _ => Ok(()),
            });
        // A log must not end a run: it stops, and the run's own files go on.
        self.broken = written.is_err();
    }
}
