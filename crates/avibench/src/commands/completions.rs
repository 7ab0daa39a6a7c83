//! `avibench completions`: a shell's script that completes commands and flags.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::Exit;
use crate::terminal;

/// Print the script by which a shell completes commands and flags.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 source <(avibench completions bash)\n\
\x20 avibench completions zsh > ~/.zfunc/_avibench")]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// `root` defines commands and flags.
    pub(crate) fn run(self, mut root: Command) -> anyhow::Result<Exit> {
        use std::io::Write as _;
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut root, "avibench", &mut script);
        terminal::raw_stdout().write_all(&script)?;
        Ok(Exit::Done)
    }
}
