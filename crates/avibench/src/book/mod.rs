//! What the documentation says of commands and formats is what the program does.

mod command_lines;
#[path = "../../tests/cli/book/pages.rs"]
mod pages;
mod reference;
