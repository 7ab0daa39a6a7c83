//! The order in which `CPython` iterates over a set of integers.

use std::collections::{HashMap, HashSet};

use num_bigint::{BigInt, Sign};

/// `hash(n)` of an integer is its magnitude modulo this prime, with its sign.
const HASH_MODULUS: u64 = (1 << 61) - 1;
const MIN_SLOTS: usize = 8;
/// After the slot that a hash leads to, this many more are tried before the next jump.
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;
/// From this size on, tables grow by 2 instead of 4.
const LARGE_SET: usize = 50_000;

/// `list(set(numbers))`: the distinct numbers in the order of `CPython`'s hash table after they were
/// inserted one by one.
#[must_use]
pub fn set_order(numbers: &[BigInt]) -> Vec<BigInt> {
    let mut seen = HashSet::new();
    let mut table = Table::new(MIN_SLOTS);
    for number in numbers.iter().filter(|number| seen.insert(*number)) {
        table.add(Entry { number, hash: hash(number) });
    }
    table.entries().map(|entry| entry.number.clone()).collect()
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    number: &'a BigInt,
    hash: u64,
}

struct Table<'a> {
    slots: Vec<Option<Entry<'a>>>,
    used: usize,
    /// How far the search for a free slot went for each hash. Slots only fill up, so the next
    /// number of the same hash goes on from there: equal hashes cost no more than others.
    searches: HashMap<u64, Search>,
}

/// A place in the sequence of slots that a hash leads to.
#[derive(Clone, Copy)]
struct Search {
    base: usize,
    probe: usize,
    perturb: u64,
}

impl<'a> Table<'a> {
    fn new(slots: usize) -> Self {
        Self { slots: vec![None; slots], used: 0, searches: HashMap::new() }
    }

    fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.slots.iter().flatten()
    }

    fn add(&mut self, entry: Entry<'a>) {
        self.place(entry);
        if self.used * 5 >= (self.slots.len() - 1) * 3 {
            let wanted = if self.used > LARGE_SET { self.used * 2 } else { self.used * 4 };
            let mut grown = Table::new((wanted + 1).next_power_of_two().max(MIN_SLOTS));
            for entry in self.entries() {
                grown.place(*entry);
            }
            *self = grown;
        }
    }

    /// Puts the entry, which is not there yet, into the first free slot of its sequence.
    fn place(&mut self, entry: Entry<'a>) {
        let mask = self.slots.len() - 1;
        let search = self.searches.entry(entry.hash).or_insert(Search {
            base: entry.hash as usize & mask,
            probe: 0,
            perturb: entry.hash,
        });
        loop {
            let probes = if search.base + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            while search.probe <= probes {
                let slot = &mut self.slots[search.base + search.probe];
                search.probe += 1;
                if slot.is_none() {
                    *slot = Some(entry);
                    self.used += 1;
                    return;
                }
            }
            search.perturb >>= PERTURB_SHIFT;
            let next = search.base.wrapping_mul(5).wrapping_add(1);
            search.base = next.wrapping_add(search.perturb as usize) & mask;
            search.probe = 0;
        }
    }
}

/// `hash(number)` as the unsigned word that the table uses; -1 is reserved and becomes -2.
fn hash(number: &BigInt) -> u64 {
    let magnitude = (number.magnitude() % HASH_MODULUS).try_into().unwrap_or(0_u64);
    match number.sign() {
        Sign::Minus if magnitude == 1 => 2_u64.wrapping_neg(),
        Sign::Minus => magnitude.wrapping_neg(),
        _ => magnitude,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(numbers: &[i128]) -> Vec<i128> {
        let numbers: Vec<BigInt> = numbers.iter().copied().map(BigInt::from).collect();
        set_order(&numbers).iter().map(|number| number.try_into().unwrap()).collect()
    }

    /// Every expected order was printed by Python 3.11.
    #[test]
    fn orders_are_those_of_cpython() {
        assert_eq!(order(&[3, 0]), [0, 3]);
        assert_eq!(order(&[0, 1, 2, 3, 4, 5, 6, 7, 8]), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(order(&[9, 4, 16, 15, 0]), [0, 4, 9, 15, 16]);
        assert_eq!(order(&[8, 16, 24]), [8, 16, 24]);
        assert_eq!(order(&[1, 9, 17, 25, 33]), [1, 33, 9, 17, 25]);
        assert_eq!(order(&[2, 10, 18, 26, 34, 42, 50]), [2, 34, 10, 42, 18, 50, 26]);
        assert_eq!(order(&[1, 5, 33, 65, 97, 129, 200]), [65, 1, 97, 33, 5, 129, 200]);
        assert_eq!(order(&[-1, -2, 3]), [3, -1, -2]);
        assert_eq!(
            order(&[
                2_305_843_009_213_693_950,
                2_305_843_009_213_693_951,
                2_305_843_009_213_693_952,
                1
            ]),
            [2_305_843_009_213_693_951, 2_305_843_009_213_693_952, 2_305_843_009_213_693_950, 1]
        );
        assert_eq!(
            order(&[7, 15, 2_305_843_009_213_693_958, 18_446_744_073_709_551_616]),
            [18_446_744_073_709_551_616, 15, 2_305_843_009_213_693_958, 7]
        );
        assert_eq!(order(&[5, 5, 5, 100_000, 32, 64, 96]), [100_000, 32, 64, 96, 5]);
        assert_eq!(
            order(&[31, 63, 95, 127, 159, 191, 223, 255]),
            [191, 223, 255, 31, 127, 63, 95, 159]
        );
    }

    #[test]
    fn equal_hashes_are_not_quadratic() {
        let modulus = i128::from(HASH_MODULUS);
        let numbers: Vec<i128> = (1..20_000).map(|n| n * modulus).collect();
        assert_eq!(order(&numbers).len(), numbers.len());
    }

    #[test]
    fn order_is_a_permutation_of_the_distinct_numbers() {
        let numbers: Vec<i128> = (0..60_000).map(|n| n * n % 100_003).collect();
        let mut ordered = order(&numbers);
        ordered.sort_unstable();
        let mut distinct = numbers;
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(ordered, distinct);
    }
}
