//! ZIP files taken apart and put together again, as somebody would who changes one.

use std::io::{Cursor, Read as _, Write as _};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

pub(crate) type Members = Vec<(String, Vec<u8>)>;

/// The members in their order.
pub(crate) fn unzipped(bytes: &[u8]) -> Members {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        members.push((file.name().to_owned(), content));
    }
    members
}

/// A ZIP file of the members.
pub(crate) fn zipped(members: &Members) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated);
    for (name, content) in members {
        writer.start_file(name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The members with hashes that fit them, as a forger leaves them.
pub(crate) fn with_hashes(mut members: Members) -> Members {
    let hash = |content: &[u8]| hex::encode(Sha256::digest(content));
    let known = members.clone();
    let at = members.iter().position(|(name, _)| name == "manifest.json").unwrap();
    let mut manifest: Value = serde_json::from_slice(&members[at].1).unwrap();
    for member in manifest["members"].as_array_mut().unwrap() {
        let (_, content) = known.iter().find(|(name, _)| member["name"] == name.as_str()).unwrap();
        member["sha256"] = hash(content).into();
        member["bytes"] = content.len().into();
    }
    members[at].1 = serde_json::to_vec_pretty(&manifest).unwrap();
    let line = format!("{}  manifest.json\n", hash(&members[at].1));
    let at = members.iter().position(|(name, _)| name == "manifest.sha256").unwrap();
    members[at].1 = line.into_bytes();
    members
}

/// The content of a member.
pub(crate) fn member<'a>(members: &'a mut Members, name: &str) -> &'a mut Vec<u8> {
    &mut members.iter_mut().find(|(known, _)| known == name).unwrap().1
}
