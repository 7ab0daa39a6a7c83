//! Finds the models' files and says where it looked.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use avibench_files::SizeLimit;
use sha2::{Digest as _, Sha256};

use super::{
    BASE_FOLDER, BASE_MODEL, CHECKPOINT_NAME, CHECKPOINTS, PUBLISHED_CHECKPOINT, Places,
    SENTENCE_FOLDER, SENTENCE_MODEL,
};
use crate::encoder::EncoderConfig;
use crate::error::FenseError;
use crate::sentence;
use crate::tokenizer::tokenizer_file;
use crate::weights::Weights;

/// The files both models are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    /// A Sentence Transformers folder.
    pub sentence: PathBuf,
    /// The detector's PyTorch checkpoint.
    pub checkpoint: PathBuf,
    /// A folder with the tokenizer and configuration of the detector's encoder.
    pub base: PathBuf,
}

/// One of the three things FENSE needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The sentence encoder.
    Sentence,
    /// The detector's checkpoint.
    Checkpoint,
    /// The tokenizer and configuration of the detector's encoder.
    Base,
}

impl Part {
    /// What the part is, for messages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Sentence => "sentence encoder paraphrase-TinyBERT-L6-v2",
            Self::Checkpoint => "error detector echecker_clotho_audiocaps_base",
            Self::Base => "tokenizer of bert-base-uncased",
        }
    }

    /// The part's name in a folder of models.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Sentence => SENTENCE_FOLDER,
            Self::Checkpoint => CHECKPOINT_NAME,
            Self::Base => BASE_FOLDER,
        }
    }
}

/// A place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The file or folder.
    pub path: PathBuf,
    /// Why the part is not there, or `None` if it is.
    pub missing: Option<String>,
}

/// Where one part was looked for; the last place is where it was found, if it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The part.
    pub part: Part,
    /// The places in the order of their looking.
    pub looked: Vec<Looked>,
}

impl Finding {
    /// Where the part is, if it was found.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.looked.last().filter(|place| place.missing.is_none()).map(|place| &*place.path)
    }
}

/// Where all three parts were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Sentence encoder, checkpoint, tokenizer.
    pub findings: [Finding; 3],
    /// The folder that was named for the models, if one was.
    pub folder: Option<PathBuf>,
    /// Whether fetching is forbidden.
    pub offline: bool,
    /// The encoder whose tokenizer the checkpoint needs, a repository of the hub.
    pub base_model: String,
}

impl Located {
    /// All files, or one line that says what to put where.
    ///
    /// # Errors
    ///
    /// [`FenseError::ModelsMissing`] if a part was not found.
    pub fn files(&self) -> Result<ModelFiles, FenseError> {
        let [sentence, checkpoint, base] =
            self.findings.each_ref().map(|finding| finding.path().map(Path::to_owned));
        match (sentence, checkpoint, base) {
            (Some(sentence), Some(checkpoint), Some(base)) => {
                Ok(ModelFiles { sentence, checkpoint, base })
            }
            _ => Err(FenseError::ModelsMissing(self.complaint())),
        }
    }

    fn complaint(&self) -> String {
        let missing = || self.findings.iter().filter(|finding| finding.path().is_none());
        let titles: Vec<&str> = missing().map(|finding| finding.part.title()).collect();
        let place = match &self.folder {
            None => String::new(),
            Some(folder) => {
                let names: Vec<&str> = missing().map(|finding| finding.part.file_name()).collect();
                format!(" ({} in {})", names.join(", "), folder.display())
            }
        };
        let ways = if self.offline {
            "HF_HUB_OFFLINE forbids fetching, so fetch elsewhere and name a folder with"
        } else {
            "run `avibench fense fetch`, or name a folder with"
        };
        format!(
            "FENSE lacks the {}{place}; {ways} {SENTENCE_FOLDER}/, {CHECKPOINT_NAME} and \
             {BASE_FOLDER}/ by --fense-models or AVIBENCH_FENSE_MODELS",
            titles.join(", the ")
        )
    }
}

/// Looks for all parts. Files are not read beyond what tells the parts apart, nor hashed.
#[must_use]
pub fn locate(places: &Places) -> Located {
    let sentence = search(Part::Sentence, sentence_places(places), sentence::incomplete);
    let checkpoint = search(Part::Checkpoint, checkpoint_places(places), |path| {
        (!path.is_file()).then(|| "no such file".to_owned())
    });
    let base_model = checkpoint.path().and_then(model_type).unwrap_or_else(|| BASE_MODEL.into());
    let base = search(Part::Base, base_places(places, &base_model), |path| {
        if !path.is_dir() {
            Some("no such folder".to_owned())
        } else if tokenizer_file(path).is_none() {
            Some("holds neither tokenizer.json nor vocab.txt".to_owned())
        } else if !path.join("config.json").is_file()
            && EncoderConfig::of_published(&base_model).is_none()
        {
            Some("config.json is missing".to_owned())
        } else {
            None
        }
    });
    Located {
        findings: [sentence, checkpoint, base],
        folder: places.folder.clone(),
        offline: places.offline,
        base_model,
    }
}

