//! What the numbers show and what they do not, in sentences.

use avibench_probe::Sensed;
use avibench_protocol::Task;
use avibench_results::{FolderReadingReport, OriginReport, ScoringMode, UnscoredCause};
use avibench_score::Comparison;

use crate::numbers::{counted, grouped, percent};
use crate::page_run::PageRun;

/// How many tasks a sentence names.
const NAMED: usize = 4;
/// From this share on, unanswered or unread samples are worth a sentence.
const NOTEWORTHY: f64 = 0.005;

/// Sentences about one run.
pub(crate) fn of_run(run: &PageRun, generated: Option<&str>) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(extent(run));
    said.extend(sampled(run));
    said.extend(ends(run));
    said.extend(stages(run));
    said.extend(modes(run));
    said.extend(unanswered(run));
    said.extend(unread(run));
    said.extend(ambiguous(run));
    said.extend(probe(run));
    said.extend(comparable(run, generated));
    said.extend(stand_in(run));
    said
}

fn extent(run: &PageRun) -> Option<String> {
    let outcomes = run.report.outcomes.as_ref()?;
    let counts = &outcomes.all.counts;
    let tasks = run.mode(ScoringMode::Strict).estimates.tasks.len();
    let unscored = &run.mode(ScoringMode::Strict).unscored;
    let names = |of: &dyn Fn(&UnscoredCause) -> bool| {
        let tasks = unscored.iter().filter(|unscored| of(&unscored.reason));
        tasks.map(|unscored| unscored.task.name()).collect::<Vec<_>>().join(", ")
    };
    let is_unasked = |reason: &UnscoredCause| *reason == UnscoredCause::NotAsked;
    let (not_asked, others) = (names(&is_unasked), names(&|reason| !is_unasked(reason)));
    let lacking = [
        (not_asked, "not asked"),
        (others, "without a score (the reasons stand at the end of this page)"),
    ];
    let lacking: Vec<String> = lacking
        .iter()
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, what)| format!("; {what}: {names}"))
        .collect();
    let lacking = lacking.concat();
    Some(format!(
        "{} of {} and checks in {} were answered{lacking}.{}",
        grouped(counts.answered),
        counted(counts.total, "sample"),
        counted(outcomes.folders.len(), "folder"),
        if tasks == Task::ALL.len() {
            ""
        } else {
            " Stages that lack a task, Overall and the levels that need it have no number."
        }
    ))
}

/// What a run found out that asked in a random order until it was sure.
fn sampled(run: &PageRun) -> Option<String> {
    let sequence = run.report.sequence.as_ref()?;
    Some(sequence.sentences(&run.mode(ScoringMode::Strict).estimates))
}

/// The best and the worst task.
fn ends(run: &PageRun) -> Option<String> {
    let mut scores: Vec<(Task, f64)> = Task::ALL
        .into_iter()
        .filter_map(|task| Some((task, run.headline(ScoringMode::Strict, task)?)))
        .collect();
    if scores.len() < 3 {
        return None;
    }
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (best, worst) = (scores[0], scores[scores.len() - 1]);
    let baseline = run.report.guess_baselines.iter().find(|known| known.task == worst.0);
    let interval = run.task(ScoringMode::Strict, worst.0).map(|(_, found)| found.headline);
    let chance = baseline.zip(interval.and_then(|found| found.low.zip(found.high))).map(
        |(baseline, (low, high))| {
            let chance = baseline.percent / 100.0;
            if low <= chance && chance <= high {
                format!(", which guessing reaches, too ({:.2})", baseline.percent)
            } else if high < chance {
                format!(", less than guessing would reach ({:.2})", baseline.percent)
            } else {
                String::new()
            }
        },
    );
    Some(format!(
        "Strictly scored, {} is the best task ({}) and {} the worst ({}{}).",
        best.0,
        percent(Some(best.1)),
        worst.0,
        percent(Some(worst.1)),
        chance.unwrap_or_default(),
    ))
}

