//! What asks the program to end: Ctrl-C, SIGTERM, SIGHUP when its terminal goes, and the end of its time.
//!
//! One thread hears signals for the whole program. While a run asks a model, they go to the run, which
//! ends softly; at any other time, what is half-written is removed and the program ends.

use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::exit::{Exit, Stop};
use crate::terminal;

/// Takes a signal in place of the usual.
type Taker = Box<dyn Fn(Stop) + Send>;

static TAKER: Mutex<Option<Taker>> = Mutex::new(None);

/// What stopped the program first, which is what its exit code tells.
static FIRST: OnceLock<Stop> = OnceLock::new();

fn taker() -> MutexGuard<'static, Option<Taker>> {
    TAKER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While it lives, signals go to somebody who can end softly.
pub(crate) struct Handed(());

impl Handed {
    /// Hands signals, and the end of the program's time, to `take`.
    pub(crate) fn to(take: impl Fn(Stop) + Send + 'static) -> Self {
        *taker() = Some(Box::new(take));
        Self(())
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        *taker() = None;
    }
}

/// How a command ended that was stopped.
pub(crate) fn stopped() -> Exit {
    Exit::Stopped(FIRST.get().copied().unwrap_or(Stop::Interrupt))
}

/// Stops the program after so long, as a signal does.
pub(crate) fn stop_after(limit: Duration) -> std::io::Result<()> {
    let wait = move || {
        std::thread::sleep(limit);
        heard(Stop::TimeLimit);
    };
    std::thread::Builder::new().name("time limit".to_owned()).spawn(wait).map(drop)
}

/// Listens for signals from now on. Without a thread for that, they end the program as they
/// always do.
pub(crate) fn listen() {
    let (ready, is_ready) = std::sync::mpsc::channel();
    let listening = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(hear(ready));
    });
    match listening {
        // A busy machine may start the thread late, and signals before that would end the program at once.
        Ok(_) => drop(is_ready.recv()),
        Err(error) => tracing::debug!(%error, "signals are not listened for"),
    }
}

#[cfg(unix)]
async fn hear(ready: Sender<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let stream = |kind| signal(kind).ok();
    let mut interrupt = stream(SignalKind::interrupt());
    let mut terminate = stream(SignalKind::terminate());
    // Who starts a program with nohup wants it to go on without the terminal.
    let mut hangup = if ignores_hangup() { None } else { stream(SignalKind::hangup()) };
    drop(ready);
    loop {
        let stop = tokio::select! {
            Some(()) = next(&mut interrupt) => Stop::Interrupt,
            Some(()) = next(&mut terminate) => Stop::Terminate,
            Some(()) = next(&mut hangup) => Stop::HangUp,
            else => return,
        };
        heard(stop);
    }
}

#[cfg(unix)]
async fn next(stream: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    match stream {
        Some(stream) => stream.recv().await,
        None => None,
    }
}

#[cfg(not(unix))]
async fn hear(ready: Sender<()>) {
    drop(ready);
    while tokio::signal::ctrl_c().await.is_ok() {
        heard(Stop::Interrupt);
    }
}

/// Whether the program was started so that it does not end with its terminal.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    use std::io::IsTerminal as _;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    match ignored {
        // The first bit is that of SIGHUP.
        Some(ignored) => ignored & 1 == 1,
        // Systems that do not tell: nohup leaves no terminal.
        None => !(std::io::stdout().is_terminal() || std::io::stderr().is_terminal()),
    }
}

fn heard(stop: Stop) {
    let first = *FIRST.get_or_init(|| stop);
    if let Some(take) = &*taker() {
        take(stop);
        return;
    }
    avibench_files::abandon();
    let does_again = match terminal::current_step() {
        Some(step) => format!("goes on with {step}"),
        None => "does it again".to_owned(),
    };
    terminal::note(format!(
        "stopped by {}; nothing half-written is left, and the same command {does_again}",
        stop.name()
    ));
    std::process::exit(first.code().into());
}