/// The published detector a checkpoint is, by its sha256; `None` for any other file.
///
/// # Errors
///
/// [`FenseError::Io`] if the file cannot be read.
pub fn identify_checkpoint(path: &Path) -> Result<Option<&'static str>, FenseError> {
    let found = file_sha256(path)?;
    Ok(CHECKPOINTS.iter().find(|(_, hash)| *hash == found).map(|(name, _)| *name))
}

/// The sha256 of a file, lowercase hex.
///
/// # Errors
///
/// [`FenseError::Io`] if the file cannot be read.
pub fn file_sha256(path: &Path) -> Result<String, FenseError> {
    let mut file = File::open(path).map_err(FenseError::io(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(FenseError::io(path))? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn search(
    part: Part,
    places: Vec<Result<PathBuf, Looked>>,
    missing: impl Fn(&Path) -> Option<String>,
) -> Finding {
    let mut looked = Vec::new();
    for place in places {
        let place =
            place.map_or_else(|place| place, |path| Looked { missing: missing(&path), path });
        let found = place.missing.is_none();
        looked.push(place);
        if found {
            break;
        }
    }
    Finding { part, looked }
}

fn sentence_places(places: &Places) -> Vec<Result<PathBuf, Looked>> {
    if let Some(folder) = &places.folder {
        return vec![Ok(folder.join(SENTENCE_FOLDER))];
    }
    let mut all = snapshots(places, &[SENTENCE_MODEL]);
    all.extend(
        places
            .sentence_transformers
            .iter()
            .map(|folder| Ok(folder.join(SENTENCE_MODEL.replace('/', "_")))),
    );
    all.extend(places.own.iter().map(|own| Ok(own.join(SENTENCE_FOLDER))));
    all
}

fn checkpoint_places(places: &Places) -> Vec<Result<PathBuf, Looked>> {
    if let Some(folder) = &places.folder {
        return vec![Ok(folder.join(CHECKPOINT_NAME))];
    }
    let data = places.detector_data.iter().map(|folder| folder.join(PUBLISHED_CHECKPOINT.0));
    data.chain(places.own.iter().map(|own| own.join(CHECKPOINT_NAME))).map(Ok).collect()
}

fn base_places(places: &Places, base_model: &str) -> Vec<Result<PathBuf, Looked>> {
    if let Some(folder) = &places.folder {
        return vec![Ok(folder.join(BASE_FOLDER))];
    }
    // Repositories without an owner moved to one; caches know either name.
    let moved = format!("google-bert/{base_model}");
    let names: &[&str] =
        if base_model.contains('/') { &[base_model] } else { &[base_model, &moved] };
    let mut all = snapshots(places, names);
    all.extend(places.own.iter().map(|own| Ok(own.join(BASE_FOLDER))));
    all
}

/// The current snapshots of repositories in the Hugging Face cache.
fn snapshots(places: &Places, repositories: &[&str]) -> Vec<Result<PathBuf, Looked>> {
    let Some(cache) = &places.hub_cache else { return Vec::new() };
    repositories
        .iter()
        .map(|name| {
            let folder = cache.join(format!("models--{}", name.replace('/', "--")));
            let reference = folder.join("refs").join("main");
            match SizeLimit::SECRET.read_text(&reference) {
                Ok(commit) if !commit.trim().contains(['/', '\\', '.']) => {
                    Ok(folder.join("snapshots").join(commit.trim()))
                }
                Ok(_) => {
                    Err(Looked { path: reference, missing: Some("names no snapshot".to_owned()) })
                }
                Err(_) => Err(Looked {
                    path: folder,
                    missing: Some("no snapshot in the Hugging Face cache".to_owned()),
                }),
            }
        })
        .collect()
}

/// The encoder a checkpoint says it was made from, if that is a repository's name.
fn model_type(checkpoint: &Path) -> Option<String> {
    let weights = Weights::open(checkpoint).ok()?;
    let name = weights.text("model_type")?;
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let parts: Vec<&str> = name.split('/').collect();
    (parts.len() <= 2 && parts.into_iter().all(part)).then(|| name.to_owned())
}
