//! A Python file read as data: what its top-level names stand for, with nothing executed.
//!
//! Assignments are evaluated in order. Imports, functions, classes, docstrings and the block below
//! `if __name__ == "__main__":` are passed over. Names whose value depends on anything else are
//! remembered as unknown, with the reason.

use std::collections::{BTreeSet, HashMap};

use avibench_python::Value;
use ruff_python_ast::{Expr, Operator, Stmt, StmtExpr};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextSize};

use crate::not_read::NotRead;
use crate::python_expression::{Evaluator, Unreadable};
use crate::python_names::Touched;

/// Parsing nests as deeply as the text does; a larger file is no file of prompts.
const LARGEST: usize = 1 << 20;

/// Python itself stops at 200 brackets inside each other. This counts those in strings, too.
const DEEPEST: usize = 1_000;

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileError {
    /// Line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// A top-level name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    /// The name.
    pub name: String,
    /// Line of its last assignment, from 1.
    pub line: usize,
    /// Its value at the end of the file.
    pub value: Value,
}

/// Something that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Line, from 1.
    pub line: usize,
    /// The names that remain unknown for it.
    pub names: Vec<String>,
    /// Why.
    pub reason: NotRead,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct PythonFile {
    /// Names with known values, in the order of their first assignment.
    pub definitions: Vec<Definition>,
    /// What was passed over although it may matter.
    pub skipped: Vec<Skipped>,
}

/// Reads the source of a module.
pub(crate) fn read(source: &str) -> Result<PythonFile, FileError> {
    if source.len() > LARGEST {
        let reason = "the file is larger than 1 MiB: no file of prompts".to_owned();
        return Err(FileError { line: 1, reason });
    }
    if let Some(line) = too_deep(source) {
        let reason = "brackets are nested too deeply".to_owned();
        return Err(FileError { line, reason });
    }
    // A file of operators nests as deeply as it is long, and so does the recursion.
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(1 << 30)
            .spawn_scoped(scope, || read_module(source))
            .map_err(|error| FileError {
                line: 1,
                reason: format!("no thread to read it: {error}"),
            })?
            .join()
            .unwrap_or_else(|_| {
                Err(FileError { line: 1, reason: "the file cannot be parsed".to_owned() })
            })
    })
}

/// The line on which brackets nest too deeply.
fn too_deep(source: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut line = 1;
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'\n' => line += 1,
            _ => {}
        }
        if depth > DEEPEST {
            return Some(line);
        }
    }
    None
}

fn read_module(source: &str) -> Result<PythonFile, FileError> {
    let lines = Lines::of(source);
    let module = parse_module(source)
        .map_err(|error| FileError {
            line: lines.line(error.location.start()),
            reason: format!("not Python: {}", error.error),
        })?
        .into_syntax();
    let mut reader = Reader {
        lines,
        evaluator: Evaluator::new(),
        names: Vec::new(),
        places: HashMap::new(),
        skipped: Vec::new(),
    };
    for statement in &module.body {
        reader.statement(statement);
    }
    Ok(reader.finish())
}

struct Reader {
    lines: Lines,
    evaluator: Evaluator,
    /// Names in the order of their first assignment, with the line of the last.
    names: Vec<(String, usize)>,
    /// Where a name stands among them.
    places: HashMap<String, usize>,
    skipped: Vec<Skipped>,
}

impl Reader {
    fn finish(self) -> PythonFile {
        let definitions = self
            .names
            .into_iter()
            .filter_map(|(name, line)| {
                let value = self.evaluator.get(&name)?.clone();
                Some(Definition { name, line, value })
            })
            .collect();
        PythonFile { definitions, skipped: self.skipped }
    }

    fn statement(&mut self, statement: &Stmt) {
        let outcome = match statement {
            Stmt::Assign(assignment) => {
                self.evaluator.evaluate(&assignment.value).and_then(|value| {
                    assignment.targets.iter().try_for_each(|target| {
                        let value = self.evaluator.copy(&value, target.start())?;
                        self.assign(target, value)
                    })
                })
            }
            Stmt::AnnAssign(assignment) => match &assignment.value {
                Some(value) => self
                    .evaluator
                    .evaluate(value)
                    .and_then(|value| self.assign(&assignment.target, value)),
                None => Ok(()),
            },
            Stmt::AugAssign(assignment) => {
                self.augment(&assignment.target, assignment.op, &assignment.value)
            }
            Stmt::Expr(expression) => self.expression(expression),
            Stmt::Pass(_) => Ok(()),
            Stmt::If(block) if is_main(&block.test) => Ok(()),
            _ => Err(Unreadable {
                at: statement.start(),
                reason: match statement {
                    Stmt::Import(_) | Stmt::ImportFrom(_) => NotRead::Imported,
                    Stmt::FunctionDef(_) => NotRead::Function,
                    Stmt::ClassDef(_) => NotRead::Class,
                    _ => NotRead::Statement,
                },
            }),
        };
        if let Err(unreadable) = outcome {
            self.skip(statement, unreadable);
        }
    }

