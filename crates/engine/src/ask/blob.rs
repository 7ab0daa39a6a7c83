//! Bytes in pieces, for files of many megabytes.
//!
//! Allocators keep large blocks that are freed, each thread its own: reading clips into one block
//! each took twice the memory that was in use. Pieces of one size are kept here and used again.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a piece: a multiple of 3, so that pieces in base64 join without padding. Small enough that
/// a file of a megabyte wastes little of its last piece, and that a piece is still in the processor's
/// cache when it is hashed after it was read.
const PIECE: usize = 192 << 10;

/// What is larger stands in one piece of its own size, as decoders want it: allocators give blocks of
/// this size back to the system at once, and it is not held twice while it is decoded.
const LARGE: u64 = 32 << 20;

/// The most blocks that are kept for the next file: what a few decoders use at a time.
const SPARE_BLOCKS: usize = 2;

/// Immutable bytes in one or more pieces.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blob {
    pieces: Arc<[Piece]>,
}

/// A piece of a blob. All but the last of a blob hold a multiple of 3 bytes.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    room: Arc<[u8]>,
    length: usize,
}

/// Pieces that are not in use.
#[derive(Debug, Default)]
pub(crate) struct PiecePool {
    free: Mutex<Vec<Arc<[u8]>>>,
}

/// Blocks that are not in use.
#[derive(Debug, Default)]
pub(crate) struct BlockPool {
    free: Mutex<Vec<Vec<u8>>>,
}

/// All bytes of a blob in one piece, as decoders want them.
#[derive(Debug)]
pub(crate) enum Block<'a> {
    /// They were in one.
    Lent(&'a [u8]),
    /// A copy, whose memory is used again.
    Copied {
        /// The bytes.
        bytes: Vec<u8>,
        /// Where the memory goes.
        pool: &'a BlockPool,
    },
}

impl Deref for Block<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Copied { bytes, .. } => bytes,
        }
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        if let Self::Copied { bytes, pool } = self {
            let mut free = pool.free.lock().unwrap_or_else(PoisonError::into_inner);
            if free.len() < SPARE_BLOCKS {
                free.push(std::mem::take(bytes));
            }
        }
    }
}

impl Piece {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.room[..self.length]
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        Self { pieces: Arc::new([Piece { room: bytes.into(), length }]) }
    }
}

impl Blob {
    /// Reads `length` bytes, which must be all there are. `seen` is shown each piece in turn as soon
    /// as it is read.
    pub(crate) fn read(
        mut from: impl Read,
        length: u64,
        pool: &PiecePool,
        mut seen: impl FnMut(&[u8]),
    ) -> io::Result<Self> {
        let changed = || io::Error::other("it changed while it was read");
        let mut left = usize::try_from(length).map_err(io::Error::other)?;
        let mut pieces = Vec::with_capacity(left.div_ceil(PIECE));
        while left > 0 {
            // What fits into one piece gets its own size, so small files waste nothing.
            let mut room = if is_in_pieces(length) { pool.take() } else { zeroes(left) };
            let length = left.min(room.len());
            let bytes = Arc::get_mut(&mut room).ok_or_else(changed)?;
            from.read_exact(&mut bytes[..length]).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => changed(),
                _ => error,
            })?;
            seen(&bytes[..length]);
            pieces.push(Piece { room, length });
            left -= length;
        }
        if from.read(&mut [0])? > 0 {
            return Err(changed());
        }
        Ok(Self { pieces: pieces.into() })
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub(crate) fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.length).sum()
    }

    /// Memory that `length` bytes take.
    pub(crate) fn room_for(length: u64) -> u64 {
        let piece = PIECE as u64;
        if is_in_pieces(length) { length.div_ceil(piece) * piece } else { length }
    }

    /// Memory that [`Blob::block_in`] takes of `length` bytes that were read.
    pub(crate) fn block_room_for(length: u64) -> u64 {
        if is_in_pieces(length) { length } else { 0 }
    }

    /// Memory that it takes.
    pub(crate) fn room(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.room.len() as u64).sum()
    }

    /// The first bytes, at least 16 if there are as many.
    pub(crate) fn beginning(&self) -> &[u8] {
        self.pieces.first().map_or(&[], Piece::bytes)
    }

    /// All bytes in one piece; copied only if they lie in several.
    pub(crate) fn block(&self) -> Cow<'_, [u8]> {
        match self.pieces() {
            [piece] => Cow::Borrowed(piece.bytes()),
            pieces => Cow::Owned(pieces.iter().map(Piece::bytes).collect::<Vec<_>>().concat()),
        }
    }

    /// The same, with a block of the pool if one is needed.
    pub(crate) fn block_in<'a>(&'a self, pool: &'a BlockPool) -> Block<'a> {
        let pieces = match self.pieces() {
            [piece] => return Block::Lent(piece.bytes()),
            pieces => pieces,
        };
        let free = pool.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bytes = free.unwrap_or_default();
        bytes.clear();
        bytes.reserve_exact(self.len());
        for piece in pieces {
            bytes.extend_from_slice(piece.bytes());
        }
        Block::Copied { bytes, pool }
    }
}

