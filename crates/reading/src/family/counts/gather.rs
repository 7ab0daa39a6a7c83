//! Collects names and counts into the value of an answer.

use super::add;
use super::amount::Amount;
use crate::category::{Categories, singular};
use crate::{Count, Counts};

/// Keys that say something about the answer or its media rather than about what is counted. They
/// are kept apart, since a label may hold such a key.
const ADMINISTRATIVE: [&str; 44] = [
    "confidence",
    "confidence score",
    "score",
    "probability",
    "time",
    "timestamp",
    "timestamps",
    "start",
    "end",
    "start time",
    "end time",
    "duration",
    "length",
    "image size",
    "image width",
    "image height",
    "width",
    "height",
    "size",
    "fps",
    "frame",
    "frames",
    "num frames",
    "frame count",
    "sample rate",
    "channels",
    "version",
    "id",
    "index",
    "total",
    "total count",
    "sum",
    "count",
    "number",
    "num",
    "model",
    "language",
    "step",
    "page",
    "tokens",
    "resolution",
    "seconds",
    "number of sources",
    "total objects",
];

/// Names that stand for everything counted, or for no category.
const TOTALS: [&str; 21] = [
    "total",
    "total count",
    "sum",
    "total objects",
    "total sources",
    "overall",
    "all",
    "count",
    "total number",
    "number of objects",
    "number of sound sources",
    "number of sources",
    "total sound sources",
    "total instances",
    "total number of objects",
    "合计",
    "总计",
    "总数",
    "合計",
    "total animals",
    "grand total",
];

/// Names that an answer gives where it has none to give.
const NO_NAME: [&str; 12] = [
    "",
    "none",
    "nothing",
    "null",
    "n/a",
    "na",
    "not sure",
    "unknown",
    "no available option",
    "...",
    "object",
    "empty",
];

/// Names and counts found so far.
pub(super) struct Gather<'c> {
    pub(super) categories: &'c Categories,
    counts: Counts,
    /// Something was said, also if it counted nothing.
    said: bool,
    /// Names that name nothing were given a count.
    nameless: bool,
}

impl<'c> Gather<'c> {
    pub(super) fn new(categories: &'c Categories) -> Self {
        Self { categories, counts: Counts::default(), said: false, nameless: false }
    }

    /// Notes that the answer counts nothing so far, on purpose.
    pub(super) const fn empty(&mut self) {
        self.said = true;
    }

    /// Adds `amount` of `name`.
    pub(super) fn add(&mut self, name: &str, amount: Amount) {
        let mut folded = self.categories.fold(name);
        if !folded.known
            && let Some(counted) = without_count_word(&crate::category::normal(name))
        {
            let inner = self.categories.fold(counted);
            folded = if inner.known { inner } else { folded };
        }
        let plain = crate::category::normal(&folded.name);
        if !folded.known
            && (NO_NAME.contains(&plain.as_str()) || !plain.chars().any(char::is_alphanumeric))
        {
            self.nameless = true;
            return;
        }
        self.said = true;
        let Some(count) = amount.count() else { return };
        if !folded.known && is_administrative(&plain) {
            push(&mut self.counts.administrative, folded.name, count);
        } else {
            push(&mut self.counts.named, folded.name, count);
        }
    }

    /// Adds a name off the list, in the singular, as prose gives it.
    pub(super) fn add_from_prose(&mut self, name: &str, amount: Amount) {
        if self.categories.fold(name).known {
            self.add(name, amount);
        } else {
            self.add(&singular(name), amount);
        }
    }

    /// Whether a name is on the list, also as `dog count`.
    pub(super) fn knows(&self, name: &str) -> bool {
        let known = |name: &str| self.categories.fold(name).known;
        known(name) || without_count_word(&crate::category::normal(name)).is_some_and(known)
    }

    /// How many different names were counted.
    pub(super) fn len(&self) -> usize {
        self.counts.named.len()
    }

    /// The value; `None` if nothing was said, or only names that are none.
    pub(super) fn finish(self) -> Option<Counts> {
        let says_something = !self.counts.named.is_empty()
            || (self.said && !self.nameless && self.counts.administrative.is_empty());
        says_something.then_some(self.counts)
    }
}

fn push(counts: &mut Vec<(String, Count)>, name: String, count: Count) {
    match counts.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = add(*known, count),
        None => counts.push((name, count)),
    }
}

/// What `dog count`, `num dogs` and `number of dogs` count.
pub(super) fn without_count_word(name: &str) -> Option<&str> {
    const BEFORE: [&str; 12] = [
        "the number of ",
        "number of ",
        "num of ",
        "num ",
        "count of ",
        "total number of ",
        "no of ",
        "amount of ",
        "n ",
        "the count of ",
        "quantity of ",
        "total ",
    ];
    const AFTER: [&str; 6] = [" count", " counts", " number", " quantity", " total", " num"];
    BEFORE
        .iter()
        .find_map(|word| name.strip_prefix(word))
        .or_else(|| AFTER.iter().find_map(|word| name.strip_suffix(word)))
        .map(str::trim)
}

/// Whether a key, normalised, is administrative.
pub(super) fn is_administrative(name: &str) -> bool {
    ADMINISTRATIVE.contains(&name) || TOTALS.contains(&name)
}

/// Whether a name stands for the sum of the others.
pub(super) fn is_total(name: &str) -> bool {
    TOTALS.contains(&name) || name.starts_with("total ")
}
