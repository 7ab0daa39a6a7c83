//! Model files.

use std::io::Write as _;
use std::path::Path;

use avibench_fense::{BatchOptions, FluencyDetector, SentenceModel};
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

/// Reads the small sentence model that the caption crate is tested with, and embeds a text; the bytes
/// stand in place of the file `name`. What can be embedded has length one.
fn sentence_model(name: &str, bytes: &[u8]) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data/sbert");
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    for part in ["1_Pooling", "2_Dense"] {
        std::fs::create_dir(folder.path().join(part)).expect("the temporary folder can be written");
    }
    for file in [
        "modules.json",
        "config.json",
        "pytorch_model.bin",
        "sentence_bert_config.json",
        "tokenizer.json",
        "1_Pooling/config.json",
    ] {
        std::fs::copy(data.join(file), folder.path().join(file)).expect("the model is there");
    }
    std::fs::write(folder.path().join(name), bytes).expect("the temporary folder has room");
    if name.starts_with("2_Dense") {
        let write = |name: &str, content: &str| {
            std::fs::write(folder.path().join(name), content).expect("the folder has room");
        };
        write("2_Dense/config.json", r#"{"in_features": 48, "out_features": 2}"#);
        write(
            "modules.json",
            r#"[{"type": "Transformer", "path": ""}, {"type": "Pooling", "path": "1_Pooling"},
                {"type": "Dense", "path": "2_Dense"}]"#,
        );
    }
    let Ok(model) = SentenceModel::read(folder.path()) else { return };
    let Ok(vectors) = model.embed(&["A dog's [MASK] barks."], BatchOptions::default(), |_| {})
    else {
        return;
    };
    let length: f32 = vectors[0].iter().map(|x| x * x).sum();
    assert!(length == 0.0 || (length - 1.0).abs() < 1e-3, "a vector of length {length}");
}

/// Reads the bytes as `tokenizer.json`.
pub(crate) fn tokenizer(bytes: &[u8]) {
    sentence_model("tokenizer.json", bytes);
}

/// Reads the bytes as the encoder's `config.json`.
pub(crate) fn model_config(bytes: &[u8]) {
    sentence_model("config.json", bytes);
}

/// Reads the bytes as `model.safetensors`.
pub(crate) fn safetensors(bytes: &[u8]) {
    sentence_model("2_Dense/model.safetensors", bytes);
}
