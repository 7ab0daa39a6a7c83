//! Measures FENSE at its published sizes: 280 captions with 3 references each, random weights.
//!
//! ```text
//! cargo run --release -p avibench-fense --example throughput -- FOLDER [ROUNDS]
//! ```
//!
//! `FOLDER` gets the models (700 MB, kept for the next run) and `captions.json`. Printed are the
//! best of some rounds, the arithmetic done, and what one large matrix product reaches alone.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use avibench_fense::{BatchOptions, Caption, Fense, FenseOptions, ModelFiles, ScoreStage};

type Outcome<T> = Result<T, Box<dyn Error>>;

const HIDDEN: usize = 768;
const WORDS: usize = 30_522;
const CAPTIONS: usize = 280;
const REFERENCES: usize = 3;
const SENTENCE_LAYERS: usize = 6;
const DETECTOR_LAYERS: usize = 12;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder for the models")?;
    let rounds: usize = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let folder = Path::new(&folder);
    if !folder.join("captions.json").exists() {
        write_models(folder)?;
    }
    let texts: Vec<Vec<String>> =
        serde_json::from_reader(File::open(folder.join("captions.json"))?)?;
    let captions: Vec<Caption<'_>> = texts
        .iter()
        .map(|texts| Caption {
            candidate: &texts[0],
            references: texts[1..].iter().map(String::as_str).collect(),
        })
        .collect();

    let files = ModelFiles {
        sentence: folder.join("sbert"),
        checkpoint: folder.join("echecker.ckpt"),
        base: folder.join("echecker_base"),
    };
    let start = Instant::now();
    let fense = Fense::read(&files, FenseOptions::default())?;
    println!("reading both models: {:.2} s", start.elapsed().as_secs_f64());

    let all: Vec<usize> = texts.iter().flatten().map(|text| tokens(text)).collect();
    let candidates: Vec<usize> = texts.iter().map(|texts| tokens(&texts[0])).collect();
    let work = [
        all.iter().map(|&length| operations(SENTENCE_LAYERS, length, length)).sum::<f64>(),
        candidates.iter().map(|&length| operations(DETECTOR_LAYERS, length, 1)).sum::<f64>(),
    ];
    let mut best = [f64::INFINITY; 2];
    for _ in 0..rounds {
        let mut started = [None; 2];
        let mut ended = [None; 2];
        fense.score(&captions, &mut |progress| {
            let stage = usize::from(progress.stage == ScoreStage::Detecting);
            started[stage].get_or_insert_with(Instant::now);
            ended[stage] = Some(Instant::now());
        })?;
        for stage in 0..2 {
            if let (Some(start), Some(end)) = (started[stage], ended[stage]) {
                best[stage] = best[stage].min((end - start).as_secs_f64());
            }
        }
    }
    for (name, sentences, work, seconds) in [
        ("6-layer sentence encoder", all.len(), work[0], best[0]),
        ("12-layer error detector", candidates.len(), work[1], best[1]),
    ] {
        println!(
            "{name}: {sentences} sentences in {seconds:.2} s, {:.0} a second, {:.0} GFLOP/s",
            sentences as f64 / seconds,
            work / seconds / 1e9
        );
    }
    println!("both: {:.2} s", best[0] + best[1]);
    let threads = BatchOptions::default().threads.get();
    println!("one matrix product, {threads} threads side by side: {:.0} GFLOP/s", product(threads));
    Ok(())
}

/// Every word of the captions is one token; two mark the ends.
fn tokens(text: &str) -> usize {
    text.split(' ').count() + 2
}

/// Multiplications and additions for a text of which the last layer finishes `last` tokens.
fn operations(layers: usize, length: usize, last: usize) -> f64 {
    let (layers, length, last) = (layers as f64, length as f64, last as f64);
    let hidden = HIDDEN as f64;
    let keys_and_values = 4.0 * hidden * hidden * length;
    let rest = |tokens: f64| tokens * (20.0 * hidden * hidden + 4.0 * length * hidden);
    (layers - 1.0) * (keys_and_values + rest(length)) + keys_and_values + rest(last)
}

