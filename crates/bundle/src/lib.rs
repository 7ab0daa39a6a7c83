//! Scored labels as files that anyone can recompute.
//!
//! A bundle is a ZIP file of a scored label. The *public* form holds the numbers and what each sample scored
//! under shuffled numbers, and no question, truth or answer; the *private* form holds everything behind the
//! numbers and is for whoever has the data set. [`LabelSources`] makes both; [`Bundle::read`] reads one, whoever
//! made it, without writing anything to disk; [`Bundle::verify`] computes its numbers anew from its parts
//! and names what differs. [`unpaired_rankings`] compares models of which only public bundles are at hand.
//!
//! `docs/bundles.md` says what is in each form, what can be inferred from it, and what verifying shows.

mod baselines;
mod bundle;
mod bundle_error;
mod bundle_form;
mod bundle_manifest;
mod member_names;
mod numbers;
mod numbers_diff;
mod packing;
mod private_bundle;
mod private_check;
mod public_bundle;
mod public_report;
mod public_sample;
mod sources;
mod stored_ratings;
mod unpacking;
mod unpaired;
mod verdict_check;
mod verification;

pub use bundle::{Bundle, BundleContent};
pub use bundle_error::{BundleError, BundleProblem};
pub use bundle_form::BundleForm;
pub use bundle_manifest::{BUNDLE_VERSION, BundleManifest, BundleMember};
pub use numbers::ModeNumbers;
pub use packing::PackedBundle;
pub use private_bundle::PrivateBundle;
pub use public_bundle::PublicBundle;
pub use public_report::{
    PublicAsking, PublicBaseline, PublicFormatting, PublicOrigin, PublicReport, RepeatFactor,
};
pub use public_sample::{PublicJudgement, PublicSample};
pub use sources::LabelSources;
pub use unpaired::{UnpairedRanking, unpaired_rankings};
pub use verification::{BundleDifference, ComparedNumbers, Unchecked, Verification};
