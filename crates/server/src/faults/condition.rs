//! When a fault strikes. Conditions that are given must all hold; with none it always strikes.

use serde::Deserialize;

/// The fields of a fault that say when it strikes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// The share of tries that it strikes, in 0..=1, drawn by seed, request and try.
    pub(crate) probability: Option<f64>,
    /// Only the first so many tries of each distinct request.
    pub(crate) first_tries: Option<u64>,
    /// Only each so-manyth request that arrives.
    pub(crate) every: Option<u64>,
    /// Only once so many requests have arrived.
    pub(crate) after: Option<u64>,
    /// Only the first so many requests that arrive.
    pub(crate) first_requests: Option<u64>,
    /// Only questions whose text holds this.
    pub(crate) contains: Option<String>,
}

/// What a condition is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstance<'a> {
    /// 1 for the first request that the server admitted.
    pub(crate) arrival: u64,
    /// 1 for the first try of this request.
    pub(crate) attempt: u64,
    /// The text of the question.
    pub(crate) text: &'a str,
}

impl Condition {
    /// The names of the fields.
    pub(crate) const FIELDS: [&'static str; 6] =
        ["probability", "first_tries", "every", "after", "first_requests", "contains"];

    /// What is wrong with the numbers, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.probability.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Some("probability must lie in 0..=1");
        }
        (self.every == Some(0)).then_some("every must be 1 or more")
    }

    /// Whether the fault strikes; `uniform` is its draw in `0..1`.
    pub(crate) fn holds(&self, now: &Circumstance<'_>, uniform: impl FnOnce() -> f64) -> bool {
        self.first_tries.is_none_or(|tries| now.attempt <= tries)
            && self.every.is_none_or(|step| now.arrival.is_multiple_of(step))
            && self.after.is_none_or(|number| now.arrival > number)
            && self.first_requests.is_none_or(|number| now.arrival <= number)
            && self.contains.as_ref().is_none_or(|part| now.text.contains(part))
            && self.probability.is_none_or(|share| uniform() < share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_narrows() {
        let now = Circumstance { arrival: 6, attempt: 2, text: "which colour" };
        let holds = |condition: Condition| condition.holds(&now, || 0.5);
        let none = Condition::default;
        assert!(holds(none()));
        for (condition, expected) in [
            (Condition { probability: Some(0.5), ..none() }, false),
            (Condition { probability: Some(0.51), ..none() }, true),
            (Condition { first_tries: Some(1), ..none() }, false),
            (Condition { first_tries: Some(2), ..none() }, true),
            (Condition { every: Some(3), ..none() }, true),
            (Condition { every: Some(4), ..none() }, false),
            (Condition { after: Some(5), ..none() }, true),
            (Condition { after: Some(6), ..none() }, false),
            (Condition { first_requests: Some(6), ..none() }, true),
            (Condition { first_requests: Some(5), ..none() }, false),
            (Condition { contains: Some("colour".into()), ..none() }, true),
            (Condition { contains: Some("sound".into()), ..none() }, false),
            (Condition { every: Some(3), first_tries: Some(1), ..none() }, false),
        ] {
            assert_eq!(holds(condition.clone()), expected, "{condition:?}");
        }
    }
}
