//! Rank sets of entries whose public bundles are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use avibench_bundle::{Bundle, PublicReport, unpaired_rankings};
use avibench_leaderboard::{Board, BoardEntry};
use avibench_pages::{RankSets, RankedNumber};
use avibench_results::{CaptionRaterReport, ScoringMode};

/// A bundle with the entry that names it.
struct Backed<'a> {
    path: &'a Path,
    entry: &'a BoardEntry,
    report: PublicReport,
}

/// Ranks the entries that name these bundles, by benchmark version and mode. Numbers of a bundle are taken
/// after they were computed anew.
///
/// # Errors
///
/// If a bundle cannot be read, its numbers do not come out, no entry names it, or bundles of one benchmark
/// version are about different data.
pub(super) fn rank_sets(board: &Board, bundles: &[PathBuf]) -> anyhow::Result<Vec<RankSets>> {
    let mut versions: BTreeMap<&str, Vec<Backed<'_>>> = BTreeMap::new();
    for path in bundles {
        let backed = backed(board, path)?;
        let others = versions.entry(&backed.entry.benchmark_version).or_default();
        if let Some(other) = others.iter().find(|other| other.report.data != backed.report.data) {
            anyhow::bail!(
                "{} and {} are of one benchmark version and about different data.json files, so that their \
                 entries cannot be ranked together; leave one of them out",
                other.path.display(),
                path.display()
            );
        }
        others.push(backed);
    }
    let mut sets = Vec::new();
    for (version, backed) in versions {
        for mode in [ScoringMode::Official, ScoringMode::Strict] {
            sets.push(ranked(version, &backed, mode));
        }
    }
    Ok(sets)
}

fn backed<'a>(board: &'a Board, path: &'a Path) -> anyhow::Result<Backed<'a>> {
    let bundle = Bundle::read(path)?;
    let names_it = |entry: &&BoardEntry| {
        entry.notes.as_ref().is_some_and(|notes| notes.contains(&bundle.sha256))
    };
    let Some(entry) = board.entries.iter().find(names_it) else {
        anyhow::bail!(
            "no entry names the bundle {} (SHA-256 {}): `leaderboard entry --bundle` makes one that does",
            path.display(),
            bundle.sha256
        );
    };
    let Some(public) = bundle.public() else {
        anyhow::bail!(
            "{} is a private bundle; ranks are made of public ones, as `avibench bundle` makes them",
            path.display()
        );
    };
    anyhow::ensure!(
        public.verify().agrees(),
        "the numbers of {} do not follow from its parts: `avibench verify {0}` names what differs",
        path.display()
    );
    anyhow::ensure!(
        !public.report.captions.as_ref().is_some_and(CaptionRaterReport::is_stand_in),
        "the captions of {} were rated by the stand-in for FENSE, which is ranked with no other model; score \
         its run with FENSE and make the bundle anew",
        path.display()
    );
    Ok(Backed { path, entry, report: public.report.clone() })
}

fn ranked(version: &str, backed: &[Backed<'_>], mode: ScoringMode) -> RankSets {
    let models: Vec<(&str, _)> = backed
        .iter()
        .map(|of| (of.entry.id.as_str(), &of.report.numbers(mode).estimates))
        .collect();
    let place = |(id, value, rank): (String, f64, usize)| {
        let model = backed.iter().position(|of| of.entry.id == id)?;
        Some((model, value, rank))
    };
    let numbers = unpaired_rankings(&models).into_iter().map(|ranking| {
        // Levels are percent already.
        let is_level = ["l1", "l2", "l3", "l4"].contains(&ranking.name.as_str());
        let scale = if is_level { 1.0 } else { 100.0 };
        let places = ranking.places.into_iter().filter_map(place);
        RankedNumber {
            name: ranking.name,
            places: places.map(|(model, value, rank)| (model, value * scale, rank)).collect(),
        }
    });
    RankSets {
        version: version.to_owned(),
        mode: mode.name(),
        numbers: numbers.collect(),
        models: backed.iter().map(|of| of.entry.model_name.clone()).collect(),
    }
}
