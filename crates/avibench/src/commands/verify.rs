//! `avibench verify`: are the numbers of a bundle those that its parts give?

use std::io::Write as _;
use std::path::PathBuf;

use avibench_bundle::{Bundle, BundleDifference, BundleError, BundleProblem, Verification};
use avibench_results::ScoringMode;
use avibench_score::Estimates;
use clap::Args;
use serde::Serialize;

use crate::exit::Exit;
use crate::terminal::{self, changed_member, verification_text};

/// Compute a bundle's numbers anew, and name what differs.
///
/// Tasks, stages, Overall, levels, intervals and coverage of both modes are computed from what each sample
/// scored. Of a private bundle readings by rules are made anew, too, and with --data-root every verdict. That
/// everything agrees shows that a bundle is consistent, not that it is honest. Exit code 0: all agrees; 2:
/// something differs; 1: it could not be read.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench verify eval_outputs/my-model.bundle.zip\n\
\x20 avibench verify my-model.private.zip --data-root DATA")]
pub(crate) struct Verify {
    /// A file that `bundle` made
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Folder that holds `levels/<stage>/<TASK>/data.json`: judge the answers of a private bundle anew
    #[arg(long, alias = "data_root", value_name = "DIR")]
    data_root: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Version of the shape of what `--json` prints.
const SCHEMA: u32 = 1;

/// What `--json` prints.
#[derive(Serialize)]
struct Verified<'a> {
    schema_version: u32,
    /// Whether everything that was compared agrees.
    agrees: bool,
    /// Null if the bundle was not read to its end, because something in it was changed.
    label: Option<&'a str>,
    sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<[BundleDifference; 1]>,
    #[serde(flatten)]
    found: Option<&'a Verification>,
    /// The numbers, if all that could be computed of them agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimates: Option<ModeEstimates<'a>>,
}

/// The numbers of both modes.
#[derive(Serialize)]
struct ModeEstimates<'a> {
    official: &'a Estimates,
    strict: &'a Estimates,
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let bundle = match Bundle::read(&self.bundle) {
            Ok(bundle) => bundle,
            // What is not what the bundle says of it was found, and not only not read.
            Err(BundleError::Unusable {
                problem: BundleProblem::Changed { member, by, expected, found },
                ..
            }) => {
                if self.json {
                    let place = format!("sha256 of {member}, by {by}");
                    let changed = BundleDifference { place, stored: expected, recomputed: found };
                    terminal::print_json(&Verified {
                        schema_version: SCHEMA,
                        agrees: false,
                        label: None,
                        sha256: None,
                        differences: Some([changed]),
                        found: None,
                        estimates: None,
                    })?;
                } else {
                    let text = changed_member(&self.bundle, &member, by, [&expected, &found]);
                    writeln!(terminal::stdout(), "{text}")?;
                }
                return Ok(Exit::Differs);
            }
            Err(error) => return Err(error.into()),
        };
        let found = bundle.verify(self.data_root.as_deref())?;
        if self.json {
            terminal::print_json(&Verified {
                schema_version: SCHEMA,
                agrees: found.agrees(),
                label: Some(&bundle.manifest.label),
                sha256: Some(&bundle.sha256),
                differences: None,
                found: Some(&found),
                estimates: found.agrees().then(|| ModeEstimates {
                    official: bundle.estimates(ScoringMode::Official),
                    strict: bundle.estimates(ScoringMode::Strict),
                }),
            })?;
        } else {
            writeln!(terminal::stdout(), "{}", verification_text(&bundle, &found))?;
        }
        Ok(if found.agrees() { Exit::Done } else { Exit::Differs })
    }
}