/// What the product of 512 x 768 with 768 x 768 reaches when every thread runs its own.
fn product(threads: usize) -> f64 {
    let rows = 512;
    let repetitions = 40;
    let operations = (2 * rows * HIDDEN * HIDDEN * repetitions * threads) as f64;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let left = vec![0.5; rows * HIDDEN];
                    let right = vec![0.25; HIDDEN * HIDDEN];
                    let mut target = vec![0.0; rows * HIDDEN];
                    for _ in 0..repetitions {
                        multiply(rows, &left, &right, &mut target);
                    }
                });
            }
        });
        best = best.min(start.elapsed().as_secs_f64());
    }
    operations / best / 1e9
}

#[expect(unsafe_code, reason = "the kernel takes raw pointers; all slices have the stated sizes")]
fn multiply(rows: usize, left: &[f32], right: &[f32], target: &mut [f32]) {
    assert!(left.len() == rows * HIDDEN && target.len() == left.len());
    assert!(right.len() == HIDDEN * HIDDEN);
    let (wide, kernel) = (HIDDEN as isize, gemm_f32::gemm::f32::get_gemm_fn());
    // SAFETY: rows x HIDDEN, rows x HIDDEN and HIDDEN x HIDDEN elements, as asserted.
    unsafe {
        kernel(
            rows,
            HIDDEN,
            HIDDEN,
            target.as_mut_ptr(),
            1,
            wide,
            false,
            left.as_ptr(),
            1,
            wide,
            right.as_ptr(),
            wide,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm_common::Parallelism::None,
        );
    }
}

/// Numbers that look random and are the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Uniform in -0.035..0.035, whose deviation is the 0.02 that BERT starts from.
    fn weight(&mut self) -> f32 {
        (self.next() as f32 / (1_u64 << 31) as f32 - 0.5) * 0.07
    }
}

fn write_models(folder: &Path) -> Outcome<()> {
    let sentence = folder.join("sbert");
    let base = folder.join("echecker_base");
    std::fs::create_dir_all(sentence.join("1_Pooling"))?;
    std::fs::create_dir_all(&base)?;
    let words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .into_iter()
        .map(str::to_owned)
        .chain((5..WORDS).map(|index| format!("w{index}")))
        .collect();
    for folder in [&sentence, &base] {
        std::fs::write(folder.join("vocab.txt"), words.join("\n"))?;
    }
    write_json(
        &sentence.join("modules.json"),
        &serde_json::json!([
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ]),
    )?;
    write_json(
        &sentence.join("1_Pooling").join("config.json"),
        &serde_json::json!({"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": true}),
    )?;
    write_json(
        &sentence.join("sentence_bert_config.json"),
        &serde_json::json!({"max_seq_length": 128, "do_lower_case": false}),
    )?;
    for (folder, layers) in [(&sentence, SENTENCE_LAYERS), (&base, DETECTOR_LAYERS)] {
        write_json(
            &folder.join("config.json"),
            &serde_json::json!({
                "model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu",
                "hidden_size": HIDDEN, "num_hidden_layers": layers, "num_attention_heads": 12,
                "intermediate_size": 4 * HIDDEN, "vocab_size": WORDS, "type_vocab_size": 2,
                "max_position_embeddings": 512, "layer_norm_eps": 1e-12, "pad_token_id": 0,
            }),
        )?;
    }
    write_safetensors(&sentence.join("model.safetensors"), &tensors("", SENTENCE_LAYERS))?;
    let mut detector = tensors("encoder.", DETECTOR_LAYERS);
    detector.push(("clf.weight".to_owned(), vec![6, HIDDEN]));
    detector.push(("clf.bias".to_owned(), vec![6]));
    write_checkpoint(&folder.join("echecker.ckpt"), &detector)?;

    let mut dice = Dice(11);
    let texts: Vec<Vec<String>> =
        (0..CAPTIONS).map(|_| (0..=REFERENCES).map(|_| sentence_of(&mut dice)).collect()).collect();
    write_json(&folder.join("captions.json"), &serde_json::json!(texts))
}

/// 8 to 24 words.
fn sentence_of(dice: &mut Dice) -> String {
    let count = 8 + dice.next() as usize % 17;
    let words: Vec<String> =
        (0..count).map(|_| format!("w{}", 5 + dice.next() as usize % (WORDS - 5))).collect();
    words.join(" ")
}

fn write_json(path: &Path, value: &serde_json::Value) -> Outcome<()> {
    Ok(std::fs::write(path, serde_json::to_vec_pretty(value)?)?)
}

