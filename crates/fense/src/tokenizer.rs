//! Texts to token ids, by the tokenizer that belongs to a model.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::{BertNormalizer, NormalizerWrapper};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, Tokenizer, TruncationParams};

use crate::error::FenseError;
use crate::json;

/// A tokenizer that gives at most a fixed number of ids, special ones included.
#[derive(Debug)]
pub(crate) struct TextTokenizer {
    path: PathBuf,
    inner: Tokenizer,
    /// Ids must stay below this, the number of rows of the word table.
    vocabulary: usize,
}

impl TextTokenizer {
    /// Reads `tokenizer.json` of a folder, else its `vocab.txt`, both as amended by
    /// `tokenizer_config.json`.
    ///
    /// `longest` is in tokens; `vocabulary` is the number of words the encoder knows.
    pub(crate) fn read(
        folder: &Path,
        longest: usize,
        vocabulary: usize,
    ) -> Result<Self, FenseError> {
        let config = json::optional_object(&folder.join("tokenizer_config.json"))?;
        let path = tokenizer_file(folder).ok_or_else(|| {
            FenseError::tokenizer(folder, "holds neither tokenizer.json nor vocab.txt")
        })?;
        let wrong = |error: tokenizers::Error| FenseError::tokenizer(&path, error);
        let bytes = std::fs::read(&path).map_err(FenseError::io(&path))?;
        let mut inner = if path.extension().is_some_and(|extension| extension == "json") {
            Tokenizer::from_bytes(bytes).map_err(wrong)?
        } else {
            from_vocabulary(&path, &bytes, &config)?
        };
        amend(&mut inner, &config).map_err(wrong)?;
        // Files may fix a padding or a truncation of their own.
        inner.with_padding(None);
        inner
            .with_truncation(Some(TruncationParams { max_length: longest, ..Default::default() }))
            .map_err(wrong)?;
        let this = Self { path, inner, vocabulary };
        // A text without words leaves the special tokens alone, of which there must be one.
        this.encode("")?;
        Ok(this)
    }

    /// The ids of a text, special ones included: at least one.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, FenseError> {
        let encoding = self
            .inner
            .encode_fast(text, true)
            .map_err(|error| FenseError::tokenizer(&self.path, error))?;
        let ids = encoding.get_ids();
        if let Some(id) = ids.iter().find(|id| **id as usize >= self.vocabulary) {
            return Err(FenseError::tokenizer(
                &self.path,
                format!("gives id {id}, but the encoder knows {} words", self.vocabulary),
            ));
        }
        if ids.is_empty() {
            return Err(FenseError::tokenizer(
                &self.path,
                format!("gives no tokens for {:?}: it adds no special tokens", short(text)),
            ));
        }
        Ok(ids.to_vec())
    }
}

/// The tokenizer of a model's folder, if there is one.
pub(crate) fn tokenizer_file(folder: &Path) -> Option<PathBuf> {
    ["tokenizer.json", "vocab.txt"].iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The beginning of a text, for messages.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// A WordPiece tokenizer as BERT's, from one word a line.
fn from_vocabulary(
    path: &Path,
    bytes: &[u8],
    config: &Map<String, Value>,
) -> Result<Tokenizer, FenseError> {
    let words = WordPiece::read_bytes(bytes).map_err(|error| FenseError::tokenizer(path, error))?;
    let special = |field: &str, default: &str| -> Result<(String, u32), FenseError> {
        let content = match config.get(field) {
            Some(Value::String(content)) => content,
            Some(Value::Object(token)) => {
                token.get("content").and_then(Value::as_str).unwrap_or(default)
            }
            _ => default,
        };
        let id = words.get(content).ok_or_else(|| {
            FenseError::tokenizer(path, format!("has no line {content:?}, the {field}"))
        })?;
        Ok((content.to_owned(), *id))
    };
    let unknown = special("unk_token", "[UNK]")?;
    let separator = special("sep_token", "[SEP]")?;
    let first = special("cls_token", "[CLS]")?;
    let mut tokens = vec![unknown.0.clone(), separator.0.clone(), first.0.clone()];
    for (field, default) in [("pad_token", "[PAD]"), ("mask_token", "[MASK]")] {
        tokens.extend(special(field, default).ok().map(|(content, _)| content));
    }
    let model = WordPiece::builder()
        .vocab(words)
        .unk_token(unknown.0)
        .build()
        .map_err(|error| FenseError::tokenizer(path, error))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer
        .with_normalizer(Some(BertNormalizer::new(true, true, None, true)))
        .map_err(|error| FenseError::tokenizer(path, error))?
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(BertProcessing::new(separator, first)));
    let tokens: Vec<_> = tokens.into_iter().map(|token| AddedToken::from(token, true)).collect();
    tokenizer.add_special_tokens(tokens).map_err(|error| FenseError::tokenizer(path, error))?;
    Ok(tokenizer)
}

