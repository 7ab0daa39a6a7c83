//! The command line of avibench: a thin layer over the libraries. stdout carries data, stderr
//! talk.

mod arguments;
#[cfg(test)]
mod book;
mod commands;
mod config;
mod exit;
mod help;
mod interrupt;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::arguments::{Unparsed, adapted, flag_of_key, parsed};
use crate::exit::{COULD_NOT_RUN, READER_LEFT};

/// Evaluate omni-modal language models on AVI-Bench: 14 tasks, 4 stages, from asking to scores.
#[derive(Debug, Parser)]
#[command(
    name = "avibench",
    version = avibench_build::LONG_VERSION,
    max_term_width = 100,
    after_long_help = after_help()
)]
struct Cli {
    /// Say on stderr what happens inside; twice for every step. `AVIBENCH_LOG` takes finer filters,
    /// such as `avibench_engine=trace`
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// File with values for flags (default: avibench.toml in this folder, if there is one); see
    /// `avibench config show`
    #[arg(long, global = true, env = "AVIBENCH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What the codes mean that the program ends with, and where to begin.
fn after_help() -> String {
    format!(
        "Examples:\n\
         \x20 avibench demo\n\
         \x20 avibench smoke --base-url http://127.0.0.1:8000/v1 \\\n\
         \x20     --model-path my-model --data-root DATA\n\
         \x20 avibench evaluate --base-url http://127.0.0.1:8000/v1 \\\n\
         \x20     --model-path my-model --data-root DATA --open\n\n\
         {}First steps: `avibench demo` shows everything offline; `avibench smoke` tries your endpoint.",
        exit::help()
    )
}

/// Each command's help stands at its arguments.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(commands::demo::Demo),
    Evaluate(commands::evaluate::Evaluate),
    Run(commands::run::Run),
    Batch(commands::batch::Batch),
    Refine(commands::refine::Refine),
    Merge(commands::merge::Merge),
    Score(commands::score::Score),
    Compare(commands::compare::Compare),
    Report(commands::report::Report),
    View(commands::view::View),
    Bundle(commands::bundle::Bundle),
    Verify(commands::verify::Verify),
    Export(commands::export::Export),
    Smoke(commands::smoke::Smoke),
    Probe(commands::probe::Probe),
    Doctor(commands::doctor::Doctor),
    Labels(commands::labels::Labels),
    Leaderboard(commands::leaderboard::Leaderboard),
    Synth(commands::synth::Synth),
    Serve(commands::serve::Serve),
    Fense(commands::fense::Fense),
    Prompts(commands::prompts::Prompts),
    Config(commands::config::Config),
    Completions(commands::completions::Completions),
    Man(commands::man::Man),
}

fn main() -> ExitCode {
    let cli = parsed(definitions())
        .and_then(|(matches, note)| Ok((Cli::from_arg_matches(&matches)?, note)));
    let (cli, note) = match cli {
        Ok(cli) => cli,
        Err(Unparsed::Words(error)) => {
            if let Some(flag) = flag_of_key(&error) {
                terminal::error(&anyhow::anyhow!(
                    "{flag} is no flag, because whoever is on this machine sees a key on the command line and the \
shell keeps it; commands that ask a model take the key from OPENAI_API_KEY, another variable \
(--api-key-variable) or a file (--api-key-file)"
                ));
                return ExitCode::from(COULD_NOT_RUN);
            }
            // Help and version are data; usage errors are talk. clap's own code for the latter
            // is 2, which here means that samples failed.
            if error.use_stderr() {
                terminal::usage_error(&error);
                return ExitCode::from(COULD_NOT_RUN);
            }
            terminal::help(&error);
            return ExitCode::SUCCESS;
        }
        Err(Unparsed::File(error)) => {
            terminal::error(&error.into());
            return ExitCode::from(COULD_NOT_RUN);
        }
    };
    if let Some(note) = note {
        terminal::note(note);
    }
    trace(cli.verbose);
    // A server ends by itself, and has nothing half-written.
    if !matches!(cli.command, Command::Serve(_)) {
        interrupt::listen();
    }
    let result = match cli.command {
        Command::Demo(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Batch(command) => command.run(),
        Command::Refine(command) => command.run(),
        Command::Merge(command) => command.run(),
        Command::Score(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::View(command) => command.run(),
        Command::Bundle(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Smoke(command) => command.run(),
        Command::Probe(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Labels(command) => command.run(),
        Command::Leaderboard(command) => command.run(),
        Command::Synth(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Fense(command) => command.run(),
        Command::Prompts(command) => command.run(),
        Command::Completions(command) => command.run(definitions()),
        Command::Man(command) => command.run(definitions()),
        Command::Config(command) => command.run(&definitions(), cli.config.as_deref()),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(_) if terminal::reader_left() => ExitCode::from(READER_LEFT),
        Err(error) => {
            terminal::error(&error);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// The commands and their flags.
fn definitions() -> clap::Command {
    adapted(Cli::command())
}

/// Sends what the libraries trace to stderr, if it was asked for.
fn trace(verbose: u8) {
    let filter =
        match (std::env::var("AVIBENCH_LOG").ok().filter(|filter| !filter.is_empty()), verbose) {
            (Some(filter), _) => EnvFilter::new(filter),
            (None, 0) => return,
            (None, 1) => EnvFilter::new("avibench=debug"),
            (None, _) => EnvFilter::new("avibench=trace"),
        };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| terminal::Shown(std::io::stderr()))
        // Its own complaint about stderr would go there and end the run.
        .log_internal_errors(false)
        .with_ansi(false)
        .init();
}
