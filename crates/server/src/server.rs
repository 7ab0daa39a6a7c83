//! The server itself: a port on 127.0.0.1, an accept loop, a graceful stop.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use avibench_protocol::LocalModel;
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::counters::Counters;
use crate::line::{Line, Scissors};
use crate::options::ServerOptions;
use crate::request_log::RequestLog;
use crate::routes::{State, routes};

/// A server that could not start.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source} (port 0 takes any free one)")]
    Bind {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The request log cannot be opened.
    #[error("cannot open the request log {}: {source}", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// [`Server::bind`] was called outside a Tokio runtime.
    #[error("the server needs a Tokio runtime; call bind from async code")]
    NoRuntime,
}

/// A local model behind an OpenAI-compatible endpoint. It listens from [`Server::bind`] on and
/// answers from [`Server::serve_until`] on.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    counters: Counters,
    stop_grace: Duration,
}

impl Server {
    /// Listens on 127.0.0.1, never elsewhere; port 0 takes any free one. Must be called inside a
    /// Tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ServerError::Bind`] if the port cannot be had, [`ServerError::Log`] if the request log
    /// cannot, [`ServerError::NoRuntime`] outside a runtime.
    pub fn bind(
        port: u16,
        model: Arc<dyn LocalModel>,
        options: ServerOptions,
    ) -> Result<Self, ServerError> {
        if Handle::try_current().is_err() {
            return Err(ServerError::NoRuntime);
        }
        let failed = |source| ServerError::Bind { port, source };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let counters = Counters::default();
        let stop_grace = options.stop_grace;
        let log = options.request_log.as_deref().map(|path| {
            RequestLog::open(path)
                .map_err(|source| ServerError::Log { path: path.to_owned(), source })
        });
        let state = State::new(model, options, log.transpose()?, counters.clone());
        let router = routes(state);
        Ok(Self { listener, address, router, counters, stop_grace })
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What OpenAI-compatible clients call the base URL: `http://127.0.0.1:<port>/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The live counters; they stay readable after the server has stopped.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// Answers until `shutdown` completes. Then no connection is accepted any more, idle ones are
    /// closed, and requests in flight get [`ServerOptions::stop_grace`] to end.
    pub async fn serve_until(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let (stop, stopping) = watch::channel(false);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        // Counted in the order of arrival: whoever connects next sees it.
                        let connected = self.counters.connect();
                        let (router, stopping) = (self.router.clone(), stopping.clone());
                        connections.spawn(async move {
                            converse(stream, router, stopping).await;
                            drop(connected);
                        });
                    }
                    // Out of file handles, or a client that gave up: others must not suffer.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        stop.send_replace(true);
        let all_done = async { while connections.join_next().await.is_some() {} };
        // What is still running after the grace is dropped with the set, and its sockets with it.
        let _ = tokio::time::timeout(self.stop_grace, all_done).await;
    }
}

/// Serves one connection to its end, or to the end of its current request once stopping.
async fn converse(stream: TcpStream, router: Router, mut stopping: watch::Receiver<bool>) {
    // Small events must leave at once; without the option they only leave later.
    let _ = stream.set_nodelay(true);
    let scissors = Scissors::default();
    let line = Line::new(stream, scissors.clone());
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(scissors.clone());
        router.call(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(line), service)
    );
    tokio::select! {
        // A connection that breaks is the client's to notice.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|&stop| stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
