//! What stands under the labels of a folder, kept up to date as long as somebody looks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use avibench_assess::LiveRun;
use avibench_pages::{LabelRow, LabelScores, LabelState};
use avibench_protocol::{Folder, FolderData, Task};
use avibench_results::{RunFile, read_report};
use avibench_store::{
    AskEnding, Asked, Label, LabelRoots, Locking, Manifest, OutcomeCounts, Session,
};
use jiff::Timestamp;

use crate::ViewSettings;
use crate::shards::KnownShards;

/// How often answers of a run are judged, at most: that costs more than counting them.
const JUDGING: Duration = Duration::from_secs(20);
/// A run without a new answer for so long is no longer said to ask.
const QUIET: Duration = Duration::from_mins(2);

/// When a file was changed last, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

/// All labels.
#[derive(Debug, Default)]
pub(crate) struct Labels(BTreeMap<Label, KnownLabel>);

/// What was read of a label, with the stamps of what it was read from.
#[derive(Debug, Default)]
struct KnownLabel {
    manifest: (Stamp, Option<Manifest>),
    live: Option<LiveRun>,
    so_far: Option<SoFar>,
    counts: (Stamp, Vec<(Folder, OutcomeCounts)>),
    scores: (Stamp, Option<KnownScores>),
    shards: KnownShards,
    problems: BTreeMap<&'static str, String>,
}

/// The strict headline of each task, and when it was worked out.
#[derive(Debug)]
struct SoFar {
    at: Instant,
    tasks: Vec<(Task, Option<f64>)>,
}

/// What a report says of the whole.
#[derive(Debug, Clone, Copy)]
struct KnownScores {
    /// Overall by mode, 0 to 1: official, then strict.
    overall: [Option<f64>; 2],
    /// Whether it rests on captions by the stand-in for FENSE.
    is_by_stand_in: bool,
}

impl SoFar {
    /// Whether it is time for others: the first number is waited for.
    fn is_over(&self) -> bool {
        self.at.elapsed() >= JUDGING || self.tasks.iter().all(|(_, value)| value.is_none())
    }
}

impl Labels {
    /// Reads what has changed, and gives all labels in their order.
    pub(crate) fn refresh(&mut self, settings: &ViewSettings) -> Vec<LabelRow> {
        let roots = LabelRoots {
            folders: vec![settings.outputs.clone(), settings.refined.clone()],
            scores: settings.scores.clone(),
            suffixes: &RunFile::SUFFIXES,
            locking: Locking::System,
        };
        // What cannot be listed now may be there a second later.
        let there: BTreeSet<Label> =
            roots.labels().map(|(labels, _)| labels.into_iter().collect()).unwrap_or_default();
        self.0.retain(|label, _| there.contains(label));
        let row = |label: Label| {
            let known = self.0.entry(label.clone()).or_default();
            known.refresh(settings, &label);
            known.row(settings, &label)
        };
        there.into_iter().map(row).collect()
    }

    /// The labels whose runs have no end.
    pub(crate) fn is_open(&self, label: &Label) -> bool {
        self.0.get(label).is_some_and(|known| known.live.is_some())
    }
}

impl KnownLabel {
    fn refresh(&mut self, settings: &ViewSettings, label: &Label) {
        let directory = settings.outputs.join(label.as_str());
        if has_changed(&mut self.manifest.0, stamp(&directory.join("run.json"))) {
            let read = Manifest::read(&directory);
            self.tell("run.json", read.as_ref().err());
            self.manifest.1 = read.ok().flatten();
            let is_open = self.last_session().is_some_and(|session| session.ended.is_none());
            self.live =
                is_open.then(|| LiveRun::open(&directory, label.clone(), &settings.folders));
            self.so_far = None;
        }
        if let Some(live) = &mut self.live {
            live.advance(&settings.folders);
            if self.so_far.as_ref().is_none_or(SoFar::is_over) {
                let tasks = live.so_far(&settings.folders);
                self.so_far = Some(SoFar { at: Instant::now(), tasks });
            }
        } else if let Some(manifest) = &self.manifest.1 {
            self.counts.1 = manifest.folders.iter().map(|(folder, n)| (*folder, *n)).collect();
        } else if has_changed(&mut self.counts.0, stamp(&directory.join("tasks"))) {
            // Another program asked.
            self.counts.1 = counted(&directory, &settings.folders);
        }
        self.shards.refresh(&directory);
        let report = RunFile::Report.path(&settings.scores, label);
        if has_changed(&mut self.scores.0, stamp(&report)) {
            let read = self.scores.0.is_some().then(|| read_report(&report)).transpose();
            self.tell("report", read.as_ref().err());
            self.scores.1 = read.ok().flatten().map(|report| {
                let overall =
                    [&report.official, &report.strict].map(|mode| mode.estimates.overall.value);
                KnownScores { overall, is_by_stand_in: report.has_stand_in_captions() }
            });
        }
    }

