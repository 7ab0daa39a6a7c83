//! What `tokenizer.json` or `vocab.txt` says, taken only if it has the shape of BERT's.
//!
//! Both published models have this shape: words with the prefix `##` within a word, the pieces
//! and casing of BERT, one special token before and one behind. Whatever else a tokenizer may be
//! made of (patterns that take for ever, maps that are decoded, tokens beyond all ids) is
//! refused by the name of its field before any library sees it.

use std::collections::HashMap;
use std::path::Path;

use avibench_files::SizeLimit;
use avibench_python::read_json;
use serde_json::{Map, Value};

use crate::error::FenseError;
use crate::json;
use crate::tokenizer::short;

/// How large a tokenizer's file may be; that of BERT in all languages has 3 MB.
const FILE_LIMIT: SizeLimit = SizeLimit::new(1 << 23, "fetch the model again");
/// The most special tokens; BERT has five.
const MOST_SPECIAL: usize = 100;
/// The longest word in characters that may be cut into pieces, which takes the square of it.
const LONGEST_WORD: u64 = 1000;
/// The length that BERT uses, which `vocab.txt` does not state.
const USUAL_LONGEST_WORD: usize = 100;
/// What words begin with that continue another.
const CONTINUES: &str = "##";

/// A `WordPiece` tokenizer's parts. Every id is one of the encoder's.
#[derive(Debug)]
pub(crate) struct WordPieceFile {
    pub(crate) words: HashMap<String, u32>,
    /// What stands for a word that is not among them.
    pub(crate) unknown: String,
    /// Words of more characters are unknown.
    pub(crate) longest_word: usize,
    pub(crate) casing: Casing,
    /// Stands before every text.
    pub(crate) first: (String, u32),
    /// Stands behind every text.
    pub(crate) last: (String, u32),
    /// Tokens that are found in a text as they are.
    pub(crate) special: Vec<String>,
}

/// What is done to a text before it is cut into words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Casing {
    pub(crate) clean_text: bool,
    pub(crate) chinese_characters: bool,
    /// `None` strips where letters are made small.
    pub(crate) strip_accents: Option<bool>,
    pub(crate) lowercase: bool,
}

