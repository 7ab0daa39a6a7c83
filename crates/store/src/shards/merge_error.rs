//! Why shards cannot be merged. Nothing has changed then.

use std::path::PathBuf;

use avibench_files::FileError;
use avibench_protocol::Folder;

use super::Shard;
use super::ledger::ShardLedgerError;
use crate::{IdentityDifference, Label, LedgerError, LockError, ManifestError};

/// Why shards cannot be merged. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A folder that was named holds no shards.
    #[error(
        "{} holds no shards of `{label}`: expected folders such as 3-of-7 with run.json and journal in it, \
         in {label}/shards, or in shards",
        folder.display()
    )]
    NothingIn {
        /// The folder.
        folder: PathBuf,
        /// The label.
        label: Label,
    },
    /// A shard of another label.
    #[error("{} is a shard of `{found}`, not of `{label}`; leave it out, or merge {found}", path.display())]
    OtherLabel {
        /// The shard's folder.
        path: PathBuf,
        /// Its label.
        found: Label,
        /// The label that was asked for.
        label: Label,
    },
    /// A journal without a manifest.
    #[error(
        "{} has a journal and no run.json, which says whose answers these are: copy the whole folder of the \
         shard, or leave it out",
        path.display()
    )]
    NoManifest {
        /// The shard's folder.
        path: PathBuf,
    },
    /// A folder whose manifest says that it is another shard.
    #[error(
        "{} calls itself {found}: it was renamed, or its run.json is another's; put it back",
        path.display()
    )]
    Renamed {
        /// The shard's folder.
        path: PathBuf,
        /// What its manifest says.
        found: String,
    },
    /// Shards of several divisions.
    #[error(
        "`{label}` has shards of {}, which do not make one run together: name one of these numbers with \
         --shards, and the others are left alone",
        in_words(numbers)
    )]
    SeveralDivisions {
        /// The label.
        label: Label,
        /// Of how many they are.
        numbers: Vec<u32>,
    },
    /// There are no shards of that many.
    #[error("`{label}` has no shards of {of}; it has shards of {}", in_words(numbers))]
    NoDivision {
        /// The label.
        label: Label,
        /// Of how many they should be.
        of: u32,
        /// Of how many there are some.
        numbers: Vec<u32>,
    },
    /// Shards whose answers are not comparable.
    #[error(
        "shards {} and {} of `{label}` are not of one run: {}; ask the wrong ones again under the same \
         flags as the others, or merge without them",
        one.index(), other.index(), told(differences, *one, *other)
    )]
    Differ {
        /// The label.
        label: Label,
        /// A shard.
        one: Shard,
        /// Another shard.
        other: Shard,
        /// In what it differs.
        differences: Vec<IdentityDifference>,
    },
    /// The label itself holds another run.
    #[error(
        "{} holds another run than the shards of `{label}`: {}; give that one another name with \
         `avibench labels rename`, or ask the shards under another --model-label",
        directory.display(),
        differences.iter().map(IdentityDifference::to_string).collect::<Vec<_>>().join("; ")
    )]
    OtherRun {
        /// The label.
        label: Label,
        /// Its folder.
        directory: PathBuf,
        /// In what the shards differ from it.
        differences: Vec<IdentityDifference>,
    },
    /// Shards that different versions of the program asked.
    #[error(
        "the shards of `{label}` were asked by several versions of the program: {}; --force merges them, and \
         {} records it",
        programs.join("; "), super::SHARDS_FILE
    )]
    OtherPrograms {
        /// The label.
        label: Label,
        /// Each with the shards that it asked.
        programs: Vec<String>,
    },
    /// The data set at hand lacks a folder.
    #[error(
        "the shards of `{label}` asked {folder}, which is not in the data set; give the --data-root that they had"
    )]
    NoData {
        /// The label.
        label: Label,
        /// The folder.
        folder: Folder,
    },
    /// The data set at hand is another.
    #[error(
        "the shards of `{label}` asked another data.json of {folder} than {} holds; give the --data-root that \
         they had",
        data.display()
    )]
    OtherData {
        /// The label.
        label: Label,
        /// The folder.
        folder: Folder,
        /// The folder at hand.
        data: PathBuf,
    },
    /// The division of the data at hand is not that of the shards.
    #[error(
        "the shards of `{label}` are of {recorded}, and this program makes {now} of the same data; merge with the \
         version that asked"
    )]
    OtherSelection {
        /// The label.
        label: Label,
        /// As the shards have it.
        recorded: String,
        /// As it is worked out now.
        now: String,
    },
    /// The label, or a shard, has no usable manifest, or the label holds another run.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A journal or prediction file stands in the way.
    #[error(transparent)]
    Files(#[from] LedgerError),
    /// The ledger of earlier merges cannot be used.
    #[error(transparent)]
    Ledger(#[from] ShardLedgerError),
    /// Somebody writes under the label.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The label's files cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// `4 and of 7`.
fn in_words(numbers: &[u32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    numbers.join(" and of ")
}

fn told(differences: &[IdentityDifference], one: Shard, other: Shard) -> String {
    let each = differences.iter().map(|IdentityDifference { what, was, now }| {
        let what = match what {
            crate::IdentityPart::Shard => "selection".to_owned(),
            what => what.to_string(),
        };
        format!("{what} is {was} in shard {} and {now} in shard {}", one.index(), other.index())
    });
    each.collect::<Vec<_>>().join("; ")
}
