//! The values of Python expressions that need nothing executed: literals, f-strings, names that
//! were assigned before, look-ups, concatenation and a few methods of strings.
//!
//! It reads source files of prompts, in which such expressions occur. The literals of answers are
//! another matter: `avibench_python` reads them as Python's `literal_eval` would, without names and
//! f-strings.

use std::collections::HashMap;

use avibench_python::{Dict, Value, repr, to_str};
use ruff_python_ast::{
    ConversionFlag, DictItem, Expr, ExprCall, FStringPart, InterpolatedElement,
    InterpolatedStringElement, Number, Operator, UnaryOp,
};
use ruff_text_size::{Ranged as _, TextSize};

use crate::not_read::{NotRead, shown};
use crate::python_format::{format_method, format_value};

/// Nested expressions deeper than this are no data.
const DEPTH: usize = 100;

/// Characters and values that a file may give rise to, repeated look-ups included.
pub(crate) const BUDGET: usize = 5_000_000;

/// An expression that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Where it stands.
    pub at: TextSize,
    /// Why.
    pub reason: NotRead,
}

/// Why a name has no value, and in which line that was found.
struct Unknown {
    reason: NotRead,
    line: usize,
}

/// Names with their values, or why they have none.
pub(crate) struct Evaluator {
    names: HashMap<String, Result<(Value, usize), Unknown>>,
    spent: usize,
}

impl Evaluator {
    pub(crate) fn new() -> Self {
        Self { names: HashMap::new(), spent: 0 }
    }

