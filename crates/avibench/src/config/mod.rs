//! The config file `avibench.toml`: values for flags, below the environment and above the program's own.
//!
//! What may stand in it follows from the definitions of the flags: a table a command, a key a flag, and the
//! value is read by the flag's own parser. `[models.NAME]` tables hold what belongs to one model and are
//! picked with `--use NAME`.

mod error;
mod file;
mod keys;
mod layer;
mod model;
mod value;

pub(crate) use error::ConfigError;
pub(crate) use file::{CONFIG_FILE, ConfigFile, Setting};
pub(crate) use keys::{is_key, is_name_of_key};
pub(crate) use layer::{applied, chosen, layered};
pub(crate) use model::ENTRY_FLAG;