impl PiecePool {
    fn take(&self) -> Arc<[u8]> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.unwrap_or_else(|| zeroes(PIECE))
    }

    /// Takes back the pieces of a blob that nobody else holds.
    pub(crate) fn recycle(&self, blob: Blob) {
        let Blob { mut pieces } = blob;
        // Somebody still sends it: its memory is freed when they are done.
        let Some(pieces) = Arc::get_mut(&mut pieces) else { return };
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in pieces {
            let room = std::mem::take(&mut piece.room);
            if room.len() == PIECE && Arc::strong_count(&room) == 1 {
                free.push(room);
            }
        }
    }
}

fn is_in_pieces(length: u64) -> bool {
    (PIECE as u64 + 1..=LARGE).contains(&length)
}

/// Room for bytes, copied from zeroes of the allocator: an iterator takes a step for each byte where nothing is
/// optimised.
fn zeroes(length: usize) -> Arc<[u8]> {
    vec![0; length].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_is_read_whole_and_pieces_are_used_again() {
        let pool = PiecePool::default();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5] {
            let bytes: Vec<u8> = (0..length).map(|i| (i / 7) as u8).collect();
            let mut seen = Vec::new();
            let see = |piece: &[u8]| seen.extend_from_slice(piece);
            let blob = Blob::read(&bytes[..], length as u64, &pool, see).unwrap();
            assert_eq!(seen, bytes);
            assert_eq!(blob.block()[..], bytes);
            assert_eq!(blob.len(), length);
            assert_eq!(blob.room(), Blob::room_for(length as u64));
            let (_, but_last) = blob.pieces().split_last().unzip();
            assert!(but_last.unwrap_or_default().iter().all(|piece| piece.length % 3 == 0));
            pool.recycle(blob);
        }
        assert_eq!(pool.free.lock().unwrap().len(), 4, "the most that were in use at a time");
        let two = vec![1; 2 * PIECE];
        let blob = Blob::read(&two[..], 2 * PIECE as u64, &pool, |_| ()).unwrap();
        let sending = blob.pieces()[0].clone();
        pool.recycle(blob);
        assert_eq!(pool.free.lock().unwrap().len(), 3, "what is still sent is not used again");
        assert_eq!(sending.bytes()[0], 1);
    }

    #[test]
    fn blocks_are_used_again_and_few_are_kept() {
        let (pieces, blocks) = (PiecePool::default(), BlockPool::default());
        let blob_of = |length: usize| {
            let bytes: Vec<u8> = (0..length).map(|i| (i / 5) as u8).collect();
            let blob = Blob::read(&bytes[..], length as u64, &pieces, |_| ()).unwrap();
            (bytes, blob)
        };
        for length in [3 * PIECE, PIECE + 1, 2 * PIECE + 7, PIECE, 0] {
            let (bytes, blob) = blob_of(length);
            assert_eq!(blob.block_in(&blocks)[..], bytes);
        }
        assert_eq!(blocks.free.lock().unwrap().len(), 1, "one was in use at a time");
        let (_, blob) = blob_of(2 * PIECE);
        let many: Vec<Block<'_>> = (0..5).map(|_| blob.block_in(&blocks)).collect();
        drop(many);
        assert_eq!(blocks.free.lock().unwrap().len(), SPARE_BLOCKS);
    }

    #[test]
    fn a_file_that_changes_is_noticed() {
        let pool = PiecePool::default();
        assert!(Blob::read(&[1, 2][..], 3, &pool, |_| ()).is_err());
        assert!(Blob::read(&[1, 2, 3, 4][..], 3, &pool, |_| ()).is_err());
    }
}
