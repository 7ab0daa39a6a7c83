//! How long reading takes: ordinary answers of all families, and texts that no model should write.

use std::hint::black_box;

use avibench_protocol::{Folder, option_list};
use avibench_reading::{Question, read};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;

/// A folder, the key of its options, a question and an answer.
struct Item {
    folder: Folder,
    options: String,
    question: String,
    answer: String,
}

fn corpus() -> Vec<Item> {
    include_str!("../../reading/tests/reading/corpus.jsonl")
        .lines()
        .filter_map(|line| {
            let item: Value = serde_json::from_str(line).ok()?;
            let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
            Some(Item {
                folder: serde_json::from_value(item["folder"].clone()).ok()?,
                options: text("options"),
                question: text("question"),
                answer: text("answer"),
            })
        })
        .collect()
}

fn read_item(item: &Item) {
    let options = option_list(item.folder, &item.options).unwrap_or_default();
    let question = Question { folder: item.folder, text: &item.question, options };
    black_box(read(&question, black_box(&item.answer)));
}

fn ordinary(criterion: &mut Criterion) {
    let corpus = corpus();
    let short: Vec<&Item> = corpus
        .iter()
        .filter(|item| item.folder.family() == avibench_protocol::Family::FullMatch)
        .filter(|item| item.answer.len() <= 200)
        .collect();
    let mut group = criterion.benchmark_group("ordinary");
    group.sample_size(20);
    group.bench_function("2,090 short answers of full match", |bencher| {
        bencher.iter(|| short.iter().cycle().take(2_090).for_each(|item| read_item(item)));
    });
    group.bench_function("5,864 answers of all families", |bencher| {
        bencher.iter(|| corpus.iter().cycle().take(5_864).for_each(read_item));
    });
    group.finish();
}

/// Texts of a megabyte, each of one thing over and over.
const PIECES: [(&str, &str); 12] = [
    ("words", "word "),
    ("commas", "red, "),
    ("denials", "not "),
    ("brackets", "[{("),
    ("full stops", ". "),
    ("short sentences", "No! "),
    ("markers", "the answer is "),
    ("boxes", "\\boxed{"),
    ("tags", "<answer>"),
    ("questions", ":\nQ: "),
    ("white space", "        \n"),
    ("characters", "不，"),
];

/// Yes or no, two kinds of options, a number, and a set.
const QUESTIONS: [(Folder, &str); 5] = [
    (Folder::Avh, "avh_options_list"),
    (Folder::Asqa, "options_sound_volume"),
    (Folder::Avqa, "avqa_cls_list"),
    (Folder::Avqa, ""),
    (Folder::Avsqa, "avsqa_options_list_color"),
];

fn megabytes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("megabyte");
    group.sample_size(10).throughput(Throughput::Bytes(1 << 20));
    for (folder, key) in QUESTIONS {
        for (name, piece) in PIECES {
            let text = piece.repeat((1 << 20) / piece.len());
            let id = BenchmarkId::new(format!("{} {key}", folder.name()), name);
            group.bench_function(id, |bencher| {
                let options = option_list(folder, key).unwrap_or_default();
                let question = Question { folder, text: "Is the red dog visible?", options };
                bencher.iter_batched(
                    || text.clone(),
                    |text| black_box(read(&question, &text)),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, ordinary, megabytes);
criterion_main!(benches);
