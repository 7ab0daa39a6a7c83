//! Names of ground truths, folded as those of answers are.

use crate::Question;
use crate::category::Categories;

/// The category that a name stands for, spelled as the folder's list has it; the name in lower case
/// if it is not on the list. Ground truths and answers fold alike, so that they can be compared.
#[must_use]
pub fn folded_name(question: &Question<'_>, name: &str) -> String {
    Categories::of(question).fold(name).name
}
