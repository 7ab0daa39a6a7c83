//! `avibench man`: manual pages.

use std::io::Write as _;
use std::path::PathBuf;

use avibench_files::write_atomic;
use clap::{Args, Command};
use clap_mangen::Man as Page;

use crate::exit::Exit;
use crate::terminal;

/// Print the manual page, or write those of all commands.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench man --out man\n\
\x20 man -l man/avibench-run.1")]
pub(crate) struct Man {
    /// Folder for the pages of all commands (avibench.1, avibench-run.1, ...)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    /// `root` defines commands and flags.
    pub(crate) fn run(self, mut root: Command) -> anyhow::Result<Exit> {
        // Flags of all commands come to each, and names become `avibench run`.
        root.build();
        let Some(folder) = self.out else {
            terminal::raw_stdout().write_all(&page(&root)?)?;
            return Ok(Exit::Done);
        };
        let mut open = vec![root];
        let mut count = 0;
        while let Some(command) = open.pop() {
            let name = command.get_bin_name().unwrap_or(command.get_name()).replace(' ', "-");
            let text = page(&command)?;
            write_atomic(&folder.join(format!("{name}.1")), |file| file.write_all(&text))?;
            count += 1;
            let below = command.get_subcommands().filter(|below| below.get_name() != "help");
            open.extend(below.cloned());
        }
        let pages = if count == 1 { "1 page" } else { &format!("{count} pages") };
        terminal::note(format!("{pages} in {}", folder.display()));
        terminal::hint(format!("man -l {}", folder.join("avibench.1").display()));
        Ok(Exit::Done)
    }
}

/// A command's page.
fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let name = command.get_bin_name().unwrap_or(command.get_name()).replace(' ', "-");
    let command = command.clone().name(name).version(env!("CARGO_PKG_VERSION"));
    let mut text = Vec::new();
    Page::new(command).source(concat!("avibench ", env!("CARGO_PKG_VERSION"))).render(&mut text)?;
    Ok(text)
}
