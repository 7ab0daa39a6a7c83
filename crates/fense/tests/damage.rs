//! Model files that are damaged, foreign or hostile: an error or the same numbers, never a panic
//! and never another score.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use avibench_fense::{
    BatchOptions, Caption, Fense, FenseError, FenseOptions, FluencyDetector, ModelFiles,
    SentenceModel,
};
use proptest::prelude::*;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("data")
}

/// A copy of the sentence model, to be damaged.
fn sentence_copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    for name in [
        "modules.json",
        "config.json",
        "pytorch_model.bin",
        "sentence_bert_config.json",
        "tokenizer.json",
        "1_Pooling/config.json",
    ] {
        std::fs::copy(data().join("sbert").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// Adds a module behind the others.
fn append_module(folder: &Path, path: &str, class: &str) {
    let listing = folder.join("modules.json");
    let text = std::fs::read_to_string(&listing).unwrap();
    let mut modules: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let class = format!("sentence_transformers.models.{class}");
    modules.push(serde_json::json!({"idx": 2, "name": "2", "path": path, "type": class}));
    std::fs::write(listing, serde_json::to_vec(&modules).unwrap()).unwrap();
}

fn embed(folder: &Path) -> Result<Vec<Vec<f32>>, FenseError> {
    SentenceModel::read(folder)?.embed(&["a dog barks"], BatchOptions::default(), |_| {})
}

fn detector(bytes: &[u8]) -> Result<f64, FenseError> {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("echecker.ckpt");
    std::fs::write(&checkpoint, bytes).unwrap();
    let files = ModelFiles {
        sentence: data().join("sbert"),
        checkpoint,
        base: data().join("echecker_base"),
    };
    let fense = Fense::read(&files, FenseOptions::default())?;
    let caption = Caption { candidate: "a dog barks", references: vec!["a dog"] };
    let report = fense.score(&[caption], &mut |_| {})?;
    Ok(report.corpus.unwrap().fense + report.captions[0].as_ref().unwrap().probabilities[0])
}

#[test]
fn a_truncated_checkpoint_is_an_error_that_names_it() {
    let whole = std::fs::read(data().join("echecker.ckpt")).unwrap();
    for length in [0, 1, 3, 100, whole.len() / 2, whole.len() - 300, whole.len() - 1] {
        let error = detector(&whole[..length]).unwrap_err().to_string();
        assert!(error.contains("echecker.ckpt"), "{length} bytes: {error}");
    }
}

#[test]
fn foreign_files_are_errors_that_say_so() {
    for (bytes, part) in [
        (b"<!DOCTYPE html>".as_slice(), "not a PyTorch file"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "without data.pkl"),
        (b"\x80\x02K\x01.", "not one of PyTorch's"),
        (b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.", "not trusted"),
    ] {
        let error = detector(bytes).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_sentence_model_is_no_detector() {
    let bytes = std::fs::read(data().join("sbert").join("pytorch_model.bin")).unwrap();
    let error = detector(&bytes).unwrap_err().to_string();
    assert!(error.contains("num_classes"), "{error}");
}

#[test]
fn a_tensor_of_another_shape_is_named() {
    let folder = sentence_copy();
    edit(
        &folder.path().join("config.json"),
        "\"intermediate_size\": 96",
        "\"intermediate_size\": 97",
    );
    let error = embed(folder.path()).unwrap_err().to_string();
    assert!(error.contains("pytorch_model.bin: tensor encoder.layer.0.intermediate.dense.weight"));
    assert!(error.contains("has shape [96, 48], the configuration says [97, 48]"), "{error}");
}

#[test]
fn a_missing_tensor_is_named() {
    let folder = sentence_copy();
    edit(
        &folder.path().join("config.json"),
        "\"num_hidden_layers\": 3",
        "\"num_hidden_layers\": 4",
    );
    let error = embed(folder.path()).unwrap_err();
    assert!(
        matches!(&error, FenseError::Tensor { tensor, .. }
        if tensor == "encoder.layer.3.attention.self.query.weight"),
        "{error}"
    );
}

#[test]
fn mistakes_in_a_sentence_folder_are_named() {
    for (file, from, to, part) in [
        ("modules.json", "models.Pooling", "models.WordWeights", "Transformer and Pooling"),
        ("modules.json", "\"1_Pooling\"", "\"../1_Pooling\"", "leads out of the folder"),
        ("modules.json", "\"path\"", "\"way\"", "a `path` each"),
        ("modules.json", "[", "{", "modules.json"),
        ("config.json", "\"bert\"", "\"t5\"", "model_type"),
        ("config.json", "132", "140", "tensor embeddings.word_embeddings.weight"),
        ("config.json", "132", "40", "but the encoder knows 40 words"),
        ("1_Pooling/config.json", "48", "49", "word_embedding_dimension"),
        ("sentence_bert_config.json", "128", "\"long\"", "max_seq_length"),
        ("tokenizer.json", "WordPiece", "Sentences", "tokenizer.json"),
    ] {
        let folder = sentence_copy();
        edit(&folder.path().join(file), from, to);
        let error = embed(folder.path()).unwrap_err().to_string();
        assert!(error.contains(part), "{file}: {error}");
    }
}

#[test]
fn a_module_that_is_not_applied_is_refused() {
    let folder = sentence_copy();
    append_module(folder.path(), "", "CNN");
    let error = embed(folder.path()).unwrap_err().to_string();
    assert!(error.contains("the module CNN is not supported"), "{error}");
}

#[test]
fn a_normalizing_module_changes_nothing() {
    let folder = sentence_copy();
    let before = embed(folder.path()).unwrap();
    append_module(folder.path(), "2_Normalize", "Normalize");
    let after = embed(folder.path()).unwrap();
    assert!(before[0].iter().zip(&after[0]).all(|(x, y)| (x - y).abs() < 1e-6));
}

#[test]
fn a_dense_module_is_applied() {
    let folder = sentence_copy();
    let dense = folder.path().join("2_Dense");
    std::fs::create_dir(&dense).unwrap();
    std::fs::write(
        dense.join("config.json"),
        r#"{"in_features": 48, "out_features": 2, "bias": true,
            "activation_function": "torch.nn.modules.linear.Identity"}"#,
    )
    .unwrap();
    let header = r#"{"linear.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"linear.weight":{"dtype":"F32","shape":[2,48],"data_offsets":[8,392]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([3.0_f32, 4.0].iter().flat_map(|x| x.to_le_bytes()));
    bytes.extend([0; 384]);
    std::fs::write(dense.join("model.safetensors"), bytes).unwrap();
    append_module(folder.path(), "2_Dense", "Dense");
    // Weights of zero leave the bias, which is scaled to length one.
    let vector = &embed(folder.path()).unwrap()[0];
    assert!((vector[0] - 0.6).abs() < 1e-6 && (vector[1] - 0.8).abs() < 1e-6, "{vector:?}");
}

#[test]
fn weights_that_are_not_numbers_are_noticed() {
    let header = r#"{"linear.weight":{"dtype":"F32","shape":[1,48],"data_offsets":[0,192]}}"#;
    let folder = sentence_copy();
    let dense = folder.path().join("2_Dense");
    std::fs::create_dir(&dense).unwrap();
    let config = r#"{"in_features": 48, "out_features": 1, "bias": false}"#;
    std::fs::write(dense.join("config.json"), config).unwrap();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([f32::NAN; 48].iter().flat_map(|x| x.to_le_bytes()));
    std::fs::write(dense.join("model.safetensors"), bytes).unwrap();
    append_module(folder.path(), "2_Dense", "Dense");
    let error = embed(folder.path()).unwrap_err();
    assert!(matches!(error, FenseError::NotFinite { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 2))]

    /// The archive's checksums notice damage to what is read; the rest is not read.
    #[test]
    fn damaged_bytes_never_change_a_score(at in 0.0_f64..1.0, flip in 1_u8..) {
        let mut bytes = std::fs::read(data().join("echecker.ckpt")).unwrap();
        let whole = detector(&bytes).unwrap();
        let at = (at * bytes.len() as f64) as usize;
        bytes[at] ^= flip;
        if let Ok(score) = detector(&bytes) {
            prop_assert!((score - whole).abs() < 1e-9, "byte {at}: {score} for {whole}");
        }
    }

    #[test]
    fn a_detector_cut_anywhere_is_an_error(at in 0.0_f64..1.0) {
        let bytes = std::fs::read(data().join("echecker.ckpt")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("echecker.ckpt");
        std::fs::write(&path, &bytes[..(at * bytes.len() as f64) as usize]).unwrap();
        prop_assert!(FluencyDetector::read(&path, &data().join("echecker_base")).is_err());
    }
}
