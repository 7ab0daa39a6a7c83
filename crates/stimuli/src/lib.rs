//! PriSe stimuli from a seed, and the observer that solves them.
