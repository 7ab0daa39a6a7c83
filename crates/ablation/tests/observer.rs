//! The built-in observer under every ablation, on small sets: what must not move does not, what is
//! determined is answered so, and guesses are right as often as they must be.
//! `cargo run --release -p avibench-ablation --example expectations` counts over 200 sets, with
//! intervals.

use avibench_store::AblationKind;

use crate::observed::{Guesses, KINDS, Observed, Outcome, TASKS};

/// Sums over the tasks and sets of what an ablation did.
#[derive(Default)]
struct Sums {
    determined: [usize; 2],
    guessed: [usize; 2],
    right: [f64; 3],
    open: usize,
    held: [usize; 2],
}

impl Sums {
    fn add(&mut self, outcome: &Outcome) {
        for (sum, one) in
            [(&mut self.determined, outcome.determined), (&mut self.guessed, outcome.guessed)]
        {
            sum[0] += one[0];
            sum[1] += one[1];
        }
        for (sum, one) in self.right.iter_mut().zip(outcome.right) {
            *sum += one;
        }
        self.open += outcome.open;
        if let Some((expected, score)) = outcome.score {
            let holds = score
                .low
                .zip(score.high)
                .is_some_and(|(low, high)| (low - 1e-9..=high + 1e-9).contains(&expected));
            self.held[0] += 1;
            self.held[1] += usize::from(holds);
        }
    }
}

#[test]
fn ablations_take_what_they_say_and_nothing_else() {
    let tasks = TASKS.map(|(task, _)| task);
    let sets: Vec<Observed> = (0..2).map(|seed| Observed::new(seed, 0.05, &tasks)).collect();
    for kind in KINDS {
        let takes = matches!(kind, AblationKind::Mute | AblationKind::Blind);
        for guesses in [Guesses::OfARun, Guesses::OfEachQuestion] {
            let mut sums = Sums::default();
            let mut checks = 0;
            for (task, outcome) in sets.iter().flat_map(|observed| observed.under(kind, guesses)) {
                assert_eq!(outcome.same[0], outcome.same[1], "{kind}, {task}: answers moved");
                assert_eq!(outcome.checks[0], outcome.checks[1], "{kind}, {task}: checks");
                checks += outcome.checks[0];
                sums.add(&outcome);
            }
            let [determined, given] = sums.determined;
            assert!(10 * given >= 9 * determined, "{kind}: {given} of {determined} are determined");
            let [guessed, left] = sums.guessed;
            assert!(
                20 * left >= 19 * guessed,
                "{kind}: {left} of {guessed} are among what is left"
            );
            let [mean, variance, right] = sums.right;
            // Luck goes beyond four standard errors once in 15,000 times.
            assert!((right - mean).powi(2) <= 16.0 * variance, "{kind}: {right}, expected {mean}");
            assert!(sums.held[1] + 1 >= sums.held[0], "{kind}: {:?} intervals", sums.held);
            if guesses == Guesses::OfARun {
                assert_eq!(takes, checks > 0 && determined == 0 && sums.open == 0, "{kind}");
            }
            let is_tried = guessed + determined > 10;
            assert!(is_tried || (guesses == Guesses::OfEachQuestion && !takes), "{kind}");
        }
    }
}
