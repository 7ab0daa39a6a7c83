//! Model files.

use std::io::Write as _;
use std::path::Path;

use avibench_fense::FluencyDetector;
use tempfile::NamedTempFile;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// A file that holds the bytes and is gone when it is dropped.
pub(super) fn temporary(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("the temporary folder can be written");
    file.write_all(bytes).expect("the temporary folder has room");
    file.flush().expect("the temporary folder has room");
    file
}

/// Reads the bytes as a PyTorch file.
pub(crate) fn pytorch(bytes: &[u8]) {
    let checkpoint = temporary(bytes);
    // No mutation makes a detector of the seeds, which lack its tensors: what is tried is how far
    // a reader gets that asks for them.
    drop(FluencyDetector::read(checkpoint.path(), Path::new("no-such-folder")));
}

/// Reads the bytes as the pickle of a PyTorch file that is otherwise as it should be.
pub(crate) fn pickle(bytes: &[u8]) {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut entry = |name: &str, bytes: &[u8]| {
        archive.start_file(name, stored).expect("the archive is in memory");
        archive.write_all(bytes).expect("the archive is in memory");
    };
    entry("archive/data.pkl", bytes);
    entry("archive/version", b"3\n");
    entry("archive/data/0", &[0; 64]);
    let archive = archive.finish().expect("the archive is in memory").into_inner();
    pytorch(&archive);
}
