//! Reading an answer: formatting rules with evidence, blind to the truth.
