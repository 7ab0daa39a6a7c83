//! `run --until`: asking in a random order until a score is known well enough.

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use avibench_assess::{CaptionRater, LiveSequence, SequenceState};
use avibench_engine::{RunSettings, StopHandle};
use avibench_probe::{PROBE_FILE, ProbeReport};
use avibench_protocol::{Family, FolderData};
use avibench_results::STAND_IN_MARK;
use avibench_score::{SequencePlan, SequenceTarget};
use avibench_store::{Label, SequenceIdentity, SequenceRecord};
use clap::Args;

use super::fense::CaptionArgs;
use super::ranges::{self, whole};
use crate::terminal::{self, ProgressNote, counted};

/// Between two looks at the journals.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whether a run stops as soon as it is sure, and of what.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UntilArgs {
    /// Ask in a random order, and stop when a strict score is known to so many points with 95%
    /// confidence: `ci=2` for +-2 points of the score that --tasks names (default: Overall);
    /// `ci=2,of=AVQA` for that task, `ci=2,of=reasoning` for that stage. Captions are rated as
    /// --captions says
    #[arg(long, help_heading = "Ablations and parts", conflicts_with_all = ["n_samples", "subset"], value_name = "ci=W")]
    until: Option<Wish>,
    /// Seed of the order in which `--until` asks
    #[arg(long, help_heading = "Ablations and parts", default_value_t = 0, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    until_seed: u64,
}

/// How well which score is to be known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Wish {
    /// Half-width, 0 to 1.
    half_width: f64,
    of: Option<SequenceTarget>,
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut half_width, mut of) = (None, None);
        for part in text.split(',') {
            match part.trim().split_once('=') {
                Some(("ci", points)) => match points.parse::<f64>() {
                    Ok(points) if (0.1..=50.0).contains(&points) => {
                        half_width = Some(points / 100.0);
                    }
                    _ => {
                        return Err(format!(
                            "`{points}` should be points from 0.1 to 50, as in ci=2"
                        ));
                    }
                },
                Some(("of", name)) => {
                    of = Some(name.parse::<SequenceTarget>().map_err(|error| error.to_string())?);
                }
                _ => {
                    return Err(format!(
                        "`{part}` should be ci=POINTS or of=SCORE, as in ci=2,of=AVQA"
                    ));
                }
            }
        }
        let half_width = half_width.ok_or("it needs ci=POINTS, as in ci=2")?;
        Ok(Self { half_width, of })
    }
}

/// A score that a run is to find out.
#[derive(Debug)]
pub(crate) struct Sought {
    plan: SequencePlan,
    identity: SequenceIdentity,
    half_width: f64,
    captions: CaptionArgs,
}

/// A run that is followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Followed<'a> {
    /// The label's folder of answers.
    pub directory: &'a Path,
    /// The label.
    pub label: &'a Label,
    /// The folders that are asked.
    pub data: &'a [FolderData],
    /// What stops it.
    pub stop: &'a StopHandle,
}

/// How a run that looked for it ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    target: SequenceTarget,
    /// The mark of captions by the stand-in, if it rests on some.
    mark: &'static str,
    half_width: f64,
    state: SequenceState,
}

impl UntilArgs {
    /// What is sought over these folders; `None` if everything is asked. `captions` says what rates captions.
    pub(crate) fn sought(
        &self,
        data: &[FolderData],
        captions: &CaptionArgs,
    ) -> anyhow::Result<Option<Sought>> {
        let Some(Wish { half_width, of }) = self.until else { return Ok(None) };
        let is_there = |task| data.iter().any(|data| data.folder.task() == task);
        let target = of.or_else(|| SequenceTarget::of_tasks(is_there)).ok_or_else(|| {
            anyhow::anyhow!(
                "--until bounds Overall, one stage or one task, and the folders that are asked make up none of \
                 these; name one, such as --until ci={},of=AVQA",
                points(half_width)
            )
        })?;
        let plan = SequencePlan::new(target, self.until_seed, data)?;
        anyhow::ensure!(
            !has_captions(target) || captions.found().is_some(),
            "captions (AVC) are part of {target}, and nothing on this machine rates them, so that it cannot be \
             known; `avibench fense fetch` downloads the models, --fense-models names them, --captions stand-in rates them by \
             rules for a first look, and --until ci={},of=reasoning needs none",
            points(half_width)
        );
        let identity = SequenceIdentity { of: target.to_string(), seed: self.until_seed };
        Ok(Some(Sought { plan, identity, half_width, captions: captions.clone() }))
    }
}

impl Sought {
    /// The folders that the score is made of.
    pub(crate) fn folders(&self, data: &[FolderData]) -> Vec<FolderData> {
        let is_in =
            |data: &&FolderData| self.plan.target().tasks().any(|task| task == data.folder.task());
        data.iter().filter(is_in).cloned().collect()
    }