/// What is wrong with a tokenizer's file.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("is not JSON: {0}")]
    NotJson(#[from] avibench_python::NotJson),
    #[error("`{field}` is {found}, expected {expected}; only tokenizers like BERT's are read")]
    Field { field: String, found: String, expected: &'static str },
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("has no line {word:?}, the {field}")]
    NoLine { word: String, field: &'static str },
    #[error("the word {word:?} has id {id}, but the encoder knows {vocabulary} words")]
    Id { word: String, id: String, vocabulary: usize },
    #[error("the token {token:?} of `{field}` has id {found}, but `model.vocab` says {id}")]
    OtherId { token: String, field: String, found: String, id: u32 },
}

impl WordPieceFile {
    /// Reads a `tokenizer.json` or, by its name, a `vocab.txt`, as amended by
    /// `tokenizer_config.json`. Ids are below `vocabulary`.
    pub(crate) fn read(
        path: &Path,
        config: &Map<String, Value>,
        vocabulary: usize,
    ) -> Result<Self, FenseError> {
        let bytes = json::bytes(path, FILE_LIMIT)?;
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let read = if is_json {
            read_json(&bytes).map_err(Problem::from).and_then(|root| {
                Self::from_json(&Node { field: String::new(), value: &root }, vocabulary)
            })
        } else {
            Self::from_lines(&bytes, config, vocabulary)
        };
        let mut file = read.map_err(|problem| FenseError::tokenizer(path, problem))?;
        file.casing.amend(config);
        Ok(file)
    }

    fn from_json(root: &Node<'_>, vocabulary: usize) -> Result<Self, Problem> {
        let model = root.get("model");
        model.get("type").is("WordPiece")?;
        model.get("continuing_subword_prefix").is(CONTINUES)?;
        let mut words = HashMap::new();
        for (word, id) in model.get("vocab").object("an object of ids")? {
            words.insert(word.clone(), checked_id(word, id, vocabulary)?);
        }
        let unknown = model.get("unk_token");
        let unknown = unknown.word_of(&words)?.0;
        let longest = model.get("max_input_chars_per_word");
        let longest_word = longest.number(LONGEST_WORD)? as usize;

        let normalizer = root.get("normalizer");
        normalizer.get("type").is("BertNormalizer")?;
        let casing = Casing {
            clean_text: normalizer.get("clean_text").bit()?,
            chinese_characters: normalizer.get("handle_chinese_chars").bit()?,
            strip_accents: normalizer.get("strip_accents").bit_or_null()?,
            lowercase: normalizer.get("lowercase").bit()?,
        };
        root.get("pre_tokenizer").get("type").is("BertPreTokenizer")?;
        let (first, last) = ends(&root.get("post_processor"), &words)?;

        let added = root.get("added_tokens");
        let mut special = Vec::new();
        for token in added.items(MOST_SPECIAL)? {
            let (content, id) = token.get("content").word_of(&words)?;
            token.get("id").same_id(&content, id)?;
            for (name, usual) in [
                ("single_word", false),
                ("lstrip", false),
                ("rstrip", false),
                ("normalized", false),
                ("special", true),
            ] {
                let flag = token.get(name);
                if flag.bit()? != usual {
                    return Err(flag.unlike(if usual { "true" } else { "false" }));
                }
            }
            special.push(content);
        }
        Ok(Self { words, unknown, longest_word, casing, first, last, special })
    }

    /// One word a line; `config` may name the special ones otherwise than BERT does.
    fn from_lines(
        bytes: &[u8],
        config: &Map<String, Value>,
        vocabulary: usize,
    ) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes).map_err(|_| Problem::NotUtf8)?;
        let mut words = HashMap::new();
        for (id, line) in text.lines().enumerate() {
            let word = line.trim_end();
            // An empty line is no word, but counts.
            if !word.is_empty() {
                words.insert(word.to_owned(), checked_id(word, &Value::from(id), vocabulary)?);
            }
        }
        let find = |field: &'static str, usual: &str| -> Result<(String, u32), Problem> {
            let word = match config.get(field) {
                Some(Value::String(content)) => content,
                Some(Value::Object(token)) => {
                    token.get("content").and_then(Value::as_str).unwrap_or(usual)
                }
                _ => usual,
            };
            match words.get(word) {
                Some(id) => Ok((word.to_owned(), *id)),
                None => Err(Problem::NoLine { word: short(word), field }),
            }
        };
        let unknown = find("unk_token", "[UNK]")?.0;
        let last = find("sep_token", "[SEP]")?;
        let first = find("cls_token", "[CLS]")?;
        let mut special = vec![unknown.clone(), last.0.clone(), first.0.clone()];
        for (field, usual) in [("pad_token", "[PAD]"), ("mask_token", "[MASK]")] {
            special.extend(find(field, usual).ok().map(|(word, _)| word));
        }
        let longest_word = USUAL_LONGEST_WORD;
        let casing = Casing {
            clean_text: true,
            chinese_characters: true,
            strip_accents: None,
            lowercase: true,
        };
        Ok(Self { words, unknown, longest_word, casing, first, last, special })
    }
}

impl Casing {
    /// Where `tokenizer_config.json` speaks about casing, accents or Chinese characters, it
    /// overrides what is stored in `tokenizer.json`, as Hugging Face's tokenizers do.
    fn amend(&mut self, config: &Map<String, Value>) {
        let flag = |field: &str| config.get(field).and_then(Value::as_bool);
        self.chinese_characters = flag("tokenize_chinese_chars").unwrap_or(self.chinese_characters);
        self.strip_accents = flag("strip_accents").or(self.strip_accents);
        self.lowercase = flag("do_lower_case").unwrap_or(self.lowercase);
    }
}

