//! The numbers: official and strict scoring, aggregates, levels, intervals, comparison.
