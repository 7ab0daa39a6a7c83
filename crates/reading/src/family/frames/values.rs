//! Frames with their boxes in values.

use super::numbering::of_key;
use super::{FRAMES, Frames, Said};
use crate::box_numbers::{
    BoxValue, FRAME_KEYS, NAME_KEYS, Written, is_among, is_aside, is_box_key, is_wrapper, of_node,
    squeeze,
};
use crate::value::{Entry, Kind, Node};

/// Deeper values hold no frames.
const DEPTH: usize = 8;

/// The frames of a value; `None` if it holds none. `question` decides between several objects.
pub(super) fn frames(node: &Node, question: &str) -> Option<Numbered> {
    let question = question.to_lowercase();
    Reader { question: &question }.node(node, DEPTH)
}

/// What is said of frames; `None` if their numbers may be of something else: bare numbers that start
/// neither at 0 nor at 1 with 10 as the last one.
pub(super) fn named(found: Numbered) -> Option<Frames> {
    let is_bare = found.iter().any(|(_, is_bare, _)| *is_bare);
    let numbers = || found.iter().map(|(frame, ..)| *frame);
    let starts = numbers().min() == Some(0)
        || (numbers().min() == Some(1) && numbers().max() == Some(FRAMES));
    (!is_bare || starts).then(|| found.into_iter().map(|(frame, _, said)| (frame, said)).collect())
}

/// A frame, whether it is named by a bare number, and what is said of it.
pub(super) type Numbered = Vec<(u32, bool, Said)>;

struct Reader<'a> {
    question: &'a str,
}

impl Reader<'_> {
    fn node(&self, node: &Node, depth: usize) -> Option<Numbered> {
        if depth == 0 {
            return None;
        }
        match &node.kind {
            Kind::Object(entries) => self.object(entries, depth),
            Kind::List(items) => self.list(items, depth),
            _ => None,
        }
    }

    fn object(&self, entries: &[Entry], depth: usize) -> Option<Numbered> {
        if depth == 0 {
            return None;
        }
        if entries.is_empty() {
            return Some(Vec::new());
        }
        let named: Vec<(Vec<u32>, bool, &Entry)> = entries
            .iter()
            .filter_map(|entry| {
                of_key(&entry.key).map(|(frames, is_bare)| (frames, is_bare, entry))
            })
            .collect();
        let others = entries
            .iter()
            .filter(|entry| of_key(&entry.key).is_none() && !is_aside(&entry.key))
            .count();
        if !named.is_empty() && others <= named.len() {
            let each = named.into_iter().flat_map(|(frames, is_bare, entry)| {
                let said = self.said(&entry.value, DEPTH);
                frames.into_iter().map(move |frame| (frame, is_bare, said))
            });
            return Some(each.collect());
        }
        if let Some(found) = self.record(entries) {
            return Some(found);
        }
        if let Some(found) = parallel(entries) {
            return Some(found);
        }
        let mut inner: Vec<(&str, Numbered)> = entries
            .iter()
            .filter(|entry| !is_aside(&entry.key))
            .filter_map(|entry| Some((entry.key.as_str(), self.node(&entry.value, depth - 1)?)))
            .filter(|(key, found)| !found.is_empty() || is_wrapper(key))
            .collect();
        if inner.len() > 1 {
            inner.retain(|(key, _)| self.is_asked(key));
        }
        match (inner.pop(), inner.pop()) {
            (Some((_, found)), None) => Some(found),
            _ => None,
        }
    }

    /// `{"frame": 3, "bbox": [...]}`.
    fn record(&self, entries: &[Entry]) -> Option<Numbered> {
        let entry = FRAME_KEYS.iter().find_map(|name| {
            entries.iter().find(|entry| {
                squeeze(&entry.key) == *name
                    && !matches!(entry.value.kind, Kind::List(_) | Kind::Object(_))
            })
        })?;
        let key = match &entry.value.kind {
            Kind::Number(number) if number.value >= 0.0 && number.value.fract() == 0.0 => {
                format!("{}", number.value)
            }
            Kind::Text(text) | Kind::Word(text) => text.clone(),
            _ => return None,
        };
        let (frames, is_bare) = of_key(&key)?;
        let rest: Vec<Entry> =
            entries.iter().filter(|other| other.key != entry.key).cloned().collect();
        let said = self.said_of_object(&rest, DEPTH);
        Some(frames.into_iter().map(|frame| (frame, is_bare, said)).collect())
    }

    fn list(&self, items: &[Node], depth: usize) -> Option<Numbered> {
        if items.is_empty() {
            return Some(Vec::new());
        }
        let singles: Option<Vec<Numbered>> = items
            .iter()
            .map(|item| match &item.kind {
                Kind::Object(entries) => {
                    let found = self.object(entries, depth - 1)?;
                    (!found.is_empty()).then_some(found)
                }
                Kind::List(pair) => self.pair(pair),
                _ => None,
            })
            .collect();
        if let Some(singles) = singles {
            return Some(singles.into_iter().flatten().collect());
        }
        if items.len() == FRAMES as usize {
            let is_time = |item: &Node| matches!(&item.kind, Kind::Object(entries) if entries.iter().any(|entry| is_among(&entry.key, &crate::box_numbers::TIME_KEYS)));
            let is_entry = |item: &Node| {
                matches!(
                    item.kind,
                    Kind::List(_) | Kind::Object(_) | Kind::Null | Kind::Text(_) | Kind::Word(_)
                ) && !is_time(item)
            };
            let is_box = |item: &Node| matches!(self.said(item, DEPTH), Said::Box(_));
            if items.iter().all(is_entry) && items.iter().any(is_box) {
                let each = (0..FRAMES).zip(items);
                return Some(
                    each.map(|(frame, item)| (frame, false, self.said(item, DEPTH))).collect(),
                );
            }
        }
        match items {
            [only] => self.node(only, depth - 1),
            _ => None,
        }
    }

    /// `["frame_0", [1, 2, 3, 4]]`, `[0, [1, 2, 3, 4]]`.
    fn pair(&self, pair: &[Node]) -> Option<Numbered> {
        let [key, value] = pair else { return None };
        let key = match &key.kind {
            Kind::Text(text) | Kind::Word(text) => text.clone(),
            Kind::Number(number) if number.value.fract() == 0.0 => format!("{}", number.value),
            _ => return None,
        };
        if matches!(value.kind, Kind::Number(_)) {
            return None;
        }
        let (frames, is_bare) = of_key(&key)?;
        let said = self.said(value, DEPTH);
        Some(frames.into_iter().map(|frame| (frame, is_bare, said)).collect())
    }

    /// What a value says of its frame.
    fn said(&self, node: &Node, depth: usize) -> Said {
        if depth == 0 {
            return Said::Unreadable;
        }
        if let Kind::Object(entries) = &node.kind {
            return self.said_of_object(entries, depth);
        }
        if let Kind::List(items) = &node.kind {
            let records: Vec<&[Entry]> = items
                .iter()
                .filter_map(|item| match &item.kind {
                    Kind::Object(entries) => Some(entries.as_slice()),
                    _ => None,
                })
                .collect();
            if records.len() == items.len() && records.len() > 1 {
                let is_asked = |record: &&&[Entry]| {
                    record.iter().any(|entry| {
                        is_among(&entry.key, &NAME_KEYS)
                            && entry.value.text().is_some_and(|name| self.is_asked(name))
                    })
                };
                let mut asked = records.iter().filter(is_asked);
                if let (Some(record), None) = (asked.next(), asked.next()) {
                    return self.said_of_object(record, depth - 1);
                }
            }
        }
        of_box(of_node(node))
    }

    fn said_of_object(&self, entries: &[Entry], depth: usize) -> Said {
        let node = Node { kind: Kind::Object(entries.to_vec()), span: 0..0 };
        if let Some(entry) = entries.iter().find(|entry| is_box_key(&entry.key)) {
            let holds_records = matches!(&entry.value.kind, Kind::List(items) if items.iter().any(|item| matches!(item.kind, Kind::Object(_))));
            if holds_records {
                return self.said(&entry.value, depth - 1);
            }
        }
        if let Some(found) = of_node(&node) {
            return of_box(Some(found));
        }
        if entries.is_empty() {
            return Said::Absent;
        }
        // `{"dog": [...]}`; of several objects the one that is asked for.
        let named: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                !is_aside(&entry.key)
                    && !is_among(&entry.key, &NAME_KEYS)
                    && !matches!(entry.value.kind, Kind::Number(_) | Kind::Bool(_))
            })
            .collect();
        let mut asked = named.iter().filter(|entry| named.len() == 1 || self.is_asked(&entry.key));
        match (asked.next(), asked.next()) {
            (Some(entry), None) => self.said(&entry.value, depth - 1),
            _ => Said::Unreadable,
        }
    }

    /// Whether the question asks for a thing of this name.
    fn is_asked(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        let name =
            name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | ' '));
        !name.is_empty() && self.question.contains(&name.replace(['_', '-'], " "))
    }
}

