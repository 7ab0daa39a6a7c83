//! `index.jsonl`: which requests an export holds, a line each.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use avibench_files::{FileError, FilledFile, SizeLimit};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::custom_id::CustomId;
use crate::export_manifest::ExportedFile;

/// The name of the file.
pub(crate) const INDEX: &str = "index.jsonl";

/// Most bytes of a line. What is no line of an index has another digest than the manifest says, and is
/// refused for that.
const LONGEST: u64 = 4096;
/// Some 200 bytes a request, for five million of them.
const INDEX_LIMIT: SizeLimit = SizeLimit::new(1 << 30, "export the requests again");

/// One request of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexLine {
    /// Its name in the batch.
    pub custom_id: String,
    /// Hex sha256 of what it asks, as it stands in the journal of a run.
    pub request: String,
    /// Prompt tokens, roughly: they stand in where a provider does not count.
    pub tokens_in: u64,
    /// Of these, tokens of sound.
    pub tokens_audio: u64,
}

/// Fills the index; it takes its place with the other files of the export.
pub(crate) fn fill(
    folder: &Path,
    lines: &[IndexLine],
) -> Result<(FilledFile, ExportedFile), FileError> {
    let mut digest = Sha256::new();
    let mut bytes = 0;
    let file = FilledFile::new(&folder.join(INDEX), |out| {
        for line in lines {
            let mut text = serde_json::to_vec(line)?;
            text.push(b'\n');
            digest.update(&text);
            bytes += text.len() as u64;
            out.write_all(&text)?;
        }
        Ok(())
    })?;
    let sha256 = hex::encode(digest.finalize());
    let requests = lines.len() as u64;
    Ok((file, ExportedFile { name: INDEX.to_owned(), bytes, requests, sha256 }))
}

/// The requests of an export by their names, and the sha256 of the index as it was found.
pub(crate) fn read(folder: &Path) -> Result<(HashMap<CustomId, IndexLine>, String), FileError> {
    let path = folder.join(INDEX);
    let mut reader = BufReader::new(INDEX_LIMIT.open(&path)?);
    let mut digest = Sha256::new();
    let mut requests = HashMap::new();
    let mut text = Vec::new();
    loop {
        text.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut text);
        if read.map_err(FileError::at("read", &path))? == 0 {
            break;
        }
        digest.update(&text);
        if let Ok(line) = serde_json::from_slice::<IndexLine>(&text)
            && let Ok(id) = line.custom_id.parse()
        {
            requests.insert(id, line);
        }
    }
    Ok((requests, hex::encode(digest.finalize())))
}
