//! A Sentence Transformers model: its modules in a row, from text to unit vector.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::batch::{self, BatchOptions};
use crate::encoder::{Activation, Affine, Buffers, Encoder, EncoderConfig, Reach};
use crate::error::FenseError;
use crate::json;
use crate::pooling::Pooling;
use crate::tokenizer::{TextTokenizer, short, tokenizer_file};
use crate::weights::{Weights, weights_file};

/// The file of the Transformer module's own settings, by the architecture it was first made for.
const SETTINGS: [&str; 2] = ["sentence_bert_config.json", "sentence_distilbert_config.json"];

/// The most components that a Dense module may return: each text has so many.
const WIDEST: usize = 1 << 14;
/// The most modules in a row.
const MOST_MODULES: usize = 16;

/// A sentence encoder, ready to embed.
#[derive(Debug)]
pub struct SentenceModel {
    folder: PathBuf,
    tokenizer: TextTokenizer,
    encoder: Encoder,
    pooling: Pooling,
    /// What follows the pooling.
    tail: Vec<Tail>,
    /// Components of a finished embedding.
    width: usize,
    /// Whether texts are lowercased before the tokenizer sees them.
    lowercase: bool,
    /// Everything the embeddings depend on.
    files: Vec<PathBuf>,
}

#[derive(Debug)]
enum Tail {
    Dense(Affine, Activation),
    Normalize,
}

/// A module as `modules.json` lists it.
struct Module {
    /// The last part of its class name.
    kind: String,
    folder: PathBuf,
}

impl SentenceModel {
    /// Reads a Sentence Transformers folder.
    ///
    /// # Errors
    ///
    /// Any [`FenseError`] but the missing models and downloads; a module that is not applied here
    /// is an error, never skipped.
    pub fn read(folder: &Path) -> Result<Self, FenseError> {
        let listing = folder.join("modules.json");
        let modules = modules(folder, &listing)?;
        let unexpected = |module: &Module| {
            FenseError::config(
                &listing,
                format!(
                    "the module {} is not supported here; Transformer, Pooling, then any of \
                     Dense, Normalize and Dropout are",
                    module.kind
                ),
            )
        };
        let mut modules = modules.into_iter();
        let transformer = modules.next().filter(|module| module.kind == "Transformer");
        let pooling = modules.next().filter(|module| module.kind == "Pooling");
        let (Some(transformer), Some(pooling)) = (transformer, pooling) else {
            return Err(FenseError::config(
                &listing,
                "does not begin with the modules Transformer and Pooling",
            ));
        };
        let base = &transformer.folder;
        let config = EncoderConfig::read(&base.join("config.json"))?;
        let (hidden, vocabulary) = (config.hidden, config.vocabulary);
        let settings = Settings::read(base, config.longest_text())?;
        let tokenizer = TextTokenizer::read(base, settings.longest, vocabulary)?;
        let mut files = vec![listing.clone(), base.join("config.json")];
        files.extend(SETTINGS.iter().map(|name| base.join(name)));
        files.extend(tokenizer_file(base));
        files.extend([base.join("tokenizer_config.json"), pooling.folder.join("config.json")]);
        files.extend(weights_file(base));
        let encoder = Encoder::read(config, &mut Weights::in_folder(base)?)?;
        let pooling = Pooling::read(&pooling.folder.join("config.json"), hidden)?;

        let mut width = pooling.width(hidden);
        let mut tail = Vec::new();
        for module in modules {
            match module.kind.as_str() {
                "Normalize" => tail.push(Tail::Normalize),
                // Dropout only acts in training.
                "Dropout" => {}
                "Dense" => {
                    files.push(module.folder.join("config.json"));
                    files.extend(weights_file(&module.folder));
                    let (outputs, dense) = dense(&module.folder, width)?;
                    tail.push(dense);
                    width = outputs;
                }
                _ => return Err(unexpected(&module)),
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            tokenizer,
            encoder,
            pooling,
            tail,
            width,
            lowercase: settings.lowercase,
            files: files.into_iter().filter(|path| path.exists()).collect(),
        })
    }

    /// Components of an embedding.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The files the embeddings depend on.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The embeddings of texts, each of length one, in the order of the texts.
    ///
    /// `done` hears how many texts were finished since it was last called.
    ///
    /// # Errors
    ///
    /// [`FenseError::Tokenizer`] or, with damaged weights, [`FenseError::NotFinite`].
    pub fn embed(
        &self,
        texts: &[&str],
        options: BatchOptions,
        done: impl FnMut(usize),
    ) -> Result<Vec<Vec<f32>>, FenseError> {
        let ids = texts.iter().map(|text| self.ids(text)).collect::<Result<Vec<_>, _>>()?;
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let reach = if self.pooling.needs_only_first() { Reach::First } else { Reach::All };
        let batches = batch::plan(&lengths, options);
        let work = |buffers: &mut Buffers, batch: &[usize]| {
            let inputs: Vec<&[u32]> = batch.iter().map(|&index| ids[index].as_slice()).collect();
            let mut pooled = Vec::with_capacity(batch.len());
            self.encoder.encode(&inputs, reach, buffers, |_, rows| {
                pooled.push(self.pooling.pool(rows));
            });
            pooled
                .into_iter()
                .zip(batch)
                .map(|(vector, &index)| self.finish(vector, texts[index]))
                .collect()
        };
        batch::run(&batches, texts.len(), options.threads, work, done)
    }

    fn ids(&self, text: &str) -> Result<Vec<u32>, FenseError> {
        let text = text.trim();
        if self.lowercase {
            self.tokenizer.encode(&text.to_lowercase())
        } else {
            self.tokenizer.encode(text)
        }
    }