    fn tell(&mut self, about: &'static str, error: Option<&impl ToString>) {
        match error {
            Some(error) => self.problems.insert(about, error.to_string()),
            None => self.problems.remove(about),
        };
    }

    /// The last session of the label itself: those of shards ended before they were merged, or were killed.
    fn last_session(&self) -> Option<&Session> {
        self.manifest.1.as_ref()?.sessions.iter().rfind(|session| session.shard.is_none())
    }

    fn row(&mut self, settings: &ViewSettings, label: &Label) -> LabelRow {
        let state = self.state();
        let model = self.manifest.1.as_ref().map(|manifest| manifest.identity.model.clone());
        let model = model.or_else(|| self.shards.model());
        let mut problems: Vec<String> = self.problems.values().cloned().collect();
        let so_far = self.so_far.as_ref().map_or_else(Vec::new, |known| known.tasks.clone());
        let folders = match &mut self.live {
            Some(live) => {
                problems.extend(live.problems().map(str::to_owned));
                let progress = live.progress(&settings.folders);
                progress.map(|found| (found.folder, found.counts)).collect()
            }
            None if self.manifest.1.is_none() && self.counts.1.is_empty() => self.shards.folders(),
            None => self.counts.1.clone(),
        };
        let scores = self.scores.1.map(|KnownScores { overall, is_by_stand_in }| LabelScores {
            overall,
            is_old: self.is_scored_before(settings, label),
            is_by_stand_in,
        });
        let shards = self.shards.rows();
        LabelRow {
            label: label.to_string(),
            model,
            state,
            folders,
            so_far,
            scores,
            problems,
            shards,
        }
    }

    fn state(&self) -> LabelState {
        let Some(session) = self.last_session() else {
            return match (&self.manifest.1, self.shards.is_empty()) {
                (_, true) => LabelState::Unknown,
                (Some(_), false) => LabelState::Ended { how: "merged from shards".to_owned() },
                (None, false) => LabelState::Ended { how: "in shards, not merged yet".to_owned() },
            };
        };
        if session.ended.is_some() {
            let how = session.end.map_or("ended", |end| end.name());
            return LabelState::Ended { how: how.to_owned() };
        }
        let last = self.live.as_ref().and_then(LiveRun::last_answer);
        let silent_for =
            last.unwrap_or(session.started).max(session.started).duration_until(Timestamp::now());
        let silent_for = Duration::try_from(silent_for).unwrap_or_default();
        if silent_for < QUIET {
            return LabelState::Asking;
        }
        LabelState::Silent { since: last.map(|_| in_words(silent_for)) }
    }

    /// Whether answers or formatted answers were written after the scores.
    fn is_scored_before(&self, settings: &ViewSettings, label: &Label) -> bool {
        let scored = self.scores.0.map(|(time, _)| time);
        let last = [&settings.outputs, &settings.refined].into_iter().filter_map(|root| {
            let (time, _) = stamp(&root.join(label.as_str()).join("run.json"))?;
            Some(time)
        });
        self.live.is_some() || last.max() > scored
    }
}

/// How asking ended by the files of another program, of folders that are in the data set.
fn counted(directory: &Path, folders: &[FolderData]) -> Vec<(Folder, OutcomeCounts)> {
    let run = Asked::read(directory.to_owned());
    let of_folder = |data: &FolderData| {
        let endings = run.endings(data.folder).ok().filter(|endings| !endings.is_empty())?;
        let mut counts = OutcomeCounts::untouched(endings.len());
        for AskEnding { outcome, .. } in endings {
            counts.record(outcome);
        }
        Some((data.folder, counts))
    };
    folders.iter().filter_map(of_folder).collect()
}

/// Of a file or folder; `None` if there is none.
fn stamp(path: &Path) -> Stamp {
    let of = |found: Metadata| Some((found.modified().ok()?, found.len()));
    std::fs::metadata(path).ok().and_then(of)
}

/// Whether a stamp is another one than that which is known, which it replaces.
fn has_changed(known: &mut Stamp, now: Stamp) -> bool {
    std::mem::replace(known, now) != now
}

/// `5 min`, `3 h`, `2 days`.
fn in_words(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_unit_that_fits() {
        let said = [150, 7_100, 7_300, 200_000].map(|s| in_words(Duration::from_secs(s)));
        assert_eq!(said, ["2 min", "118 min", "2 h", "2 days"]);
    }
}
