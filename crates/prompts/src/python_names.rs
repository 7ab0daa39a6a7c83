//! The names that a statement sets, or whose values it may change in place.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Alias, Expr, ExprContext, Stmt};

/// Methods of strings, lists and dicts that change nothing.
const HARMLESS: [&str; 16] = [
    "copy",
    "count",
    "endswith",
    "format",
    "get",
    "index",
    "items",
    "join",
    "keys",
    "lower",
    "replace",
    "split",
    "startswith",
    "strip",
    "upper",
    "values",
];

/// What a statement does to names.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Names that it sets or deletes.
    pub set: BTreeSet<String>,
    /// Names whose values it may change: `name.append(...)`, `name["key"] = ...`.
    pub changed: BTreeSet<String>,
}

impl Touched {
    /// Looks through a whole statement, whatever its kind.
    pub(crate) fn by(statement: &Stmt) -> Self {
        let mut touched = Self::default();
        touched.visit_stmt(statement);
        touched
    }

    fn import(&mut self, alias: &Alias) {
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        // `import os.path` sets `os`.
        self.set.insert(name.split('.').next().unwrap_or(name).to_owned());
    }

    /// The name at the root of `name.attribute[element]`.
    fn change(&mut self, mut expression: &Expr) {
        loop {
            expression = match expression {
                Expr::Name(name) => {
                    self.changed.insert(name.id.to_string());
                    return;
                }
                Expr::Attribute(attribute) => &attribute.value,
                Expr::Subscript(subscript) => &subscript.value,
                _ => return,
            };
        }
    }
}

impl<'a> Visitor<'a> for Touched {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            // Bodies run when they are called, if ever.
            Stmt::FunctionDef(function) => {
                self.set.insert(function.name.to_string());
            }
            Stmt::ClassDef(class) => {
                self.set.insert(class.name.to_string());
            }
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => import.names.iter().for_each(|alias| self.import(alias)),
            _ => ruff_python_ast::visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx != ExprContext::Load => {
                self.set.insert(name.id.to_string());
            }
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.change(&attribute.value);
            }
            Expr::Subscript(subscript) if subscript.ctx != ExprContext::Load => {
                self.change(&subscript.value);
            }
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) if !HARMLESS.contains(&method.attr.as_str()) => {
                    self.change(&method.value);
                }
                _ => {}
            },
            _ => {}
        }
        walk_expr(self, expression);
    }
}
