//! A scored label of all folders, with verdicts drawn from a seed: also captions, which tests elsewhere
//! cannot rate without the models.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::Path;

use avibench_bundle::{LabelSources, PackedBundle};
use avibench_protocol::{Family, Folder, Position, Task};
use avibench_results::{
    About, Asking, CaptionRaterReport, DataHash, Detail, EndingsReport, OriginReport, Program,
    Report, SampleCounts, ScoredRun, ScoringMode, Texts, UnscoredCause, UnscoredTaskReport, Usage,
    rows, write_run,
};
use avibench_score::{
    BoxesParts, CaptionMeasure, CaptionParts, Cluster, Extent, FolderVerdicts, FramesParts,
    GuessBaselines, InstancesParts, MatchParts, Parts, RankingParts, Resampling, RetrievalParts,
    ScoringRule, Verdict, VerdictOutcome, repeat_factor,
};
use avibench_statistics::{Stream, StreamKey};
use avibench_store::{AnswerOrigin, AskEnding, AskOutcome, Label};
use tempfile::TempDir;

/// What no public bundle may hold; each text of a sample holds one of these.
pub(crate) const SECRETS: [&str; 9] = [
    "Which animal calls",
    "the nightjar",
    "a heron, said the model",
    "formatted heron",
    "/home/ann",
    "worker.py",
    "gpu07.example.org",
    "thinking of herons",
    "clip-id",
];

/// A label on disk.
pub(crate) struct MadeLabel {
    pub(crate) root: TempDir,
    pub(crate) label: Label,
}

/// How a label is made.
#[derive(Clone, Copy)]
pub(crate) struct Making {
    pub(crate) seed: u64,
    /// Samples of a folder.
    pub(crate) samples: usize,
    /// A task that is left out.
    pub(crate) without: Option<Task>,
    /// Whether the last sample of AVM was planned and not asked.
    pub(crate) unfinished: bool,
    /// What captions are rated by.
    pub(crate) captions: CaptionMeasure,
}

impl Making {
    pub(crate) const SMALL: Self = Self {
        seed: 1,
        samples: 40,
        without: None,
        unfinished: false,
        captions: CaptionMeasure::Fense,
    };
}

/// The program of tests.
pub(crate) fn program() -> Program {
    Program { name: "avibench".to_owned(), version: "0.0.0".to_owned(), ..Program::default() }
}

fn parts(
    family: Family,
    is_official: bool,
    measure: CaptionMeasure,
    outcome: &mut VerdictOutcome,
    draw: &mut Stream,
) -> Parts {
    let right = draw.unit() < 0.6;
    *outcome = if right { VerdictOutcome::Right } else { VerdictOutcome::Wrong };
    match family {
        Family::FullMatch | Family::SetMatch => Parts::Match(MatchParts { correct: right }),
        Family::Instances => Parts::Instances(InstancesParts {
            semantic: draw.unit(),
            error: (draw.unit() < 0.8).then(|| 3.0 * draw.unit()),
        }),
        Family::Boxes => Parts::Boxes(BoxesParts {
            iou: draw.unit(),
            category_f1: draw.unit(),
            error: f64::from(draw.below(NonZeroU32::new(4).unwrap())),
        }),
        Family::Retrieval if is_official => Parts::Retrieval(RetrievalParts {
            hit_at_1: right,
            hit_at_3: right || draw.unit() < 0.5,
            f1: draw.unit(),
            discount: if draw.unit() < 0.1 { 0.3 } else { 1.0 },
            indices: Vec::new(),
        }),
        Family::Retrieval => Parts::Ranking(RankingParts {
            hit_at_1: draw.unit(),
            hit_at_3: draw.unit(),
            f1: draw.unit(),
        }),
        Family::FrameBoxes => Parts::Frames(FramesParts { iou: draw.unit() }),
        Family::Caption => {
            let least = if measure == CaptionMeasure::Fense { -0.5 } else { 0.0 };
            let similarity = least + (1.0 - least) * draw.unit();
            let fluency_error = draw.unit() < 0.2;
            let rating = if fluency_error { 0.1 * similarity } else { similarity };
            Parts::Caption(CaptionParts { measure, similarity, fluency_error, rating })
        }
    }
}