/// Which stages the intervals keep apart.
fn stages(run: &PageRun) -> Option<String> {
    let stages = &run.mode(ScoringMode::Strict).estimates.stages;
    let mut overlapping = Vec::new();
    let mut pairs = 0;
    for (i, a) in stages.iter().enumerate() {
        for b in &stages[i + 1..] {
            let ends = [a, b].map(|of| of.estimate.low.zip(of.estimate.high));
            let [Some(first), Some(second)] = ends else { continue };
            pairs += 1;
            if first.1 >= second.0 && second.1 >= first.0 {
                overlapping.push(format!("{} and {}", a.name, b.name));
            }
        }
    }
    if pairs == 0 {
        return None;
    }
    Some(if overlapping.is_empty() {
        "The 95% intervals of no two stages overlap.".to_owned()
    } else {
        format!(
            "The 95% intervals of these stages overlap, so that their order may be chance: {}.",
            overlapping.join("; ")
        )
    })
}

/// Where official and strict scores part most, and why.
fn modes(run: &PageRun) -> Option<String> {
    let gap = |task: Task| {
        let official = run.headline(ScoringMode::Official, task)?;
        Some(official - run.headline(ScoringMode::Strict, task)?)
    };
    let mut gaps: Vec<(Task, f64)> =
        Task::ALL.into_iter().filter_map(|task| Some((task, gap(task)?))).collect();
    gaps.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let (task, most) = *gaps.first()?;
    if most.abs() < 0.005 {
        return Some(
            "Official and strict scores agree within half a point on every task.".to_owned(),
        );
    }
    let reason = run
        .report
        .divergence
        .iter()
        .filter(|found| found.folder.task() == task)
        .flat_map(|found| &found.reasons)
        .max_by_key(|reason| reason.positions.len());
    let why = reason.map_or_else(String::new, |reason| {
        format!(
            "; the most frequent reason is `{}`, in {}, which is explained below",
            reason.reason.name(),
            counted(reason.positions.len(), "sample")
        )
    });
    Some(format!(
        "Official and strict scores part most in {task}: {} against {}{why}.",
        percent(run.headline(ScoringMode::Official, task)),
        percent(run.headline(ScoringMode::Strict, task)),
    ))
}

