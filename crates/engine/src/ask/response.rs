//! Receiving an answer: how long to wait for what, and when to stop reading.

use std::time::Duration;

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::reply::Reply;
use super::reply_body::{Progress, ReplyBody};
use super::server_error::ServerError;
use crate::failure::Failure;
use crate::secret::Secrets;

/// How long a complete answer waits for what may still come: token counts and the end of the stream.
/// What has come until then stands as it is.
const SETTLED_WAIT: Duration = Duration::from_secs(2);
/// How long the words that belong to an error status may take.
const ERROR_WAIT: Duration = Duration::from_secs(10);
/// Most bytes of the words that belong to an error status.
const ERROR_LIMIT: usize = 1 << 20;
/// How long a connection whose answer is complete is kept for its end, so that it can be used again.
const DRAIN_WAIT: Duration = Duration::from_millis(200);

/// How an answer is received.
pub(crate) struct Reception<'a, F> {
    /// When the time for the whole request is up.
    pub(crate) deadline: Instant,
    /// That time, for messages.
    pub(crate) after: Duration,
    /// What must not be told.
    pub(crate) secrets: &'a Secrets,
    /// The class of a transport error.
    pub(crate) failure_of: F,
}

impl<F: Fn(&reqwest::Error) -> Failure> Reception<'_, F> {
    /// Receives the body of a success.
    pub(crate) async fn reply(
        &self,
        mut response: Response,
        is_announced_as_events: bool,
    ) -> Result<Reply, Failure> {
        let mut body = ReplyBody::new(is_announced_as_events, self.secrets);
        // Since when nothing has come that belongs to the answer, once that may be complete.
        let mut settled: Option<(Instant, usize)> = None;
        let cut = loop {
            let patience = settled.map(|(since, _)| since + SETTLED_WAIT);
            let until = patience.map_or(self.deadline, |until| until.min(self.deadline));
            match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(piece))) => match body.push(&piece)? {
                    Progress::Partial => settled = None,
                    Progress::Settled => {
                        let length = body.length();
                        if settled.is_none_or(|(_, before)| before != length) {
                            settled = Some((Instant::now(), length));
                        }
                    }
                    Progress::Over => {
                        drain(response);
                        break None;
                    }
                },
                Ok(Ok(None)) => break None,
                Ok(Err(error)) => break Some((self.failure_of)(&error)),
                Err(_) if until < self.deadline && !body.is_complete() => settled = None,
                Err(_) => break Some(Failure::Timeout { after: self.after }),
            }
        };
        body.end(cut)
    }

    /// Receives what belongs to an error status. As much of it as comes says what went wrong; the
    /// status alone decides what that means.
    pub(crate) async fn error(&self, mut response: Response) -> ServerError {
        let until = self.deadline.min(Instant::now() + ERROR_WAIT);
        let mut body = Vec::new();
        while let Ok(Ok(Some(piece))) = timeout_at(until, response.chunk()).await {
            body.extend_from_slice(&piece);
            if body.len() > ERROR_LIMIT {
                body.truncate(ERROR_LIMIT);
                break;
            }
        }
        ServerError::of_body(&self.secrets.redact(String::from_utf8_lossy(&body).into_owned()))
    }
}

/// Reads a connection to its end, if that comes at once: then it can be used again.
fn drain(mut response: Response) {
    tokio::spawn(async move {
        let until = Instant::now() + DRAIN_WAIT;
        while let Ok(Ok(Some(_))) = timeout_at(until, response.chunk()).await {}
    });
}
