//! `avibench refine explain`: what official and strict scoring read in an answer, and why.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use avibench_answers::{RuleOutcome, RuleReading, explain};
use avibench_files::SizeLimit;
use avibench_protocol::{Dataset, Folder, FolderState, Prediction, Sample, option_list};
use avibench_reading::{Question, Read, Reader, Reading, ReadingValue, read};
use avibench_score::{question_of, read_by_rules};
use avibench_store::read_predictions;
use clap::Args;

use crate::exit::Exit;
use crate::terminal;
use crate::terminal::printable;

/// The longest answer, as long as the longest reply that is read.
const ANSWER_LIMIT: SizeLimit = SizeLimit::new(16 << 20, "give the answer alone");

/// Longest part of an answer that is shown, in characters.
const SHOWN: usize = 200;

/// Show what official and strict scoring read in an answer, from where, and what else was considered.
///
/// With --predictions, show every answer of a prediction file in which the rules of strict scoring
/// find nothing that they trust.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench refine explain --task AVM 'Yes, they match.'\n\
\x20 avibench refine explain --task AVQA \\\n\
\x20     --predictions user_outputs/my-model/tasks/AVQA.json")]
pub(super) struct Explain {
    /// Folder whose rules are asked, such as AVQA
    #[arg(long, value_name = "FOLDER")]
    task: Folder,
    /// Key of the option list that the question offers, such as `avqa_options_list_is`
    #[arg(long, value_name = "KEY", conflicts_with = "predictions")]
    options: Option<String>,
    /// The question, which strict scoring reads answers by
    #[arg(long, value_name = "TEXT", conflicts_with = "predictions")]
    question: Option<String>,
    /// Prediction file of raw answers, such as `user_outputs/LABEL/tasks/AVQA.json`
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    predictions: Option<PathBuf>,
    /// Folder that holds `levels/<stage>/<TASK>/data.json`, for the questions of --predictions
    #[arg(long, alias = "data_root", env = "DATA_ROOT", default_value = ".", value_name = "DIR")]
    data_root: PathBuf,
    /// The answer; without it, standard input is read
    text: Option<String>,
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        if let Some(predictions) = &self.predictions {
            return self.explain_file(predictions);
        }
        let options: &[String] = match &self.options {
            None => &[],
            Some(key) => option_list(self.task, key)
                .ok_or_else(|| anyhow::anyhow!("{} has no option list `{key}`", self.task))?,
        };
        let text = if let Some(text) = &self.text {
            text.clone()
        } else {
            let mut text = Vec::new();
            let read = ANSWER_LIMIT.read_from(std::io::stdin(), &mut text);
            let text = read.map(|()| String::from_utf8(text)).context("cannot read the answer")?;
            text.context("the answer on standard input is not UTF-8")?
        };
        self.explain_formatting(&text, options)?;
        let question = self.question.as_deref().unwrap_or_default();
        let question = Question { folder: self.task, text: question, options };
        show_reading(&text, &read(&question, &text))?;
        Ok(Exit::Done)
    }

    /// What each formatting rule makes of the answer: official scoring reads the result.
    fn explain_formatting(&self, text: &str, options: &[String]) -> anyhow::Result<()> {
        let explanation = explain(self.task, text, options);
        let mut out = terminal::stdout();
        for step in &explanation.steps {
            let mark = if step.decides { '>' } else { ' ' };
            let said = match &step.outcome {
                RuleOutcome::Takes { span, text } => {
                    format!("takes bytes {}..{}: {}", span.start, span.end, printable(text))
                }
                RuleOutcome::Doubts { reason } => {
                    format!("doubts: {}", printable(&reason.to_string()))
                }
                RuleOutcome::Passes { reason } => format!("passes: {reason}"),
            };
            writeln!(out, "{mark} {:<14} v{}  {said}", step.rule.name(), step.version)?;
        }
        match &explanation.formatted.reading {
            RuleReading::Read { rule, .. } => {
                writeln!(out, "read by {rule}: {}", printable(&explanation.formatted.text))?;
            }
            RuleReading::Unread { reason } => {
                writeln!(out, "unread, left unformatted: {}", printable(&reason.to_string()))?;
            }
        }
        Ok(())
    }

    /// The answers of a file that rules leave in doubt.
    fn explain_file(&self, predictions: &Path) -> anyhow::Result<Exit> {
        let data = match Dataset::open(&self.data_root)?.load(self.task) {
            FolderState::Ready(data) => data,
            FolderState::Absent => anyhow::bail!(
                "{} has no data of {}: name the data set with --data-root",
                self.data_root.display(),
                self.task
            ),
            FolderState::Broken(error) => return Err(error.into()),
        };
        let slots = read_predictions(predictions)?;
        let readings = read_by_rules(&data.samples, &slots);
        let mut out = terminal::stdout();
        let mut in_doubt = 0;
        for (sample, reading) in data.samples.iter().zip(&readings) {
            let Some(reading) = reading.as_ref().filter(|reading| reading.is_in_doubt()) else {
                continue;
            };
            let Prediction::Text(text) = Prediction::at(&slots, sample.position) else { continue };
            in_doubt += 1;
            writeln!(out, "{}", heading(sample))?;
            writeln!(out, "  answer: {}", excerpt(text))?;
            show_reading(text, reading)?;
        }
        let answers = readings.iter().flatten().count();
        writeln!(out, "{in_doubt} of {answers} answers are in doubt")?;
        Ok(Exit::Done)
    }
}