/// `[0, 0, 0, 0]` and `[-1, -1, -1, -1]`.
pub(super) fn is_nothing(written: &Written) -> bool {
    let is_near = |number: f64, wanted: f64| (number - wanted).abs() < f64::EPSILON;
    [0.0, -1.0].iter().any(|&wanted| written.numbers.iter().all(|&number| is_near(number, wanted)))
}

fn of_box(found: Option<BoxValue>) -> Said {
    match found {
        // The usual stand-ins for an object that is not there.
        Some(BoxValue::One(written)) if is_nothing(&written) => Said::Absent,
        Some(BoxValue::One(written)) => Said::Box(written),
        Some(BoxValue::Several(several)) => match several[..] {
            [Some(written)] => Said::Box(written),
            _ => Said::Unreadable,
        },
        Some(BoxValue::Absent) => Said::Absent,
        Some(BoxValue::Unreadable) | None => Said::Unreadable,
    }
}

/// `{"frames": [0, 1], "bboxes": [[...], null]}`.
fn parallel(entries: &[Entry]) -> Option<Numbered> {
    let list = |is_key: &dyn Fn(&str) -> bool| {
        entries.iter().find(|entry| is_key(&entry.key)).and_then(|entry| match &entry.value.kind {
            Kind::List(items) => Some(items),
            _ => None,
        })
    };
    let (frames, boxes) = (list(&|key| is_among(key, &FRAME_KEYS))?, list(&is_box_key)?);
    if frames.len() != boxes.len() {
        return None;
    }
    let numbers = frames.iter().map(|frame| {
        let key = match &frame.kind {
            Kind::Number(number) if number.value.fract() == 0.0 => format!("{}", number.value),
            _ => frame.text()?.to_owned(),
        };
        match &of_key(&key)?.0[..] {
            [frame] => Some(*frame),
            _ => None,
        }
    });
    let numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
    Some(
        numbers
            .into_iter()
            .zip(boxes)
            .map(|(frame, found)| (frame, true, of_box(of_node(found))))
            .collect(),
    )
}
