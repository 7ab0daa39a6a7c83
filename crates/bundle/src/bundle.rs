//! A bundle that was read.

use std::path::Path;

use avibench_files::SizeLimit;
use avibench_results::ScoringMode;
use avibench_score::Estimates;

use crate::packing::sha256_hex;
use crate::unpacking::unpack;
use crate::{
    BundleError, BundleForm, BundleManifest, BundleProblem, PrivateBundle, PublicBundle,
    Verification,
};

/// Largest file that is read as a bundle.
const LIMIT: SizeLimit = SizeLimit::new(1 << 30, "look whether it is the right file");

/// A bundle that was read and whose members have the hashes that it names.
#[derive(Debug)]
pub struct Bundle {
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// What it says it is.
    pub manifest: BundleManifest,
    /// What it holds.
    pub content: BundleContent,
}

/// What a bundle holds.
#[derive(Debug)]
pub enum BundleContent {
    /// Numbers, and what each sample scored.
    Public(Box<PublicBundle>),
    /// Everything behind the numbers.
    Private(Box<PrivateBundle>),
}

impl Bundle {
    /// Reads a file that may be anybody's. Nothing is written to disk.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is no bundle, or something in it was changed.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let bytes = LIMIT.read(path)?;
        Self::from_bytes(&bytes)
            .map_err(|problem| BundleError::Unusable { path: path.to_owned(), problem })
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// If they are no bundle, or something in it was changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleProblem> {
        let unpacked = unpack(bytes)?;
        let content = match unpacked.manifest.form {
            BundleForm::Public => BundleContent::Public(Box::new(PublicBundle::read(&unpacked)?)),
            BundleForm::Private => {
                let private = PrivateBundle::read(&unpacked)?;
                return Ok(Self {
                    sha256: sha256_hex(bytes),
                    manifest: unpacked.manifest,
                    content: BundleContent::Private(Box::new(private.with(unpacked.members))),
                });
            }
        };
        Ok(Self { sha256: sha256_hex(bytes), manifest: unpacked.manifest, content })
    }

    /// The public content; `None` for a private bundle.
    #[must_use]
    pub fn public(&self) -> Option<&PublicBundle> {
        match &self.content {
            BundleContent::Public(bundle) => Some(bundle),
            BundleContent::Private(_) => None,
        }
    }

    /// The numbers that it says, of a mode.
    #[must_use]
    pub fn estimates(&self, mode: ScoringMode) -> &Estimates {
        match &self.content {
            BundleContent::Public(bundle) => &bundle.numbers(mode).estimates,
            BundleContent::Private(bundle) => &bundle.run.report.mode(mode).estimates,
        }
    }

    /// Computes its numbers anew from what it holds, and compares. With `data_root`, the data set that was
    /// scored against, verdicts of a private bundle are made anew, too.
    ///
    /// # Errors
    ///
    /// If the data set cannot be used, or answers cannot be judged.
    pub fn verify(&self, data_root: Option<&Path>) -> Result<Verification, BundleError> {
        match &self.content {
            BundleContent::Public(bundle) => {
                let mut found = bundle.verify();
                if data_root.is_some() {
                    found.leaves_out(
                        "the data set",
                        "a public bundle holds no answers to judge by it",
                    );
                }
                Ok(found)
            }
            BundleContent::Private(bundle) => bundle.verify(data_root),
        }
    }
}