    /// The value of a name, if it has one.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.names.get(name)?.as_ref().ok().map(|(value, _)| value)
    }

    /// Gives a name a value.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        let size = size(&value);
        self.names.insert(name.to_owned(), Ok((value, size)));
    }

    /// Notes that a name has a value that cannot be known, from this line on.
    pub(crate) fn forget(&mut self, name: &str, reason: NotRead, line: usize) {
        self.names.insert(name.to_owned(), Err(Unknown { reason, line }));
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, expression: &Expr) -> Result<Value, Unreadable> {
        self.value(expression, DEPTH)
    }

    fn value(&mut self, expression: &Expr, depth: usize) -> Result<Value, Unreadable> {
        let at = expression.start();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Unreadable { at, reason: NotRead::NestedTooDeeply });
        };
        let value = self.unchecked(expression, depth)?;
        self.spend(size(&value), at)?;
        Ok(value)
    }

    /// Characters and values that may still be made. What makes many of few asks before.
    fn left(&self) -> usize {
        BUDGET.saturating_sub(self.spent)
    }

    /// `left op right`, of which both are paid for.
    pub(crate) fn combine(
        &self,
        left: Value,
        operator: Operator,
        right: Value,
        at: TextSize,
    ) -> Result<Value, Unreadable> {
        combine(left, operator, right, self.left()).map_err(|reason| Unreadable { at, reason })
    }

    /// Pays for a copy of a value that was paid for once.
    pub(crate) fn copy(&mut self, value: &Value, at: TextSize) -> Result<Value, Unreadable> {
        self.spend(size(value), at)?;
        Ok(value.clone())
    }

    fn spend(&mut self, cost: usize, at: TextSize) -> Result<(), Unreadable> {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > BUDGET {
            return Err(Unreadable { at, reason: NotRead::TooMuchText });
        }
        Ok(())
    }

    fn unchecked(&mut self, expression: &Expr, depth: usize) -> Result<Value, Unreadable> {
        let at = expression.start();
        let fail = |reason| Err(Unreadable { at, reason });
        match expression {
            Expr::StringLiteral(text) => Ok(Value::Str(text.value.to_str().to_owned())),
            Expr::FString(text) => {
                let mut out = String::new();
                for part in text.value.as_slice() {
                    match part {
                        FStringPart::Literal(literal) => out.push_str(&literal.value),
                        FStringPart::FString(part) => {
                            self.elements(&part.elements, &mut out, depth)?;
                        }
                    }
                }
                Ok(Value::Str(out))
            }
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => match number.as_i64() {
                    Some(number) => Ok(Value::from(number)),
                    None => fail(NotRead::LargeInteger),
                },
                Number::Float(number) => Ok(Value::Float(*number)),
                Number::Complex { real, imag } => Ok(Value::Complex(*real, *imag)),
            },
            Expr::BooleanLiteral(literal) => Ok(Value::Bool(literal.value)),
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::EllipsisLiteral(_) => Ok(Value::Ellipsis),
            Expr::List(list) => self.items(&list.elts, depth).map(Value::List),
            Expr::Tuple(tuple) => self.items(&tuple.elts, depth).map(Value::Tuple),
            Expr::Dict(dict) => self.dict(&dict.items, depth),
            Expr::Set(_) => fail(NotRead::Set),
            Expr::Name(name) => self.name(&name.id, at),
            Expr::Subscript(subscript) => {
                let container = self.value(&subscript.value, depth)?;
                if let Expr::Slice(_) = &*subscript.slice {
                    return fail(NotRead::Slice);
                }
                let key = self.value(&subscript.slice, depth)?;
                match look_up(&container, &key) {
                    Some(value) => Ok(value.clone()),
                    None => fail(NotRead::NoElement(shown(&repr(&key)))),
                }
            }
            Expr::BinOp(operation) => {
                let left = self.value(&operation.left, depth)?;
                let right = self.value(&operation.right, depth)?;
                self.combine(left, operation.op, right, at)
            }
            Expr::UnaryOp(operation) if operation.op == UnaryOp::USub => {
                match self.value(&operation.operand, depth)? {
                    Value::Int(number) => Ok(Value::Int(-number)),
                    Value::Float(number) => Ok(Value::Float(-number)),
                    _ => fail(NotRead::Sign),
                }
            }
            Expr::Call(call) => self.call(call, depth),
            Expr::Attribute(attribute) => {
                // If the name itself is unknown, that is the better reason.
                self.value(&attribute.value, depth)?;
                fail(NotRead::Attribute)
            }
            _ => fail(NotRead::Expression),
        }
    }

    fn name(&self, name: &str, at: TextSize) -> Result<Value, Unreadable> {
        match self.names.get(name) {
            // The caller pays for the copy, so that no chain of names can unfold for free.
            Some(Ok((value, size))) if *size <= self.left() => Ok(value.clone()),
            Some(Ok(_)) => Err(Unreadable { at, reason: NotRead::TooMuchText }),
            Some(Err(Unknown { reason, line })) => {
                Err(Unreadable { at, reason: NotRead::depends(name, reason, *line) })
            }
            None => Err(Unreadable { at, reason: NotRead::Unassigned(shown(name)) }),
        }
    }

    fn items(&mut self, items: &[Expr], depth: usize) -> Result<Vec<Value>, Unreadable> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            if let Expr::Starred(starred) = item {
                match self.value(&starred.value, depth)? {
                    Value::List(inner) | Value::Tuple(inner) => values.extend(inner),
                    _ => {
                        let reason = NotRead::Unpacking;
                        return Err(Unreadable { at: item.start(), reason });
                    }
                }
            } else {
                values.push(self.value(item, depth)?);
            }
        }
        Ok(values)
    }

    fn dict(&mut self, items: &[DictItem], depth: usize) -> Result<Value, Unreadable> {
        let mut dict = Dict::default();
        for item in items {
            let value = self.value(&item.value, depth)?;
            let Some(key) = &item.key else {
                let Value::Dict(inner) = value else {
                    let reason = NotRead::DictUnpacking;
                    return Err(Unreadable { at: item.value.start(), reason });
                };
                for (key, value) in inner.iter() {
                    dict.insert(key.clone(), value.clone());
                }
                continue;
            };
            let at = key.start();
            let key = self.value(key, depth)?;
            if !dict.insert(key, value) {
                return Err(Unreadable { at, reason: NotRead::Key });
            }
        }
        Ok(Value::Dict(dict))
    }

    /// What stands between the quotes of an f-string.
    fn elements<'a>(
        &mut self,
        elements: impl IntoIterator<Item = &'a InterpolatedStringElement>,
        out: &mut String,
        depth: usize,
    ) -> Result<(), Unreadable> {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => out.push_str(&literal.value),
                InterpolatedStringElement::Interpolation(field) => {
                    let text = self.field(field, depth)?;
                    self.spend(text.len(), field.start())?;
                    out.push_str(&text);
                }
            }
        }
        Ok(())
    }

    /// `{value!r:spec}`, `{value=}`.
    fn field(&mut self, field: &InterpolatedElement, depth: usize) -> Result<String, Unreadable> {
        let at = field.start();
        let value = self.value(&field.expression, depth)?;
        let mut text = field.debug_text.as_ref().map_or_else(String::new, |debug| {
            // `{value=}` shows its own source.
            debug.as_str().to_owned()
        });
        let shows_source = field.debug_text.is_some() && field.format_spec.is_none();
        let value = match field.conversion {
            ConversionFlag::None if shows_source => Value::Str(repr(&value)),
            ConversionFlag::None => value,
            ConversionFlag::Str => Value::Str(to_str(&value)),
            ConversionFlag::Repr => Value::Str(repr(&value)),
            ConversionFlag::Ascii => {
                return Err(Unreadable { at, reason: NotRead::Conversion("a".into()) });
            }
        };
        let mut spec = String::new();
        if let Some(written) = &field.format_spec {
            self.elements(&written.elements, &mut spec, depth)?;
        }
        text.push_str(&format_value(&value, &spec).map_err(|reason| Unreadable { at, reason })?);
        Ok(text)
    }

    fn call(&mut self, call: &ExprCall, depth: usize) -> Result<Value, Unreadable> {
        let at = call.start();
        let unread = |reason| Unreadable { at, reason };
        let positional = self.items(&call.arguments.args, depth)?;
        let mut named = Vec::new();
        for keyword in &call.arguments.keywords {
            let Some(name) = &keyword.arg else {
                return Err(unread(NotRead::KeywordUnpacking));
            };
            named.push((name.to_string(), self.value(&keyword.value, depth)?));
        }
        let Expr::Attribute(method) = &*call.func else {
            return match (&*call.func, positional.as_slice(), named.as_slice()) {
                (Expr::Name(name), [value], []) if name.id == "str" => {
                    Ok(Value::Str(to_str(value)))
                }
                (Expr::Name(name), [Value::List(items) | Value::Tuple(items)], [])
                    if name.id == "list" =>
                {
                    Ok(Value::List(items.clone()))
                }
                _ => Err(unread(NotRead::Call)),
            };
        };
        let name = method.attr.as_str();
        let Value::Str(text) = self.value(&method.value, depth)? else {
            return Err(unread(NotRead::MethodOfOthers(shown(name))));
        };
        if name == "format" {
            return format_method(&text, &positional, &named, self.left())
                .map(Value::Str)
                .map_err(unread);
        }
        match (name, positional.as_slice(), named.as_slice()) {
            ("join", [Value::List(items) | Value::Tuple(items)], []) => {
                let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                let items = items.ok_or_else(|| unread(NotRead::Join))?;
                let between = text.len().saturating_mul(items.len().saturating_sub(1));
                let length = items.iter().fold(between, |sum, item| sum.saturating_add(item.len()));
                if length > self.left() {
                    return Err(unread(NotRead::TooMuchText));
                }
                Ok(Value::Str(items.join(&text)))
            }
            ("strip", [], []) => Ok(Value::Str(avibench_python::strip(&text).to_owned())),
            ("replace", [Value::Str(old), Value::Str(new)], []) => {
                let added = text.matches(old.as_str()).count().saturating_mul(new.len());
                if text.len().saturating_add(added) > self.left() {
                    return Err(unread(NotRead::TooMuchText));
                }
                Ok(Value::Str(text.replace(old.as_str(), new)))
            }
            ("lower", [], []) => Ok(Value::Str(avibench_python::lower(&text))),
            _ => Err(unread(NotRead::Method(shown(name)))),
        }
    }
}