fn unanswered(run: &PageRun) -> Option<String> {
    let counts = run.report.outcomes.as_ref()?.all.counts;
    let without = counts.total.saturating_sub(counts.answered);
    if (without as f64) < NOTEWORTHY * counts.total as f64 || without == 0 {
        return None;
    }
    let kinds = [
        ("empty", Some(counts.empty)),
        ("cut off by the limit of tokens", counts.cut_off),
        ("refused by the server", counts.refused),
        ("failed", Some(counts.failed)),
        ("rejected", counts.rejected),
        ("not asked", Some(counts.not_attempted)),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter_map(|(name, count)| count.filter(|count| *count > 0).map(|c| format!("{c} {name}")))
        .collect();
    Some(format!(
        "{} have no whole answer ({}). No interval covers that: the bounds on the pages of tasks say what \
         they could change.",
        counted(without, "sample"),
        kinds.join(", ")
    ))
}

fn unread(run: &PageRun) -> Option<String> {
    let reading = run.report.reading.as_ref()?;
    let unread: usize = reading.folders.iter().map(FolderReadingReport::all_unread).sum();
    let read: usize = reading.folders.iter().map(|f| f.by_rules + f.by_model).sum();
    if unread == 0 || (unread as f64) < NOTEWORTHY * (unread + read) as f64 {
        return None;
    }
    let mut worst: Vec<_> = reading.folders.iter().filter(|f| f.all_unread() > 0).collect();
    worst.sort_by_key(|folder| std::cmp::Reverse(folder.all_unread()));
    let names: Vec<String> = worst
        .iter()
        .take(NAMED)
        .map(|folder| format!("{} in {}", folder.all_unread(), folder.folder))
        .collect();
    Some(format!(
        "{} say nothing by a careful reading and count as wrong in strict scores: {}{}.",
        counted(unread, "answer"),
        names.join(", "),
        if worst.len() > NAMED { ", and others" } else { "" }
    ))
}

/// What is not determined.
fn ambiguous(run: &PageRun) -> Vec<String> {
    let mut said = Vec::new();
    let open = run.report.reading.iter().filter_map(|reading| reading.boxes.as_ref());
    for open in open.flat_map(|boxes| &boxes.open) {
        said.push(format!(
            "How {} of {} mean their boxes stays open; by the less likely convention the task would score \
             {} instead of {}.",
            counted(open.answers, "answer"),
            open.task,
            percent(open.other_score),
            percent(run.headline(ScoringMode::Strict, open.task)),
        ));
    }
    let ranges = run.mode(ScoringMode::Official).summary.as_ref();
    if let Some(ranges) = ranges.and_then(|summary| summary.level_ranges.as_ref()) {
        for (name, range) in [("L3", ranges.l3), ("L4", ranges.l4)] {
            if let Some(range) = range.filter(|range| range.is_noteworthy()) {
                said.push(format!(
                    "{name} (official) lies between {:.2} and {:.2}, because the guess baselines behind \
                     published levels are not all known.",
                    range.low, range.high
                ));
            }
        }
    }
    if let Some(warning) = run.report.origins.as_ref().and_then(OriginReport::warning) {
        said.push(format!("The label is {warning}."));
    }
    said
}

fn probe(run: &PageRun) -> Vec<String> {
    let Some(probe) = &run.report.probe else {
        return vec![
            "No probe of the endpoint stands beside the run: whether the model received sounds and \
             pictures is not known from outside its scores."
                .to_owned(),
        ];
    };
    if probe.with(Sensed::No).next().is_none() {
        return vec![format!(
            "A probe of the endpoint before the run found that {}.",
            probe.sentence()
        )];
    }
    probe.warnings().into_iter().map(|warning| format!("Probe: {warning}.")).collect()
}

fn stand_in(run: &PageRun) -> Option<String> {
    run.report.has_stand_in_captions().then(|| {
        "Captions (AVC) were rated by a stand-in for FENSE, which compares words and not meaning. AVC, its \
         stage, Overall and the levels bear a mark, and compare with no numbers by FENSE."
            .to_owned()
    })
}

fn comparable(run: &PageRun, generated: Option<&str>) -> Option<String> {
    if let Some(kind) = generated {
        return Some(format!(
            "This is a generated `{kind}` set: its scores must not be compared with published ones."
        ));
    }
    let wording = run.report.asking.as_ref().and_then(|asking| asking.wording);
    match wording {
        Some(source) if source.is_published() => None,
        Some(_) => Some(
            "The questions were not put in the benchmark's words, so that official scores do not compare \
             with published ones."
                .to_owned(),
        ),
        None => Some(
            "It was not recorded in whose words the questions were put: compare official scores with \
             published ones with care."
                .to_owned(),
        ),
    }
}

/// Sentences about how runs differ.
pub(crate) fn of_comparison(strict: &Comparison) -> Vec<String> {
    let mut said = Vec::new();
    for pair in &strict.pairs {
        if pair.captions_differ {
            said.push(format!(
                "The captions of {} and {} were not rated by the same measure (FENSE and its stand-in), so that \
                 AVC, its stage, Overall and the levels of the two are not compared.",
                pair.first, pair.second
            ));
        }
        let (mut first, mut second, mut noise) = (Vec::new(), Vec::new(), Vec::new());
        for task in &pair.tasks {
            let Some(difference) = task.difference else { continue };
            let to = match (difference.is_significant(), difference.difference > 0.0) {
                (true, true) => &mut first,
                (true, false) => &mut second,
                (false, _) => &mut noise,
            };
            to.push(task.task.name());
        }
        for (name, found) in &pair.above_tasks {
            if found.is_significant() {
                let to = if found.difference > 0.0 { &mut first } else { &mut second };
                to.push(name);
            }
        }
        let list = |names: &[&str]| {
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        said.push(format!(
            "{} is better than {} in: {}. {} is better in: {}. Not told apart from noise: {}. (Strict \
             scores; Holm's correction over all tasks and pairs, and over stages, Overall and levels.)",
            pair.first,
            pair.second,
            list(&first),
            pair.second,
            list(&second),
            list(&noise),
        ));
    }
    said
}
