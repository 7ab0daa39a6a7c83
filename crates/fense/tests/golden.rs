//! Captions whose scores were computed by the published Python tools with tiny random models.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use avibench_fense::{
    BatchOptions, Caption, Fense, FenseOptions, FenseReport, FluencyError, ModelFiles,
    ScoreProgress, ScoreStage, SentenceModel,
};

#[derive(serde::Deserialize)]
struct Expected {
    corpus: Corpus,
    samples: Vec<Sample>,
}

#[derive(serde::Deserialize)]
struct Corpus {
    sbert_sim: f64,
    fer: f64,
    fense: f64,
}

#[derive(serde::Deserialize)]
struct Sample {
    candidate: String,
    references: Vec<String>,
    sbert_sim: f64,
    error_prob: f64,
    fer: f64,
    fense: f64,
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("data")
}

fn files() -> ModelFiles {
    ModelFiles {
        sentence: data().join("sbert"),
        checkpoint: data().join("echecker.ckpt"),
        base: data().join("echecker_base"),
    }
}

fn expected() -> Expected {
    serde_json::from_slice(&std::fs::read(data().join("expected.json")).unwrap()).unwrap()
}

fn options(batch_size: usize, threads: usize) -> FenseOptions {
    FenseOptions {
        batch: BatchOptions {
            batch_size: NonZeroUsize::new(batch_size).unwrap(),
            threads: NonZeroUsize::new(threads).unwrap(),
        },
        cache: None,
    }
}

fn captions(samples: &[Sample]) -> Vec<Caption<'_>> {
    samples
        .iter()
        .map(|sample| Caption {
            candidate: &sample.candidate,
            references: sample.references.iter().map(String::as_str).collect(),
        })
        .collect()
}

fn caption<'a>(candidate: &'a str, references: &[&'a str]) -> Caption<'a> {
    Caption { candidate, references: references.to_vec() }
}

fn score(options: FenseOptions, captions: &[Caption<'_>]) -> FenseReport {
    Fense::read(&files(), options).unwrap().score(captions, &mut |_| {}).unwrap()
}

fn near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-5, "{what}: {found}, expected {expected}");
}

#[test]
fn every_caption_scores_as_published() {
    let expected = expected();
    for (batch_size, threads) in [(1, 1), (1, 2), (7, 2), (64, 1), (64, 2)] {
        let report = score(options(batch_size, threads), &captions(&expected.samples));
        assert_eq!(report.captions.len(), expected.samples.len());
        for (found, sample) in report.captions.iter().zip(&expected.samples) {
            let found = found.as_ref().unwrap();
            near(found.similarity, sample.sbert_sim, &sample.candidate);
            near(found.probability(FluencyError::Error), sample.error_prob, &sample.candidate);
            near(found.fense, sample.fense, &sample.candidate);
            assert_eq!(found.erroneous, sample.fer > 0.5, "{}", sample.candidate);
        }
        let corpus = report.corpus.unwrap();
        near(corpus.similarity, expected.corpus.sbert_sim, "corpus similarity");
        near(corpus.fluency_error_rate, expected.corpus.fer, "corpus error rate");
        near(corpus.fense, expected.corpus.fense, "corpus fense");
        assert_eq!(corpus.captions, expected.samples.len());
    }
}

/// All six probabilities of the published samples, as PyTorch gives them, in their order.
#[test]
fn every_probability_is_pytorchs() {
    let bytes = std::fs::read(data().join("probabilities.json")).unwrap();
    let probabilities: Vec<[f64; 6]> = serde_json::from_slice(&bytes).unwrap();
    let samples = expected().samples;
    let report = score(options(32, 2), &captions(&samples));
    for ((found, expected), sample) in report.captions.iter().zip(probabilities).zip(&samples) {
        for (p, q) in found.as_ref().unwrap().probabilities.iter().zip(expected) {
            near(*p, q, &sample.candidate);
        }
    }
}

#[test]
fn a_vocabulary_alone_gives_the_same_scores() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        let to = folder.path().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(data().join(from), to).unwrap();
    };
    for name in [
        "modules.json",
        "config.json",
        "pytorch_model.bin",
        "sentence_bert_config.json",
        "vocab.txt",
        "tokenizer_config.json",
        "1_Pooling/config.json",
    ] {
        copy(&format!("sbert/{name}"), &format!("sbert/{name}"));
    }
    for name in ["config.json", "vocab.txt"] {
        copy(&format!("echecker_base/{name}"), &format!("echecker_base/{name}"));
    }
    let files = ModelFiles {
        sentence: folder.path().join("sbert"),
        checkpoint: files().checkpoint,
        base: folder.path().join("echecker_base"),
    };
    let expected = expected();
    let fense = Fense::read(&files, options(32, 2)).unwrap();
    let report = fense.score(&captions(&expected.samples), &mut |_| {}).unwrap();
    for (found, sample) in report.captions.iter().zip(&expected.samples) {
        near(found.as_ref().unwrap().fense, sample.fense, &sample.candidate);
    }
}

