//! Benchmarks: `cargo bench -p avibench-bench`, or one of them with `--bench scoring` or `--bench reading`.
