//! Files that are made to do harm to whoever reads them.

use std::io::{Cursor, Write as _};

use avibench_bundle::Bundle;
use serde_json::Value;
use zip::unstable::write::FileOptionsExt as _;
use zip::write::{ExtendedFileOptions, FileOptions, SimpleFileOptions};
use zip::{CompressionMethod, ZipWriter};

use crate::label::{MadeLabel, Making};
use crate::zipped::{Members, member, unzipped, with_hashes, zipped};

fn members() -> Members {
    unzipped(&MadeLabel::new(Making { samples: 12, ..Making::SMALL }).public().bytes)
}

#[track_caller]
fn refused(bytes: &[u8], reason: &str) {
    let error = Bundle::from_bytes(bytes).unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
}

/// The list of members and the record behind it, to change in place.
fn position_of(bytes: &[u8], mark: &[u8]) -> usize {
    bytes.windows(mark.len()).rposition(|at| at == mark).unwrap()
}

#[test]
fn names_that_are_paths_links_or_unknown_are_refused() {
    for name in [
        "../report.json",
        "/etc/passwd",
        "C:\\report.json",
        "a/../../b",
        "report.json/",
        "asked/run.json",
        "REPORT.JSON",
        "report.json\0",
        "levels/x.zip",
    ] {
        let mut members = members();
        members.push((name.to_owned(), b"x".to_vec()));
        refused(&zipped(&members), "which no bundle of its form has");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members() {
        if name == "report.json" {
            writer.add_symlink(name, "/etc/passwd", SimpleFileOptions::DEFAULT).unwrap();
        } else {
            writer.start_file(name, SimpleFileOptions::DEFAULT).unwrap();
            writer.write_all(&content).unwrap();
        }
    }
    refused(&writer.finish().unwrap().into_inner(), "is a link, a folder or encrypted");
}

#[test]
fn encrypted_members_and_other_compressions_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members() {
        let options = if name == "report.json" {
            SimpleFileOptions::DEFAULT
                .compression_method(CompressionMethod::Stored)
                .with_deprecated_encryption(b"secret")
                .unwrap()
        } else {
            SimpleFileOptions::DEFAULT
        };
        writer.start_file(name, options).unwrap();
        writer.write_all(&content).unwrap();
    }
    refused(&writer.finish().unwrap().into_inner(), "is a link, a folder or encrypted");
    let mut bytes = zipped(&members());
    let at = position_of(&bytes, b"PK\x01\x02");
    bytes[at + 10] = 12; // bzip2
    assert!(Bundle::from_bytes(&bytes).is_err());
}

#[test]
fn the_same_name_twice_is_refused() {
    let mut doubled = members();
    doubled.push(("manifest.sha25_".to_owned(), b"x".to_vec()));
    let mut bytes = zipped(&doubled);
    let other = b"manifest.sha25_";
    while let Some(at) = bytes.windows(other.len()).position(|at| at == other) {
        bytes[at..at + other.len()].copy_from_slice(b"manifest.sha256");
    }
    refused(&bytes, "the same name more than once");
}

#[test]
fn bombs_are_refused_before_or_while_they_are_unpacked() {
    // A gigabyte of zeros takes a megabyte in the file.
    let mut bomb = members();
    *member(&mut bomb, "samples.jsonl") = vec![b'\n'; 65 << 20];
    refused(&zipped(&with_hashes(bomb)), "take more than 64 MiB when unpacked");
    // One that says it is small.
    let mut lying = members();
    *member(&mut lying, "samples.jsonl") = vec![b'\n'; 1 << 20];
    let mut bytes = zipped(&with_hashes(lying));
    let long = (1_u32 << 20).to_le_bytes();
    while let Some(at) = bytes.windows(4).position(|at| at == long) {
        bytes[at..at + 4].copy_from_slice(&9_u32.to_le_bytes());
    }
    refused(&bytes, "it says 9 bytes and holds 10");
}

