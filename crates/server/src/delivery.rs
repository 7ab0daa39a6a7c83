//! How the bytes of an answer leave: a body of ours, so that a request counts as in flight until
//! its last byte is handed over or its connection is gone.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http_body::{Frame, SizeHint};

use crate::counters::InFlight;

/// A body that sends its pieces in order.
#[derive(Debug)]
pub(crate) struct Delivery {
    pieces: VecDeque<Bytes>,
    /// Whether the length is announced; event streams have none.
    length_known: bool,
    _in_flight: Option<InFlight>,
}

impl Delivery {
    /// Sends `pieces`, leaving out empty ones, and keeps the request in flight meanwhile.
    pub(crate) fn new(
        pieces: impl IntoIterator<Item = Bytes>,
        length_known: bool,
        in_flight: Option<InFlight>,
    ) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        Self { pieces, length_known, _in_flight: in_flight }
    }
}

impl http_body::Body for Delivery {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.length_known {
            SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
        } else {
            SizeHint::default()
        }
    }
}
