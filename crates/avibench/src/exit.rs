//! What the exit code means: one table for all commands.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: everything asked for was done.
    Done,
    /// 2: finished, but some samples failed, a file or folder could not be read, more than half of what
    /// was asked is empty or cut off, shards are missing, or a document of the leaderboard is not valid.
    SomeFailed,
    /// 2: what was computed of a bundle is not what it says.
    Differs,
    /// 3: the endpoint lacks what --require names, or a probe could not show it.
    Lacking,
    /// It was stopped; running the same command again goes on.
    Stopped(Stop),
}

/// What stopped a command before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// 124: the time of --time-limit is over. It is the code of the command `timeout`.
    TimeLimit,
    /// 129: SIGHUP, because its terminal went.
    HangUp,
    /// 130: Ctrl-C.
    Interrupt,
    /// 143: SIGTERM, which schedulers send before the end of a job's time.
    Terminate,
}

/// Every code with its meaning, as help and documents have them.
const TABLE: [(u8, &str); 9] = [
    (0, "all done"),
    (COULD_NOT_RUN, "could not run, or could not go on"),
    (
        2,
        "finished, but some samples failed, a file or folder could not be read, shards are missing, most \
         answers are empty or cut off, a document is not valid, or what `verify` computes is not what a \
         bundle says",
    ),
    (3, "a probe does not show what --require names"),
    (124, "stopped by --time-limit"),
    (129, "stopped by SIGHUP"),
    (130, "stopped by Ctrl-C"),
    (READER_LEFT, "nobody reads the output"),
    (143, "stopped by SIGTERM"),
];

/// Columns of the list in the help.
const WIDTH: usize = 74;

/// The table for the help.
pub(crate) fn help() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (code, meaning) in TABLE {
        let mut line = format!("{code:>5} ");
        for word in meaning.split(' ') {
            if line.chars().count() + 1 + word.chars().count() > WIDTH {
                text.push_str(line.trim_end());
                text.push('\n');
                line = " ".repeat(6);
            }
            line.push(' ');
            line.push_str(word);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

impl Stop {
    /// What stopped it, in words.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TimeLimit => "--time-limit",
            Self::HangUp => "SIGHUP",
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
        }
    }

    /// The exit code: of signals, what shells report for programs that they end.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::TimeLimit => 124,
            Self::HangUp => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::SomeFailed | Exit::Differs => Self::from(2),
            Exit::Lacking => Self::from(3),
            Exit::Stopped(stop) => Self::from(stop.code()),
        }
    }
}

/// 1: it could not run, bad usage included.
pub(crate) const COULD_NOT_RUN: u8 = 1;

/// 141: stdout's reader left, as in `avibench score | head`. It is the code that shells report for
/// programs which the signal SIGPIPE ends.
pub(crate) const READER_LEFT: u8 = 141;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_stop_is_in_the_table() {
        for stop in [Stop::TimeLimit, Stop::HangUp, Stop::Interrupt, Stop::Terminate] {
            let said = format!("stopped by {}", stop.name());
            assert!(TABLE.contains(&(stop.code(), said.as_str())), "{said}");
        }
        assert!(help().lines().all(|line| line.chars().count() <= WIDTH), "{}", help());
    }

    #[test]
    fn documents_have_the_same_table() {
        let document = include_str!("../../../docs/reliability.md");
        for (code, meaning) in TABLE {
            let row = format!("| {code} | {meaning} |");
            assert!(document.contains(&row), "docs/reliability.md lacks: {row}");
        }
    }
}
