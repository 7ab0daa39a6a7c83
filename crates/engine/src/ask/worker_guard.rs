//! Ends a worker when this program is gone, however it went: a small shell waits for the end of a
//! pipe that only this program holds, and then kills the worker's process group.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, ChildStdin, Command};

/// Waits until its input ends, and kills the group whose number it is given.
const SCRIPT: &str = "read -r _; kill -s KILL -- \"-$1\"";

/// Watches over one worker until it is dropped.
#[derive(Debug)]
pub(crate) struct WorkerGuard {
    /// Killed before the pipe ends, where the worker is dropped in order.
    _shell: Child,
    /// The pipe that ends with this program.
    _pipe: Option<ChildStdin>,
}

impl WorkerGuard {
    /// Watches over the process group `group`.
    pub(crate) fn start(group: u32) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "avibench-worker-guard", &group.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        // A signal to our own group must not end it before its time.
        #[cfg(unix)]
        command.process_group(0);
        let mut shell = command.spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { _shell: shell, _pipe: pipe })
    }
}
