//! The server: a port on 127.0.0.1, until somebody stops it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use avibench_assess::prepare_rules;
use avibench_pages::Waveforms;
use avibench_prompts::PromptPack;
use avibench_protocol::FolderData;
use avibench_results::Program;
use avibench_score::GuessBaselines;
use tokio::net::TcpListener;

use crate::ViewError;
use crate::access::Access;
use crate::routes::{Parts, routes};

/// Time for answers under way when the server is to stop.
const GRACE: Duration = Duration::from_secs(2);

/// What is served.
#[derive(Debug)]
pub struct ViewSettings {
    /// What the page of labels is called.
    pub title: String,
    /// Folder that holds `levels/<stage>/<TASK>/data.json`.
    pub data_root: PathBuf,
    /// Its folders that can be used.
    pub folders: Vec<FolderData>,
    /// Kind of a generated data set; `None` for the benchmark's own.
    pub generated: Option<String>,
    /// Folder of raw answers, one folder a label.
    pub outputs: PathBuf,
    /// Folder of formatted answers, one folder a label.
    pub refined: PathBuf,
    /// Folder of scores.
    pub scores: PathBuf,
    /// The file of doubts, which is made with the first one.
    pub doubts: PathBuf,
    /// The packs whose prompts can be shown.
    pub packs: Vec<PromptPack>,
    /// What guessing scores.
    pub baselines: GuessBaselines,
    /// Waveforms of the data set's sounds.
    pub waveforms: Waveforms,
    /// The program, for the reports of runs that are not scored yet.
    pub program: Program,
}

/// A server that listens from [`Viewer::bind`] on and answers from [`Viewer::serve_until`] on.
#[derive(Debug)]
pub struct Viewer {
    listener: std::net::TcpListener,
    address: SocketAddr,
    access: Arc<Access>,
    settings: ViewSettings,
}

impl Viewer {
    /// Listens on 127.0.0.1, never elsewhere; port 0 takes any free one.
    ///
    /// # Errors
    ///
    /// If the port cannot be had, or the system gives no random numbers.
    pub fn bind(port: u16, settings: ViewSettings) -> Result<Self, ViewError> {
        let failed = |source| ViewError::Bind { port, source };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, access: Arc::new(Access::new()?), settings })
    }

    /// The address that lets a browser in. It holds the token: who knows it sees everything.
    #[must_use]
    pub fn entrance(&self) -> String {
        format!("http://{}{}", self.address, self.access.entrance())
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers until `stop` completes; what is under way then gets two seconds. Must be called inside a
    /// Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the port can no longer be listened on.
    pub async fn serve_until(self, stop: impl Future<Output = ()>) -> Result<(), ViewError> {
        let port = self.port();
        let failed = |source| ViewError::Bind { port, source };
        let listener = TcpListener::from_std(self.listener).map_err(failed)?;
        let (stopping, stopped) = tokio::sync::watch::channel(false);
        let parts = Arc::new(Parts::new(self.settings, stopped.clone()));
        let preparing = Arc::clone(&parts);
        tokio::task::spawn_blocking(move || prepare_rules(&preparing.settings.folders));
        let watching = tokio::spawn(Arc::clone(&parts).watch());
        let router = routes(Arc::clone(&parts), self.access);
        let serving = axum::serve(listener, router).with_graceful_shutdown({
            let mut stopped = stopped.clone();
            async move {
                // The sender lives longer than the server.
                let _ = stopped.wait_for(|&stopped| stopped).await;
            }
        });
        let mut serving = tokio::spawn(async move { serving.await });
        tokio::select! {
            () = stop => {}
            ended = &mut serving => {
                watching.abort();
                return ended.map_or(Ok(()), |ended| ended.map_err(failed));
            }
        }
        stopping.send_replace(true);
        // Streams of news end with the server; whatever else is slow is cut.
        let _ = tokio::time::timeout(GRACE, &mut serving).await;
        serving.abort();
        watching.abort();
        Ok(())
    }
}
