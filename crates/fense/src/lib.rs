//! FENSE caption similarity on a pure-Rust stack.
