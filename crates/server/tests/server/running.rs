//! A server on a free port in front of a model that says what it was given.

use std::sync::Arc;

use avibench_protocol::{Conversation, LocalModel, Medium};
use avibench_server::{Counters, Server, ServerOptions};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Answers with what it received, so that tests see what the endpoint understood.
pub(crate) struct Mirror;

impl LocalModel for Mirror {
    fn name(&self) -> &'static str {
        "mirror"
    }

    fn answer(&self, conversation: &Conversation) -> String {
        assert_ne!(conversation.text, "crash", "a crash that the test asked for");
        let list = |media: &[Medium]| {
            media.iter().fold(String::new(), |list, medium| {
                format!("{list} {}:{}", medium.mime, medium.bytes.len())
            })
        };
        format!(
            "images{} audios{} video{} text {}",
            list(&conversation.images),
            list(&conversation.audios),
            list(conversation.video.as_slice()),
            conversation.text
        )
    }
}

/// A running server that a test stops by itself or by dropping it.
pub(crate) struct Running {
    pub(crate) base_url: String,
    pub(crate) counters: Counters,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(model: Arc<dyn LocalModel>, options: ServerOptions) -> Self {
        let server = Server::bind(0, model, options).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (base_url, counters) = (server.base_url(), server.counters());
        let task = tokio::spawn(server.serve_until(async {
            let _ = stopped.await;
        }));
        Self { base_url, counters, stop, task }
    }

    pub(crate) fn mirror() -> Self {
        Self::start(Arc::new(Mirror), ServerOptions::default())
    }

    /// Posts a chat completions request.
    pub(crate) async fn post(&self, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let url = format!("{}/chat/completions", self.base_url);
        client().post(url).body(body).send().await.unwrap()
    }

    /// The status and the JSON of the answer to `body`.
    pub(crate) async fn ask(&self, body: &Value) -> (u16, Value) {
        let response = self.post(body.to_string()).await;
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    /// Stops gracefully and waits for the end.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// A client as the tests need it: plain HTTP. Where the workspace is built as a whole, reqwest
/// comes with TLS and insists on a cryptography provider.
pub(crate) fn client() -> reqwest::Client {
    // A second installation is refused, harmlessly.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
