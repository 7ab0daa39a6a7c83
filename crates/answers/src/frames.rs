//! AVLG: one box for each frame, `{'frame_0': [0.1, 0.2, 0.3, 0.4], 'frame_1': []}`.

use std::collections::BTreeMap;

use avibench_python::LenientValue;

use crate::answer::{Answer, Step};
use crate::blocks::{self, Block};
use crate::coordinates::BoxValue;
use crate::fields;
use crate::lines;
use crate::number::whole_number;
use crate::rule::FormattingRule;
use crate::unread_reason::Misfit;

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Whole, |answer| blocks::whole(answer, convert)),
    (FormattingRule::Fenced, |answer| blocks::fenced(answer, convert)),
    (FormattingRule::Assigned, |answer| blocks::assigned(answer, convert)),
    (FormattingRule::Lines, |answer| lines::lines(answer, &['\n', ';'], convert)),
    (FormattingRule::OnlyBlock, |answer| blocks::only_block(answer, &['{', '['], convert)),
];

const FRAMES: u32 = 10;
const FRAME: [&str; 5] = ["frame", "frame_id", "frame_index", "index", "frame_number"];

fn convert(block: &Block, _: &Answer<'_>) -> Result<String, Misfit> {
    let mut boxes = BTreeMap::new();
    let mut unusable = false;
    for (frame, value) in entries(fields::unwrap(&block.value))? {
        let corners = match BoxValue::of(value) {
            BoxValue::Corners(corners) => Some(corners),
            BoxValue::Absent => None,
            BoxValue::Unusable => {
                unusable = true;
                None
            }
            BoxValue::Several(_) => return Err(Misfit::FrameWithSeveralBoxes),
        };
        if boxes.insert(frame, corners).is_some() {
            return Err(Misfit::FrameTwice);
        }
    }
    // Placeholders such as `[x_min, y_min, x_max, y_max]` in every frame are no answer.
    if unusable && boxes.values().all(Option::is_none) {
        return Err(Misfit::NoReadableBox);
    }
    let entries: Vec<String> = boxes
        .iter()
        .map(|(frame, corners)| {
            let corners = corners.as_ref().map(|corners| corners.join(", "));
            format!("'frame_{frame}': [{}]", corners.unwrap_or_default())
        })
        .collect();
    Ok(format!("{{{}}}", entries.join(", ")))
}

/// Frame numbers and what is said about them.
fn entries(value: &LenientValue) -> Result<Vec<(u32, &LenientValue)>, Misfit> {
    match value {
        LenientValue::Dict(entries) => {
            let named: Vec<(u32, &LenientValue)> = entries
                .iter()
                .map(|(key, value)| Ok((frame(key)?, value)))
                .collect::<Result<_, Misfit>>()?;
            let bare = entries.iter().any(|(key, _)| key.as_text().is_some_and(is_bare));
            // Bare numbers that do not start at 0 may well start at 1.
            if bare && !named.iter().any(|(frame, _)| *frame == 0) {
                return Err(Misfit::MayCountFromOne);
            }
            Ok(named)
        }
        LenientValue::Sequence(items)
            if !items.is_empty() && items.iter().all(|item| item.as_dict().is_some()) =>
        {
            items.iter().filter_map(LenientValue::as_dict).map(record).collect()
        }
        // Exactly as many boxes as there are frames, in order.
        LenientValue::Sequence(items) if items.len() == FRAMES as usize => {
            Ok((0..FRAMES).zip(items).collect())
        }
        _ => Err(Misfit::NoFrames),
    }
}

/// `{"frame": 3, "bbox": [...]}` or `{"frame_3": [...]}`.
fn record(fields: &[(LenientValue, LenientValue)]) -> Result<(u32, &LenientValue), Misfit> {
    if let [(key, value)] = fields {
        return Ok((frame(key)?, value));
    }
    let key = fields::field(fields, &FRAME).ok_or(Misfit::RecordWithoutFrame)?;
    let value = fields::field(fields, &fields::BOX).ok_or(Misfit::RecordWithoutBox)?;
    Ok((frame(key)?, value))
}

fn is_bare(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_digit())
}

/// `frame_3`, `Frame 3`, `3`.
fn frame(key: &LenientValue) -> Result<u32, Misfit> {
    let key = key.as_text().ok_or(Misfit::FrameNotText)?.trim().to_ascii_lowercase();
    let number = key.strip_prefix("frame").map_or(key.as_str(), |rest| {
        rest.strip_prefix(['_', '-', ' ', '#']).unwrap_or(rest).trim_start()
    });
    let is_digits = !number.is_empty() && is_bare(number);
    match whole_number(number) {
        Some(frame) if is_digits && frame < FRAMES => Ok(frame),
        Some(_) if is_digits => Err(Misfit::FrameOutOfRange),
        _ => Err(Misfit::NotFrame),
    }
}
