//! The list of task families, and how a [`Family`] leads to its rules.

use avibench_protocol::Family;

use super::boxes::Boxes;
use super::caption::Caption;
use super::frame_boxes::FrameBoxes;
use super::full_match::FullMatch;
use super::instances::Instances;
use super::retrieval::Retrieval;
use super::set_match::SetMatch;
use super::{Counts as _, FamilyParts as _, FamilySums as _, TaskFamily};
use crate::{Parts, TaskScore};

/// A family that is in the list.
pub(crate) trait Listed: TaskFamily {
    /// The sums if they are this family's.
    fn own(sums: &Sums) -> Option<&Self::Sums>;
}

/// The sums of a family and the weight of all records that were counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weighted<S> {
    pub(crate) weight: f64,
    pub(crate) sums: S,
}

/// Something was to be added to the sums of another family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherFamily;

/// Makes everything that has one arm a family of the one list below. The `$` before it stands for
/// the `$` of the macro that is made.
macro_rules! families {
    ($d:tt $($name:ident),*) => {
        /// Evaluates an expression with the type of a family:
        /// `for_family!(family, F => F::perfect())`.
        macro_rules! for_family {
            ($d family:expr, $d F:ident => $d body:expr) => {{
                match $d family {
                    $(avibench_protocol::Family::$name => {
                        type $d F = $crate::family::$name;
                        $d body
                    })*
                }
            }};
        }
        pub(crate) use for_family;

        /// Weighted sums of the parts of one family.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub(crate) enum Sums {
            $($name(<$name as TaskFamily>::Sums),)*
        }

        $(impl Listed for $name {
            fn own(sums: &Sums) -> Option<&Self::Sums> {
                match sums {
                    Sums::$name(own) => Some(own),
                    _ => None,
                }
            }
        })*

        impl Sums {
            /// Nothing counted yet.
            pub(crate) fn new(family: Family) -> Self {
                match family {
                    $(Family::$name => Self::$name(<$name as TaskFamily>::Sums::default()),)*
                }
            }

            /// Counts a record `weight` times.
            pub(crate) fn add(&mut self, weight: f64, parts: &Parts) -> Result<(), OtherFamily> {
                match self {
                    $(Self::$name(sums) => count::<$name>(sums, weight, parts),)*
                }
            }

            /// Counts every record of `other` `weight` times.
            pub(crate) fn add_sums(&mut self, weight: f64, other: &Self) -> Result<(), OtherFamily> {
                match (self, other) {
                    $((Self::$name(sums), Self::$name(other)) => sums.add_sums(weight, other),)*
                    _ => return Err(OtherFamily),
                }
                Ok(())
            }

            /// The score of records that weigh `weight` together, not rounded.
            pub(crate) fn score(&self, weight: f64, diversity: f64) -> TaskScore {
                match *self {
                    $(Self::$name(sums) => {
                        <$name as TaskFamily>::score(&Weighted { weight, sums }, diversity).into()
                    })*
                }
            }
        }
    };
}

families!($ FullMatch, SetMatch, Instances, Boxes, Retrieval, FrameBoxes, Caption);

fn count<F: TaskFamily>(sums: &mut F::Sums, weight: f64, parts: &Parts) -> Result<(), OtherFamily> {
    if let Some(official) = F::Official::of(parts) {
        sums.count(weight, official);
    } else if let Some(strict) = F::Strict::of(parts) {
        sums.count(weight, strict);
    } else {
        return Err(OtherFamily);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::Folder;

    fn perfect(family: Family) -> Parts {
        for_family!(family, F => F::perfect().into())
    }

    #[test]
    fn a_perfect_record_scores_1_in_its_family_and_counts_in_no_other() {
        for family in Folder::ALL.map(Folder::family) {
            let mut sums = Sums::new(family);
            assert_eq!(sums.add(1.0, &perfect(family)), Ok(()), "{family:?}");
            assert!((sums.score(1.0, 1.0).headline() - 1.0).abs() < 1e-15, "{family:?}");
            for other in Folder::ALL.map(Folder::family) {
                let is_alike = perfect(family) == perfect(other);
                let mut mixed = Sums::new(other);
                assert_eq!(
                    mixed.add(1.0, &perfect(family)).is_ok(),
                    is_alike,
                    "{family:?} {other:?}"
                );
                assert_eq!(mixed.add_sums(1.0, &sums).is_ok(), family == other);
            }
        }
    }

    #[test]
    fn sums_of_sums_are_sums_of_records() {
        for family in Folder::ALL.map(Folder::family) {
            let (mut records, mut sums) = (Sums::new(family), Sums::new(family));
            let mut twice = Sums::new(family);
            for _ in 0..3 {
                assert_eq!(sums.add(1.0, &perfect(family)), Ok(()));
                assert_eq!(records.add(2.0, &perfect(family)), Ok(()));
            }
            assert_eq!(twice.add_sums(2.0, &sums), Ok(()));
            assert_eq!(twice, records, "{family:?}");
        }
    }
}
