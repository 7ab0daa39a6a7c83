//! Writing bundles: the same members give the same bytes.

use std::io::{Cursor, Write as _};

use avibench_results::{DataHash, Program};
use flate2 as _; // zip compresses with it
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::bundle_manifest::KIND;
use crate::member_names::{MANIFEST, MANIFEST_HASH};
use crate::{BUNDLE_VERSION, BundleError, BundleForm, BundleManifest, BundleMember};

/// Times, permissions and compression are fixed, so that nothing of the machine or the moment gets in.
const OPTIONS: SimpleFileOptions = SimpleFileOptions::DEFAULT
    .compression_method(CompressionMethod::Deflated)
    .compression_level(Some(6))
    .last_modified_time(DateTime::DEFAULT)
    .unix_permissions(0o644);

/// A bundle in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedBundle {
    /// The ZIP file.
    pub bytes: Vec<u8>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// What it says it is.
    pub manifest: BundleManifest,
}

/// A bundle that is being filled.
pub(crate) struct Packing {
    writer: ZipWriter<Cursor<Vec<u8>>>,
    members: Vec<BundleMember>,
}

/// What the manifest says beside the members.
pub(crate) struct Heading<'a> {
    pub(crate) form: BundleForm,
    pub(crate) label: &'a str,
    pub(crate) program: &'a Program,
    pub(crate) generated: Option<String>,
    pub(crate) data: &'a [DataHash],
    pub(crate) private_sha256: Option<String>,
}

impl Packing {
    /// Without members yet.
    pub(crate) fn new() -> Self {
        Self { writer: ZipWriter::new(Cursor::new(Vec::new())), members: Vec::new() }
    }

    /// Adds a member.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), BundleError> {
        self.write(name, content)?;
        self.members.push(BundleMember {
            name: name.to_owned(),
            bytes: content.len() as u64,
            sha256: sha256_hex(content),
        });
        Ok(())
    }

    /// Adds the manifest with the hashes of all members, and its own hash.
    pub(crate) fn finish(mut self, heading: Heading<'_>) -> Result<PackedBundle, BundleError> {
        let manifest = BundleManifest {
            kind: KIND.to_owned(),
            version: BUNDLE_VERSION,
            form: heading.form,
            notice: BundleManifest::notice(heading.form, heading.generated.as_deref()).to_owned(),
            label: heading.label.to_owned(),
            program: heading.program.clone(),
            generated: heading.generated,
            data: heading.data.to_vec(),
            private_sha256: heading.private_sha256,
            members: std::mem::take(&mut self.members),
        };
        let text = json(&manifest, MANIFEST)?;
        self.write(MANIFEST, &text)?;
        self.write(MANIFEST_HASH, manifest_hash(&text).as_bytes())?;
        let failed = |source| BundleError::Packing { member: MANIFEST.to_owned(), source };
        let bytes = self.writer.finish().map_err(failed)?.into_inner();
        let sha256 = sha256_hex(&bytes);
        Ok(PackedBundle { bytes, sha256, manifest })
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), BundleError> {
        let failed = |source| BundleError::Packing { member: name.to_owned(), source };
        self.writer.start_file(name, OPTIONS).map_err(failed)?;
        self.writer.write_all(content).map_err(|error| failed(error.into()))
    }
}

/// The hash of the manifest, as `sha256sum` writes it.
pub(crate) fn manifest_hash(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", sha256_hex(manifest))
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256_hex(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// Content as JSON for people and programs.
pub(crate) fn json(content: &impl serde::Serialize, member: &str) -> Result<Vec<u8>, BundleError> {
    let failed = |error: serde_json::Error| BundleError::Packing {
        member: member.to_owned(),
        source: std::io::Error::from(error).into(),
    };
    let mut text = serde_json::to_vec_pretty(content).map_err(failed)?;
    text.push(b'\n');
    Ok(text)
}