    /// Applies what follows the pooling and scales to length one.
    fn finish(&self, mut vector: Vec<f32>, text: &str) -> Result<Vec<f32>, FenseError> {
        for tail in &self.tail {
            match tail {
                Tail::Normalize => normalize(&mut vector),
                Tail::Dense(affine, activation) => {
                    vector = affine.apply(&vector);
                    activation.apply(&mut vector);
                }
            }
        }
        normalize(&mut vector);
        match vector.iter().find(|value| !value.is_finite()) {
            None => Ok(vector),
            Some(&value) => {
                Err(FenseError::NotFinite { path: self.folder.clone(), text: short(text), value })
            }
        }
    }
}

/// What a folder lacks to be a Sentence Transformers model, judged by the presence of files.
pub(crate) fn incomplete(folder: &Path) -> Option<String> {
    if !folder.is_dir() {
        return Some("no such folder".to_owned());
    }
    let listing = folder.join("modules.json");
    if !listing.is_file() {
        return Some("modules.json is missing".to_owned());
    }
    let modules = match modules(folder, &listing) {
        Ok(modules) => modules,
        Err(error) => return Some(error.to_string()),
    };
    modules.iter().find_map(|module| {
        let config = module.folder.join("config.json");
        let configured = matches!(module.kind.as_str(), "Transformer" | "Pooling" | "Dense");
        if configured && !config.is_file() {
            return Some(format!("{} is missing", config.display()));
        }
        let base = module.folder.display();
        if module.kind == "Transformer" && tokenizer_file(&module.folder).is_none() {
            return Some(format!("{base} holds neither tokenizer.json nor vocab.txt"));
        }
        let weighted = matches!(module.kind.as_str(), "Transformer" | "Dense");
        if weighted && weights_file(&module.folder).is_none() {
            return Some(format!("{base} holds neither model.safetensors nor pytorch_model.bin"));
        }
        None
    })
}

/// Scales to length one; the zero vector stays.
fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if length != 0.0 {
        for x in vector {
            *x = (f64::from(*x) / length) as f32;
        }
    }
}

/// The Transformer module's own settings.
struct Settings {
    /// The longest text in tokens.
    longest: usize,
    lowercase: bool,
}

impl Settings {
    /// `possible` is the longest text the encoder has positions for.
    fn read(folder: &Path, possible: usize) -> Result<Self, FenseError> {
        let path = SETTINGS
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| folder.join(SETTINGS[0]));
        let fields = json::optional_object(&path)?;
        let tokenizer = json::optional_object(&folder.join("tokenizer_config.json"))?;
        let stated = match fields.get("max_seq_length") {
            // Left open, the tokenizer's own limit counts; a huge float stands for none.
            None | Some(Value::Null) => tokenizer.get("model_max_length").and_then(Value::as_u64),
            Some(value) => Some(value.as_u64().filter(|length| *length > 2).ok_or_else(|| {
                FenseError::config(&path, format!("max_seq_length {value} is no number above 2"))
            })?),
        };
        Ok(Self {
            longest: stated
                .and_then(|length| usize::try_from(length).ok())
                .map_or(possible, |length| length.min(possible)),
            lowercase: fields.get("do_lower_case").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

fn modules(folder: &Path, listing: &Path) -> Result<Vec<Module>, FenseError> {
    let malformed =
        || FenseError::config(listing, "is not a list of modules with a `type` and a `path` each");
    let Value::Array(entries) = json::value(listing)? else { return Err(malformed()) };
    if entries.len() > MOST_MODULES {
        let reason = format!("lists {} modules, more than {MOST_MODULES}", entries.len());
        return Err(FenseError::config(listing, reason));
    }
    entries
        .iter()
        .map(|entry| {
            let field = |name: &str| entry.get(name).and_then(Value::as_str);
            let (Some(class), Some(path)) = (field("type"), field("path")) else {
                return Err(malformed());
            };
            if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(FenseError::config(
                    listing,
                    format!("the module path {path:?} leads out of the folder"),
                ));
            }
            let kind = class.rsplit('.').next().unwrap_or(class).to_owned();
            Ok(Module { kind, folder: folder.join(path) })
        })
        .collect()
}

/// Reads a Dense module that takes `inputs` components; also gives the number it returns.
fn dense(folder: &Path, inputs: usize) -> Result<(usize, Tail), FenseError> {
    let path = folder.join("config.json");
    let fields = json::object(&path)?;
    let size = |name: &str| {
        fields
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| FenseError::config(&path, format!("{name} is missing or no size")))
    };
    if size("in_features")? != inputs {
        let reason = format!("in_features does not match the {inputs} of the module before");
        return Err(FenseError::config(&path, reason));
    }
    let outputs = size("out_features")?;
    if !(1..=WIDEST).contains(&outputs) {
        let reason = format!("out_features is {outputs}, which is not between 1 and {WIDEST}");
        return Err(FenseError::config(&path, reason));
    }
    let bias = fields.get("bias").and_then(Value::as_bool).unwrap_or(true);
    let class = fields.get("activation_function").and_then(Value::as_str).unwrap_or("Tanh");
    let activation = match class.rsplit('.').next().unwrap_or(class) {
        "Identity" => Activation::Identity,
        "Tanh" => Activation::Tanh,
        "ReLU" => Activation::Relu,
        "GELU" => Activation::Gelu,
        "Sigmoid" => Activation::Sigmoid,
        _ => {
            let reason = format!("activation_function {class:?} is not supported");
            return Err(FenseError::config(&path, reason));
        }
    };
    let mut weights = Weights::in_folder(folder)?;
    let affine = Affine::read(&mut weights, "linear", inputs, outputs, bias)?;
    Ok((outputs, Tail::Dense(affine, activation)))
}
