//! The README of a set.

use super::manifest::{Manifest, scale};
use super::options::SetKind;

/// Says what the set is.
pub(super) fn readme(kind: SetKind, manifest: &Manifest) -> String {
    let Manifest { generator, seed, .. } = manifest;
    let (title, what) = match kind {
        SetKind::Prise => (
            "PriSe: fresh primitive-sensation stimuli",
            "Bare sounds, pictures and clips with questions about them, laid out like the four \
             sensation folders of AVI-Bench and\nasked with the same option lists. Every stimulus \
             was computed from the seed and its answer is known by construction;\nno model can \
             have been trained on it.",
        ),
        SetKind::Smoke => (
            "A smoke set",
            "Records for each of the 15 folders of AVI-Bench, made to try a pipeline with. The four sensation folders hold\ntrue PriSe questions; the others hold simple \
             stand-ins that exercise every field, medium and kind of answer.",
        ),
    };
    let sweep = if manifest.sweep { ", intensities swept" } else { "" };
    format!(
        "# {title}\n\n{what}\n\n\
         | | |\n|---|---|\n\
         | Made by | {generator} |\n\
         | Seed | {seed} |\n\
         | Difficulty | {}{sweep} |\n\
         | Scale | {} |\n\n\
         Scores on this set are **not comparable** with published AVI-Bench numbers.\n\n\
         `manifest.json` holds the sha256 of every file. The same seed and generator version \
         give the same bytes on every machine.\nA record's `stimulus` says what was varied and how \
         much; `catch` marks records in which there is no difference to sense;\n`alternatives` \
         lists the answers that remain possible to whoever senses everything but that \
         difference.\nFiles are padded \
         so that their size tells nothing.\n",
        manifest.difficulty,
        scale(manifest.scale)
    )
}
