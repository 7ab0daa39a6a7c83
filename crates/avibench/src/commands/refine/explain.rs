//! `avibench refine explain`: what each rule makes of one answer.

use std::io::{Read as _, Write as _};

use avibench_answers::{Reading, RuleOutcome, explain};
use avibench_protocol::{Folder, option_list};
use clap::Args;

use crate::exit::Exit;
use crate::terminal;
use crate::terminal::printable;

/// Show what each rule makes of one answer.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Folder whose rules are asked, such as AVQA
    #[arg(long, value_name = "FOLDER")]
    task: Folder,
    /// Key of the option list that the question offers, such as `avqa_options_list_is`
    #[arg(long, value_name = "KEY")]
    options: Option<String>,
    /// The answer; without it, standard input is read
    text: Option<String>,
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let options: &[String] = match &self.options {
            None => &[],
            Some(key) => option_list(self.task, key)
                .ok_or_else(|| anyhow::anyhow!("{} has no option list `{key}`", self.task))?,
        };
        let text = if let Some(text) = self.text {
            text
        } else {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        };
        let explanation = explain(self.task, &text, options);
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
            Reading::Read { rule, .. } => {
                writeln!(out, "read by {rule}: {}", printable(&explanation.formatted.text))?;
            }
            Reading::Unread { reason } => {
                writeln!(out, "unread, left unformatted: {}", printable(&reason.to_string()))?;
            }
        }
        Ok(Exit::Done)
    }
}
