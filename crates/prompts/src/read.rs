//! Reading a pack from TOML, with file, line and key of whatever is wrong.

use std::path::Path;

use avibench_python::{Dict, Value as Python, literal_eval};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::PromptPackError;
use crate::pack::{PromptPack, Wording};
use crate::section::{OptionText, Section};
use avibench_protocol::Folder;

/// Version of the file format.
pub(crate) const FORMAT: u32 = 1;

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

/// Lays the pack in `content` over `base`. With exact wording nothing but `base`'s refine prompts
/// remains below it.
pub(crate) fn overlay(
    base: PromptPack,
    path: &Path,
    content: &str,
) -> Result<PromptPack, PromptPackError> {
    let reader = Reader { path, content };
    let table = DeTable::parse(content).map_err(|error| reader.syntax(&error))?;
    let table = table.into_inner();
    let mut pack = base;
    if let Some((key, value)) = table.get_key_value("wording") {
        match reader.string("wording", (key, value))?.as_str() {
            "careful" => {}
            "exact" => pack.make_exact(),
            _ => {
                let reason = "should be \"careful\" or \"exact\"".to_owned();
                return Err(reader.error("wording", value.span().start, reason));
            }
        }
    }
    if !table.contains_key("format") {
        return Err(reader.error("format", 0, format!("is missing; write `format = {FORMAT}`")));
    }
    for entry @ (key, value) in &table {
        match key.get_ref().as_ref() {
            "format" => reader.format(value)?,
            "name" => pack.name = reader.string("name", entry)?,
            "wording" => {}
            "shared" => pack.shared.overlay(reader.section("shared", value)?),
            name => {
                let folder: Folder = name.parse().map_err(|error| {
                    let reason = format!("{error}; a section is `shared` or a folder's name");
                    reader.error(name, key.span().start, reason)
                })?;
                let section = reader.section(folder.name(), value)?;
                pack.folders.entry(folder).or_default().overlay(section);
            }
        }
    }
    reader.check_references(&pack, &table)?;
    if pack.wording == Wording::Exact {
        for folder in pack.folders.values_mut() {
            folder.collect_constants(&pack.shared);
        }
        pack.shared = Section::default();
    } else if let Some((key, _)) = pack.folders.iter().find(|(_, s)| s.constants.is_some()) {
        let reason = "belongs to packs with `wording = \"exact\"`".to_owned();
        return Err(reader.error(&format!("{key}.constants"), 0, reason));
    }
    Ok(pack)
}

impl PromptPack {
    /// Empties the pack of all that is put to models, for wording of the user's own.
    pub(crate) fn make_exact(&mut self) {
        self.wording = Wording::Exact;
        self.shared = Section::default();
        for section in self.folders.values_mut() {
            *section = Section { refine: section.refine.take(), ..Section::default() };
        }
    }
}

struct Reader<'a> {
    path: &'a Path,
    content: &'a str,
}