/// The names and shapes of BERT's tensors.
fn tensors(prefix: &str, layers: usize) -> Vec<(String, Vec<usize>)> {
    let mut all = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![WORDS, HIDDEN]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![512, HIDDEN]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, HIDDEN]),
        ("embeddings.LayerNorm.weight".to_owned(), vec![HIDDEN]),
        ("embeddings.LayerNorm.bias".to_owned(), vec![HIDDEN]),
    ];
    for layer in 0..layers {
        for (part, inputs, outputs) in [
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", HIDDEN, 4 * HIDDEN),
            ("output.dense", 4 * HIDDEN, HIDDEN),
        ] {
            all.push((format!("encoder.layer.{layer}.{part}.weight"), vec![outputs, inputs]));
            all.push((format!("encoder.layer.{layer}.{part}.bias"), vec![outputs]));
        }
        for part in ["attention.output.LayerNorm", "output.LayerNorm"] {
            all.push((format!("encoder.layer.{layer}.{part}.weight"), vec![HIDDEN]));
            all.push((format!("encoder.layer.{layer}.{part}.bias"), vec![HIDDEN]));
        }
    }
    all.into_iter().map(|(name, shape)| (format!("{prefix}{name}"), shape)).collect()
}

/// The bytes of a tensor: ones for the scales of normalizations, else random.
fn bytes(name: &str, shape: &[usize], dice: &mut Dice) -> Vec<u8> {
    let ones = name.ends_with("LayerNorm.weight");
    let count: usize = shape.iter().product();
    (0..count).flat_map(|_| (if ones { 1.0 } else { dice.weight() }).to_le_bytes()).collect()
}

fn write_safetensors(path: &Path, tensors: &[(String, Vec<usize>)]) -> Outcome<()> {
    let mut header = serde_json::Map::new();
    let mut offset = 0;
    for (name, shape) in tensors {
        let end = offset + 4 * shape.iter().product::<usize>();
        let entry =
            serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [offset, end]});
        header.insert(name.clone(), entry);
        offset = end;
    }
    let header = serde_json::to_vec(&header)?;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(&header)?;
    let mut dice = Dice(1);
    for (name, shape) in tensors {
        file.write_all(&bytes(name, shape, &mut dice))?;
    }
    Ok(file.flush()?)
}

/// A checkpoint as `torch.save` lays it out: a pickle and one archive entry a storage.
fn write_checkpoint(path: &Path, tensors: &[(String, Vec<usize>)]) -> Outcome<()> {
    let text = |text: &str| {
        let mut bytes = b"X".to_vec();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes
    };
    let integer = |value: usize| {
        let mut bytes = b"J".to_vec();
        bytes.extend((value as u32).to_le_bytes());
        bytes
    };
    let mut pickle = b"\x80\x02}(".to_vec();
    pickle.extend([text("model_type"), text("bert-base-uncased")].concat());
    pickle.extend([text("num_classes"), integer(6), text("state_dict")].concat());
    pickle.extend(b"ccollections\nOrderedDict\n)R(");
    for (index, (name, shape)) in tensors.iter().enumerate() {
        let count = shape.iter().product();
        pickle.extend(text(name));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.extend([text("storage"), b"ctorch\nFloatStorage\n".to_vec()].concat());
        pickle.extend([text(&index.to_string()), text("cpu"), integer(count)].concat());
        pickle.extend(b"tQK\0");
        let strides = match shape[..] {
            [_, columns] => vec![columns, 1],
            _ => vec![1],
        };
        for sizes in [shape, &strides] {
            pickle.push(b'(');
            pickle.extend(sizes.iter().flat_map(|&size| integer(size)));
            pickle.push(b't');
        }
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    pickle.extend(b"uu.");

    let mut archive = zip::ZipWriter::new(BufWriter::new(File::create(path)?));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("echecker/data.pkl", stored)?;
    archive.write_all(&pickle)?;
    archive.start_file("echecker/version", stored)?;
    archive.write_all(b"3\n")?;
    let mut dice = Dice(2);
    for (index, (name, shape)) in tensors.iter().enumerate() {
        archive.start_file(format!("echecker/data/{index}"), stored)?;
        archive.write_all(&bytes(name, shape, &mut dice))?;
    }
    archive.finish()?.flush()?;
    Ok(())
}