/// The special tokens around a text.
type Ends = ((String, u32), (String, u32));

/// Reads a post-processor, of BERT's own kind or as a template that says the same.
fn ends(node: &Node<'_>, words: &HashMap<String, u32>) -> Result<Ends, Problem> {
    let kind = node.get("type");
    match kind.value.as_str() {
        Some("BertProcessing") => {
            let end = |name: &str| {
                let pair = node.get(name);
                let parts = pair.items(2)?;
                let [token, id] = parts.as_slice() else {
                    return Err(pair.unlike("a token and its id"));
                };
                let (token, known) = token.word_of(words)?;
                id.same_id(&token, known)?;
                Ok((token, known))
            };
            Ok((end("cls")?, end("sep")?))
        }
        Some("TemplateProcessing") => {
            let single = node.get("single");
            let pieces = single.items(3)?;
            let [first, text, last] = pieces.as_slice() else {
                return Err(single.unlike("a special token, the text and a special token"));
            };
            text.get("Sequence").get("id").is("A")?;
            let end = |piece: &Node<'_>| {
                let (token, known) = piece.get("SpecialToken").get("id").word_of(words)?;
                let ids = node.get("special_tokens").get(&token).get("ids");
                match ids.items(1)?.as_slice() {
                    [id] => id.same_id(&token, known)?,
                    _ => return Err(ids.unlike("one id")),
                }
                Ok((token, known))
            };
            Ok((end(first)?, end(last)?))
        }
        _ => Err(kind.unlike("\"TemplateProcessing\" or \"BertProcessing\"")),
    }
}

/// A word's id, if the encoder has it.
fn checked_id(word: &str, id: &Value, vocabulary: usize) -> Result<u32, Problem> {
    let known = id.as_u64().filter(|id| *id < vocabulary as u64);
    known.and_then(|id| u32::try_from(id).ok()).ok_or_else(|| Problem::Id {
        word: short(word),
        id: short(&id.to_string()),
        vocabulary,
    })
}

/// A value and the way to it, for messages.
struct Node<'a> {
    field: String,
    value: &'a Value,
}

impl<'a> Node<'a> {
    /// A field of an object; null if there is none.
    fn get(&self, name: &str) -> Self {
        let dot = if self.field.is_empty() { "" } else { "." };
        let field = format!("{}{dot}{}", self.field, short(name));
        Self { field, value: self.value.get(name).unwrap_or(&Value::Null) }
    }

    fn unlike(&self, expected: &'static str) -> Problem {
        let found = match self.value {
            Value::Object(_) => "an object".to_owned(),
            Value::Array(items) => format!("an array of {}", items.len()),
            value => short(&value.to_string()),
        };
        Problem::Field { field: self.field.clone(), found, expected }
    }

    fn is(&self, text: &'static str) -> Result<(), Problem> {
        if self.value.as_str() == Some(text) { Ok(()) } else { Err(self.unlike(text)) }
    }

    fn bit(&self) -> Result<bool, Problem> {
        self.value.as_bool().ok_or_else(|| self.unlike("true or false"))
    }

    fn bit_or_null(&self) -> Result<Option<bool>, Problem> {
        if self.value.is_null() { Ok(None) } else { self.bit().map(Some) }
    }

