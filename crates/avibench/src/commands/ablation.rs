//! Flags that say what of a data set a model gets: everything, a random part, or less than there
//! is to sense.

use std::path::Path;
use std::sync::Arc;

use avibench_ablation::{Rewriter, RewrittenMedia, Shown};
use avibench_engine::FolderJobs;
use avibench_protocol::ResolvedMedia;
use avibench_store::{Ablation, AblationKind, Label, Subset};
use clap::Args;

use super::by_name::by_name;
use super::ranges::{self, whole};
use crate::terminal::counted;

/// Where rewritten media are kept, below the folder of raw answers. No label begins with a dot and
/// holds a run there.
const REWRITTEN: &str = ".rewritten-media";

/// What is withheld or exchanged, and which part is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct AblationArgs {
    /// Withhold or exchange media, under the label LABEL@KIND: `mute` leaves out the sound, `blind`
    /// blackens pictures, `swap-sound` and `swap-picture` give those of another question, `shift`
    /// moves the sound by 0.8 s, `text` leaves out all media
    #[arg(long, help_heading = "Ablations and parts", hide_possible_values = true, value_parser = by_name::<AblationKind>(AblationKind::ALL.map(AblationKind::name)), value_name = "KIND")]
    pub ablate: Option<AblationKind>,
    /// Seed of what `--ablate swap-sound` and `swap-picture` exchange with what
    #[arg(long, help_heading = "Ablations and parts", default_value_t = 0, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    pub ablation_seed: u64,
    /// Most rewritten media on disk, in MiB, unless what is asked at a time needs more
    #[arg(long, help_heading = "Ablations and parts", default_value_t = 2048, value_parser = whole::<u64>(ranges::CACHE_MIB), value_name = "MIB")]
    pub ablation_cache_mib: u64,
    /// Only a random part of each folder, with its checks: 0.2 is a fifth of its ids
    #[arg(long, help_heading = "Ablations and parts", value_parser = share, conflicts_with = "n_samples", value_name = "SHARE")]
    pub subset: Option<f64>,
    /// Seed of what `--subset` draws
    #[arg(long, help_heading = "Ablations and parts", default_value_t = 0, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    pub subset_seed: u64,
}

/// A share of a whole.
fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("expected a number above 0 and below 1, such as 0.2".to_owned()),
    }
}

impl AblationArgs {
    /// The ablation of what is asked under `base`.
    pub(crate) fn ablation(&self, base: &Label) -> anyhow::Result<Option<Ablation>> {
        if let Some((base, kind)) = base.ablation() {
            anyhow::bail!(
                "`{base}@{kind}` is what an ablation of `{base}` is called: ask with --model-label \
                 {base} --ablate {kind}"
            );
        }
        Ok(self.ablate.map(|kind| Ablation::new(kind, base.clone(), self.ablation_seed)))
    }

    /// The random part that is asked.
    pub(crate) fn subset(&self) -> Option<Subset> {
        self.subset.map(|share| Subset { share, seed: self.subset_seed })
    }

    /// Where rewritten media are kept, if any are made. Making one takes at most `memory` bytes.
    pub(crate) fn rewritten(&self, output_dir: &Path, memory: u64) -> Option<Arc<RewrittenMedia>> {
        self.ablate.filter(|kind| *kind != AblationKind::Text).map(|_| {
            let rewriter = Rewriter::with_installed_ffmpeg().within(memory);
            let limit = self.ablation_cache_mib << 20;
            RewrittenMedia::new(output_dir.join(REWRITTEN), limit, rewriter)
        })
    }
}

/// What an ablation does to the questions that are to be asked.
pub(crate) fn described(ablation: &Ablation, folders: &[FolderJobs]) -> String {
    let jobs = || folders.iter().flat_map(|folder| &folder.jobs);
    let all = jobs().count();
    let is_changed = |medium: &Shown| matches!(medium, Shown::Rewritten(_));
    let changed = jobs()
        .filter(|job| match &job.shown {
            Some(shown) => {
                let own: Vec<_> = job.media.iter().flat_map(ResolvedMedia::iter).collect();
                let exchanged = shown
                    .iter()
                    .zip(own)
                    .any(|(shown, own)| matches!(shown, Shown::File(path) if path != own));
                exchanged || shown.iter().any(is_changed)
            }
            None => !job.sample.media.is_empty(),
        })
        .count();
    let mut lines = vec![format!(
        "--ablate {}: {} of {} changed{}",
        ablation.kind,
        changed,
        counted(all, "question"),
        if changed < all {
            "; the others have nothing to change and are asked as they are"
        } else {
            ""
        },
    )];
    let has = [
        ("image", jobs().any(|job| !job.sample.media.images.is_empty())),
        ("audio", jobs().any(|job| !job.sample.media.audios.is_empty())),
        ("video", jobs().any(|job| job.sample.media.video.is_some())),
    ];
    for (kind, _) in has.iter().filter(|(_, has)| *has) {
        if let Some(what) = ablation.media.get(kind).and_then(|what| what.as_str()) {
            lines.push(format!("  {kind}: {what}"));
        }
    }
    lines.join("\n")
}