#[test]
fn strange_captions_have_scores() {
    let long = "dog barks ".repeat(250);
    let huge = "woof".repeat(100_000);
    let strange = [
        "",
        " ",
        "!!! ... ?",
        "🐕🔊👩‍👩‍👧",
        "a\nb\r\n\tc",
        "\u{0}\u{1}",
        "[CLS] [MASK]",
        &long,
        &huge,
        "狗 叫",
    ];
    let captions: Vec<_> =
        strange.iter().map(|text| caption(text, &["a dog barks", "", "🐕"])).collect();
    let report = score(options(64, 2), &captions);
    for (found, text) in report.captions.iter().zip(strange) {
        let found = found.as_ref().unwrap();
        assert!((-1.000_01..=1.000_01).contains(&found.similarity), "{text:?}");
        assert!(found.probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{text:?}");
    }
}

#[test]
fn neighbours_in_a_batch_change_nothing() {
    let long = "the dog barks loud while the train passes ".repeat(20);
    let alone = score(options(1, 1), &[caption("two dogs", &["a dog"])]);
    for neighbour in ["a", "", long.as_str()] {
        let both = [caption("two dogs", &["a dog"]), caption(neighbour, &[neighbour, &long])];
        let together = score(options(64, 1), &both);
        let (one, other) =
            (alone.captions[0].as_ref().unwrap(), together.captions[0].as_ref().unwrap());
        near(one.similarity, other.similarity, neighbour);
        for (p, q) in one.probabilities.iter().zip(other.probabilities) {
            near(*p, q, neighbour);
        }
    }
}

#[test]
fn captions_without_references_have_no_score() {
    let report = score(options(8, 2), &[caption("a dog", &[]), caption("a dog", &["a dog"])]);
    assert!(report.captions[0].is_none());
    near(report.captions[1].as_ref().unwrap().similarity, 1.0, "itself");
    assert_eq!(report.corpus.unwrap().captions, 1);
    let nothing = score(options(8, 2), &[]);
    assert_eq!((nothing.captions.len(), nothing.corpus), (0, None));
}

#[test]
fn every_distinct_text_is_computed_once() {
    let mut heard = Vec::new();
    let captions: Vec<_> =
        (0..50).map(|_| caption("a dog barks", &["a dog", "a dog barks", "a dog"])).collect();
    let fense = Fense::read(&files(), options(7, 2)).unwrap();
    fense.score(&captions, &mut |progress| heard.push(progress)).unwrap();
    let at = |stage, done, total| ScoreProgress { stage, done, total };
    assert_eq!(heard.first(), Some(&at(ScoreStage::Embedding, 0, 2)));
    assert!(heard.contains(&at(ScoreStage::Embedding, 2, 2)));
    assert_eq!(heard.last(), Some(&at(ScoreStage::Detecting, 1, 1)));
}

#[test]
fn cached_vectors_give_the_same_scores() {
    let folder = tempfile::tempdir().unwrap();
    let expected = expected();
    let captions = captions(&expected.samples);
    let mut options = options(16, 2);
    options.cache = Some(folder.path().join("vectors"));
    let fense = Fense::read(&files(), options).unwrap();
    let first = fense.score(&captions, &mut |_| {}).unwrap();
    let mut totals = Vec::new();
    let second = fense.score(&captions, &mut |progress| totals.push(progress.total)).unwrap();
    assert_eq!(first, second);
    assert_eq!(totals, [0, 0]);

    for entry in std::fs::read_dir(folder.path().join("vectors")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    let mended = fense.score(&captions, &mut |_| {}).unwrap();
    assert_eq!(mended.captions, first.captions);
    assert_eq!(mended.warnings.len(), 2);
    assert!(fense.score(&captions, &mut |_| {}).unwrap().warnings.is_empty());
}

#[test]
fn a_cache_that_cannot_be_written_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut options = options(16, 2);
    options.cache = Some(file.join("vectors"));
    let report = score(options, &[caption("a dog", &["a dog"])]);
    assert!(report.corpus.is_some());
    assert!(!report.warnings.is_empty());
}

#[test]
fn embeddings_have_length_one() {
    let model = SentenceModel::read(&data().join("sbert")).unwrap();
    let vectors = model.embed(&["a dog", ""], BatchOptions::default(), |_| {}).unwrap();
    for vector in vectors {
        assert_eq!(vector.len(), model.width());
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
}
