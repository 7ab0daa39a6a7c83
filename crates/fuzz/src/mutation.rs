//! How a seed is changed into an input.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Longest piece that one mutation moves or makes, in bytes.
const LONGEST_PIECE: usize = 64;
/// Most mutations of one seed.
const MOST: usize = 12;
/// Longest input, in bytes: beyond it nothing new happens, it only takes longer.
const LONGEST_INPUT: usize = 1 << 20;

/// One change. Places are shares of the length that the input has by then.
#[derive(Debug, Clone)]
enum Mutation {
    FlipBit {
        at: Index,
        bit: u8,
    },
    Overwrite {
        at: Index,
        bytes: Vec<u8>,
    },
    Insert {
        at: Index,
        bytes: Vec<u8>,
    },
    Delete {
        at: Index,
        length: usize,
    },
    /// Writes a piece once more somewhere else.
    Repeat {
        from: Index,
        to: Index,
        length: usize,
    },
    /// Nests: a piece is doubled in place, many times.
    Nest {
        at: Index,
        length: usize,
        times: usize,
    },
    Truncate {
        at: Index,
    },
    /// Goes on with the end of another seed.
    Splice {
        at: Index,
        other: Index,
        from: Index,
    },
}

/// Inputs made from seeds; smaller when shrunk, with fewer mutations.
pub(crate) fn inputs(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let mutated = (any::<Index>(), vec(mutation(), 0..MOST)).prop_map(move |(seed, mutations)| {
        let mut input = seed.get(&seeds).clone();
        for mutation in &mutations {
            mutation.apply(&mut input, &seeds);
        }
        input
    });
    prop_oneof![19 => mutated, 1 => vec(any::<u8>(), 0..256)]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let length = || 1..=LONGEST_PIECE;
    prop_oneof![
        3 => (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::FlipBit { at, bit }),
        4 => (at(), piece()).prop_map(|(at, bytes)| Mutation::Overwrite { at, bytes }),
        3 => (at(), piece()).prop_map(|(at, bytes)| Mutation::Insert { at, bytes }),
        2 => (at(), length()).prop_map(|(at, length)| Mutation::Delete { at, length }),
        2 => (at(), at(), length())
            .prop_map(|(from, to, length)| Mutation::Repeat { from, to, length }),
        1 => (at(), 1..=4_usize, 1..400_usize)
            .prop_map(|(at, length, times)| Mutation::Nest { at, length, times }),
        1 => at().prop_map(|at| Mutation::Truncate { at }),
        1 => (at(), at(), at())
            .prop_map(|(at, other, from)| Mutation::Splice { at, other, from }),
    ]
}

/// Bytes that tend to matter: numbers at the edge of their type, delimiters, or anything.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let edge = select(vec![0_u64, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff])
        .prop_union(select(vec![0x8000_0000_u64, 0xffff_ffff, u64::MAX, i64::MAX as u64, 1 << 40]));
    let number = (edge, select(vec![1_usize, 2, 4, 8]), any::<bool>()).prop_map(
        |(number, width, little)| {
            if little {
                number.to_le_bytes()[..width].to_vec()
            } else {
                number.to_be_bytes()[8 - width..].to_vec()
            }
        },
    );
    let text = select(vec![
        "{", "}", "[", "]", "(", ")", "\"", "'", "\\", ",", ":", "\n", "\r\n", "\r", "\0", "```",
        "**", "null", "None", "NaN", "-", "1e999", "0x", "\\u", "\\ud800", "data: ", "[DONE]",
        "\u{feff}", "é", "答", "</think>", "answer=", "\u{2028}",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    prop_oneof![3 => number, 3 => text, 2 => vec(any::<u8>(), 1..LONGEST_PIECE)]
}

impl Mutation {
    fn apply(&self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let piece = |at: &Index, length: usize, input: &[u8]| -> Range<usize> {
            let start = at.index(input.len() + 1);
            start..input.len().min(start + length)
        };
        match self {
            Self::FlipBit { at, bit } => {
                if !input.is_empty() {
                    let at = at.index(input.len());
                    input[at] ^= 1 << bit;
                }
            }
            Self::Overwrite { at, bytes } => {
                let range = piece(at, bytes.len(), input);
                input.splice(range, bytes.iter().copied());
            }
            Self::Insert { at, bytes } => {
                let start = at.index(input.len() + 1);
                input.splice(start..start, bytes.iter().copied());
            }
            Self::Delete { at, length } => drop(input.drain(piece(at, *length, input))),
            Self::Repeat { from, to, length } => {
                let bytes = input[piece(from, *length, input)].to_vec();
                let to = to.index(input.len() + 1);
                input.splice(to..to, bytes);
            }
            Self::Nest { at, length, times } => {
                let range = piece(at, *length, input);
                let bytes = input[range.clone()].repeat(*times);
                input.splice(range.start..range.start, bytes);
            }
            Self::Truncate { at } => input.truncate(at.index(input.len() + 1)),
            Self::Splice { at, other, from } => {
                let other = other.get(seeds);
                input.truncate(at.index(input.len() + 1));
                input.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
        input.truncate(LONGEST_INPUT);
    }
}
