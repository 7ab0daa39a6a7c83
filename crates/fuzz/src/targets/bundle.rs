//! Bundles of scored labels.

use std::io::{Cursor, Read as _, Write as _};

use avibench_bundle::Bundle;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A small public bundle that is as it should be.
const WHOLE: &[u8] = include_bytes!("../../corpus/bundle/public.zip");

/// Reads the bytes as a bundle and computes its numbers anew. One that is read is read in the same way
/// again.
pub(crate) fn bundle(bytes: &[u8]) {
    let Ok(bundle) = Bundle::from_bytes(bytes) else { return };
    let found = bundle.verify(None).expect("without a data set nothing is read from disk");
    let again = Bundle::from_bytes(bytes).map(|bundle| bundle.verify(None).ok());
    assert_eq!(again.ok().flatten(), Some(found), "the same file was read otherwise");
}

/// Reads the bytes as report and as samples of a bundle that is otherwise as it should be, with hashes that
/// fit.
pub(crate) fn bundle_members(bytes: &[u8]) {
    for name in ["report.json", "samples.jsonl"] {
        bundle(&with_member(name, bytes));
    }
}

/// The small bundle with other content of a member.
fn with_member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(WHOLE)).expect("the bundle is whole");
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("the bundle is whole");
        let mut found = Vec::new();
        file.read_to_end(&mut found).expect("the bundle is whole");
        members.push((file.name().to_owned(), found));
    }
    let hash = |content: &[u8]| hex::encode(Sha256::digest(content));
    let own = |members: &mut Vec<(String, Vec<u8>)>, name: &str| -> Vec<u8> {
        let found = members.iter_mut().find(|(known, _)| known == name);
        std::mem::take(&mut found.expect("the bundle is whole").1)
    };
    let manifest = own(&mut members, "manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&manifest).expect("the bundle is whole");
    let described = manifest["members"].as_array_mut().expect("the bundle is whole");
    for member in described.iter_mut().filter(|member| member["name"] == name) {
        member["sha256"] = hash(content).into();
        member["bytes"] = content.len().into();
    }
    let manifest = manifest.to_string().into_bytes();
    let line = format!("{}  manifest.json\n", hash(&manifest)).into_bytes();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Stored);
    for (known, found) in &members {
        let found = match known.as_str() {
            "manifest.json" => &manifest,
            "manifest.sha256" => &line,
            known if known == name => content,
            _ => found.as_slice(),
        };
        writer.start_file(known.as_str(), stored).expect("the archive is in memory");
        writer.write_all(found).expect("the archive is in memory");
    }
    writer.finish().expect("the archive is in memory").into_inner()
}