fn folder(folder: Folder, is_official: bool, making: Making) -> FolderVerdicts {
    let name = format!("{folder} {is_official}");
    let mut draw = StreamKey::new(making.seed, &name).stream(0);
    let mut clusters: Vec<String> = Vec::new();
    let mut records = Vec::new();
    for at in 0..making.samples {
        // Every fourth id has three samples, the last of which is a check of families that have checks.
        let cluster = (at / 6) * 4 + [0, 0, 0, 1, 2, 3][at % 6];
        if cluster == clusters.len() {
            clusters.push(format!("clip-id-{cluster}"));
        }
        let is_check = folder.family() == Family::FullMatch && at % 6 == 2;
        let mut outcome = VerdictOutcome::Right;
        let (family, measure) = (folder.family(), making.captions);
        let found = parts(family, is_official, measure, &mut outcome, &mut draw);
        let is_last = making.unfinished && folder == Folder::Avm && at + 1 == making.samples;
        let is_missing = !is_check && at % 13 == 7;
        let mut counted = (!is_check).then_some(found);
        if is_last {
            outcome = VerdictOutcome::NotAsked;
            counted = counted.filter(|_| !is_official);
        } else if is_missing {
            outcome = VerdictOutcome::Missing;
            counted = match counted {
                Some(Parts::Match(_)) => Some(Parts::Match(MatchParts { correct: false })),
                Some(Parts::Caption(_)) => Some(Parts::Caption(CaptionParts {
                    measure,
                    similarity: 0.0,
                    fluency_error: true,
                    rating: 0.0,
                })),
                other => other,
            };
            counted = counted.filter(|_| !is_official);
        }
        records.push(Verdict {
            position: Position(at),
            cluster: Cluster(cluster),
            is_check,
            outcome,
            parts: counted,
            // Answers to AVR repeat each other.
            read: format!("the nightjar {}", if folder == Folder::Avr { at % 4 } else { at }),
            rule: ScoringRule::Reading,
            span: Some(0..3),
        });
    }
    let asked = making.samples - usize::from(making.unfinished && folder == Folder::Avm);
    let counted = records.iter().filter(|record| record.parts.is_some());
    let reads: Vec<&str> = counted.map(|record| record.read.as_str()).collect();
    let distinct = reads.iter().collect::<BTreeSet<_>>().len();
    let repeats = is_official && folder == Folder::Avr;
    let diversity = if repeats { repeat_factor(distinct, reads.len()) } else { 1.0 };
    FolderVerdicts {
        folder,
        records,
        clusters,
        diversity,
        unscored: None,
        extent: Extent { total: making.samples, planned: making.samples, asked, is_drawn: false },
        ceiling: None,
        warnings: Vec::new(),
    }
}

fn ask_outcome(at: usize, is_check: bool, last: bool) -> AskOutcome {
    match at {
        _ if last => AskOutcome::NotAttempted,
        _ if !is_check && at % 13 == 7 => AskOutcome::Failed,
        at if at % 11 == 3 => AskOutcome::CutOff,
        _ => AskOutcome::Answered,
    }
}

fn asking() -> Asking {
    let parameters = serde_json::json!({"temperature": 0.25, "lora": "/home/ann/lora.bin",
        "prefix": "Which animal calls", "near": "gpu07.example.org", "url": "http://gpu07.example.org:8000/x/worker"});
    Asking {
        model: "/home/ann/models/omni-7b".to_owned(),
        backend: "exec:python /home/ann/worker.py".to_owned(),
        profile: Some("gateway@051b1a843ecdc1e9".to_owned()),
        prompt_pack: "ab".repeat(32),
        wording: None,
        ablation: None,
        subset: None,
        parameters: parameters.as_object().unwrap().clone(),
        tokens_in: 5,
        tokens_out: 6,
        tokens_reasoning: None,
        cost: None,
        outcomes: Vec::new(),
    }
}

/// `run.json` of a run that asked a host.
fn manifest() -> serde_json::Value {
    serde_json::json!({"version": 1, "label": "model", "model": "/home/ann/models/omni-7b",
        "backend": "openai", "profile": null, "parameters": {}, "prompt_pack": "ab", "data": {},
        "folders": {}, "spending": {"tokens_in": 5, "tokens_out": 6, "cost": null},
        "sessions": [{"program": "avibench 0.0.0", "hosts": ["gpu07.example.org:8000"],
            "started": "2026-01-01T00:00:00Z"}]})
}

