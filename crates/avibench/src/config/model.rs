//! `[models.NAME]` tables: what of the flags belongs to one model, and by which names.

use clap::{Arg, Args as _, Command};

use crate::commands::endpoint::EndpointArgs;
use crate::commands::money::MoneyArgs;

/// The flag that picks a table, by its name inside the program.
pub(crate) const ENTRY_FLAG: &str = "use_entry";

/// Names that read better in a table than those of the flags.
const NAMES: [(&str, &str); 5] = [
    ("model", "model-path"),
    ("label", "model-label"),
    ("key-variable", "api-key-variable"),
    ("parameters", "param"),
    ("prices", "price"),
];
/// Flags of a model that say nothing about it.
const NOT_OF_A_MODEL: [&str; 3] = ["use", "max-cost", "prices"];

/// The flags that a table may set: those about a model, the way to it, and its prices.
pub(super) fn entry_command() -> Command {
    let command = EndpointArgs::augment_args(Command::new("models"));
    MoneyArgs::augment_args(command)
}

/// The name of the flag that a key in a table sets.
pub(super) fn flag_of(key: &str) -> String {
    let key = key.replace('_', "-");
    let other = NAMES.iter().find(|(name, _)| *name == key);
    other.map_or(key.clone(), |(_, flag)| (*flag).to_owned())
}

/// Whether a table may set a flag.
pub(super) fn is_of_a_model(arg: &Arg) -> bool {
    arg.get_long().is_some_and(|long| !NOT_OF_A_MODEL.contains(&long))
}

/// Names that a table may use beside those of the flags.
pub(super) fn other_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// The flag of `command` that a model's flag stands for: where it formats, its name is
/// `--refine-model`.
pub(crate) fn flag_in<'c>(command: &'c Command, flag: &str) -> Option<&'c Arg> {
    let find = |flag: &str| command.get_arguments().find(|arg| arg.get_long() == Some(flag));
    match flag {
        "model-path" => find("model-path").or_else(|| find("refine-model")),
        flag => find(flag),
    }
}
