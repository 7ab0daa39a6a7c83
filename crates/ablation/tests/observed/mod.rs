//! The guessing observer on sets of the generator, with media as a run would show them under an
//! ablation, and what its answers must be by what the generator wrote down.

mod expected;

use std::cell::RefCell;
use std::collections::HashMap;

use avibench_ablation::{Exchange, Rewriter, Rewritten, Shown, ShownMedia};
use avibench_prompts::PromptPack;
use avibench_protocol::{
    Conversation, Dataset, Folder, FolderData, FolderState, LocalModel, Medium, Record, Sample,
    Truth,
};
use avibench_score::{
    Attempts, Captions, Estimate, FolderVerdicts, GuessBaselines, Plan, estimate,
    judge_strict_by_rules,
};
use avibench_stimuli::{SetOptions, Signal, generate};
use avibench_store::AblationKind;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) use expected::Expected;

/// The ablations that are tried. `text` takes everything: nothing is left to be expected of it.
pub(crate) const KINDS: [AblationKind; 5] = [
    AblationKind::Mute,
    AblationKind::Blind,
    AblationKind::SwapSound,
    AblationKind::SwapPicture,
    AblationKind::Shift,
];

/// The tasks of the sensation stage with their folders.
pub(crate) const TASKS: [(&str, &[Folder]); 3] = [
    ("ASQA", &[Folder::Asqa]),
    ("VSQA", &[Folder::VsqaI, Folder::VsqaV]),
    ("AVSQA", &[Folder::Avsqa]),
];

/// Whether questions that are alike to the last bit get the same guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guesses {
    /// Yes: one seed for all, as in a run.
    OfARun,
    /// No: each question has a seed of its own. Only tasks are asked in which media become alike.
    OfEachQuestion,
}

impl Guesses {
    /// How a task is to be asked under an ablation: silence is like silence, and black like black.
    fn are_tried(self, kind: AblationKind, task: &str) -> bool {
        self == Self::OfARun
            || matches!((kind, task), (AblationKind::Mute, "ASQA") | (AblationKind::Blind, "VSQA"))
    }
}

/// A PriSe set on disk, and what the observer answers to it as it is.
pub(crate) struct Observed {
    seed: u64,
    folders: Vec<AskedFolder>,
    memory: Memory,
    _dir: TempDir,
}

/// What was answered to what: the same question gets the same answer, so that it is asked once.
#[derive(Default)]
struct Memory(RefCell<HashMap<[u8; 32], String>>);

impl Memory {
    fn answer(&self, seed: u64, conversation: &Conversation) -> String {
        let mut hash = Sha256::new_with_prefix(seed.to_le_bytes());
        hash.update(&conversation.text);
        let Conversation { images, audios, video, .. } = conversation;
        for medium in images.iter().chain(audios).chain(video) {
            hash.update(Sha256::digest(&medium.bytes));
        }
        let mut known = self.0.borrow_mut();
        let answer = || Signal::guessing(seed).answer(conversation);
        known.entry(hash.finalize().into()).or_insert_with(answer).clone()
    }
}

/// A folder with the answers to it as it is.
struct AskedFolder {
    data: FolderData,
    /// By position.
    answers: Vec<String>,
}

/// What came of one task under an ablation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outcome {
    /// Questions and checks that must be answered as without the ablation, and how many are.
    pub(crate) same: [usize; 2],
    /// Formal questions whose answer follows from what the generator wrote down, and how many get it.
    pub(crate) determined: [usize; 2],
    /// Formal questions that must be guessed; how many guesses are among the answers that are left.
    pub(crate) guessed: [usize; 2],
    /// Right guesses: how many are expected, with their variance, and how many there are.
    pub(crate) right: [f64; 3],
    /// Formal questions of which the generator's notes do not say what becomes of them.
    pub(crate) open: usize,
    /// Checks that ask for the sense that is taken, and how many say that nothing is sensed.
    pub(crate) checks: [usize; 2],
    /// The expected score of the questions that must be determined or guessed, 0 to 1, and the
    /// score that they got, with its interval; `None` without any.
    pub(crate) score: Option<(f64, Estimate)>,
}