/// Where `tokenizer_config.json` speaks about casing, accents or Chinese characters, it overrides
/// the normalizer that is stored in `tokenizer.json`, as Hugging Face's tokenizers do.
fn amend(tokenizer: &mut Tokenizer, config: &Map<String, Value>) -> tokenizers::Result<()> {
    let Some(NormalizerWrapper::BertNormalizer(stored)) = tokenizer.get_normalizer() else {
        return Ok(());
    };
    let flag = |field: &str| config.get(field).and_then(Value::as_bool);
    let normalizer = BertNormalizer::new(
        stored.clean_text,
        flag("tokenize_chinese_chars").unwrap_or(stored.handle_chinese_chars),
        flag("strip_accents").or(stored.strip_accents),
        flag("do_lower_case").unwrap_or(stored.lowercase),
    );
    tokenizer.with_normalizer(Some(normalizer))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\ndog\n##s\nDog\n.\n";

    fn read(config: &str, longest: usize) -> Result<TextTokenizer, FenseError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vocab.txt"), WORDS).unwrap();
        std::fs::write(folder.path().join("tokenizer_config.json"), config).unwrap();
        TextTokenizer::read(folder.path(), longest, 10)
    }

    #[test]
    fn a_vocabulary_makes_a_wordpiece_tokenizer() {
        let tokenizer = read("{}", 16).unwrap();
        assert_eq!(tokenizer.encode("A Dogs.").unwrap(), [2, 5, 6, 7, 9, 3]);
        assert_eq!(tokenizer.encode("").unwrap(), [2, 3]);
        assert_eq!(tokenizer.encode("\n \t").unwrap(), [2, 3]);
        assert_eq!(tokenizer.encode("🐕 cat").unwrap(), [2, 1, 1, 3]);
        assert_eq!(tokenizer.encode("[MASK]").unwrap(), [2, 4, 3]);
    }

    #[test]
    fn casing_is_the_configurations() {
        let tokenizer = read(r#"{"do_lower_case": false}"#, 16).unwrap();
        assert_eq!(tokenizer.encode("Dog A").unwrap(), [2, 8, 1, 3]);
    }

    #[test]
    fn long_texts_keep_their_end_mark() {
        let tokenizer = read("{}", 4).unwrap();
        assert_eq!(tokenizer.encode(&"dog ".repeat(500)).unwrap(), [2, 6, 6, 3]);
    }

    #[test]
    fn ids_beyond_the_encoder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vocab.txt"), WORDS).unwrap();
        let tokenizer = TextTokenizer::read(folder.path(), 16, 9).unwrap();
        let error = tokenizer.encode("a .").unwrap_err().to_string();
        assert!(error.contains("gives id 9, but the encoder knows 9 words"), "{error}");
    }

    #[test]
    fn a_foreign_vocabulary_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vocab.txt"), "a\nb\n").unwrap();
        let error = TextTokenizer::read(folder.path(), 16, 9).unwrap_err().to_string();
        assert!(error.contains("vocab.txt: has no line \"[UNK]\""), "{error}");
    }
}