impl Reader<'_> {
    fn format(&self, value: &Spanned<DeValue<'_>>) -> Result<(), PromptPackError> {
        let known = match value.get_ref() {
            DeValue::Integer(number) => number.as_str() == FORMAT.to_string(),
            _ => false,
        };
        if known {
            return Ok(());
        }
        let reason = format!("this program reads format {FORMAT} only");
        Err(self.error("format", value.span().start, reason))
    }

    fn section(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Section, PromptPackError> {
        let mut section = Section::default();
        for entry @ (key, value) in self.table(name, value)? {
            let path = format!("{name}.{}", key.get_ref());
            match key.get_ref().as_ref() {
                "default" => section.default = Some(self.string(&path, entry)?),
                "categories" => section.categories = Some(self.string(&path, entry)?),
                "refine" => section.refine = Some(self.string(&path, entry)?),
                "constants" => section.constants = Some(self.constants(&path, entry)?),
                "prompts" => {
                    for entry @ (key, _) in self.table(&path, value)? {
                        let prompt = self.string(&format!("{path}.{}", key.get_ref()), entry)?;
                        section.prompts.insert(key.get_ref().to_string(), prompt);
                    }
                }
                "options" => {
                    for (key, value) in self.table(&path, value)? {
                        let options = self.options(&format!("{path}.{}", key.get_ref()), value)?;
                        section.options.insert(key.get_ref().to_string(), options);
                    }
                }
                _ => {
                    let reason = "is unknown; a section may hold default, categories, refine, \
                                  prompts, options and constants"
                        .to_owned();
                    return Err(self.error(&path, key.span().start, reason));
                }
            }
        }
        Ok(section)
    }

    /// A Python dict.
    fn constants(&self, key: &str, entry: Entry<'_, '_>) -> Result<Dict, PromptPackError> {
        let text = self.string(key, entry)?;
        let reason = match literal_eval(&text) {
            Ok(Python::Dict(dict)) => return Ok(dict),
            Ok(_) => "should hold a Python dict".to_owned(),
            Err(error) => format!("should hold a Python dict: {error}"),
        };
        Err(self.error(key, entry.1.span().start, reason))
    }

    fn options(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<OptionText, PromptPackError> {
        let wrong = |at: &Spanned<DeValue<'_>>| {
            self.error(key, at.span().start, "should be an array of strings".to_owned())
        };
        match value.get_ref() {
            DeValue::String(text) => Ok(OptionText::Written(text.to_string())),
            DeValue::Array(items) if items.is_empty() => {
                let reason = "is empty; delete it, or name at least one option".to_owned();
                Err(self.error(key, value.span().start, reason))
            }
            DeValue::Array(items) => items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(text) => Ok(text.to_string()),
                    _ => Err(wrong(item)),
                })
                .collect::<Result<_, _>>()
                .map(OptionText::List),
            _ => Err(wrong(value)),
        }
    }

    fn string(&self, key: &str, (_, value): Entry<'_, '_>) -> Result<String, PromptPackError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.error(key, value.span().start, "should be a string".to_owned())),
        }
    }

    fn table<'v, 'i>(
        &self,
        key: &str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<&'v DeTable<'i>, PromptPackError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.error(key, value.span().start, "should be a table".to_owned())),
        }
    }

    /// `default` and `categories` must lead somewhere. Only this file's own can be wrong.
    fn check_references(
        &self,
        pack: &PromptPack,
        table: &DeTable<'_>,
    ) -> Result<(), PromptPackError> {
        for (name, section) in table {
            let DeValue::Table(fields) = section.get_ref() else { continue };
            let own =
                name.get_ref().parse().ok().and_then(|folder: Folder| pack.folders.get(&folder));
            let places = [own, Some(&pack.shared)];
            for (field, value) in fields {
                let DeValue::String(target) = value.get_ref() else { continue };
                let known = |in_section: fn(&Section, &str) -> bool| {
                    places.iter().flatten().any(|section| in_section(section, target))
                };
                let (found, what) = match field.get_ref().as_ref() {
                    "default" => (known(|s, key| s.prompts.contains_key(key)), "prompt"),
                    "categories" => (known(|s, key| s.options.contains_key(key)), "option list"),
                    _ => continue,
                };
                if !found {
                    let key = format!("{}.{}", name.get_ref(), field.get_ref());
                    let reason = format!("there is no {what} `{target}` here or in [shared]");
                    return Err(self.error(&key, value.span().start, reason));
                }
            }
        }
        Ok(())
    }

    fn syntax(&self, error: &toml::de::Error) -> PromptPackError {
        let offset = error.span().map_or(0, |span| span.start);
        let (line, column) = self.position(offset);
        let reason = error.message().trim().replace('\n', "; ");
        PromptPackError::Syntax { path: self.path.to_owned(), line, column, reason }
    }

    fn error(&self, key: &str, offset: usize, reason: String) -> PromptPackError {
        let (line, _) = self.position(offset);
        PromptPackError::Content { path: self.path.to_owned(), line, key: key.to_owned(), reason }
    }

    /// Line and column, from 1, of a byte offset.
    fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.content.get(..offset).unwrap_or(self.content);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        (line, column)
    }
}