impl Observed {
    /// Makes a set of the named tasks, of `scale` times the benchmark's size, and asks the observer
    /// everything.
    pub(crate) fn new(seed: u64, scale: f64, tasks: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let named = TASKS.iter().filter(|(name, _)| tasks.contains(name));
        let folders: Vec<Folder> = named.flat_map(|(_, folders)| *folders).copied().collect();
        let options = SetOptions {
            seed,
            scale: Some(scale),
            folders: folders.clone(),
            ..SetOptions::default()
        };
        generate(&options, dir.path(), &|_, _| {}).expect("a set can be made");
        let dataset = Dataset::open(dir.path()).expect("the set is one");
        let memory = Memory::default();
        let asked = folders.into_iter().map(|folder| {
            let FolderState::Ready(data) = dataset.load(folder) else {
                unreachable!("the set has the folders that were asked for")
            };
            let guesses = Guesses::OfARun;
            let asking = Asking { data: &data, kind: None, seed, guesses, memory: &memory };
            let answers = asking.answers(&[]);
            AskedFolder { data, answers }
        });
        Self { seed, folders: asked.collect(), memory, _dir: dir }
    }

    /// What comes of each of its tasks under an ablation, by their names. The set's seed also says what
    /// is exchanged and what is guessed.
    pub(crate) fn under(
        &self,
        kind: AblationKind,
        guesses: Guesses,
    ) -> Vec<(&'static str, Outcome)> {
        let mut outcomes = Vec::new();
        for (task, folders) in TASKS {
            let is_part = |asked: &&AskedFolder| folders.contains(&asked.data.folder);
            let folders: Vec<&AskedFolder> = self.folders.iter().filter(is_part).collect();
            if !folders.is_empty() && guesses.are_tried(kind, task) {
                outcomes.push((task, self.outcome(&folders, kind, guesses)));
            }
        }
        outcomes
    }

    fn outcome(&self, folders: &[&AskedFolder], kind: AblationKind, guesses: Guesses) -> Outcome {
        let mut outcome = Outcome::default();
        let mut verdicts = Vec::new();
        let (mut sum, mut predicted) = (0.0, 0_usize);
        for AskedFolder { data, answers: before } in folders {
            let (seed, memory) = (self.seed, &self.memory);
            let asking = Asking { data, kind: Some(kind), seed, guesses, memory };
            let answers = asking.answers(before);
            let exchange = asking.exchange();
            let mut counts = vec![false; data.samples.len()];
            for (at, sample) in data.samples.iter().enumerate() {
                let Some(Truth::Text(truth)) = &sample.truth else { continue };
                let partner = exchange.partner(at).map(|partner| &data.samples[partner]);
                let said = answers[at].trim_matches('#');
                if sample.is_check() {
                    if expected::is_sense_taken(kind, sample.folder) {
                        add(&mut outcome.checks, said != truth);
                    } else {
                        add(&mut outcome.same, answers[at] == before[at]);
                    }
                    continue;
                }
                let expected = Expected::of(kind, sample, partner);
                match &expected {
                    Expected::Same => add(&mut outcome.same, answers[at] == before[at]),
                    Expected::Answer(answer) => {
                        add(&mut outcome.determined, expected::is_equal(said, answer));
                    }
                    Expected::AnyOf(left) => {
                        let is_one = left.iter().any(|answer| expected::is_equal(said, answer));
                        add(&mut outcome.guessed, is_one);
                    }
                    Expected::Open => outcome.open += 1,
                }
                if let Some(p) = expected.probability(truth) {
                    counts[at] = true;
                    sum += p;
                    predicted += 1;
                    if matches!(expected, Expected::AnyOf(_)) {
                        let is_right = f64::from(u8::from(expected::is_equal(said, truth)));
                        let [mean, variance, right] = &mut outcome.right;
                        *mean += p;
                        *variance += p * (1.0 - p);
                        *right += is_right;
                    }
                }
            }
            verdicts.push(judged(data, &answers, &counts));
        }
        outcome.score = estimated(&verdicts).map(|score| (sum / predicted as f64, score));
        outcome
    }
}

fn add([all, fitting]: &mut [usize; 2], fits: bool) {
    *all += 1;
    *fitting += usize::from(fits);
}

