//! `manifest.json`: what a bundle is, and the hashes of its members.

use avibench_results::{DataHash, Program};
use serde::{Deserialize, Serialize};

use crate::BundleForm;

/// Version of the format; a reader refuses any other.
pub const BUNDLE_VERSION: u32 = 1;
/// What the manifest says a bundle is.
pub(crate) const KIND: &str = "avibench bundle";

/// What a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleManifest {
    /// `avibench bundle`.
    pub kind: String,
    /// [`BUNDLE_VERSION`].
    pub version: u32,
    /// Whom it is for.
    pub form: BundleForm,
    /// What whoever holds it should know, in words.
    pub notice: String,
    /// The run's label.
    pub label: String,
    /// The program that made the bundle.
    pub program: Program,
    /// Kind of a data set that `avibench synth` made; null for the benchmark's own, and for one that was
    /// not at hand.
    pub generated: Option<String>,
    /// SHA-256 of each whole `data.json` that was scored against.
    pub data: Vec<DataHash>,
    /// Public bundles: SHA-256 of the private bundle of the same label, made by the same program.
    pub private_sha256: Option<String>,
    /// The other members, in their order.
    pub members: Vec<BundleMember>,
}

/// A member of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleMember {
    /// Its name in the ZIP file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

impl BundleManifest {
    /// What whoever holds a bundle should know.
    pub(crate) fn notice(form: BundleForm, generated: Option<&str>) -> &'static str {
        match (form, generated) {
            (BundleForm::Public, _) => {
                "Numbers that can be computed anew with `avibench verify`. That they agree shows that they \
                 follow from the parts, not that the parts are what a model answered."
            }
            (BundleForm::Private, None) => {
                "Redistribution: this file holds questions, truths and answers of AVI-Bench, whose policy \
                 forbids passing its texts on. It is for those who have the data set, not for the public."
            }
            (BundleForm::Private, Some(_)) => {
                "This file holds questions, truths and answers of a generated data set, and the names of \
                 the hosts that were asked."
            }
        }
    }
}