    /// The settings of a run that asks in this order.
    pub(crate) fn ordered(&self, settings: RunSettings) -> RunSettings {
        RunSettings {
            order: Some(self.plan.order().into()),
            sequence: Some(self.identity.clone()),
            ..settings
        }
    }

    /// What is done, for a person.
    pub(crate) fn described(&self) -> String {
        format!(
            "until {} is known to +-{} points: {} in a random order (seed {}), most of them only if need be; \
             strict scoring by rules",
            self.plan.target(),
            points(self.half_width),
            counted(self.plan.units().len(), "question"),
            self.identity.seed
        )
    }

    /// Notes in the label's folder what is sought. How much counted stays noted if the same was found before.
    pub(crate) fn begin(&self, directory: &Path) -> anyhow::Result<()> {
        let begun =
            SequenceRecord::new(self.identity.clone(), self.half_width, self.plan.units().len());
        let known = SequenceRecord::read(directory).ok().flatten();
        let is_same = known.is_some_and(|known| SequenceRecord { counted: None, ..known } == begun);
        if !is_same {
            begun.write(directory)?;
        }
        Ok(())
    }

    /// Follows the journals of a run until `is_over`, and stops it as soon as the score is known. Says when it has
    /// `looked` at what is there already: only then is anything to be asked. To be called on a thread of its own.
    pub(crate) fn watch(
        &self,
        followed: &Followed<'_>,
        note: &ProgressNote,
        looked: Sender<()>,
        is_over: &AtomicBool,
    ) -> anyhow::Result<Found> {
        let Followed { directory, label, data, stop } = *followed;
        let mut looked = Some(looked);
        let probe = ProbeReport::read(&directory.join(PROBE_FILE)).ok().flatten();
        let probed = probe.map(|probe| probe.convention()).unwrap_or_default();
        let rater: Option<Box<dyn CaptionRater>> =
            self.captions.found().map(|_| self.captions.quiet_rater());
        let mut live = LiveSequence::open(
            self.plan.clone(),
            self.half_width,
            directory,
            label.clone(),
            data,
            probed,
            rater.as_deref(),
        )?;
        let target = self.plan.target();
        let state = loop {
            let was_over = is_over.load(Ordering::Acquire);
            let state = live.advance(data);
            note.say(format!(
                "{target} {}, {} of {} counted",
                between(state.bounds),
                state.counted,
                state.questions
            ));
            if state.is_enough {
                stop.enough();
            }
            if let Some(looked) = looked.take() {
                // Whoever waited may be gone.
                let _ = looked.send(());
            }
            if was_over || state.is_enough {
                break state;
            }
            std::thread::sleep(LOOK_EVERY);
        };
        for problem in live.problems() {
            terminal::warning(problem);
        }
        let record = SequenceRecord {
            counted: state.is_enough.then_some(state.counted),
            ..SequenceRecord::new(self.identity.clone(), self.half_width, state.questions)
        };
        record.write(directory)?;
        let mark =
            if self.captions.is_stand_in() && has_captions(target) { STAND_IN_MARK } else { "" };
        Ok(Found { target, mark, half_width: self.half_width, state })
    }
}

impl Found {
    /// What is known now, for a person.
    pub(crate) fn described(&self) -> String {
        let Self { target, mark, half_width, state } = *self;
        let SequenceState { counted, questions, bounds, is_enough } = state;
        let lacking = if !is_enough && counted == questions {
            format!(
                "; +-{} points are not reached, because requests failed or rules doubt what answers say",
                points(half_width)
            )
        } else {
            String::new()
        };
        format!(
            "{target}{mark} of all questions of this data set is {} (strict, by rules), at any time with 95% confidence, \
             after {counted} of {}{lacking}",
            between(bounds),
            terminal::counted(questions, "question"),
        )
    }
}

/// Whether captions are part of a score.
fn has_captions(target: SequenceTarget) -> bool {
    target.tasks().any(|task| task.family() == Family::Caption)
}

/// Bounds in points.
fn between((low, high): (f64, f64)) -> String {
    format!("{:.1} to {:.1}", 100.0 * low, 100.0 * high)
}

fn points(half_width: f64) -> String {
    // Without the digits that multiplying adds.
    format!("{}", (1e4 * half_width).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_and_others_refused() {
        let wish: Wish = "ci=2".parse().unwrap();
        assert_eq!(wish, Wish { half_width: 0.02, of: None });
        let wish: Wish = "ci=1.5, of=avqa".parse().unwrap();
        assert_eq!(wish.of.unwrap().to_string(), "AVQA");
        for text in ["2", "ci=0", "ci=x", "of=AVQA", "ci=2,of=L1", "ci=2,at=3", ""] {
            assert!(text.parse::<Wish>().is_err(), "{text}");
        }
        assert_eq!(points(0.023), "2.3");
    }
}
