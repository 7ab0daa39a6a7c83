//! How the bytes of an answer leave: a body of ours, which can pause between pieces, break off,
//! and keeps its request in flight until the last byte is handed over or the connection is gone.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use crate::counters::InFlight;
use crate::faults::Pass;
use crate::line::Scissors;

/// What a request occupies until its answer has left.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) _in_flight: InFlight,
    pub(crate) _pass: Option<Pass>,
}

/// What happens after the last piece.
#[derive(Debug)]
pub(crate) enum Finale {
    /// The body is complete.
    End,
    /// The connection stays open, and nothing more comes.
    Hold,
    /// The connection closes in the middle of the body.
    Close,
    /// The connection is reset in the middle of the body.
    Reset(Scissors),
}

/// A pause that is running.
#[derive(Debug)]
enum Pause {
    /// Until the connection has flushed what it has.
    Flush,
    Time(Pin<Box<Sleep>>),
}

/// A body that sends its pieces in order.
#[derive(Debug)]
pub(crate) struct Delivery {
    pieces: VecDeque<Bytes>,
    /// Whether the length is announced by this body; event streams have none.
    length_known: bool,
    /// The pause after each piece; a pause of zero still sends the piece on its own.
    pace: Option<Duration>,
    finale: Finale,
    pause: Option<Pause>,
    _held: Option<Held>,
}

impl Delivery {
    /// Sends `pieces`, leaving out empty ones.
    pub(crate) fn new(
        pieces: Vec<Bytes>,
        length_known: bool,
        pace: Option<Duration>,
        finale: Finale,
        held: Option<Held>,
    ) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        // What was sent before a break, and be it the headers alone, must have left the buffers
        // when the break comes.
        let (pace, pause) = match finale {
            Finale::End => (pace, None),
            Finale::Hold | Finale::Close | Finale::Reset(_) => {
                (pace.or(Some(Duration::ZERO)), Some(Pause::Flush))
            }
        };
        Self { pieces, length_known, pace, finale, pause, _held: held }
    }

    /// Ready when no pause is running.
    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.pause {
            None => return Poll::Ready(()),
            Some(Pause::Time(sleep)) => ready!(sleep.as_mut().poll(context)),
            Some(Pause::Flush) => {
                // A body that is not ready makes the connection flush before it asks again.
                self.pause = None;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.pause = None;
        Poll::Ready(())
    }
}

impl http_body::Body for Delivery {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        ready!(self.poll_pause(context));
        if let Some(piece) = self.pieces.pop_front() {
            self.pause = self.pace.map(|pace| match pace {
                Duration::ZERO => Pause::Flush,
                pace => Pause::Time(Box::pin(tokio::time::sleep(pace))),
            });
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &self.finale {
            Finale::End => Poll::Ready(None),
            // Nothing wakes it: it is dropped with its connection.
            Finale::Hold => Poll::Pending,
            Finale::Close => Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into()))),
            Finale::Reset(scissors) => {
                scissors.cut();
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && matches!(self.finale, Finale::End)
    }

    fn size_hint(&self) -> SizeHint {
        if self.length_known {
            SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
        } else {
            SizeHint::default()
        }
    }
}