    /// A number from 1 to `most`.
    fn number(&self, most: u64) -> Result<u64, Problem> {
        let number = self.value.as_u64().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| self.unlike("a number from 1 to 1000"))
    }

    fn object(&self, expected: &'static str) -> Result<&'a Map<String, Value>, Problem> {
        self.value.as_object().ok_or_else(|| self.unlike(expected))
    }

    /// The items of an array of at most so many.
    fn items(&self, most: usize) -> Result<Vec<Self>, Problem> {
        let items = self.value.as_array().filter(|items| items.len() <= most);
        let items = items.ok_or_else(|| self.unlike("a short array"))?;
        let item = |(at, value)| Self { field: format!("{}[{at}]", self.field), value };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// A text that is one of the words, and its id.
    fn word_of(&self, words: &HashMap<String, u32>) -> Result<(String, u32), Problem> {
        let word = self.value.as_str().and_then(|text| words.get_key_value(text));
        word.map(|(word, id)| (word.clone(), *id))
            .ok_or_else(|| self.unlike("a word of `model.vocab`"))
    }

    /// Refuses any other id than that of the word.
    fn same_id(&self, token: &str, id: u32) -> Result<(), Problem> {
        if self.value.as_u64() == Some(u64::from(id)) {
            return Ok(());
        }
        let found = short(&self.value.to_string());
        let (token, field) = (short(token), self.field.clone());
        Err(Problem::OtherId { token, field, found, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `tokenizer.json` of a small BERT.
    fn small() -> Value {
        let special = |id: u32, content: &str| {
            json!({"id": id, "content": content, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true})
        };
        json!({
            "version": "1.0", "truncation": null, "padding": null,
            "added_tokens": [special(1, "[CLS]"), special(2, "[SEP]")],
            "normalizer": {"type": "BertNormalizer", "clean_text": true,
                "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing", "single": [
                {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                    "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
            "model": {"type": "WordPiece", "unk_token": "[UNK]",
                "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "dog": 3}}
        })
    }

    fn read(root: &Value) -> Result<WordPieceFile, Problem> {
        WordPieceFile::from_json(&Node { field: String::new(), value: root }, 4)
    }

    #[test]
    fn both_forms_of_the_special_tokens_are_read() {
        let mut root = small();
        let file = read(&root).unwrap();
        assert_eq!((file.first.1, file.last.1, file.special.len()), (1, 2, 2));
        root["post_processor"] =
            json!({"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]});
        let file = read(&root).unwrap();
        assert_eq!((file.first.1, file.last.1), (1, 2));
    }

    #[test]
    fn what_is_unlike_berts_is_refused_by_name() {
        for (place, value, said) in [
            ("/model/type", json!("BPE"), "`model.type` is \"BPE\", expected WordPiece"),
            ("/model", json!([[], []]), "`model.type` is null"),
            ("/model/vocab/dog", json!(4), "\"dog\" has id 4, but the encoder knows 4 words"),
            ("/model/vocab/dog", json!(4_000_000_000_u32), "has id 4000000000"),
            ("/model/vocab/dog", json!(-1), "has id -1"),
            ("/model/unk_token", json!("[unk]"), "`model.unk_token` is \"[unk]\""),
            ("/model/max_input_chars_per_word", json!(1e9), "from 1 to 1000"),
            ("/model/continuing_subword_prefix", json!("@@"), "expected ##"),
            (
                "/added_tokens/0/id",
                json!(4_294_967_295_u32),
                "has id 4294967295, but `model.vocab`",
            ),
            ("/added_tokens/0/content", json!("[NEW]"), "`added_tokens[0].content`"),
            ("/added_tokens/1/lstrip", json!(true), "`added_tokens[1].lstrip` is true"),
            ("/normalizer", json!(null), "`normalizer.type` is null"),
            ("/normalizer/type", json!("Precompiled"), "expected BertNormalizer"),
            ("/pre_tokenizer/type", json!("Split"), "`pre_tokenizer.type` is \"Split\""),
            ("/post_processor/type", json!("Sequence"), "`post_processor.type`"),
            ("/post_processor/single", json!([]), "`post_processor.single` is an array of 0"),
            ("/post_processor/special_tokens/[SEP]/ids/0", json!(7), "has id 7"),
        ] {
            let mut root = small();
            *root.pointer_mut(place).unwrap() = value;
            let error = read(&root).unwrap_err().to_string();
            assert!(error.contains(said), "{place}: {error}");
        }
    }
}
