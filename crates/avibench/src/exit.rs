//! What the exit code means.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: everything asked for was done.
    Done,
    /// 2: finished, but some samples failed, a file or folder could not be read, more than half of what
    /// was asked is empty or cut off, or a document of the leaderboard is not valid.
    SomeFailed,
    /// 2: what was computed of a bundle is not what it says.
    Differs,
    /// 3: the endpoint lacks what --require names, or a probe could not show it.
    Lacking,
    /// 130: stopped by the user; running the same command again goes on.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::SomeFailed | Exit::Differs => Self::from(2),
            Exit::Lacking => Self::from(3),
            Exit::Interrupted => Self::from(INTERRUPTED),
        }
    }
}

/// 130: stopped by a signal.
pub(crate) const INTERRUPTED: u8 = 130;

/// 1: it could not run, bad usage included.
pub(crate) const COULD_NOT_RUN: u8 = 1;

/// 141: stdout's reader left, as in `avibench score | head`. It is the code that shells report for
/// programs which the signal SIGPIPE ends.
pub(crate) const READER_LEFT: u8 = 141;