    /// Docstrings stand for nothing; a few methods change lists and dicts.
    fn expression(&mut self, statement: &StmtExpr) -> Result<(), Unreadable> {
        let at = statement.start();
        let call = match &*statement.value {
            Expr::StringLiteral(_) | Expr::EllipsisLiteral(_) => return Ok(()),
            Expr::Call(call) => call,
            _ => return self.evaluator.evaluate(&statement.value).map(drop),
        };
        let fail = || Unreadable { at, reason: NotRead::StatementCall };
        let Expr::Attribute(method) = &*call.func else { return Err(fail()) };
        let ([argument], []) = (&*call.arguments.args, &*call.arguments.keywords) else {
            return Err(fail());
        };
        let operator = match method.attr.as_str() {
            "append" | "extend" => Operator::Add,
            "update" => Operator::BitOr,
            _ => return Err(fail()),
        };
        let argument = match (self.evaluator.evaluate(argument)?, method.attr.as_str()) {
            (value, "append") => Value::List(vec![value]),
            (Value::Tuple(items), "extend") => Value::List(items),
            (value, _) => value,
        };
        let Expr::Name(name) = &*method.value else { return Err(fail()) };
        let before = self.evaluator.evaluate(&method.value)?;
        let after = self.evaluator.combine(before, operator, argument, at)?;
        self.define(&name.id, at, after);
        Ok(())
    }

    fn assign(&mut self, target: &Expr, value: Value) -> Result<(), Unreadable> {
        let at = target.start();
        let fail = |reason| Err(Unreadable { at, reason });
        match target {
            Expr::Name(name) => {
                self.define(&name.id, at, value);
                Ok(())
            }
            Expr::Tuple(_) | Expr::List(_) => {
                let targets = match target {
                    Expr::Tuple(tuple) => &tuple.elts,
                    Expr::List(list) => &list.elts,
                    _ => return fail(NotRead::NoTarget),
                };
                match value.as_sequence() {
                    Some(items) if items.len() == targets.len() => {
                        targets.iter().zip(items).try_for_each(|(target, value)| {
                            let value = self.evaluator.copy(value, at)?;
                            self.assign(target, value)
                        })
                    }
                    _ => fail(NotRead::Lengths),
                }
            }
            Expr::Subscript(subscript) => {
                let Expr::Name(name) = &*subscript.value else {
                    return fail(NotRead::UnnamedElement);
                };
                let key = self.evaluator.evaluate(&subscript.slice)?;
                let Value::Dict(mut dict) = self.evaluator.evaluate(&subscript.value)? else {
                    return fail(NotRead::Element);
                };
                if !dict.insert(key, value) {
                    return fail(NotRead::Key);
                }
                self.define(&name.id, at, Value::Dict(dict));
                Ok(())
            }
            _ => fail(NotRead::Assignment),
        }
    }

    fn augment(&mut self, target: &Expr, op: Operator, value: &Expr) -> Result<(), Unreadable> {
        let at = target.start();
        let value = self.evaluator.evaluate(value)?;
        let before = self.evaluator.evaluate(target)?;
        // A list takes the elements of a tuple, too.
        let value = match (&before, value) {
            (Value::List(_), Value::Tuple(items)) => Value::List(items),
            (_, value) => value,
        };
        let after = self.evaluator.combine(before, op, value, at)?;
        self.assign(target, after)
    }

    fn define(&mut self, name: &str, at: TextSize, value: Value) {
        self.evaluator.set(name, value);
        let line = self.lines.line(at);
        let place = *self.places.entry(name.to_owned()).or_insert_with(|| {
            self.names.push((name.to_owned(), line));
            self.names.len() - 1
        });
        self.names[place].1 = line;
    }

    /// Passes over a statement: the names that it sets or changes are unknown from here on.
    fn skip(&mut self, statement: &Stmt, unreadable: Unreadable) {
        let Touched { set, changed } = Touched::by(statement);
        // What is unknown already stays so for its own reason.
        let changed = changed.into_iter().filter(|name| self.evaluator.get(name).is_some());
        let names: BTreeSet<String> = changed.chain(set).collect();
        let line = self.lines.line(unreadable.at);
        for name in &names {
            self.evaluator.forget(name, unreadable.reason.clone(), line);
        }
        let names = names.into_iter().collect();
        self.skipped.push(Skipped { line, names, reason: unreadable.reason });
    }
}

/// `__name__ == "__main__"`.
fn is_main(test: &Expr) -> bool {
    matches!(test, Expr::Compare(compare)
        if matches!(&*compare.left, Expr::Name(name) if name.id == "__name__"))
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &str) -> Self {
        Self(source.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// Line, from 1.
    fn line(&self, at: TextSize) -> usize {
        self.0.partition_point(|&start| start <= at.to_usize()) + 1
    }
}
