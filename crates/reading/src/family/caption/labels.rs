//! Labels and headings that lead to the caption: `Caption:`, `## Final caption`, `**One sentence:**`.

use std::sync::LazyLock;

use regex::Regex;

use super::Piece;
use crate::ReadingRule;

/// A label at the start of a line. What it is called says how much it counts.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let words = concat!(
        r"(?:final|one|single|1|[- ]sentence|sentence|short|brief|concise|overall|combined|integrated|complete|full|audio[- ]?visual|",
        r"audio|video|visual|and|the|my|your|a|an|generated|suggested|proposed|possible|detailed|multimodal|unified|revised|corrected|",
        r"sound|scene|clip|joint|best|image|english|resulting|merged|omni[- ]?modal|refined|improved|updated|option|version|draft|step|in|of|for|",
        r"\d+|#\d+|\(.{0,40}?\)|[a-c])",
    );
    let nouns = concat!(
        r"(?P<caption>captions?|one[- ]sentence(?: (?:caption|description|summary))?|subtitle|字幕|标题|字幕描述|キャプション|캡션|leyenda|légende|bildunterschrift|título|caption final)|",
        r"(?P<answer>answers?|final|response|output|result|conclusion|答案|回答|结论|answer text|prediction|assistant|model)|",
        r"(?P<description>descriptions?|summary|sentences?|synopsis|overview|描述|说明|總結|总结|概述|説明|설명|descripción|description|beschreibung|descrição|synthesis|integration|alt text)|",
        r"(?P<option>option|alternative|candidate|choice|version|variant|draft)",
    );
    Regex::new(&format!(
        concat!(
            r"(?im)^[ \t>]*(?:[-*•][ \t]+|\d{{1,2}}[.)][ \t]+)?(?P<mark>[*_#\x60 \t【\[]*)(?:(?:{words})[ \t-]*)*(?:{nouns})(?:[ \t-]*(?:{words}|captions?|descriptions?|sentences?|summary))*",
            r"(?:(?P<colon>[ \t*_\x60】\]]*[:：=][ \t*_\x60]*|[】\]][ \t]*|[ \t]+[-–—][ \t]+)|(?P<bare>[*_#\x60 \t】\]]*$))"
        ),
        words = words,
        nouns = nouns
    ))
    .expect("the pattern is constant and tested")
});

/// Labels of other parts of an answer, which end the caption.
pub(super) static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?im)^[ \t>]*(?:[-*•][ \t]+|\d{1,2}[.)][ \t]+)?[*_#\x60 \t]*(?:(?:key|main|visual|audio|sound|auditory|step \d+|short|long|brief|my|the|detailed|further|additional)[ \t:.-]*)*",
        r"(?:analysis|reasoning|explanation|visuals?|audio|sounds?|scene|setting|thoughts?|notes?|rationale|keywords?|tags|observations?|",
        r"breakdown|elements?|details|steps?|justification|confidence|word count|length|translation|hashtags|mood|comments?|remarks?|alternatives?|visual content|audio content|",
        r"分析|视觉|音频|解释|说明|注)[*_\x60 \t]*[:：]",
    ))
    .expect("the pattern is constant and tested")
});

/// The part of the piece that a label leads to; the piece itself if there is none.
pub(super) fn labelled(text: &str, piece: Piece) -> Piece {
    let shown = &text[piece.span.clone()];
    let base = piece.span.start;
    let mut best: Option<(u32, usize, usize)> = None;
    let mut starts = Vec::new();
    for found in LABEL.captures_iter(shown) {
        let Some(whole) = found.get(0) else { continue };
        // A bare line is a heading only if it is marked as one.
        let heading = found.name("bare").is_some();
        let marked = found
            .name("mark")
            .is_some_and(|mark| mark.as_str().contains(['*', '#', '_', '【', '[']));
        if heading && !marked {
            continue;
        }
        let after =
            shown[whole.end()..].trim_start_matches(['*', '_', ' ', '\t', '\n', '\r', '`', '"']);
        if after.is_empty() || (after.starts_with(['#']) && heading) {
            continue;
        }
        let lower = whole.as_str().to_lowercase();
        let is_final = lower.contains("final") || lower.contains("最终");
        let group = |name: &str| found.name(name).is_some();
        let mut weight = if group("caption") {
            6
        } else if group("answer") {
            5
        } else if group("description") {
            3
        } else {
            2
        };
        // Descriptions of sound or picture alone are parts of an analysis.
        if group("description")
            && !lower.contains("audio-visual")
            && !lower.contains("and")
            && (lower.contains("audio") || lower.contains("visual") || lower.contains("sound"))
        {
            weight = 1;
        }
        if group("caption")
            && !lower.contains("and")
            && !lower.contains("audio-visual")
            && !lower.contains("audiovisual")
            && (lower.contains("audio caption")
                || lower.contains("visual caption")
                || lower.contains("sound caption"))
        {
            weight = 2;
        }
        if is_final {
            weight += 10;
        }
        starts.push(whole.start());
        // The last of the final ones, the first of any others.
        let better =
            best.is_none_or(|(known, _, _)| weight > known || (weight == known && is_final));
        if better {
            best = Some((weight, whole.start(), whole.end()));
        }
    }
    let Some((weight, label, start)) = best else { return piece };
    // A weak label in the middle of a text is part of it.
    if weight <= 2 && label > 0 && shown[..label].chars().any(char::is_alphanumeric) {
        return piece;
    }
    let mut end = starts.iter().copied().find(|next| *next > start).unwrap_or(shown.len());
    if let Some(other) = OTHER.find(&shown[start..end]).filter(|other| other.start() > 0) {
        end = start + other.start();
    }
    // Below a heading or label stands one paragraph or more, up to the next heading or rule.
    let content = &shown[start..end];
    let lead = content.len() - content.trim_start().len();
    for stop in ["\n#", "\n---", "\n***\n", "\n==="] {
        if let Some(at) = content[lead..].find(stop) {
            end = end.min(start + lead + at);
        }
    }
    // After an analysis only the paragraph of the caption counts.
    let analysed = shown[..label].chars().filter(|c| c.is_alphanumeric()).count() > 40;
    if analysed && let Some(at) = shown[start + lead..end].find("\n\n") {
        end = start + lead + at;
    }
    if !shown[start..end].chars().any(char::is_alphanumeric) {
        return piece;
    }
    let rule = if piece.rule == ReadingRule::Whole { ReadingRule::Marked } else { piece.rule };
    Piece { span: base + start..base + end, rule }
}
