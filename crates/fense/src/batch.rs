//! Cuts a pile of texts into batches and works on them with all cores.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// The most tokens in a batch, whatever the number of texts: bounds the intermediate states to
/// about 64 MB a thread at a width of 768.
const MOST_TOKENS: usize = 4096;

/// How texts are put through an encoder.
#[derive(Debug, Clone, Copy)]
pub struct BatchOptions {
    /// The most texts in a batch.
    pub batch_size: NonZeroUsize,
    /// Threads that work on batches side by side.
    pub threads: NonZeroUsize,
}

impl Default for BatchOptions {
    /// 32 texts a batch on as many threads as the machine offers.
    fn default() -> Self {
        Self {
            batch_size: NonZeroUsize::new(32).unwrap_or(NonZeroUsize::MIN),
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

/// Batches of indices into `lengths` (in tokens), similar lengths together, longest first.
///
/// A batch costs the sum of its lengths, nothing is padded, so batches also even out: no batch
/// holds more than its share of all tokens if that would leave threads without work.
pub(crate) fn plan(lengths: &[usize], options: BatchOptions) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let total: usize = lengths.iter().sum();
    let share = total.div_ceil(options.threads.get());
    let most = MOST_TOKENS.min(share);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut tokens = 0;
    for index in order {
        tokens += lengths[index];
        match batches.last_mut() {
            Some(batch) if batch.len() < options.batch_size.get() && tokens <= most => {
                batch.push(index);
            }
            _ => {
                tokens = lengths[index];
                batches.push(vec![index]);
            }
        }
    }
    batches
}

/// Works on every batch and puts the results in the order of the texts.
///
/// `work` gets each thread's own state and a batch, and gives one result a text. `done` hears on
/// the calling thread how many texts a finished batch had. The first error ends the work.
pub(crate) fn run<S, T, E>(
    batches: &[Vec<usize>],
    texts: usize,
    threads: NonZeroUsize,
    work: impl Fn(&mut S, &[usize]) -> Result<Vec<T>, E> + Sync,
    mut done: impl FnMut(usize),
) -> Result<Vec<T>, E>
where
    S: Default,
    T: Send,
    E: Send,
{
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<T>> = (0..texts).map(|_| None).collect();
    let mut failure = None;
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads.get().min(batches.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                let mut state = S::default();
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver only goes away early after an error.
                    if sender.send((batch, work(&mut state, batch))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (batch, outcome) in receiver {
            match outcome {
                Ok(values) => {
                    for (&index, value) in batch.iter().zip(values) {
                        results[index] = Some(value);
                    }
                    done(batch.len());
                }
                Err(error) => {
                    failure = Some(error);
                    next.store(batches.len(), Ordering::Relaxed);
                    break;
                }
            }
        }
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(results.into_iter().flatten().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options(batch_size: usize, threads: usize) -> BatchOptions {
        BatchOptions {
            batch_size: NonZeroUsize::new(batch_size).unwrap(),
            threads: NonZeroUsize::new(threads).unwrap(),
        }
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch_and_no_batch_is_too_large(
            lengths in prop::collection::vec(1_usize..600, 0..200),
            batch_size in 1_usize..70,
            threads in 1_usize..5,
        ) {
            let batches = plan(&lengths, options(batch_size, threads));
            let mut seen: Vec<usize> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in &batches {
                let tokens: usize = batch.iter().map(|&index| lengths[index]).sum();
                prop_assert!(batch.len() <= batch_size);
                prop_assert!(batch.len() == 1 || tokens <= MOST_TOKENS);
            }
        }

        #[test]
        fn results_come_in_the_order_of_the_texts(
            lengths in prop::collection::vec(1_usize..20, 0..50),
            threads in 1_usize..4,
        ) {
            let batches = plan(&lengths, options(3, threads));
            let mut heard = 0;
            let results = run(
                &batches,
                lengths.len(),
                NonZeroUsize::new(threads).unwrap(),
                |(): &mut (), batch| Ok::<_, ()>(batch.iter().map(|&i| lengths[i] * 10).collect()),
                |count| heard += count,
            );
            let expected: Vec<usize> = lengths.iter().map(|length| length * 10).collect();
            prop_assert_eq!(results.unwrap(), expected);
            prop_assert_eq!(heard, lengths.len());
        }
    }

    #[test]
    fn few_texts_still_occupy_every_thread() {
        assert_eq!(plan(&[10; 8], options(64, 2)).len(), 2);
    }

    #[test]
    fn the_first_error_ends_the_work() {
        let batches = plan(&[1; 100], options(1, 2));
        let outcome = run(
            &batches,
            100,
            NonZeroUsize::new(2).unwrap(),
            |(): &mut (), batch| if batch[0] == 7 { Err("seven") } else { Ok(vec![0]) },
            |_| {},
        );
        assert_eq!(outcome.unwrap_err(), "seven");
    }
}