/// What is asked, and of which sample.
fn heading(sample: &Sample) -> String {
    let question = question_of(sample);
    let options = match question.options {
        [] => String::new(),
        options => format!(" [{}]", options.join(", ")),
    };
    format!(
        "{} {} (id {}): {}{}",
        sample.folder,
        sample.position,
        printable(&sample.id),
        excerpt(question.text),
        excerpt(&options)
    )
}

/// What strict scoring reads, from where, and what else was considered.
fn show_reading(text: &str, reading: &Reading) -> anyhow::Result<()> {
    let mut out = terminal::stdout();
    let by = match &reading.evidence.reader {
        Reader::Rules { version, rule } => format!("rule {} v{version}", rule.name()),
        Reader::Model { model, .. } => printable(model),
    };
    match &reading.read {
        Read::Value(value) => {
            writeln!(out, "strict reads {} {} ({by})", value.kind(), excerpt(&value.text()))?;
            if let ReadingValue::Boxes(boxes) = value {
                writeln!(out, "  convention: {}", convention(boxes.convention))?;
            }
            if let ReadingValue::Frames(_, of_frames) = value {
                writeln!(out, "  convention: {}", convention(*of_frames))?;
            }
        }
        Read::Unread(reason) => writeln!(out, "strict reads nothing: {} ({by})", reason.name())?,
    }
    if let Some(span) = &reading.evidence.span {
        let quoted = text.get(span.clone()).unwrap_or_default();
        writeln!(out, "  from bytes {}..{}: {}", span.start, span.end, excerpt(quoted))?;
    }
    if let Some(bare) = &reading.bare {
        writeln!(out, "  right as well if the label is: {}", excerpt(bare))?;
    }
    if !reading.evidence.seen.is_empty() {
        writeln!(out, "  considered: {}", excerpt(&reading.evidence.seen.join("; ")))?;
    }
    Ok(())
}

fn convention(found: avibench_reading::Convention) -> String {
    let open = || "left open".to_owned();
    let order = found.order.map_or_else(open, |order| order.name().to_owned());
    let scale = found.scale.map_or_else(open, |scale| scale.name().to_owned());
    format!("order {order}, scale {scale}")
}

/// As much of a text as a line shows.
fn excerpt(text: &str) -> String {
    let kept: String = text.chars().take(SHOWN).collect();
    let mark = if kept.len() < text.len() { "…" } else { "" };
    format!("{}{mark}", printable(&kept))
}
