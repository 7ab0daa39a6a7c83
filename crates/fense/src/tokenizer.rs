//! Texts to token ids, by the tokenizer that belongs to a model.

use std::path::{Path, PathBuf};

use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, Tokenizer, TruncationParams};

use crate::error::FenseError;
use crate::json;
use crate::word_piece::WordPieceFile;

/// The fewest tokens a text may be cut to: one beside the two special ones.
const SHORTEST: usize = 3;

/// A tokenizer that gives at most a fixed number of ids, special ones included.
#[derive(Debug)]
pub(crate) struct TextTokenizer {
    path: PathBuf,
    inner: Tokenizer,
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
        if longest < SHORTEST {
            let reason =
                format!("texts of {longest} tokens are too short; {SHORTEST} is the least");
            return Err(FenseError::tokenizer(&path, reason));
        }
        let file = WordPieceFile::read(&path, &config, vocabulary)?;
        let inner =
            tokenizer(file, longest).map_err(|error| FenseError::tokenizer(&path, error))?;
        Ok(Self { path, inner })
    }

    /// The ids of a text, special ones included: at least two, each a word of the encoder.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, FenseError> {
        let encoding = self
            .inner
            .encode_fast(text, true)
            .map_err(|error| FenseError::tokenizer(&self.path, error))?;
        Ok(encoding.get_ids().to_vec())
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

/// The library's tokenizer, put together from parts that were checked. Its own reader of
/// `tokenizer.json` is never asked: that panics at files of a shape it does not expect, and
/// takes from them how far to pad, which may be gigabytes.
fn tokenizer(file: WordPieceFile, longest: usize) -> tokenizers::Result<Tokenizer> {
    // The library's kind of map, empty, without naming the crate that it comes from.
    let mut words = WordPiece::read_bytes(b"")?;
    words.extend(file.words);
    let model = WordPiece::builder()
        .vocab(words)
        .unk_token(file.unknown)
        .max_input_chars_per_word(file.longest_word)
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    let casing = file.casing;
    tokenizer
        .with_normalizer(Some(BertNormalizer::new(
            casing.clean_text,
            casing.chinese_characters,
            casing.strip_accents,
            casing.lowercase,
        )))?
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(BertProcessing::new(file.last, file.first)));
    let special = file.special.into_iter().map(|token| AddedToken::from(token, true));
    tokenizer.add_special_tokens(special.collect::<Vec<_>>())?;
    tokenizer
        .with_truncation(Some(TruncationParams { max_length: longest, ..Default::default() }))?;
    Ok(tokenizer)
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
        let error = TextTokenizer::read(folder.path(), 16, 9).unwrap_err().to_string();
        assert!(error.contains("has id 9, but the encoder knows 9 words"), "{error}");
    }

    #[test]
    fn a_foreign_vocabulary_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vocab.txt"), "a\nb\n").unwrap();
        let error = TextTokenizer::read(folder.path(), 16, 9).unwrap_err().to_string();
        assert!(error.contains("vocab.txt: has no line \"[UNK]\""), "{error}");
    }

    #[test]
    fn texts_must_have_room_for_a_word() {
        for longest in 0..3 {
            let error = read("{}", longest).unwrap_err().to_string();
            assert!(error.contains("too short"), "{error}");
        }
        assert_eq!(read("{}", 3).unwrap().encode("a dog").unwrap(), [2, 5, 3]);
    }
}