impl MadeLabel {
    pub(crate) fn new(making: Making) -> Self {
        let root = tempfile::tempdir().unwrap();
        let label = Label::new("model").unwrap();
        let folders =
            Folder::ALL.into_iter().filter(|folder| Some(folder.task()) != making.without);
        let folders: Vec<Folder> = folders.collect();
        let mode = |is_official| -> Vec<FolderVerdicts> {
            folders.iter().map(|&of| folder(of, is_official, making)).collect()
        };
        let (official, strict) = (mode(true), mode(false));
        let ending = |of: Folder, verdict: &Verdict| {
            let at = verdict.position.0;
            let last = making.unfinished && of == Folder::Avm && at + 1 == making.samples;
            ask_outcome(at, verdict.is_check, last)
        };
        let formal: BTreeMap<Folder, SampleCounts> = strict
            .iter()
            .map(|of| {
                let formal = of.records.iter().filter(|record| !record.is_check);
                let endings = formal.map(|record| AskEnding {
                    outcome: ending(of.folder, record),
                    is_recorded: true,
                });
                (of.folder, SampleCounts::of(endings))
            })
            .collect();
        let origin = AnswerOrigin {
            model: Some("/home/ann/models/omni-7b".to_owned()),
            packing: None,
            prompt_pack: None,
        };
        let data: Vec<DataHash> =
            folders.iter().map(|&folder| DataHash { folder, sha256: "cd".repeat(32) }).collect();
        let unscored: Vec<UnscoredTaskReport> = making
            .without
            .map(|task| UnscoredTaskReport {
                task,
                reason: UnscoredCause::Other("no /home/ann/fense".to_owned()),
            })
            .into_iter()
            .collect();
        let mut report = Report::new(ScoredRun {
            label: &label,
            program: program(),
            data: &data,
            official: &official,
            strict: &strict,
            endings: &EndingsReport::default(),
            formal: &formal,
            origins: &OriginReport::of([Some(&origin), None], true),
            asking: Some(&asking()),
            probe: None,
            formatting: None,
            reading: None,
            divergence: &[],
            resampling: Resampling::default(),
            baselines: GuessBaselines::embedded(),
            option_chances: &[],
            unscored: &unscored,
        })
        .unwrap();
        report.captions = (making.captions == CaptionMeasure::StandIn)
            .then_some(CaptionRaterReport::StandIn { stand_in_version: 1 });
        let texts = Texts {
            question: Some("Which animal calls?"),
            options: None,
            truth: Some("the nightjar".into()),
            raw_answer: Some("a heron, said the model"),
            refined_answer: Some("formatted heron"),
            reasoning: Some("thinking of herons"),
        };
        let verdicts: BTreeMap<Folder, &FolderVerdicts> =
            strict.iter().map(|of| (of.folder, of)).collect();
        let usage = Usage { tokens_in: Some(7), latency_ms: Some(11.5), ..Usage::default() };
        let about = |folder: Folder, position: Position| About {
            label: "model",
            program: "0.0.0",
            id: "clip-id",
            texts: Some(&texts),
            usage: Some(&usage),
            ask_outcome: Some(ending(folder, &verdicts[&folder].records[position.0])),
            ..About::default()
        };
        let all: Vec<_> = rows(ScoringMode::Official, &official, about)
            .chain(rows(ScoringMode::Strict, &strict, about))
            .collect();
        write_run(&root.path().join("eval"), &label, report, &all, Detail::Full).unwrap();
        let made = Self { root, label };
        made.write("asked/model/journal/AVM.jsonl", "{\"answer\":\"a heron, said the model\"}\n");
        made.write("asked/model/run.json", &manifest().to_string());
        made.write("asked/model/workers.log", "never bundled");
        made.write("refined/model/tasks/AVM.json", "[{\"predict\":\"formatted heron\"}]");
        made
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn with<T>(&self, then: impl FnOnce(LabelSources<'_>) -> T) -> T {
        let at = |name: &str| self.root.path().join(name);
        let (eval_dir, outputs, refined) = (at("eval"), at("asked"), at("refined"));
        then(LabelSources {
            label: &self.label,
            eval_dir: &eval_dir,
            outputs: &outputs,
            refined: &refined,
            dataset: None,
            program: &program(),
        })
    }

    pub(crate) fn public(&self) -> PackedBundle {
        self.with(|sources| sources.public().unwrap())
    }

    pub(crate) fn private(&self) -> PackedBundle {
        self.with(|sources| sources.private().unwrap())
    }

    pub(crate) fn complaint(&self) -> String {
        self.with(|sources| sources.public().unwrap_err().to_string())
    }

    pub(crate) fn report(&self) -> std::path::PathBuf {
        Path::new(self.root.path()).join("eval/model.report.json")
    }
}