/// `container[key]`.
fn look_up<'a>(container: &'a Value, key: &Value) -> Option<&'a Value> {
    match (container, key) {
        (Value::Dict(dict), key) => {
            dict.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
        }
        (Value::List(items) | Value::Tuple(items), Value::Int(index)) => {
            let index = i64::try_from(index).ok()?;
            let from_end = if index < 0 { items.len() as i64 } else { 0 };
            items.get(usize::try_from(index + from_end).ok()?)
        }
        _ => None,
    }
}

/// `left op right`, in which text may grow to `most` characters.
fn combine(left: Value, operator: Operator, right: Value, most: usize) -> Result<Value, NotRead> {
    match (left, operator, right) {
        (Value::Str(left), Operator::Add, Value::Str(right)) => Ok(Value::Str(left + &right)),
        (Value::List(mut left), Operator::Add, Value::List(right)) => {
            left.extend(right);
            Ok(Value::List(left))
        }
        (Value::Tuple(mut left), Operator::Add, Value::Tuple(right)) => {
            left.extend(right);
            Ok(Value::Tuple(left))
        }
        (Value::Dict(mut left), Operator::BitOr, Value::Dict(right)) => {
            for (key, value) in right.iter() {
                left.insert(key.clone(), value.clone());
            }
            Ok(Value::Dict(left))
        }
        (Value::Str(text), Operator::Mult, Value::Int(times)) => {
            let times = i64::try_from(&times).unwrap_or(i64::MAX).max(0);
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            if text.len().saturating_mul(times) > most {
                return Err(NotRead::TooMuchText);
            }
            Ok(Value::Str(text.repeat(times)))
        }
        (Value::Int(left), Operator::Add, Value::Int(right)) => Ok(Value::Int(left + right)),
        (Value::Int(left), Operator::Sub, Value::Int(right)) => Ok(Value::Int(left - right)),
        (_, operator, _) => Err(NotRead::Operator(operator.as_str())),
    }
}

/// Characters and values in a value.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Str(text) => 1 + text.len(),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            1 + items.iter().map(size).sum::<usize>()
        }
        Value::Dict(dict) => {
            1 + dict.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>()
        }
        _ => 1,
    }
}
