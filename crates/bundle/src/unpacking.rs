//! Reading the members of a bundle that may be anybody's.
//!
//! Everything is bounded before it is unpacked, and nothing is written to disk. A name must be one that
//! this program writes, so that no path in the file leads anywhere.

use std::collections::HashSet;
use std::io::{Cursor, Read as _};

use avibench_protocol::read_json_as;
use zip::{CompressionMethod, ZipArchive};

use crate::bundle_manifest::KIND;
use crate::member_names::{MANIFEST, MANIFEST_HASH, MOST, REPORT, SAMPLES, is_known};
use crate::packing::{manifest_hash, sha256_hex};
use crate::{BUNDLE_VERSION, BundleForm, BundleManifest, BundleProblem};

/// Length of the record that a ZIP file without a comment ends with.
const ENDING: usize = 22;
/// Longest list of members, in bytes.
const DIRECTORY: u64 = 64 << 10;
/// Length of what stands before a member, its name apart.
const HEADER: u64 = 30;
/// Largest manifest.
const MANIFEST_BYTES: u64 = 1 << 20;

/// The members of a bundle, checked against its manifest.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) manifest: BundleManifest,
    /// All but the manifest and its hash, in the order of the manifest.
    pub(crate) members: Vec<(String, Vec<u8>)>,
}

impl Unpacked {
    /// A member that may be absent.
    pub(crate) fn member(&self, name: &str) -> Option<&[u8]> {
        let mut members = self.members.iter();
        members.find(|(known, _)| known == name).map(|(_, content)| content.as_slice())
    }

    /// A member that every bundle has.
    pub(crate) fn required(&self, name: &str) -> Result<&[u8], BundleProblem> {
        self.member(name).ok_or_else(|| BundleProblem::Missing(name.to_owned()))
    }
}

/// How much is unpacked of a bundle of this form, in bytes: a public one of the whole benchmark takes 3 MiB.
const fn most_bytes(form: BundleForm) -> u64 {
    match form {
        BundleForm::Public => 64 << 20,
        BundleForm::Private => 2 << 30,
    }
}

/// Reads the members of a bundle.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Unpacked, BundleProblem> {
    let listed = listed(bytes)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(BundleProblem::Zip)?;
    if archive.len() != listed {
        return Err(BundleProblem::Duplicate);
    }
    check_places(&mut archive)?;
    let mut left = MANIFEST_BYTES;
    let text = content(&mut archive, MANIFEST, &mut left, MANIFEST_BYTES)?;
    let hash = content(&mut archive, MANIFEST_HASH, &mut left, MANIFEST_BYTES)?;
    if hash != manifest_hash(&text).as_bytes() {
        return Err(BundleProblem::Changed {
            member: MANIFEST.to_owned(),
            by: MANIFEST_HASH,
            expected: String::from_utf8_lossy(&hash).chars().take(64).collect(),
            found: sha256_hex(&text),
        });
    }
    let manifest = read_manifest(&text)?;
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    if let Some(name) = names.iter().find(|name| !is_known(manifest.form, name)) {
        return Err(BundleProblem::Name(name.chars().take(80).collect()));
    }
    let described: HashSet<&str> = manifest.members.iter().map(|of| of.name.as_str()).collect();
    let others = names.iter().filter(|name| *name != MANIFEST && *name != MANIFEST_HASH);
    let undescribed = others.clone().find(|name| !described.contains(name.as_str()));
    if let Some(name) = undescribed {
        return Err(BundleProblem::Unlisted(name.clone()));
    }
    if described.len() != manifest.members.len() || others.count() != described.len() {
        let mut names = manifest.members.iter().map(|member| &member.name);
        let mut seen = HashSet::new();
        let odd = names.find(|name| !seen.insert(*name) || archive.index_for_name(name).is_none());
        return Err(BundleProblem::Unlisted(odd.cloned().unwrap_or_default()));
    }
    for required in [REPORT, SAMPLES] {
        if !described.contains(required) {
            return Err(BundleProblem::Missing(required.to_owned()));
        }
    }
    let most = most_bytes(manifest.form);
    let mut left = most;
    let mut members = Vec::with_capacity(manifest.members.len());
    for member in &manifest.members {
        let content = content(&mut archive, &member.name, &mut left, most)?;
        let found = sha256_hex(&content);
        if content.len() as u64 != member.bytes || found != member.sha256 {
            return Err(BundleProblem::Changed {
                member: member.name.clone(),
                by: MANIFEST,
                expected: member.sha256.chars().take(64).collect(),
                found,
            });
        }
        members.push((member.name.clone(), content));
    }
    Ok(Unpacked { manifest, members })
}

