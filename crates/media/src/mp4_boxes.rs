//! The boxes an MP4 file is made of, and the numbers in them (ISO/IEC 14496-12, 4.2).
//!
//! Reading is ours rather than a library's because the tables come from outside: those at hand
//! allocate what a few hostile bytes ask for, or drop the edit lists.

/// Walks over the boxes in a byte slice; a box that reaches beyond it is cut there, bytes that
/// make no box end the walk.
pub(crate) struct Boxes<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A box: its type, its payload and where that begins, counted from the walked slice's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mp4Box<'a> {
    pub(crate) kind: [u8; 4],
    pub(crate) payload: &'a [u8],
    /// Where the box's header begins in the walked slice.
    pub(crate) start: usize,
    /// The box claims more bytes than there are.
    pub(crate) cut: bool,
}

impl<'a> Boxes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The payload of the first box of a type.
    pub(crate) fn find(bytes: &'a [u8], kind: [u8; 4]) -> Option<&'a [u8]> {
        Self::new(bytes).find_map(|found| (found.kind == kind).then_some(found.payload))
    }

    /// The payload of a box inside boxes.
    pub(crate) fn find_path(bytes: &'a [u8], path: &[[u8; 4]]) -> Option<&'a [u8]> {
        path.iter().try_fold(bytes, |inside, kind| Self::find(inside, *kind))
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Mp4Box<'a>;

    fn next(&mut self) -> Option<Mp4Box<'a>> {
        let start = self.at;
        let mut fields = Fields::new(self.bytes.get(start..)?);
        let short_size = fields.u32()?;
        let kind = fields.array::<4>()?;
        let (size, header) = match short_size {
            0 => ((self.bytes.len() - start) as u64, 8),
            1 => (fields.u64()?, 16),
            size => (u64::from(size), 8),
        };
        if size < header {
            return None;
        }
        let left = self.bytes.len() - start;
        let cut = size > left as u64;
        let end = start + if cut { left } else { size as usize };
        self.at = end;
        Some(Mp4Box { kind, payload: &self.bytes[start + header as usize..end], start, cut })
    }
}

/// Reads big-endian numbers one after the other; `None` at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Skips version and flags of a full box and returns them.
    pub(crate) fn version_and_flags(&mut self) -> Option<(u8, u32)> {
        let both = self.u32()?;
        Some(((both >> 24) as u8, both & 0x00ff_ffff))
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// 64 bits in version 1 of a box, 32 in version 0.
    pub(crate) fn sized(&mut self, version: u8) -> Option<u64> {
        if version == 1 { self.u64() } else { self.u32().map(u64::from) }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_all_three_size_forms_are_walked() {
        let mut bytes = b"\0\0\0\x0aaaaaXY".to_vec();
        bytes.extend_from_slice(b"\0\0\0\x01bbbb\0\0\0\0\0\0\0\x11Z");
        bytes.extend_from_slice(b"\0\0\0\0ccccREST");
        let found: Vec<_> = Boxes::new(&bytes).map(|b| (b.kind, b.payload, b.start)).collect();
        let expected: [([u8; 4], &[u8], usize); 3] =
            [(*b"aaaa", b"XY", 0), (*b"bbbb", b"Z", 10), (*b"cccc", b"REST", 27)];
        assert_eq!(found, expected);
        assert!(Boxes::new(&bytes).all(|found| !found.cut));
    }

    #[test]
    fn a_box_beyond_the_end_is_cut_and_nonsense_ends_the_walk() {
        let cut = Boxes::new(b"\0\0\x01\0aaaaXY").next().unwrap();
        assert!(cut.cut);
        assert_eq!(cut.payload, b"XY");
        assert!(Boxes::new(b"\0\0\0\x07aaaa").next().is_none());
        assert!(Boxes::new(b"\0\0\0\x01aaaa\0\0\0\0\0\0\0\x0f").next().is_none());
        assert!(Boxes::new(b"\0\0").next().is_none());
    }
}
