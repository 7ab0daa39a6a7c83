//! Benchmarks, `cargo bench -p avibench-bench`, or one of them with `--bench scoring` or `--bench reading`; and
//! experiments, one program each in `src/bin`: how often intervals hold the truth, what a probe errs, how fast
//! questions are asked. Each says at its top how it is run.