/// What decides whether the rest can be understood.
#[derive(serde::Deserialize)]
struct Beginning {
    kind: String,
    version: u32,
}

fn read_manifest(text: &[u8]) -> Result<BundleManifest, BundleProblem> {
    let broken = |reason| BundleProblem::Json { member: MANIFEST.to_owned(), reason };
    let Beginning { kind, version } = read_json_as(text).map_err(broken)?;
    if kind != KIND || version != BUNDLE_VERSION {
        let kind = kind.chars().take(80).collect();
        return Err(BundleProblem::Version { kind, version, expected: KIND });
    }
    read_json_as(text).map_err(broken)
}

/// How many members a ZIP file lists. It must end with the plain record of the classic format right behind
/// its list, which says where the list begins: so there is nothing in front of the first member and
/// nothing behind the last, and the list is short before anything reads it.
fn listed(bytes: &[u8]) -> Result<usize, BundleProblem> {
    let ending = bytes.len().checked_sub(ENDING).and_then(|from| bytes.get(from..));
    let Some(ending) = ending.filter(|ending| ending.starts_with(b"PK\x05\x06")) else {
        return Err(BundleProblem::Ending);
    };
    let short = |at: usize| u64::from(ending[at]) | u64::from(ending[at + 1]) << 8;
    let long = |at: usize| short(at) | short(at + 2) << 16;
    let (disk, list_disk, here, members) = (short(4), short(6), short(8), short(10) as usize);
    let (length, from, comment) = (long(12), long(16), short(20));
    if members > MOST || length > DIRECTORY {
        return Err(BundleProblem::Directory { members, bytes: length, most: MOST });
    }
    let is_plain = disk == 0 && list_disk == 0 && here == members as u64 && comment == 0;
    if !is_plain || from + length + ENDING as u64 != bytes.len() as u64 {
        return Err(BundleProblem::Ending);
    }
    Ok(members)
}

/// Members lie one behind the other from the first byte to the list, with nothing in front of, between or among
/// them: neither what no reader looks at nor the same bytes under two names.
fn check_places(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), BundleProblem> {
    let mut ranges = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(BundleProblem::Zip)?;
        if file.encrypted() {
            return Err(BundleProblem::Kind(file.name().chars().take(80).collect()));
        }
        let begin = file.header_start();
        let data = file.data_start().ok_or(BundleProblem::Gaps)?;
        let is_plain = data.checked_sub(begin) == Some(HEADER + file.name_raw().len() as u64);
        let has_more =
            !file.comment().is_empty() || file.extra_data().is_some_and(|extra| !extra.is_empty());
        let end = data.checked_add(file.compressed_size()).ok_or(BundleProblem::Gaps)?;
        if !is_plain || has_more {
            return Err(BundleProblem::Gaps);
        }
        ranges.push((begin, end));
    }
    ranges.sort_unstable();
    let mut last = 0;
    for (begin, end) in ranges {
        if begin != last {
            return Err(BundleProblem::Gaps);
        }
        last = end;
    }
    if last == archive.central_directory_start() { Ok(()) } else { Err(BundleProblem::Gaps) }
}

/// The content of a member, which may have as many bytes as are left of `most`.
fn content(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    left: &mut u64,
    most: u64,
) -> Result<Vec<u8>, BundleProblem> {
    let index =
        archive.index_for_name(name).ok_or_else(|| BundleProblem::Missing(name.to_owned()))?;
    let mut file = archive.by_index(index).map_err(|error| match error {
        zip::result::ZipError::UnsupportedArchive(_) => BundleProblem::Kind(name.to_owned()),
        error => damaged(name, &error.to_string()),
    })?;
    let is_plain =
        matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
    if file.is_symlink() || file.is_dir() || file.encrypted() || !is_plain {
        return Err(BundleProblem::Kind(name.to_owned()));
    }
    let length = file.size();
    if length > *left {
        return Err(BundleProblem::Size { member: name.to_owned(), most: most >> 20 });
    }
    let mut content = Vec::new();
    // One byte more than it says shows that it says too little.
    let read = file.by_ref().take(length + 1).read_to_end(&mut content);
    read.map_err(|error| damaged(name, &error.to_string()))?;
    if content.len() as u64 != length {
        let reason = format!("it says {length} bytes and holds {}", content.len());
        return Err(damaged(name, &reason));
    }
    *left -= length;
    Ok(content)
}

fn damaged(member: &str, reason: &str) -> BundleProblem {
    BundleProblem::Damaged { member: member.to_owned(), reason: reason.to_owned() }
}
