//! The pages of the documentation, and what stands in them. The program's own tests read them by the same file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// One page.
pub(crate) struct Page {
    /// Where it lies, from the root of the repository, with `/` between the names.
    pub path: String,
    pub text: String,
}

/// A piece of code or a comment on a page, in the order of the page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub kind: PieceKind,
    pub text: String,
    /// Where the text stands on the page, in bytes. A block whose lines are indented has no such
    /// place: its text is not what the page holds there.
    pub range: Option<Range<usize>>,
    /// Line of the page, from 1.
    pub line: usize,
}

/// What a piece is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A block of code, with what stands behind its fence; indented blocks have nothing there.
    Block(String),
    /// Code within a sentence.
    Span,
    /// A comment in HTML, which readers do not see.
    Comment,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages at the root and those of the book, sorted by their paths.
pub(crate) fn pages() -> Vec<Page> {
    let mut paths: Vec<String> =
        ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"].map(Into::into).into();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read =
        |path: String| Page { text: std::fs::read_to_string(root().join(&path)).unwrap(), path };
    paths.into_iter().map(read).collect()
}

impl Page {
    /// The page as a parser sees it, with the extensions that both GitHub and mdBook read.
    pub(crate) fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
        Parser::new_ext(&self.text, options).into_offset_iter()
    }

    /// The line, from 1, of a byte.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        self.text[..byte].matches('\n').count() + 1
    }

    /// All pieces of code, and all comments.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut block: Option<(String, String, Range<usize>)> = None;
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    block = Some((info, String::new(), range.end..range.end));
                }
                Event::Text(text) => {
                    if let Some((_, code, place)) = &mut block {
                        if code.is_empty() {
                            place.start = range.start;
                        }
                        place.end = range.end;
                        code.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((info, text, place)) = block.take() {
                        let line = self.line_of(place.start);
                        let is_there = self.text.get(place.clone()) == Some(text.as_str());
                        let range = is_there.then_some(place);
                        pieces.push(Piece { kind: PieceKind::Block(info), text, range, line });
                    }
                }
                Event::Code(text) => pieces.push(Piece {
                    kind: PieceKind::Span,
                    text: text.into_string(),
                    line: self.line_of(range.start),
                    range: None,
                }),
                Event::Html(text) => pieces.push(Piece {
                    kind: PieceKind::Comment,
                    text: text.into_string(),
                    line: self.line_of(range.start),
                    range: None,
                }),
                _ => {}
            }
        }
        pieces
    }
}