#[test]
fn lists_that_are_long_or_lie_elsewhere_are_refused_before_they_are_read() {
    let mut many = members();
    many.extend((0..200).map(|number| (format!("x{number}"), Vec::new())));
    refused(&zipped(&many), "no bundle has more than 128 members");
    let bytes = zipped(&members());
    let end = position_of(&bytes, b"PK\x05\x06");
    for (at, value) in [(8, 0xff_u8), (10, 0xff), (12, 0xff), (16, 0xff), (20, 1), (4, 1), (6, 1)] {
        let mut changed = bytes.clone();
        changed[end + at] = value;
        assert!(Bundle::from_bytes(&changed).is_err(), "{at}");
    }
    let mut behind = bytes.clone();
    behind.extend_from_slice(b"more");
    refused(&behind, "does not end as a bundle does");
    // What lies between members is read by nobody, and offsets that fit it are quickly made.
    let list = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap());
    let mut between = bytes.clone();
    between[end + 16..end + 20].copy_from_slice(&(list + 4).to_le_bytes());
    between.splice(list as usize..list as usize, *b"more");
    refused(&between, "do not lie one behind the other");
    let mut commented = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members() {
        let mut options = FileOptions::<ExtendedFileOptions>::default();
        options.add_extra_data(0x7777, b"hidden", true).unwrap();
        commented.start_file(name, options).unwrap();
        commented.write_all(&content).unwrap();
    }
    refused(&commented.finish().unwrap().into_inner(), "do not lie one behind the other");
    let mut before = b"more".to_vec();
    before.extend_from_slice(&bytes);
    refused(&before, "does not end as a bundle does");
}

#[test]
fn members_that_lack_or_contradict_each_other_are_named() {
    for name in ["report.json", "samples.jsonl", "manifest.json", "manifest.sha256"] {
        let mut without = members();
        without.retain(|(known, _)| known != name);
        assert!(Bundle::from_bytes(&zipped(&without)).unwrap_err().to_string().contains(name));
    }
    let with = |name: &str, edit: &dyn Fn(&mut Value)| {
        let mut members = members();
        let content = member(&mut members, name);
        let mut value: Value = serde_json::from_slice(content).unwrap();
        edit(&mut value);
        *content = serde_json::to_vec(&value).unwrap();
        zipped(&with_hashes(members))
    };
    let manifest = |edit: &dyn Fn(&mut Value)| with("manifest.json", edit);
    refused(&manifest(&|of| of["version"] = 2.into()), "of version 2");
    refused(&manifest(&|of| of["kind"] = "x".into()), "says of itself that it is `x`");
    refused(&manifest(&|of| of["label"] = "x".into()), "are not those of manifest.json");
    refused(&manifest(&|of| of["more"] = "x".into()), "cannot be understood");
    refused(
        &manifest(&|of| {
            let again = of["members"][0].clone();
            of["members"].as_array_mut().unwrap().push(again);
        }),
        "does not name `report.json` exactly once",
    );
    refused(
        &manifest(&|of| drop(of["members"].as_array_mut().unwrap().remove(0))),
        "does not name `report.json` exactly once",
    );
    refused(&with("report.json", &|of| of["more"] = "x".into()), "`report.json` in it cannot be");
    let lines = |edit: &dyn Fn(String) -> String| {
        let mut members = members();
        let content = member(&mut members, "samples.jsonl");
        *content = edit(String::from_utf8(content.clone()).unwrap()).into_bytes();
        zipped(&with_hashes(members))
    };
    refused(
        &lines(&|text| text.replacen("\"number\":1,", "\"number\":3,", 1)),
        "expected number 1",
    );
    refused(
        &lines(&|text| text.replacen("\"cluster\":1,", "\"cluster\":9,", 1)),
        "expected number",
    );
    refused(
        &lines(&|text| text.replacen('{', "{\"answer\":\"yes\",", 1)),
        "line 1 of `samples.jsonl`",
    );
    refused(&lines(&|text| text + &"[".repeat(100_000)), "cannot be understood");
    refused(&lines(&|text| format!("{text}{}", text.lines().next().unwrap())), "comes after");
}