/// Strict verdicts on the questions that count, as if no check had been asked.
fn judged(data: &FolderData, answers: &[String], counts: &[bool]) -> FolderVerdicts {
    // What the generator does not tell is left out as if it had not been drawn; where it tells all,
    // the plan is that of a whole run.
    let is_formal = |sample: &&Sample| !sample.is_check();
    let is_whole = data.samples.iter().filter(is_formal).all(|sample| counts[sample.position.0]);
    let slot = |sample: &Sample| {
        let at = sample.position.0;
        (is_whole || counts[at]).then(|| Record::answered(sample, answers[at].as_str()))
    };
    let slots: Vec<Option<Record>> = data.samples.iter().map(slot).collect();
    let plan = if is_whole { Plan::Whole } else { Plan::Drawn(counts) };
    let attempts = Attempts::new(&data.samples, &slots, plan, |_| false);
    let captions = Captions::Unavailable("there are none");
    judge_strict_by_rules(data.folder, &data.samples, &slots, &attempts, captions)
        .without_double_confirm()
}

/// The score of a task as users get it.
fn estimated(verdicts: &[FolderVerdicts]) -> Option<Estimate> {
    let found = estimate(&[("signal-guessing", verdicts)], GuessBaselines::embedded()).ok()?;
    let headline = found.first()?.tasks.first()?.headline;
    headline.value.map(|_| headline)
}

/// How a folder is asked.
struct Asking<'a> {
    data: &'a FolderData,
    kind: Option<AblationKind>,
    seed: u64,
    guesses: Guesses,
    memory: &'a Memory,
}

impl Asking<'_> {
    fn exchange(&self) -> Exchange {
        // Nothing is exchanged by a kind that does not.
        let kind = self.kind.unwrap_or(AblationKind::Mute);
        Exchange::new(kind, self.data.folder, &self.data.samples, self.seed)
    }

    /// The answers by position. What is shown as it is was answered `before`, if that is not empty.
    fn answers(&self, before: &[String]) -> Vec<String> {
        let exchange = self.exchange();
        // A check has the media of its question.
        let mut last: Option<(ShownMedia, Conversation)> = None;
        let answers = self.data.samples.iter().enumerate().map(|(at, sample)| {
            let partner = exchange.partner(at).map(|partner| &self.data.samples[partner]);
            let shown = self.shown(sample, partner);
            if let (true, Some(before)) = (shown == self.whole(sample), before.get(at)) {
                return before.clone();
            }
            if last.as_ref().is_none_or(|(media, _)| *media != shown) {
                last = Some((shown.clone(), read(&shown)));
            }
            let (_, media) = last.as_ref().expect("it was set just now");
            let text = PromptPack::embedded().prompt(sample).expect("sets can be worded").text;
            let conversation = Conversation { text, ..media.clone() };
            let own = (self.guesses == Guesses::OfEachQuestion).then_some(at as u64 + 1);
            let seed = self.seed.wrapping_add(own.unwrap_or_default() << 32);
            self.memory.answer(seed, &conversation)
        });
        answers.collect()
    }

    fn whole(&self, sample: &Sample) -> ShownMedia {
        let media = sample.media.resolve(&self.data.path).expect("the set is whole");
        ShownMedia::from(&media)
    }

    fn shown(&self, sample: &Sample, partner: Option<&Sample>) -> ShownMedia {
        let resolved = |of: &Sample| of.media.resolve(&self.data.path).expect("the set is whole");
        match self.kind {
            Some(kind) => ShownMedia::new(kind, &resolved(sample), partner.map(resolved).as_ref()),
            None => self.whole(sample),
        }
    }
}

/// A conversation with these media, without a text.
fn read(shown: &ShownMedia) -> Conversation {
    let medium = |shown: &Shown, mime: &str| {
        let file = |path| std::fs::read(path).expect("a medium of the set can be read");
        let bytes = match shown {
            Shown::File(path) => file(path.as_path()),
            Shown::Rewritten(rewriting) => match Rewriter::default().rewrite(rewriting) {
                Ok(Rewritten::Made(bytes)) => bytes,
                Ok(Rewritten::Unchanged) => file(rewriting.sources().next().expect("it has one")),
                Err(error) => unreachable!("media of the set can be rewritten: {error}"),
            },
        };
        Medium { mime: mime.to_owned(), bytes: bytes.into() }
    };
    Conversation {
        images: shown.images.iter().map(|image| medium(image, "image/png")).collect(),
        audios: shown.audios.iter().map(|audio| medium(audio, "audio/wav")).collect(),
        video: shown.video.as_ref().map(|video| medium(video, "video/mp4")),
        text: String::new(),
    }
}
